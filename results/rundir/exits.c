/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/exits.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/layer_tree.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

/* The columns, in the order of EXITS_HEADER. */
enum column_kind { TEXT, U32, U64 };

static const struct column {
	const char *name;
	enum column_kind kind;
	size_t offset;	/* in struct exit_row */
	uint64_t limit; /* the largest number; of texts, the size with the NUL */
	size_t text;	/* in struct exits_reader: where a text that is read goes */
	const char *meaning;
} columns[] = {
#define TEXT_COLUMN(name, meaning)                                                                 \
	{                                                                                          \
#name, TEXT, offsetof(struct exit_row, name),                                      \
			sizeof(((struct exits_reader *)0)->texts.name),                            \
			offsetof(struct exits_reader, texts.name), meaning                         \
	}
#define NUMBER_COLUMN(name, kind, limit, meaning)                                                  \
	{                                                                                          \
#name, kind, offsetof(struct exit_row, name), limit, 0, meaning                    \
	}
	TEXT_COLUMN(run, "id of the run"),
	NUMBER_COLUMN(boot, U32, INT32_MAX,
		      "the start of all layers that the row belongs to, from 1"),
	NUMBER_COLUMN(round, U32, INT32_MAX,
		      "round of the boot; 0: the counting round, in which nothing is timed, or a "
		      "row about no batch"),
	NUMBER_COLUMN(
		layer, U32, LAYERS_MAX - 1,
		"number of the layer whose exits these are: that of `measured`, or one around it"),
	NUMBER_COLUMN(counted_in, U32, LAYERS_MAX - 1, "number of its parent layer, which counted"),
	NUMBER_COLUMN(measured, U32, LAYERS_MAX - 1, "number of the layer in which the batch ran"),
	TEXT_COLUMN(workload, "name of the workload; nothing: the row is about no batch"),
	TEXT_COLUMN(params, "all parameters of the workload, NAME=VALUE separated by blanks"),
	NUMBER_COLUMN(threads, U32, INT32_MAX,
		      "threads that did the work at once; 0: one on each CPU of the layer"),
	NUMBER_COLUMN(batch, U64, INT64_MAX,
		      "number of the last batch before the second reading, as in samples.csv"),
	NUMBER_COLUMN(batches, U64, INT64_MAX, "batches between the two readings"),
	NUMBER_COLUMN(ops, U64, INT64_MAX, "operations of all copies, in all siblings"),
	NUMBER_COLUMN(interval_ns, U64, INT64_MAX,
		      "nanoseconds between the two readings, on the clock of counted_in"),
	TEXT_COLUMN(reason, "the counter: what the layer left its work for, CPUID, io_exits, …; "
			    "nothing: see remark"),
	NUMBER_COLUMN(count, U64, INT64_MAX,
		      "how far the counter moved between the two readings; a counter that did not "
		      "move has no row, but for the first of its source"),
	TEXT_COLUMN(source, "what counted: one of the kinds of counters of the parent layer"),
	TEXT_COLUMN(remark,
		    "for people: what is not counted and why, or what happened to the counters"),
#undef NUMBER_COLUMN
#undef TEXT_COLUMN
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

_Static_assert(sizeof(((struct exits_reader *)0)->texts.run) == ROW_RUN &&
		       sizeof(((struct exits_reader *)0)->texts.workload) == ROW_WORKLOAD &&
		       sizeof(((struct exits_reader *)0)->texts.params) == ROW_PARAMS,
	       "texts that are in samples.csv, too, are as long");

struct column_text exits_column(size_t i)
{
	return i < COLUMNS ? (struct column_text){columns[i].name, columns[i].meaning}
			   : (struct column_text){NULL, NULL};
}

/* Writing */

int exits_writer_open(struct csv_writer *w, const char *dir, struct err *err)
{
	return csv_writer_open(w, dir, EXITS_FILE, EXITS_HEADER, err);
}

static void add_text(struct buf *line, const char *text, size_t limit)
{
	char cut[ROW_PARAMS];

	csv_add_field(line, printable(str_copy(cut, limit, text ? text : "")));
}

void exits_writer_add(struct csv_writer *w, const struct exit_row *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];
		const void *place = (const char *)row + c->offset;

		if (i)
			buf_addstr(&w->line, ",");
		if (c->kind == TEXT)
			add_text(&w->line, *(const char *const *)place, c->limit);
		else
			buf_addf(&w->line, "%" PRIu64,
				 c->kind == U32 ? *(const uint32_t *)place
						: *(const uint64_t *)place);
	}
	buf_addstr(&w->line, "\n");
}

int exits_writer_flush(struct csv_writer *w, struct err *err)
{
	int rc = w->line.len ? csv_append_line(w->fd, w->path, &w->line, err) : 0;

	buf_clear(&w->line);
	return rc;
}

int exits_writer_close(struct csv_writer *w, struct err *err)
{
	int rc = w->fd >= 0 ? exits_writer_flush(w, err) : 0;
	struct err ignored;

	return csv_writer_close(w, rc < 0 ? &ignored : err) < 0 ? -1 : rc;
}

/* Reading */

static int take_field(void *ctx, size_t column, const char *text, struct err *err)
{
	struct exits_reader *r = ctx;
	const struct column *c = &columns[column];
	void *place = (char *)&r->row + c->offset;
	uint64_t number;

	if (c->kind == TEXT) {
		if (strlen(text) >= c->limit)
			return err_set(err, EXIT_USAGE,
				       "%s: %zu characters, of which %" PRIu64 " are allowed",
				       c->name, strlen(text), c->limit - 1);
		printable(str_copy((char *)r + c->text, c->limit, text));
		return 0;
	}
	if (parse_u64(text, c->name, 0, c->limit, &number, err) < 0)
		return -1;
	if (c->kind == U32)
		*(uint32_t *)place = (uint32_t)number;
	else
		*(uint64_t *)place = number;
	return 0;
}

/* What no row may say, whoever wrote it. */
static int check_row(void *ctx, struct err *err)
{
	struct exits_reader *r = ctx;
	const struct exit_row *row = &r->row;

	if (!row->run[0])
		return err_set(err, EXIT_USAGE, "run: must not be empty");
	if (!r->run[0])
		str_copy(r->run, sizeof(r->run), row->run);
	if (row_is_of(row->run, r->run, err) < 0)
		return -1;
	if (!row->reason[0])
		return row->remark[0] ? 0
				      : err_set(err, EXIT_USAGE,
						"remark: empty, but the row has no reason either");
	if (!row->workload[0] || !row->batch || !row->ops)
		return err_set(err, EXIT_USAGE,
			       "%s: a count is about a batch with operations in it",
			       !row->workload[0] ? "workload"
			       : row->batch	 ? "ops"
						 : "batch");
	if (!row->batches || row->batches > row->batch)
		return err_set(err, EXIT_USAGE, "batches: %" PRIu64 ", expected 1 to %" PRIu64,
			       row->batches, row->batch);
	if (!row->source[0])
		return err_set(err, EXIT_USAGE, "source: must not be empty");
	return 0;
}

static int take_row(void *ctx, uint64_t line, struct err *err)
{
	struct exits_reader *r = ctx;

	return r->put(r->ctx, &r->row, err);
}

const struct csv_reader_ops exits_ops = {
	.header = EXITS_HEADER, .field = take_field, .check = check_row, .row = take_row};

void exits_reader_init(struct exits_reader *r, const char *run, exit_row_fn put, void *ctx)
{
	*r = (struct exits_reader){.put = put, .ctx = ctx};
	str_copy(r->run, sizeof(r->run), run ? run : "");
	r->row.run = r->texts.run;
	r->row.workload = r->texts.workload;
	r->row.params = r->texts.params;
	r->row.reason = r->texts.reason;
	r->row.source = r->texts.source;
	r->row.remark = r->texts.remark;
}

int exits_read(const char *dir, const char *run, exit_row_fn put, void *ctx, struct damage *damage,
	       struct err *err)
{
	struct exits_reader r;
	char path[RUNDIR_PATH];

	exits_reader_init(&r, run, put, ctx);
	if (rundir_path(dir, EXITS_FILE, path, err) < 0)
		return -1;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	return csv_read_file(path, &exits_ops, &r, damage, err);
}
