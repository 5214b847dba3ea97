/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the exits.csv of a made-up run (make_run.h) that is a chain, from a table of what each
 * operation, each second and each batch makes the layers around it do.
 */
#ifndef NB_TEST_MAKE_EXITS_H
#define NB_TEST_MAKE_EXITS_H

#include "results/rundir/exits.h"
#include "tests/results/make_run.h"

struct made_exit {
	uint32_t measured, layer; /* layer's exits while it runs in `measured` */
	const char *workload;	  /* NULL: all */
	const char *source, *reason;
	double per_op, per_second, each;
};

/* For a run of depth 3: exits of every class, in both columns; ends with a NULL source. */
extern const struct made_exit made_exits[];

/* Changes a row, or drops it by returning false. */
typedef bool (*made_exit_edit)(struct exit_row *row);

/*
 * Each boot begins with a counting round (round 0) of as many batches as the run has rounds,
 * counted by reason, of nested VMs too where the table has any; all batches, also of the other
 * rounds, are by the statistics. The sum of each source is made of its reasons. Counts by the
 * second are spread as those of independent events. edit NULL: all rows as they are.
 */
int make_exits(const char *dir, const struct made_run *run, const struct made_exit *table,
	       made_exit_edit edit, struct err *err);

#endif
