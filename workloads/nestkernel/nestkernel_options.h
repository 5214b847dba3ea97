/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of nestkernel. Texts are borrowed from argv; what was not given is NULL. */
#ifndef NB_NESTKERNEL_OPTIONS_H
#define NB_NESTKERNEL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/options.h"

struct nestkernel_options {
	bool list, version, lockstep, calibrate, probed;
	uint64_t ops, time_ns, batches, warm_up, threads, seed, touch_limit, fill, part, parts;
	const char *cpus, *dir, *scratch, *net_peer, *serve_net, *call_net, *command, *metric,
		*metric_seconds;
};

/* Parses into a struct nestkernel_options; the words are the workload and its parameters. */
extern const struct cli nestkernel_cli;

#endif
