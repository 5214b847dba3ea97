/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs that decide themselves how much to measure: `run --budget TIME` and `run --precision P`.
 *
 * Both begin with a pilot of two boots of three rounds (one boot where five do not fit into the
 * time), whose rounds are ordinary rounds: they stay in the file and count in every figure. From
 * what the pilot varied and took, results/budget/replication.h says how many boots, rounds and
 * batches give the narrowest intervals in the time that is left. Without a precision this is asked
 * again with all data at the end of every boot. Decisions look at variances and times only, never
 * at the ratios themselves.
 *
 * With a precision the run looks, at the end of the last planned boot, at the intervals that
 * summary.csv would hold: it ends when all of them are narrow enough, else the number of boots (of
 * rounds, in a single boot) grows by at least a quarter and at most doubles. So few looks, at sizes
 * that grow geometrically, keep small what stopping at a lucky look does to the coverage: this is
 * the fixed-width sequential interval of Chow & Robbins, Annals of Mathematical Statistics 36
 * (1965), in steps. In a simulation of single boots, 94 % of such intervals hold the true value, in
 * place of 95 % (tests/bench/adaptive.c). The first look comes at 10 rounds of one boot, or at 5
 * boots. All workloads go on until the last is narrow enough: the classes' figures need rounds with
 * all of them.
 */
#ifndef NB_ADAPTIVE_H
#define NB_ADAPTIVE_H

#include "bench/session/session.h"
#include "results/budget/replication.h"

enum {
	ADAPTIVE_BOOTS = 2, /* of the pilot */
	ADAPTIVE_ROUNDS = 3,
	ADAPTIVE_FEWEST_BOOTS = 5, /* fewer give no trustworthy interval over boots */
	ADAPTIVE_FIRST_LOOK = 10,  /* rounds, in a single boot */
};

/* What the user said about how much to measure; 0 or NULL: nothing. */
struct adaptive_options {
	uint64_t boots, rounds, batches, budget_ns;
	const char *precision; /* "1%" */
};

/* The limit of a run with a precision and without a budget. */
#define ADAPTIVE_LIMIT_NS (3600 * NS_PER_S)

struct adaptive_config {
	const char *dir; /* of the run; borrowed, as all pointers */
	const struct clock *clock;
	struct progress *progress; /* for what is said; NULL: nothing is */
	uint64_t budget_ns;	   /* from the start of the session on */
	double precision;	   /* relative half-width of every interval; 0: none wanted */
	uint32_t boots, rounds;	   /* fixed by the user; 0: free. Not both. */
	uint64_t batches;	   /* likewise */
	uint64_t pilot_batches;	   /* in each round of the pilot */
};

struct adaptive {
	struct adaptive_config c;
	bool past_pilot, one_boot, narrow;
	struct replication_size said; /* the plan that was told last */
	double round_s;		      /* what the next round will take */
};

/* Whether the run is to decide itself. */
bool adaptive_is_wanted(const struct adaptive_options *o);

/*
 * Fills in of c what the user said, with the profile's number of batches for the pilot. EXIT_USAGE
 * when the precision is none, or nothing is left to decide.
 */
int adaptive_check(const struct adaptive_options *o, uint64_t profile_batches,
		   struct adaptive_config *c, struct err *err);

/* The size of the pilot, to start the session with. */
struct session_size adaptive_start(struct adaptive *a, const struct adaptive_config *c);

/* A session_next_fn; ctx is a struct adaptive. */
int adaptive_next(void *ctx, const struct session_stand *stand, struct session_size *size,
		  struct err *err);

/* Whether one more round fits into the budget. */
bool adaptive_has_time(const struct adaptive *a, const struct session_stand *stand);

/*
 * After the session. 0 without a precision, or when it was reached. Else -1 with
 * EXIT_INCONCLUSIVE, naming the intervals that are too wide and what widens them.
 */
int adaptive_verdict(const struct adaptive *a, struct err *err);

/* How many to have at the next look: `needed`, but at least a quarter more and at most twice. */
uint32_t adaptive_next_look(uint32_t now, uint32_t needed, uint32_t first);

#endif
