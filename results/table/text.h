/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the table and the plots: figures and labels as text. Texts from files are made
 * printable ASCII.
 */
#ifndef NB_TEXT_H
#define NB_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/wrap.h"
#include "results/summary/summary.h"

enum { TEXT_SHORT = 64, TEXT_LABEL = 128 };

/* Appends text and blanks up to a width; wider text is truncated, with "…" at its end. */
void text_pad(struct buf *out, const char *text, size_t width);

/* The same, right-aligned; wider text is kept whole. */
void text_pad_left(struct buf *out, const char *text, size_t width);

/* A column of a table: its width as in printf(), negative for left-aligned text (which is
 * truncated), positive for right-aligned text (which is kept whole), 0 for as wide as its text; and
 * the blanks after it. */
struct text_column {
	const char *title;
	int width;
	size_t gap;
};

enum { TEXT_COLUMNS = 16 }; /* at most, of one with wrapped titles */

/* A table that is written cell by cell; rows are indented by two blanks. */
struct text_table {
	struct buf *out;
	const struct text_column *column;
	size_t columns, at; /* the next cell */
};

#define TEXT_TABLE(to, of)                                                                         \
	{                                                                                          \
		.out = (to), .column = (of), .columns = sizeof(of) / sizeof((of)[0])               \
	}

void text_cell(struct text_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Ends a row, with `more` right after its last text. The last column's cell also ends the row. No
 * row ends in blanks. */
void text_end_row(struct text_table *t, const char *more);

/* The first row. */
void text_titles(struct text_table *t);

/* The same in as many rows as its longest title needs, broken behind ":", "/" and blanks. */
void text_wrapped_titles(struct text_table *t);

/* A share in per cent with about three digits: "12.3", "100". */
const char *text_percent(double share, char text[TEXT_SHORT]);

/* "12.3 % [11.9, 12.8]"; "12.3 %" without an interval; "-" without data. */
const char *text_share(const struct estimate *share, char text[TEXT_SHORT]);

/* A ratio with about three digits: "8.46", "102". */
const char *text_ratio(double ratio, char text[TEXT_SHORT]);

/* A figure in its unit: "1.23 us", "512 MiB", "2.00 CPUs", "×3.41", "1.01/op"; "-" without data. */
const char *text_figure(const char *unit, double x, char text[TEXT_SHORT]);

/* A cost in the unit of its entry. */
const char *text_cost(const struct summary_entry *e, double cost, char text[TEXT_SHORT]);

/* "L0", "L0 on emulated CPU", "L1 kvm", "L1 tcg, emulated", "L1 unknown", "L2 kvm on emulated CPU",
 * "L2 kvm on unknown CPU"; in a tree "L2:xen/pv", "L2:xen/pv on emulated CPU". */
const char *text_layer(const struct summary *s, uint32_t layer, char text[TEXT_LABEL]);

/* "L0 > L1:xen > L2:xen/pv": the way to a layer. Appends it. */
void text_way(const struct summary *s, uint32_t layer, struct buf *out);

/* The remarks of ok rows, latencies first: "p50 52.1 us, p99 80.3 us, max 1.20 ms", "stub: a
 * device"; "" without any. Returns text. */
enum { TEXT_REMARK = SAMPLE_REASON + 3 * TEXT_SHORT };
const char *text_remark(const struct summary_entry *e, char text[TEXT_REMARK]);

/* The workload, with the parameters and threads in which its variants in this run differ. */
const char *text_workload(const struct summary *s, const struct summary_entry *e,
			  char text[TEXT_LABEL]);

/* The same without one parameter, or without "threads". */
const char *text_workload_without(const struct summary *s, const struct summary_entry *e,
				  const char *left_out, char text[TEXT_LABEL]);

#endif
