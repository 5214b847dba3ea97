/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/rundir.h"

/* The columns, in the order of ROWS_HEADER: where each goes, and what it may hold. */
enum column_kind { TEXT, NAME, U32, U64, DIGEST, UNIT, FLAGS, STATUS, REASON };

static const struct column {
	const char *name;
	int since; /* the schema that brought it */
	enum column_kind kind;
	size_t offset;	/* in struct row */
	uint64_t limit; /* the largest number; of texts, the size with the NUL */
	const char *meaning;
} columns[] = {
	{"run", 1, NAME, offsetof(struct row, run), ROW_RUN,
	 "id of the run: its time, the host, and nine digits"},
	{"boot", 1, U32, offsetof(struct row, boot), INT32_MAX,
	 "the start of all layers that the row belongs to, from 1"},
	{"round", 1, U32, offsetof(struct row, round), INT32_MAX, "round of the boot, from 1"},
	{"slot", 1, U32, offsetof(struct row, slot), INT32_MAX,
	 "place in the order of the round, from 1"},
	{"layer", 1, U32, offsetof(struct row, layer), LAYERS_MAX - 1,
	 "number of the layer in the tree of the run; 0 is the machine itself; manifest.json has "
	 "the names"},
	{"workload", 1, NAME, offsetof(struct row, workload), ROW_WORKLOAD, "name of the workload"},
	{"class", 2, NAME, offsetof(struct row, class), ROW_CLASS,
	 "kind of work: control, cpu, exit, mem, io, net, gpu, app, capacity, or boot"},
	{"unit", 2, UNIT, offsetof(struct row, unit), 0,
	 "of the figure: ns/op (elapsed_ns / ops), bytes (the column bytes) or cpus (the same "
	 "column, in thousandths of a CPU)"},
	{"params", 1, TEXT, offsetof(struct row, params), ROW_PARAMS,
	 "all parameters of the workload, NAME=VALUE separated by blanks"},
	{"threads", 1, U32, offsetof(struct row, threads), INT32_MAX,
	 "threads that did the work at once; 0: one on each CPU of the layer"},
	{"repeats", 2, U32, offsetof(struct row, repeats), INT32_MAX,
	 "the disturbed round of this boot that this round remeasures; 0: none"},
	{"batch", 1, U64, offsetof(struct row, sample.batch), INT64_MAX,
	 "number of the batch, from 1; 0: the row is about no batch"},
	{"ops", 1, U64, offsetof(struct row, sample.ops), INT64_MAX,
	 "operations done in the batch"},
	{"bytes", 1, U64, offsetof(struct row, sample.bytes), INT64_MAX,
	 "bytes moved; of a capacity what was found, in bytes or in thousandths of a CPU"},
	{"elapsed_ns", 1, U64, offsetof(struct row, sample.elapsed_ns), INT64_MAX,
	 "time of the batch in nanoseconds on the layer's own clock; of several copies or guests, "
	 "of the slowest"},
	{"fastest_ns", 2, U64, offsetof(struct row, sample.fastest_ns), INT64_MAX,
	 "of several copies or guests, the time of the fastest in nanoseconds; 0: there was one"},
	{"host_elapsed_ns", 1, U64, offsetof(struct row, sample.host_elapsed_ns), INT64_MAX,
	 "time of the batch in nanoseconds on the clock of L0, messages included; 0: not known"},
	{"steal_ns", 1, U64, offsetof(struct row, sample.steal_ns), INT64_MAX,
	 "CPU time in nanoseconds, on all CPUs of the layer, that its parent layer took meanwhile"},
	{"p50_ns", 2, U64, offsetof(struct row, sample.latency.p50_ns), INT64_MAX,
	 "median of the latencies of the batch's single operations in nanoseconds; 0: not "
	 "recorded"},
	{"p99_ns", 2, U64, offsetof(struct row, sample.latency.p99_ns), INT64_MAX,
	 "their 99th percentile in nanoseconds; 0: not recorded"},
	{"max_ns", 2, U64, offsetof(struct row, sample.latency.max_ns), INT64_MAX,
	 "the greatest of them in nanoseconds; 0: not recorded"},
	{"digest", 1, DIGEST, offsetof(struct row, sample.digest), 0,
	 "checksum of the work done, 16 hexadecimal digits: equal in all layers"},
	{"flags", 2, FLAGS, offsetof(struct row, sample.flags), 0,
	 "words separated by blanks that decide how the row counts; see FLAGS OF ROWS"},
	{"status", 1, STATUS, offsetof(struct row, sample.status), 0,
	 "ok, skip, fail, timeout or suspect (measured, but something speaks against the row; it "
	 "counts)"},
	{"reason", 1, REASON, offsetof(struct row, sample.reason), SAMPLE_REASON,
	 "for people only: why the row is not ok; of an ok row a remark"},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct column_text rows_column(size_t i)
{
	return i < COLUMNS ? (struct column_text){columns[i].name, columns[i].meaning}
			   : (struct column_text){NULL, NULL};
}

static const char *text_at(const struct row *row, const struct column *c)
{
	const void *place = (const char *)row + c->offset;

	return *(const char *const *)place;
}

static uint64_t number_at(const struct row *row, const struct column *c)
{
	const void *place = (const char *)row + c->offset;

	/* Enums are as wide as uint32_t. */
	return c->kind == U64 || c->kind == DIGEST ? *(const uint64_t *)place
						   : *(const uint32_t *)place;
}

uint64_t row_hash(uint64_t hash, const struct row *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];
		uint64_t number;

		/* A history knows runs of schema 1 by the hash without. */
		if (c->since > 1 && row->is_schema1)
			continue;
		if (c->kind == TEXT || c->kind == NAME || c->kind == REASON) {
			const char *text = c->kind == REASON ? row->sample.reason : text_at(row, c);

			hash = hash_bytes(hash, text, strlen(text) + 1);
			continue;
		}
		number = number_at(row, c);
		hash = hash_bytes(hash, &number, sizeof(number));
	}
	return hash;
}

int row_is_of(const char *found, const char *run, struct err *err)
{
	char theirs[ROW_RUN], ours[ROW_RUN];

	if (strcmp(found, run) == 0)
		return 0;
	return err_set(err, EXIT_USAGE, "run: \"%s\", but the file belongs to the run \"%s\"",
		       csv_printable(found, theirs, sizeof(theirs)),
		       csv_printable(run, ours, sizeof(ours)));
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* A text is whole, on one line and within its limit. */
static int check_text(const struct column *c, const char *text, struct err *err)
{
	char shown[64];

	if (strlen(text) >= c->limit)
		return err_set(err, EXIT_USAGE,
			       "%s: %zu characters, of which %" PRIu64 " are allowed", c->name,
			       strlen(text), c->limit - 1);
	if (has_control(text))
		return err_set(err, EXIT_USAGE, "%s: \"%s\" holds a control character", c->name,
			       csv_printable(text, shown, sizeof(shown)));
	if (c->kind == NAME && text[0] == '\0')
		return err_set(err, EXIT_USAGE, "%s: must not be empty", c->name);
	return 0;
}

/* What no row may say, whoever wrote it. */
static int check_row(const struct row *row, struct err *err)
{
	const struct sample *s = &row->sample;

	if (s->status == SAMPLE_OK && (s->batch == 0 || s->ops == 0))
		return err_set(err, EXIT_USAGE,
			       "%s: 0, but an ok row is about a batch with operations in it",
			       s->batch ? "ops" : "batch");
	if (s->status != SAMPLE_OK && s->reason[0] == '\0')
		return err_set(err, EXIT_USAGE, "reason: empty, but the status is %s",
			       sample_status_name(s->status));
	if ((row->unit != SAMPLE_NS_PER_OP) != (strcmp(row->class, "capacity") == 0))
		return err_set(err, EXIT_USAGE, "unit: %s, but the class is %s",
			       sample_unit_name(row->unit), row->class);
	return sample_check_latency(&s->latency, err);
}

/* Writing */

int rows_writer_open(struct csv_writer *w, const char *dir, struct err *err)
{
	return csv_writer_open(w, dir, ROWS_FILE, ROWS_HEADER, err);
}

static int add_column(struct buf *line, const struct row *row, const struct column *c,
		      struct err *err)
{
	char flags[SAMPLE_FLAGS_TEXT];

	switch (c->kind) {
	case TEXT:
	case NAME:
		csv_add_field(line, text_at(row, c));
		return check_text(c, text_at(row, c), err);
	case U32:
	case U64:
		buf_addf(line, "%" PRIu64, number_at(row, c));
		if (number_at(row, c) > c->limit)
			return err_set(err, EXIT_INTERNAL, "%s: %" PRIu64 " is above %" PRIu64,
				       c->name, number_at(row, c), c->limit);
		return 0;
	case DIGEST:
		buf_addf(line, "%016" PRIx64, row->sample.digest);
		return 0;
	case UNIT:
		buf_addstr(line, sample_unit_name(row->unit));
		return 0;
	case FLAGS:
		buf_addstr(line, sample_format_flags(row->sample.flags, flags));
		return 0;
	case STATUS:
		buf_addstr(line, sample_status_name(row->sample.status));
		return 0;
	case REASON:
		csv_add_field(line, row->sample.reason);
		return 0;
	}
	return 0;
}

/* A guest must not be able to end a run by a sample that no row may hold: that becomes a failure.
 */
static void clean_sample(struct sample *s)
{
	sample_set_reason(s, "%s", s->reason);
	if (s->status == SAMPLE_OK && (s->batch == 0 || s->ops == 0)) {
		s->status = SAMPLE_FAIL;
		sample_set_reason(s, "said to be ok; but without a batch or an operation in it");
	}
	if (s->status != SAMPLE_OK && s->reason[0] == '\0')
		sample_set_reason(s, "no reason was given");
}

int rows_writer_put(struct csv_writer *w, const struct row *row, struct err *err)
{
	struct row clean = *row;

	if (!sample_status_name(row->sample.status))
		return err_set(err, EXIT_INTERNAL, "%s: %d is not the number of a status", w->path,
			       (int)row->sample.status);
	clean_sample(&clean.sample);
	if (check_row(&clean, err) < 0)
		return err_context(err, "%s: a row that must not be written", w->path);
	buf_clear(&w->line);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			buf_addstr(&w->line, ",");
		if (add_column(&w->line, &clean, &columns[i], err) < 0)
			return err_context(err, "%s: a row that must not be written", w->path);
	}
	buf_addstr(&w->line, "\n");
	return csv_append_line(w->fd, w->path, &w->line, err);
}

/* Reading */

static int take_text(const struct column *c, const char *text, char *place, struct err *err)
{
	if (check_text(c, text, err) < 0)
		return -1;
	printable(str_copy(place, c->limit, text));
	return 0;
}

static int take_number(struct row *row, const struct column *c, const char *text, struct err *err)
{
	void *place = (char *)row + c->offset;
	uint64_t number;

	if (parse_u64(text, c->name, 0, c->limit, &number, err) < 0)
		return -1;
	if (c->kind == U32)
		*(uint32_t *)place = (uint32_t)number;
	else
		*(uint64_t *)place = number;
	return 0;
}

static int take_field(void *ctx, size_t column, const char *text, struct err *err)
{
	struct rows_reader *r = ctx;
	const struct column *c = &columns[column];

	switch (c->kind) {
	case TEXT:
	case NAME:
		return take_text(c, text, (char *)text_at(&r->row, c), err);
	case U32:
	case U64:
		return take_number(&r->row, c, text, err);
	case DIGEST:
		return sample_parse_digest(text, &r->row.sample.digest, err);
	case UNIT:
		return sample_parse_unit(text, &r->row.unit, err);
	case FLAGS:
		return sample_parse_flags(text, &r->row.sample.flags, err);
	case STATUS:
		return sample_parse_status(text, &r->row.sample.status, err);
	case REASON:
		return take_text(c, text, r->row.sample.reason, err);
	}
	return 0;
}

/* libcsv's row is whole; what is wrong with it as a row is damage like any other. */
static int check_read_row(void *ctx, struct err *err)
{
	struct rows_reader *r = ctx;

	/* The column would have held something. */
	r->row.is_schema1 = r->texts.class[0] == '\0';
	r->row.class = r->texts.class;
	r->row.remark = r->row.sample.reason;
	if (r->row.is_schema1)
		schema1_complete(&r->row, &r->texts.of_schema1);
	return check_row(&r->row, err);
}

static int take_row(void *ctx, uint64_t line, struct err *err)
{
	struct rows_reader *r = ctx;

	r->row.line = line;
	return r->put(r->ctx, &r->row, err);
}

const struct csv_reader_ops rows_ops = {
	.header = ROWS_HEADER,
	.old_header = SCHEMA1_HEADER,
	.field = take_field,
	.check = check_read_row,
	.row = take_row,
};

void rows_reader_init(struct rows_reader *r, row_fn put, void *ctx)
{
	*r = (struct rows_reader){.put = put, .ctx = ctx};
	r->row.run = r->texts.run;
	r->row.workload = r->texts.workload;
	r->row.class = r->texts.class;
	r->row.params = r->texts.params;
}

int rows_read(const char *dir, row_fn put, void *ctx, struct damage *damage, struct err *err)
{
	struct rows_reader r;
	char path[RUNDIR_PATH];

	rows_reader_init(&r, put, ctx);
	if (rundir_path(dir, ROWS_FILE, path, err) < 0)
		return -1;
	return csv_read_file(path, &rows_ops, &r, damage, err);
}
