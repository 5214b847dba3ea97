/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the list of works: which of them are possible, and what is wrong with a pattern. */
#ifndef NB_PROFILE_PARTS_H
#define NB_PROFILE_PARTS_H

#include "bench/plan/profile.h"

/* In place of a number of threads, while nothing has been said. */
#define THREADS_UNSAID UINT32_MAX

/* The number of threads, or what stands for it where nothing has been said. */
uint32_t work_threads(const struct work *work);

/*
 * May it be run as its words say, in threads, copies and guests, or in a group? EXIT_USAGE names
 * the workload and what is in the way.
 */
int work_check(const struct work *work, bool grouped, struct err *err);

/* Has the workload all these parameters, and can it run in the threads, copies and so on of work?
 */
bool work_takes(const struct workload *w, const struct work *work, const char *const *words,
		int count);

/* What a pattern may have meant that matches nothing. Returns -1, with EXIT_USAGE. */
int work_unknown(const char *pattern, struct err *err);

/* Why no workload that matches the pattern takes the words (above). Returns -1, with EXIT_USAGE. */
int work_misfit(const char *pattern, const struct work *work, const char *const *words, int count,
		struct err *err);

#endif
