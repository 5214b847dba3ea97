/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `nestbench top` shows: blocks of counters, one for each layer or VM and for who counted.
 */
#ifndef NB_TOP_VIEW_H
#define NB_TOP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/layer_tree.h"
#include "results/rundir/exits.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

struct top_count {
	char reason[EXITS_REASON];
	uint64_t n;
};

enum { TOP_NAME = 128, TOP_TITLE = 256 };

/* Zeroed: an empty one. Texts are fit for a terminal (printable.h). */
struct top_block {
	char of[TOP_NAME];	     /* whose exits: a layer's name, or a VM's */
	char counted_in[LAYER_NAME]; /* the parent layer; "" of a VM that is no layer of a run */
	char measured[LAYER_NAME];   /* the layer in which the workload ran; "" likewise */
	char workload[ROW_WORKLOAD], params[ROW_PARAMS]; /* "" likewise */
	char source[EXITS_SOURCE];			 /* enum count_source by name */
	bool holds;		/* its numbers are what holds now, and no rates */
	uint64_t interval_ns;	/* in which these were counted; 0: nothing was */
	uint64_t age_ns;	/* since that ended; 0: it has just */
	const char *remark;	/* why nothing is counted; NULL or "": it is. Borrowed. */
	struct top_count *item; /* sorted by top_block_sort */
	size_t count;
};

void top_block_add(struct top_block *b, const char *reason, uint64_t n);
/* Forgets the counters and the interval. */
void top_block_clear(struct top_block *b);
/* `exits` first, then the largest, by name where they are alike. */
void top_block_sort(struct top_block *b);
/* Whether it is worth a place: not, where nothing was counted of what few VMs do, nesting. */
bool top_block_tells(const struct top_block *b);
void top_block_release(struct top_block *b);

/* Per second; 0 where nothing was counted. */
double top_rate(const struct top_block *b, size_t item);

/* Zeroed: an empty one. */
struct top_view {
	char title[TOP_TITLE];		/* what is looked at */
	const char *kind;		/* of it, a key for JSON: "run", "connect" */
	char name[RUNDIR_PATH];		/* of it, in JSON */
	char state[32];			/* of a run; "" */
	uint64_t age_ns;		/* since any counter moved */
	bool moved;			/* any has */
	const struct top_block **block; /* whose owner is not the view */
	size_t count;
	struct buf remarks; /* lines: what is not counted, and why; what happened */
};

/* -1: out of memory. */
int top_view_add(struct top_view *v, const struct top_block *b, struct err *err);
void top_view_remark(struct top_view *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Empties it, keeps the memory. */
void top_view_clear(struct top_view *v);
void top_view_release(struct top_view *v);

/*
 * As lines of at most `width` columns. At most `height` lines, shared among the blocks; 0: as many
 * as it takes.
 */
void top_text(const struct top_view *v, size_t width, size_t height, struct buf *out);

/* As JSON: numbers are numbers, with their units in the names. */
int top_json(const struct top_view *v, struct buf *out, struct err *err);

#endif
