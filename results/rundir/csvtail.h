/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A CSV file that another process appends to, read as it grows: each look takes the lines that were
 * completed since the last one.
 */
#ifndef NB_CSVTAIL_H
#define NB_CSVTAIL_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"
#include "results/rundir/csvfile.h"

/* Of what was appended since the last look no more than this is read, from its end: it bounds what
 * a look costs. The first look at a longer file takes the begin of it, too. */
enum { CSV_TAIL_MAX = 64 * 1024 };

struct csv_tail {
	const char *path; /* borrowed, as are ops and ctx */
	const struct csv_reader_ops *ops;
	void *ctx;
	struct csv_reader *csv;
	int fd;		      /* -1: there is no file yet */
	off_t offset;	      /* up to which it was read */
	struct damage damage; /* line numbers in its texts count only what was read */
	bool cut;	      /* the file became shorter, and was read anew */
	bool head; /* the rows of now are from the begin of a file, of which some is skipped */
};

int csv_tail_open(struct csv_tail *t, const char *path, const struct csv_reader_ops *ops, void *ctx,
		  struct err *err);

/* A file that is not there yet has no lines. EXIT_USAGE where its header is another. */
int csv_tail_look(struct csv_tail *t, struct err *err);

void csv_tail_close(struct csv_tail *t);

#endif
