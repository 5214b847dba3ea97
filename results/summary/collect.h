/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the summary: rows sorted into groups, one for each workload, parameters, threads and
 * layer, without their texts.
 */
#ifndef NB_COLLECT_H
#define NB_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/hash.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"

/* One batch that was timed. */
struct record {
	uint32_t boot, round;
	/* Of a new round that remeasures another: while rows are read, the number of that round;
	 * afterwards, when it took that number, its own. Else 0. */
	uint32_t other;
	bool measured; /* false: warm-up */
	bool suspect;
	uint64_t batch, ops, digest;
	double cost;		       /* ns per operation; of capacities, bytes */
	struct sample_latency latency; /* of an ok row that is not a warm-up */
	double seconds;		       /* its duration on the host's clock */
	uint64_t line;		       /* of the file */
};

struct group {
	char *workload, *class, *params;
	enum sample_unit unit;
	unsigned traits; /* of SAMPLE_LATENCY and SAMPLE_IOPS */
	uint32_t threads, layer;
	struct record *record; /* sorted by boot, round, batch */
	size_t records;
	uint64_t failed, skipped, timed_out, suspect;
	bool is_short;	/* some batch was too short for the clock */
	bool is_polled; /* the layer's stream was */
	char *reason;	/* the first of a row that was not ok, printable ASCII; or NULL */
	char *remark;	/* the latest remark of an ok row that is not a warm-up; likewise */
};

/* A disturbed round, and the new one (`by`) that remeasures it. */
struct remeasured {
	uint32_t boot, round, by;
	bool counts;	  /* for some workload the new one counts */
	bool takes_place; /* the same for the workload being decided */
};

struct collection {
	struct group *group; /* sorted by class, workload, params, threads, layer */
	size_t groups;
	size_t *slot; /* hash table of indices + 1; 0: free */
	size_t slots;
	size_t last;		       /* of the latest row: rows come in runs */
	uint64_t rows, hash;	       /* rows of the run, and the hash of all of them (row_hash) */
	struct remeasured *remeasured; /* results/summary/remeasured.h */
	size_t remeasured_count;
	/* While reading: */
	const struct layers *layers; /* NULL: not known */
	char run[ROW_RUN];	     /* the run's id; "" until the first row gives it */
	struct damage *damage;
};

#define COLLECTION_INIT                                                                            \
	{                                                                                          \
		.hash = HASH_START                                                                 \
	}

/*
 * Reads and sorts the rows of a run directory; run is its id, NULL or "" where only the rows hold
 * it. Rows of another run, duplicates, and rows with another class or unit than earlier rows of the
 * same work are noted in *damage and left out. Rows of a round that was remeasured are left out. So
 * are, where layers (may be NULL) say so, rows without a result of a round that was cut short by a
 * lost layer: a later boot measured that round again.
 */
int collect(const char *dir, const char *run, const struct layers *layers, struct collection *c,
	    struct damage *damage, struct err *err);

void collection_release(struct collection *c);

#endif
