/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate --rerun: measures again what a gate could not pass, to judge with more data.
 *
 * Both versions are measured, their boots in turns, where this machine can still run both: it is
 * the same machine with the same kernel, nestkernel is the same program, and the kernels and QEMUs
 * that the manifests name are there. Otherwise only NEW is measured, which says less: what the
 * machine did in between is then part of the difference.
 *
 * Looking twice raises no false alarms: a regression has to hold in all data together, so the
 * second test alone decides, and what passed the first is not looked at again.
 */
#ifndef NB_GATE_RERUN_H
#define NB_GATE_RERUN_H

#include <stdint.h>

#include "lib/err.h"
#include "results/compare/gate.h"
#include "results/rundir/rundir.h"

struct gate_rerun_options {
	uint32_t boots;	   /* of each side, at most */
	uint64_t limit_ns; /* see run_pair */
	const char *out; /* directory for the new run directories; NULL: nestbench-runs/TIME-HOST */
};

/* What came of it; "" where nothing was measured. */
struct gate_rerun_dirs {
	char base[RUNDIR_PATH], new[RUNDIR_PATH];
};

/*
 * Measures again what g says of the run directories base and new. What is done, and what could not
 * be done and why, is said on stderr. -1 only when nothing can be said at all: EXIT_INTERRUPTED, or
 * an internal error.
 */
int gate_rerun(const struct gate *g, const char *base, const char *new,
	       const struct gate_rerun_options *options, struct gate_rerun_dirs *out,
	       struct err *err);

/* Whether something is worth it: a regression, or what the gate is inconclusive about. */
bool gate_rerun_wanted(const struct gate *g);

/* For tests: which jobs of a manifest are to be measured again. count: m->jobs. Returns how many.
 */
size_t gate_rerun_choose(const struct gate *g, const struct manifest *m, bool *job);

/*
 * Whether a run that was made again is of the same versions: what L0 is, and the kernels, emulators
 * and libvirts of all layers. why gets the first difference.
 */
bool gate_rerun_same(const char *dir, const char *again, struct err *why);

#endif
