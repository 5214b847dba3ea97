/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory path: how often the parent layer has to step in when a layer touches memory, and in
 * what pages it backs it. Of workloads that say by their parameter `backing` what the parent layer
 * has behind the pages that they touch (mem.fault).
 *
 * Faults are those that the parent layer's KVM had to fix (its statistic pf_fixed, in timed batches
 * too) and the exits that the tracepoint saw (npf, EPT_VIOLATION; these also count accesses to
 * devices). Both are per 4 KiB page that was touched, in all copies together, less the background
 * (exit_counts.h).
 *
 * A page that the parent layer does not back costs it one fault if it backs it by 4 KiB, and 1/512
 * if by a huge page. So the faults of cold pages tell in what pages it backs them.
 */
#ifndef NB_MEMORY_PATH_H
#define NB_MEMORY_PATH_H

#include <jansson.h>

#include "results/exits/exit_counts.h"
#include "results/table/text.h"

struct memory_range {
	uint64_t low, high;
};

struct memory_row {
	const struct exit_series *series; /* one of the counts', borrowed: workload and layer */
	double pages;			  /* of 4 KiB, that one operation touches */
	/* Per 4 KiB page; NANs: not counted. */
	struct estimate faults, exits;
	/* In what pages the parent layer maps all of the layer's memory, over the batches; not
	 * has_maps: not told. */
	bool has_maps;
	struct memory_range maps_4k, maps_2m;
	/* Of the pages that it backed anew, the share that got no huge page; NAN: it backed none
	 * anew. */
	double small;
	/* Huge pages that it lost to pages of 4 KiB while the workload ran. */
	uint64_t split;
	bool is_huge; /* the layer's own pages are huge ones */
};

struct memory_path {
	struct memory_row *row; /* as they first came */
	size_t rows;
};

/* Reads dir/exits.csv once more, for what holds behind the batches. `run` as in exits_read. The
 * counts are borrowed. Nothing of the kind was measured: no rows, which is fine. */
int memory_path_make(const char *dir, const char *run, const struct exit_counts *counts,
		     struct memory_path *m, struct err *err);
void memory_path_release(struct memory_path *m);

/* As text_workload, also of what the summary lacks. */
const char *memory_work_name(const struct summary *s, const struct memory_row *row,
			     char text[TEXT_LABEL]);

/* "4 KiB", "2 MiB", "4 KiB (63 %) and 2 MiB"; "-": it backed nothing anew. */
enum { MEMORY_TEXT = 160 };
const char *memory_backed_by(const struct memory_row *row, char text[MEMORY_TEXT]);

/* Whether a huge page of the layer, or of its parent, lies in pages of 4 KiB now: a sentence
 * without its full stop, "": no. */
const char *memory_split(const struct summary *s, const struct memory_row *row,
			 char text[MEMORY_TEXT]);

/* Whether the parent layer's kernel has transparent huge pages: "always", "madvise", "never"; NULL:
 * not told. Borrowed. */
const char *memory_parent_thp(const struct summary *s, const struct memory_row *row);

/* Text, in lines of at most 100 columns: heading and titles, then each row with its remarks. */
void memory_path_titles(struct buf *out);
void memory_row_format(const struct summary *s, const struct memory_row *row, struct buf *out);

/* NULL without memory. */
json_t *memory_row_json(const struct summary *s, const struct memory_row *row);

#endif
