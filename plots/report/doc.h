/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document that is written from its beginning to its end, as HTML or as Markdown. Every text that
 * goes in is data: it is escaped here, and nowhere else, so that what a guest said can neither end
 * an element nor begin a link. Texts are UTF-8; bytes that are none, and control characters, come
 * out as '?'.
 */
#ifndef NB_DOC_H
#define NB_DOC_H

#include <stdbool.h>

#include "lib/buf.h"
#include "plots/gnuplot/grid.h"

enum doc_form { DOC_HTML, DOC_MARKDOWN };

struct doc {
	enum doc_form form;
	struct buf out;
};

/* A text on its own, escaped for where it stands. */
void doc_escape(struct doc *d, const char *text);

/* A heading of level 1 to 4. id, letters and dashes only, is the anchor; NULL: none. */
void doc_heading(struct doc *d, int level, const char *id, const char *text);

/* A paragraph; kind is a class of the style sheet, or NULL. */
void doc_text(struct doc *d, const char *kind, const char *text);
void doc_textf(struct doc *d, const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A list: its items between begin and end. */
void doc_list_begin(struct doc *d);
void doc_item(struct doc *d, const char *text);
void doc_list_end(struct doc *d);

/*
 * A table, which it releases; the first column names the row, the others are figures and stand at
 * the right unless `words` says that they are words. Markdown shows marked cells in bold. False:
 * there is no row, and so no table.
 */
bool doc_grid(struct doc *d, struct grid *g, const char *caption, bool words);

/* What is between is shown on request in HTML, and always in Markdown. */
void doc_fold_begin(struct doc *d, const char *title);
void doc_fold_end(struct doc *d);

/* Appends only to HTML, as it is: tags, never data. */
void doc_tag(struct doc *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text as from results/table/words.h: lines that begin with "  - " become a list. Headings are
 * dropped.
 */
void doc_lines(struct doc *d, const char *text);

#endif
