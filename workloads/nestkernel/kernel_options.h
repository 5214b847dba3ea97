/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of nestkernel and its help: what the program parses, and what its manual page and
 * completion are made of.
 */
#ifndef NB_KERNEL_OPTIONS_H
#define NB_KERNEL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/options.h"

/* Texts are borrowed from argv; NULL: not given. */
struct nestkernel_options {
	bool list, version, lockstep, calibrate, probed;
	uint64_t ops, time_ns, batches, warm_up, threads, seed, touch_limit, fill, part, parts;
	const char *cpus, *dir, *scratch, *net_peer, *serve_net, *call_net, *command, *metric,
		*metric_seconds;
};

extern const struct cli cli_nestkernel;

#endif
