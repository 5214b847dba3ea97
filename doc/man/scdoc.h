/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of the programs as scdoc(5) has them. */
#ifndef NB_SCDOC_H
#define NB_SCDOC_H

#include "lib/buf.h"

/* "NAME(SECTION)", the first line of a page. */
void scdoc_begin(struct buf *out, const char *name, int section);

/* A heading of the first level, and of the second. */
void scdoc_section(struct buf *out, const char *title);
void scdoc_subsection(struct buf *out, const char *title);

/*
 * A text within a line: what means something to scdoc is escaped, newlines and runs of blanks are
 * one blank; `what stands in such quotes` and --options are bold.
 */
void scdoc_text(struct buf *out, const char *text);
void scdoc_bold(struct buf *out, const char *text);
void scdoc_underlined(struct buf *out, const char *text);

/* The paragraphs of a help text; its lines that begin with a blank stay as they are. */
void scdoc_paragraphs(struct buf *out, const char *text);

/* Whole lines, as they are. */
void scdoc_literal(struct buf *out, const char *lines);

/* A term, already begun by the caller, ends; its meaning follows on a line of its own, indented.
 * scdoc_end_item ends that. */
void scdoc_item(struct buf *out);
void scdoc_end_item(struct buf *out);

/* The whole meaning of such a term. */
void scdoc_meaning(struct buf *out, const char *text);

#endif
