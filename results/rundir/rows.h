/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.csv: the raw rows of a run, appended as they come and never rewritten. One row is one
 * line; no field holds a line break, so that a damaged row never reaches beyond its line.
 *
 * This is schema 2: each row says what it is, and nothing is read out of `reason`, which is for
 * people, or out of a name. A file without all of the columns that are new in it is of schema 1
 * and is read as well (schema1.c).
 */
#ifndef NB_ROWS_H
#define NB_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/layer_tree.h"
#include "lib/sample.h"
#include "results/rundir/column.h"
#include "results/rundir/csvfile.h"

#define ROWS_FILE "samples.csv"
#define ROWS_HEADER                                                                                \
	"run,boot,round,slot,layer,workload,class,unit,params,threads,repeats,batch,ops,bytes,"    \
	"elapsed_ns,fastest_ns,host_elapsed_ns,steal_ns,p50_ns,p99_ns,max_ns,digest,flags,status," \
	"reason"

#define SCHEMA1_HEADER                                                                             \
	"run,boot,round,slot,layer,workload,params,threads,batch,ops,bytes,elapsed_ns,"            \
	"host_elapsed_ns,steal_ns,digest,status,reason"

/* What ROWS_HEADER names. */
column_fn rows_column;

/* Longest texts, with their terminating NUL. */
enum { ROW_RUN = 64, ROW_WORKLOAD = 64, ROW_CLASS = 64, ROW_PARAMS = 1100 };

struct row {
	const char *run;      /* id of the run; borrowed, as are the other texts */
	uint32_t boot, round; /* counted from 1 */
	uint32_t slot;	      /* place in the order of the round */
	uint32_t layer;	      /* its number in the tree of the run: 0 is the machine */
	const char *workload;
	const char *class; /* "cpu", "boot", …; "capacity" if and only if the unit is a size */
	enum sample_unit unit; /* of the figure */
	const char *params;    /* canonical text (workload_format_params), "" when there are none */
	uint32_t threads;      /* that did it at once, or THREADS_ON_EACH_CPU (params.h) */
	uint32_t repeats;      /* the disturbed round of this boot that this one repeats; 0: none */
	struct sample sample;
	/* When it was read; not looked at when written. */
	uint64_t line;	    /* of the file, from 1 */
	bool is_schema1;    /* it has the columns of schema 1 only */
	const char *remark; /* of an ok row: what the work says, with nothing of nestbench's own */
};

/* The hash of the rows that came before (HASH_START: none) and of this one, whatever the line. */
uint64_t row_hash(uint64_t hash, const struct row *row);

/* -1 with EXIT_USAGE when a line of the run `found` stands in a file of `run`. */
int row_is_of(const char *found, const char *run, struct err *err);

/*
 * Opens dir/samples.csv for appending, with the header when it is new. When the last line was torn
 * by a crash it is closed off first, in such a way that a reader takes it for damaged and never for
 * a row. A file that holds something else is refused with EXIT_USAGE.
 */
int rows_writer_open(struct csv_writer *w, const char *dir, struct err *err);

/*
 * Appends a row by one write(2); it is in the file when this returns. When the disk is full the
 * part that was written is taken back. Texts too long for the limits above, or with control
 * characters, are refused; the reason is cleaned as sample_set_reason does.
 */
int rows_writer_put(struct csv_writer *w, const struct row *row, struct err *err);

/* Takes a row, whose texts live until it returns. -1 with an err ends the reading. */
typedef int (*row_fn)(void *ctx, const struct row *row, struct err *err);

/*
 * Reads dir/samples.csv row by row, in constant memory. EXIT_USAGE when the header lacks one of our
 * columns (csvfile.h). A row that is not what it should be is noted in *damage and left out, the
 * others are read; texts are made printable (printable.h). A last line without its newline is torn:
 * noted and left out, whatever it holds.
 */
int rows_read(const char *dir, row_fn put, void *ctx, struct damage *damage, struct err *err);

/* What rows_ops works on; for reading a text in pieces with csvfile.h. */
struct rows_reader {
	row_fn put;
	void *ctx;
	struct row row;
	struct {
		char run[ROW_RUN], workload[ROW_WORKLOAD], class[ROW_CLASS], params[ROW_PARAMS];
		struct schema1_texts {
			char class[ROW_CLASS], remark[SAMPLE_REASON];
		} of_schema1;
	} texts; /* what row points to */
};

extern const struct csv_reader_ops rows_ops;
void rows_reader_init(struct rows_reader *r, row_fn put, void *ctx);

/* Fills in what the columns of schema 1 do not say. The reason stays as it is; texts hold what row
 * points to.
 */
void schema1_complete(struct row *row, struct schema1_texts *texts);

#endif
