/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run from options that have been checked: image, places, manifest, session, answer. What the
 * commands that measure have in common.
 */
#ifndef NB_RUN_H
#define NB_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/plan/profile.h"
#include "bench/plan/stack.h"
#include "bench/plan/vm_size.h"
#include "bench/run/adaptive.h"
#include "bench/run/run_dirs.h"
#include "bench/session/progress.h"
#include "bench/session/session.h"
#include "drivers/image/image.h"
#include "lib/options.h"

/* Of the option depth: it was not given. */
#define RUN_DEPTH_UNSET UINT64_MAX

/* As the user gave them; 0 and NULL where a default is filled in by run_check. */
struct run_options {
	uint64_t depth, batch_ns, vcpus, memory, scratch, seed, keep_vcpus, keep_memory;
	uint64_t boot_limit_ns, restarts;
	const char *mode;
	const char *profile, *accel, *connect, *out, *command, *metric, *metric_seconds, *net;
	const char *noise_limit;
	uint64_t count_batches;
	struct adaptive_options size;
	struct text_list layers, workloads, with, module_params, hostdev, copies, guests;
	const char *kernel, *image, *emulator;
	struct text_pair ab;
	bool hugepages, quiet, no_plots, with_opencl, alongside, json;
};

/* A command that has a run made and answers in its own way: no table, summary files, plots. */
struct run_purpose {
	session_next_fn next; /* as in session.h; NULL: none */
	void *next_ctx;
	struct facts facts; /* kept in the manifest, as they are at its beginning and its end */
};

struct run {
	struct run_options opt;
	const struct run_purpose *purpose; /* borrowed; NULL: a run for its own sake */
	const char *const *argv;
	const struct profile *profile;
	struct work_list works;
	struct vm_size_config vm_size;
	struct command_line command;
	struct stack stack;
	struct device_request devices;
	double noise_limit; /* see disturbance.h */
	struct image image;
	struct manifest manifest;
	struct progress progress;
	struct adaptive_config adaptive_config;
	struct adaptive adaptive;
	struct places places;
	bool chose_layers; /* opt.layers is not the user's */
	bool elsewhere;	   /* other machines measure it: what this one has is not asked for */
	bool measured;	   /* the run directory, places.dir, may hold rows */
	char emulator[RUNDIR_PATH]; /* opt.emulator, absolute; "": the default */
	const char
		*resumed_dir; /* of an interrupted run that this one completes; NULL: a new run */
	struct resume_state *resume_state; /* what the old one has measured */
};

/* Nothing done yet; argv is the command line for the manifest, from the command's name on. */
#define RUN_INIT                                                                                   \
	{                                                                                          \
		.opt = {.depth = RUN_DEPTH_UNSET}, .image = IMAGE_NONE, .places = PLACES_NONE      \
	}

/* The options of nestbench run, and its help. */
extern const struct cli cli_run;

/* Parses a command line (argv[0] is "run") and checks it, as the command run does; argv must
 * outlive r. 1: the help was asked for and printed. */
int run_parse(int argc, char **argv, struct run *r, struct err *err);

/* Checks the options and fills the rest in. Everything that can be wrong with what was asked is
 * found here, before anything is started. */
int run_check(struct run *r, struct err *err);

/* Finds or makes the guest image, if a layer needs one. */
int run_make_image(struct run *r, struct err *err);

/* Measures, and prints the answer on stdout, however the run ended (unless there is a purpose). */
int run_execute(struct run *r, struct err *err);

/* A hook that begins no further boot when it would probably end later than ns after the start; the
 * first is always made. */
struct run_limit {
	uint64_t ns;
	const struct clock *clock;
};
int run_keep_limit(void *limit, const struct session_stand *stand, struct session_size *size,
		   struct err *err);

/*
 * Measures two runs whose boots take turns (session_run_ab) into the run directories opt.out of
 * each. Both have been checked, and differ in kernel and emulator only. No further pair of boots is
 * begun when it would probably end later than limit_ns after the start (0: no limit); the first one
 * always is made. Prints nothing on stdout.
 */
int run_pair(struct run side[2], uint64_t limit_ns, struct err *err);

/* What --ab asks for: both runs below opt.out, and the comparison on stdout. */
int run_ab(struct run *r, struct err *err);

void run_release(struct run *r);

#endif
