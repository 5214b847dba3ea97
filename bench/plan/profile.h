/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Profiles: how much is measured. A profile is the size of the experiment and all items that
 * workloads have for it, in the order of the workloads; `--workloads` picks from them.
 */
#ifndef NB_PROFILE_H
#define NB_PROFILE_H

#include <stdbool.h>

#include "lib/options.h"
#include "results/rundir/params.h"
#include "workloads/workload.h"

struct profile {
	const char *name;
	enum profile_id id;
	uint64_t rounds;
	uint64_t batches, warm_up; /* in each round */
	uint64_t batch_ns;	   /* what a batch takes at least on the slowest layer */
	/* So much is used to prove a capacity, beside what child layers will have; 0: all of it. */
	uint64_t touch_bytes;
};

/* NULL with EXIT_USAGE, naming those that exist. */
const struct profile *profile_find(const char *name, struct err *err);

/* The i-th that there is, from 0, the quickest first; NULL: there are no more. */
const struct profile *profile_at(size_t i);

bool profile_is_known(const char *name);

/* Room for all of them, and for NULL. */
enum { PROFILE_NAMES = PROFILES + 1 };

/* Fills names with those that there are, and NULL behind the last, as far as size goes. Returns how
 * many they are. */
size_t profile_names(const char **names, size_t size);

/* What the workload `command` runs. */
struct command_line {
	const char *line;   /* for the shell */
	const char *metric; /* pattern of the number that it prints; NULL: its wall time counts */
	bool metric_is_time;
};

enum { COPIES_MAX = 256, GUESTS_MAX = 64, WORK_LABEL = PARAMS_TEXT + 60 };

/* One workload with its parameters. */
struct work {
	const struct workload *workload;
	uint64_t arg[PARAMS_MAX];
	char params[PARAMS_TEXT]; /* canonical */
	/* What rows call it: params, and behind them what differs from the default of copies=N,
	 * guests=N, ops=N and lane=N. */
	char label[WORK_LABEL];
	const struct command_line
		*command; /* borrowed; NULL: another workload. params is its line */
	/* That do it at once, from the word "threads=N"; THREADS_ON_EACH_CPU from "threads=all",
	 * and of a workload with WORKLOAD_EVERY_CPU also when nothing is said; else 1. */
	uint32_t threads;
	/*
	 * From the words "copies=N" and "guests=N": so many processes at once in each VM, and so
	 * many sibling VMs at the deepest layer; its parent layers, which are one VM each, run
	 * copies in place of guests. 1 each. Only of what is measured in every round.
	 */
	uint32_t copies, guests;
	uint32_t ops; /* in each batch, from the word "ops=N"; 0: calibrated */
	/*
	 * In a group, "A | B": place in it, from 0, which is also that of a work without a group;
	 * and, where the list holds the very same work several times, which of them this is,
	 * from 1.
	 */
	uint32_t turn, lane;
};

/* Zeroed: an empty one. */
struct work_list {
	struct work *item; /* those that are measured once a boot (WORKLOAD_ONCE) stand last */
	uint32_t count;
	uint32_t repeated; /* the first so many are measured in every round */
};

/*
 * What to measure: the items of the profile whose workload matches one of the patterns (shell
 * globs; an empty list takes all). A pattern that holds parameters ("mem.chase size=1MiB
 * threads=2 copies=4") adds that item instead; with a glob ("gpu.* backend=opencl") the workloads
 * that match and have all those parameters, those of the profile if there are any. A pattern that
 * matches only workloads which the profile leaves out takes them with their defaults. A pattern
 * that matches nothing is EXIT_USAGE.
 *
 * A pattern with bars, "mem.chase pages=4k | mem.chase pages=huge", is a group: items that are
 * compared in each layer and so are measured in turns, as layers are (plan.h). A group may hold the
 * very same item several times.
 */
int work_list_make(struct work_list *list, const struct profile *profile,
		   const struct text_list *patterns, struct err *err);

/*
 * Adds each workload that is measured in every round once more with every number of copies, and
 * with every number of guests, given (numbers; 1 adds nothing new).
 */
int work_list_multiply(struct work_list *list, const struct text_list *copies,
		       const struct text_list *guests, struct err *err);

/* The most guests, and the most copies in all guests together, that any of them runs; at least 1.
 */
uint32_t work_list_guests(const struct work_list *list);
uint32_t work_list_copies(const struct work_list *list);

/* Is there one that needs this (one of enum workload_needs)? */
bool work_list_needs(const struct work_list *list, unsigned need);

/* How many works, of those measured in every round, are in the group that begins at `first`. */
uint32_t work_list_group(const struct work_list *list, uint32_t first);

/* Adds the workload `command`. c is borrowed. */
int work_list_add_command(struct work_list *list, const struct command_line *c, struct err *err);

void work_list_release(struct work_list *list);

#endif
