/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue of workloads as text, in lines of at most 80 columns. */
#ifndef NB_CATALOGUE_H
#define NB_CATALOGUE_H

#include "lib/buf.h"
#include "workloads/workload.h"

/* "NAME   SUMMARY" */
void catalogue_title(struct buf *out, const char *name, const char *summary);

/* "  LABEL   TEXT", the lines below a title. */
void catalogue_line(struct buf *out, const char *label, const char *text);

/* The title and all lines below it. */
void catalogue_add(struct buf *out, const struct workload *w);

#endif
