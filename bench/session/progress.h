/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says on stderr while it measures: one line that is rewritten on a terminal, plain
 * lines elsewhere. Everything else that is said meanwhile goes through progress_say, so that lines
 * do not mix.
 */
#ifndef NB_PROGRESS_H
#define NB_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/clock.h"

enum { PROGRESS_WHAT = 192 };

struct progress {
	const struct clock *clock;
	bool terminal;	  /* stderr is one */
	bool quiet;	  /* no line at all, only what is said */
	bool drawn;	  /* a line stands there, the cursor at its begin */
	size_t done, all; /* jobs */
	bool jobs;	  /* one is under way, not a phase */
	char what[PROGRESS_WHAT];
	uint32_t round, rounds;
	uint64_t start_ns, begin_ns, drawn_ns; /* of the jobs, of this one or the phase */
};

void progress_init(struct progress *p, const struct clock *clock, bool quiet);

/* The jobs begin now. */
void progress_start(struct progress *p, size_t jobs);

/* Something else begins that takes a while. On a terminal the line shows how long it has taken;
 * elsewhere it is said once. */
void progress_phase(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A job begins. On a terminal the line is redrawn at most ten times a second; else one line a
 * round. */
void progress_job(struct progress *p, uint32_t round, uint32_t rounds, const char *layer,
		  const char *workload);
void progress_done(struct progress *p);

/* Time passes: to be called about once a second. On a terminal the line is drawn anew, as wide as
 * the terminal is by now. */
void progress_tick(struct progress *p);

/* So many jobs are left now, whatever was thought before. */
void progress_left(struct progress *p, size_t jobs);

/* So many jobs more than was thought. */
void progress_add(struct progress *p, size_t jobs);

/* A whole line for people; a note only where they did not ask for quiet. */
void progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void progress_note(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Clears the line. */
void progress_end(struct progress *p);

#endif
