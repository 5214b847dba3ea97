/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract between a workload kernel and the measuring loop. One kernel is one file with one
 * const descriptor at its bottom, "const struct workload workload_NAME = {" on one line, and
 * nothing else: the build finds it there (CMakeLists.txt), and list, profiles, run, the contract
 * test, CSV and plots all walk the table that it makes.
 *
 * Life of a kernel within one process: probe, setup, then any number of batches (run, digest), then
 * teardown. A kernel never reads a clock around its work (for aside_ns it does around what
 * is not), never decides how often it runs, never
 * prints.
 */
#ifndef NB_WORKLOAD_H
#define NB_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/class.h"
#include "lib/err.h"
#include "lib/nearest.h"
#include "lib/parse.h"
#include "lib/sample.h"

enum param_kind {
	PARAM_COUNT,  /* a whole number */
	PARAM_SIZE,   /* bytes, written as 64MiB */
	PARAM_CHOICE, /* one of `choices`; the value is its index */
};

/* A line of a table is written {"size", PARAM_SIZE, 16 << 10, 64, 1 << 30, .help = "…"}. */
struct param {
	const char *name; /* NULL ends a table */
	enum param_kind kind;
	uint64_t fallback;	    /* the default; for a choice its index */
	uint64_t min, max;	    /* the range; not for a choice */
	uint64_t step;		    /* the value must be a multiple of it; 0: any will do */
	const char *const *choices; /* NULL-terminated, PARAM_CHOICE only */
	/* Can this layer offer that value? -1 with the reason (a skip row). NULL: any. */
	int (*probe)(uint64_t value, struct err *err);
	const char *help;
};

enum { PARAMS_MAX = 8 };

enum { NOTE_TEXT = 160 };

/* What the layer offers to a kernel. */
struct workload_env {
	/* File or block device that io kernels may overwrite; NULL: there is none. */
	const char *scratch;
	/* Of the scratch only part `part` (from 0) of `parts` equal ones may be used; 0: all of it.
	 */
	uint64_t part, parts;
	/* For data and orders; the same in every layer. */
	uint64_t seed;
	/*
	 * Most bytes that a capacity kernel may touch to find a limit; 0: all. Set on a machine
	 * with other users, so that none is pushed out, and where time is short.
	 */
	uint64_t touch_limit;
	/*
	 * For the workload `command`: a shell command line, or NULL; the pattern (POSIX extended,
	 * one pair of parentheses) of the number that it prints, or NULL; and whether that number
	 * is a time rather than a rate.
	 */
	const char *command, *metric;
	bool metric_is_time;
	/*
	 * The address of the parent layer's nestkernel --serve-net, "192.0.2.2:5000"; or "KIND@FD":
	 * a listening socket to which its --call-net connects over this kind of link; "none": there
	 * is no link; NULL: there is no parent layer, and loopback takes its place.
	 */
	const char *net_peer;
	/* The descriptor's variant: which of the workloads that share their functions it is. */
	unsigned variant;
	/* Where setup may leave a remark for ok rows (note_add() of workloads/lib/state.h), "" at
	 * first; NULL: it is not used. */
	char *note; /* NOTE_TEXT bytes */
};

enum workload_flags {
	/* One batch is one operation by nature (a capacity); it is never calibrated. */
	WORKLOAD_ONCE = 1,
	/* Several states may run at the same time, each in a thread of its own, from setup to
	 * teardown. */
	WORKLOAD_THREADS = 2,
	/*
	 * Where no number of threads is asked for, there is one on each CPU; implies
	 * WORKLOAD_THREADS. The digest must be a plain sum over all operations, whatever the seed,
	 * so that layers with different numbers of CPUs agree.
	 */
	WORKLOAD_EVERY_CPU = 4,
};

/* What a run provides only where a workload needs it. */
enum workload_needs {
	NEEDS_SCRATCH = 1, /* a disk to overwrite: env.scratch, in a VM /dev/vdb */
	NEEDS_NET = 2,	   /* a link to the parent layer: env.net_peer */
	NEEDS_COMMAND = 4, /* the user's: env.command; only --command asks for it */
	NEEDS_BALLOON = 8, /* memory that a parent layer takes back (workloads/lib/reclaim.h) */
	NEEDS_HPET = 16,   /* an HPET: a VM that KVM runs has none otherwise */
};

enum { THREADS_MAX = 1024 };

/* Each workload says which profiles it is in; how often a profile measures:
 * bench/plan/profiles.c. The last one, for comparing kinds of layer, stands alone. */
enum profile_id {
	PROFILE_SMOKE,
	PROFILE_QUICK,
	PROFILE_STANDARD,
	PROFILE_FULL,
	PROFILE_KINDS,
	PROFILES
};

/* Items of a profile: "size=16KiB pages=huge", "threads=1"; "" is all defaults. */
#define ITEMS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

struct workload {
	const char *name;    /* "mem.chase" */
	const char *summary; /* one line: what is measured */
	const char *op;	     /* what one operation is: "one dependent load" */
	const char *source;  /* the tool that it corresponds to */
	const char *figure;  /* the published figure that it corresponds to; NULL: none */
	enum workload_class class;
	enum sample_unit unit; /* of the figure; a size if and only if the class is capacity */
	unsigned flags;	       /* enum workload_flags */
	unsigned traits;       /* SAMPLE_LATENCY, SAMPLE_IOPS: in all of its rows */
	unsigned needs;	       /* enum workload_needs */
	unsigned variant;      /* passed in env; tells apart workloads that share functions */
	/* A module that the kernel of a guest must have, "loop"; NULL: none. */
	const char *module;
	const struct param *params; /* NULL: none */
	uint32_t threads_max; /* with WORKLOAD_THREADS, that can run at once; 0: THREADS_MAX */
	size_t state_size;    /* bytes of zeroed state, handed to the functions below; > 0 */

	/*
	 * arg holds one value per line of the parameter table. All functions that can fail follow
	 * err.h.
	 */

	/* Do the values, each of them possible, go together? -1 with EXIT_USAGE. NULL: all do. */
	int (*check)(const uint64_t *arg, struct err *err);
	/* What it needs with these parameters beside `needs`. NULL: nothing. */
	unsigned (*needs_more)(const uint64_t *arg);
	/*
	 * Does it, with these parameters, load a library while running? A static program hands over
	 * to one that can. NULL: never.
	 */
	bool (*needs_library)(const uint64_t *arg);
	/* Can it run in this layer? -1 with the reason (a skip row). NULL: where its parameters
	 * can.
	 */
	int (*probe)(const struct workload_env *env, const uint64_t *arg, struct err *err);
	/* NULL: nothing to prepare. After a failure teardown is called all the same. */
	int (*setup)(void *state, const struct workload_env *env, const uint64_t *arg,
		     struct err *err);
	/* Exactly n operations. No clock, no allocation, no printing. Required. */
	int (*run)(void *state, uint64_t n, struct err *err);
	/*
	 * A checksum of the work of all batches so far; depends only on arg, seed and how many
	 * operations were done in all, whether in one batch or in several. Required.
	 */
	uint64_t (*digest)(const void *state);
	void (*teardown)(void *state);
	/*
	 * Time that one operation asks to wait, which is no cost: it is subtracted from the elapsed
	 * time. Only without threads, whose waits would overlap. NULL: none.
	 */
	uint64_t (*wait_ns_per_op)(const uint64_t *arg);
	/*
	 * Time that the last batch spent on what is no operation, such as to make ready what the
	 * next operations use up; it is subtracted from the elapsed time. Of several threads the
	 * first one's. NULL: none.
	 */
	uint64_t (*aside_ns)(const void *state);
	/*
	 * The cost of the last batch's operations as the program reports it, which replaces the
	 * clock's; 0: none reported. NULL: never.
	 */
	double (*self_reported_ns)(const void *state);
	/* Bytes moved by one operation; NULL: the kernel does not move data. */
	uint64_t (*bytes_per_op)(const uint64_t *arg);
	/*
	 * Capacity kernels: what the last batch found, in place of bytes_per_op; SAMPLE_CPUS are
	 * found in thousandths.
	 */
	uint64_t (*found)(const void *state);
	/* Latencies of the last batch's single operations; NULL: the kernel does not record
	 * them. */
	struct sample_latency (*latency)(const void *state);
	/* A remark for ok rows that depends on their batch; NULL: none but that of setup. */
	const char *(*note)(const void *state);

	/* What each profile measures of it, ITEMS(...); NULL: what the profile before it does, and
	 * PROFILE_KINDS nothing. */
	const char *const *profiles[PROFILES];

	/* The known answer: the digest after one batch of known_ops operations with the parameters
	 * known_params (NULL: the defaults) and seed 1, on a scratch made by scratch_fill(). */
	const char *known_params;
	uint64_t known_ops;
	uint64_t known_digest;
};

/* All workloads in the order in which they are listed; NULL-terminated. The build makes it. */
extern const struct workload *const workloads[];

/* NULL when there is none of that name. */
const struct workload *workload_find(const char *name);

/* The first that needs all of this; NULL when there is none. */
const struct workload *workload_needing(unsigned needs);

/* The modules that any of them needs, each once, ended by NULL; returns module. */
enum { WORKLOAD_MODULES = 8 };
const char *const *workload_modules(const char *module[WORKLOAD_MODULES]);

/* The workload whose name is nearest to the first len bytes of this one, as a hint for an error
 * (nearest.h). */
const char *workload_hint(const char *name, size_t len, const char *before, const char *after,
			  char text[NEAREST_TEXT]);

/* What a profile measures of it, NULL-terminated; NULL: nothing. */
const char *const *workload_items(const struct workload *w, enum profile_id profile);

/* Can it run in this layer, with these parameters? -1 with the reason. */
int workload_probe(const struct workload *w, const struct workload_env *env, const uint64_t *arg,
		   struct err *err);

/* Its setup, if it has one. */
int workload_setup(const struct workload *w, void *state, const struct workload_env *env,
		   const uint64_t *arg, struct err *err);

/* May this many threads run it at once? 0 stands for its default. */
int workload_check_threads(const struct workload *w, uint64_t threads, struct err *err);

/* A value as it is written, "64MiB" or "4"; not of a choice. */
const char *param_format(const struct param *p, uint64_t value, char text[SIZE_TEXT]);

/* Is "name=value" for one of its parameters, whatever the value? */
bool workload_has_param(const struct workload *w, const char *word);

/*
 * Reads "name=value" words into arg[PARAMS_MAX], defaults for those that are not named. Errors name
 * the workload, the parameter and what was expected.
 */
int workload_parse_params(const struct workload *w, const char *const *words, size_t count,
			  uint64_t arg[PARAMS_MAX], struct err *err);

/*
 * The canonical text of the parameters, every one of them, in table order, separated by blanks:
 * "size=64MiB pages=4k"; "" when there are none. It is what the column `params` holds, and
 * workload_parse_params reads its words back.
 */
enum { PARAMS_TEXT = 1024 };
const char *workload_format_params(const struct workload *w, const uint64_t *arg,
				   char text[PARAMS_TEXT]);

/* Keeps the compiler from deleting work whose result is not read. */
static inline void keep(uint64_t value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

/* A cheap mixing function for digests and pseudo-random data (splitmix64, Steele et al. 2014). */
static inline uint64_t mix64(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
