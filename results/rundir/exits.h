/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exits.csv: what batches made the layers around them do, counted in their parent layers. One row
 * is one counter between two readings; appended as it comes and never rewritten.
 *
 * `batch` is the last one before the second reading, `batches` how many there were since the first,
 * `ops` the operations of all of them.
 *
 * `measured` is the layer in which they ran, `layer` the one whose exits these are (that layer
 * or one around it), `counted_in` its parent layer, which counted. A counter that did not move has
 * no row, but for the first of its source, which is there for every pair of readings.
 *
 * Counting by reason takes time in every exit. So each boot begins with a round in which nothing is
 * timed, the counting round: its rows have round 0 and are of all sources, read around each batch.
 * In the other rounds only what is counted anyway is read, before the first batch of a job, the
 * warm-up, and behind the last, so that no reading disturbs a time.
 *
 * The empty batch, which tells what counting and the messages around a batch cost by themselves, is
 * the workload nop with 1 operation; nop with more, in the counting round, takes as long as
 * other batches do and tells what follows time.
 *
 * A row without a reason is about no batch: its remark says what is not counted and why, or what
 * happened to the counters (they jumped back).
 */
#ifndef NB_EXITS_H
#define NB_EXITS_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/rundir/column.h"
#include "results/rundir/csvfile.h"

#define EXITS_FILE "exits.csv"
#define EXITS_HEADER                                                                               \
	"run,boot,round,layer,counted_in,measured,workload,params,threads,batch,batches,ops,"      \
	"interval_ns,"                                                                             \
	"reason,count,source,remark"

/* What EXITS_HEADER names. */
column_fn exits_column;

/* The workload of the empty batch, and its operations. */
#define EXITS_EMPTY "nop"
enum { EXITS_EMPTY_OPS = 1 };

/* Longest texts, with their terminating NUL. */
enum { EXITS_REASON = 64, EXITS_SOURCE = 32, EXITS_REMARK = 256 };

struct exit_row {
	const char *run;      /* borrowed, as are the other texts */
	uint32_t boot, round; /* 0: the counting round, or a row about no batch */
	uint32_t layer, counted_in, measured;
	const char *workload; /* "": about no batch */
	const char *params;
	uint32_t threads;
	uint64_t batch;	      /* as in samples.csv: the last of these */
	uint64_t batches;     /* 1…batch */
	uint64_t ops;	      /* of all copies, in all siblings */
	uint64_t interval_ns; /* between the two readings, on the clock of counted_in */
	const char *reason;   /* "CPUID", "io_exits", …; "": see remark */
	uint64_t count;
	const char *source; /* what counted: enum count_source (drivers/counts.h) by name */
	const char *remark; /* for people */
};

/* As rows_writer_open. */
int exits_writer_open(struct csv_writer *w, const char *dir, struct err *err);

/* Adds a row to what exits_writer_flush writes. Texts are cleaned (printable.h) and cut to their
 * limits: they may come from a guest. */
void exits_writer_add(struct csv_writer *w, const struct exit_row *row);

/* Appends all rows that were added since by one write(2). */
int exits_writer_flush(struct csv_writer *w, struct err *err);

/* Flushes to the disk and closes. A writer that is not open is fine. */
int exits_writer_close(struct csv_writer *w, struct err *err);

/* Takes a row, whose texts live until it returns. -1 with an err ends the reading. */
typedef int (*exit_row_fn)(void *ctx, const struct exit_row *row, struct err *err);

/*
 * Reads dir/exits.csv row by row, in constant memory; no file: no rows, which is fine. What is
 * damaged, or of another run than `run` (NULL: than the first row's), is noted and left out.
 */
int exits_read(const char *dir, const char *run, exit_row_fn put, void *ctx, struct damage *damage,
	       struct err *err);

/* What exits_ops works on; for reading a text in pieces with csvfile.h. */
struct exits_reader {
	exit_row_fn put;
	void *ctx;
	char run[64]; /* whose rows these must be; "": the first row's */
	struct exit_row row;
	struct {
		char run[64], workload[64], params[1100], reason[EXITS_REASON];
		char source[EXITS_SOURCE], remark[EXITS_REMARK];
	} texts; /* what row points to */
};

extern const struct csv_reader_ops exits_ops;
void exits_reader_init(struct exits_reader *r, const char *run, exit_row_fn put, void *ctx);

#endif
