/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary of a made-up run. Include tests/check.h first. */
#ifndef NB_MAKE_SUMMARY_H
#define NB_MAKE_SUMMARY_H

#include "results/summary/summary.h"
#include "tests/results/make_run.h"

/* The caller releases s; nothing is left on the disk. */
static inline void make_summary(const struct made_run *run, struct summary *s)
{
	char *dir = test_dir_make();
	struct err err = {0};

	assert_works(make_run(dir, run, &err), err);
	assert_works(summary_build(dir, s, &err), err);
	test_dir_remove(dir);
}

#endif
