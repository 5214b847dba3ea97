/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/utf8.h"
#include "results/rundir/csvfile.h"

enum { LINE_LIMIT = 16384, FIELDS_MAX = 64, NAME_SHOWN = 40, NO_COLUMN = -1 };

/* A field of the header, to be shown beside the column that should be there. */
struct shown_name {
	size_t field;
	const char *expected;
	size_t size, same; /* of what is expected; how many bytes are */
	bool there;
	char text[4 * NAME_SHOWN + 1];
};

struct csv_reader {
	struct csv_parser parser;
	const struct csv_reader_ops *ops;
	void *ctx;
	struct damage *damage;
	char *name;
	struct buf carry;	/* the start of a line whose end has not come yet */
	uint64_t line;		/* number of the line being read, from 1 */
	int column[FIELDS_MAX]; /* that a field of the file holds, or NO_COLUMN */
	size_t fields;	 /* of the file's header, without those at its end that have no name */
	size_t field;	 /* of this line so far */
	bool ended, bad; /* libcsv saw the end of the line; something is wrong with it */
	bool more;	 /* there is text behind the last field */
	struct shown_name shown;
	struct err trouble; /* what, when it is bad */
};

static int keep_spaces(unsigned char c)
{
	return 0;
}

static int only_newline_ends(unsigned char c)
{
	return c == '\n';
}

struct csv_reader *csv_reader_new(const char *name, const struct csv_reader_ops *ops, void *ctx,
				  struct damage *damage, struct err *err)
{
	struct csv_reader *r = calloc(1, sizeof(*r));

	if (!r || !(r->name = strdup(name)) ||
	    csv_init(&r->parser, CSV_STRICT | CSV_APPEND_NULL) != 0) {
		csv_reader_free(r);
		err_set(err, EXIT_INTERNAL, "out of memory while reading %s", name);
		return NULL;
	}
	csv_set_space_func(&r->parser, keep_spaces);
	csv_set_term_func(&r->parser, only_newline_ends);
	r->ops = ops;
	r->ctx = ctx;
	r->damage = damage;
	return r;
}

void csv_reader_free(struct csv_reader *r)
{
	if (!r)
		return;
	csv_free(&r->parser);
	buf_release(&r->carry);
	free(r->name);
	free(r);
}

static void take_field(void *text, size_t len, void *data)
{
	struct csv_reader *r = data;
	size_t field = r->field++;

	if (field >= r->fields)
		r->more |= len > 0;
	else if (r->bad || r->column[field] == NO_COLUMN)
		return;
	else if (strlen(text) != len)
		r->bad = err_set(&r->trouble, EXIT_USAGE, "field %zu holds a NUL byte", field + 1);
	else
		r->bad = r->ops->field(r->ctx, (size_t)r->column[field], text, &r->trouble) < 0;
}

static void take_end(int c, void *data)
{
	struct csv_reader *r = data;

	r->ended = true;
}

/* Hands a line, which comes without its end, to libcsv. -1: that fails. */
static int split(struct csv_reader *r, const char *line, size_t len,
		 void (*take)(void *, size_t, void *), struct err *err)
{
	r->field = 0;
	r->ended = false;
	if ((csv_parse(&r->parser, line, len, take, NULL, r) < len ||
	     csv_parse(&r->parser, "\n", 1, take, take_end, r) < 1) &&
	    csv_error(&r->parser) != CSV_EPARSE)
		return err_set(err, EXIT_INTERNAL, "%s:%" PRIu64 ": %s", r->name, r->line,
			       csv_strerror(csv_error(&r->parser)));
	if (!r->ended) /* an open quote must not swallow the lines that follow */
		csv_fini(&r->parser, NULL, NULL, NULL);
	return 0;
}

/* -1 only for what ends the reading. */
static int parse_line(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	bool fits;

	r->bad = r->more = false;
	if (split(r, line, len, take_field, err) < 0)
		return -1;
	fits = r->field >= r->fields && !r->more;
	if (!r->bad && r->ended && fits && r->ops->check)
		r->bad = r->ops->check(r->ctx, &r->trouble) < 0;
	if (r->bad)
		damage_note(r->damage, "%s:%" PRIu64 ": %s", r->name, r->line, r->trouble.text);
	else if (!r->ended && len)
		damage_note(r->damage,
			    "%s:%" PRIu64 ": a quotation mark in field %zu is out of place",
			    r->name, r->line, r->field + 1);
	else if (!fits)
		damage_note(r->damage, "%s:%" PRIu64 ": %zu fields instead of %zu", r->name,
			    r->line, r->field, r->fields);
	else
		return r->ops->row(r->ctx, r->line, err);
	return 0;
}

/* ---- the header ---- */

/* The name of a column; *len is its length. NULL behind the last one. */
static const char *column_name(const char *header, size_t column, size_t *len)
{
	for (; column && header; column--) {
		header = strchr(header, ',');
		if (header)
			header++;
	}
	*len = header ? strcspn(header, ",") : 0;
	return header;
}

/* Which column it names, or NO_COLUMN. */
static int find_column(const char *header, const char *text, size_t len)
{
	const char *name;
	size_t size;

	for (int i = 0; (name = column_name(header, (size_t)i, &size)); i++)
		if (size == len && memcmp(name, text, len) == 0)
			return i;
	return NO_COLUMN;
}

/* Whether one of the first fields holds the column. */
static bool has_column(const struct csv_reader *r, size_t fields, int column)
{
	for (size_t i = 0; i < fields; i++)
		if (r->column[i] == column)
			return true;
	return false;
}

static void take_name(void *text, size_t len, void *data)
{
	struct csv_reader *r = data;
	size_t field = r->field++;

	if (field >= FIELDS_MAX) {
		r->more |= len > 0;
		return;
	}
	r->column[field] = find_column(r->ops->header, text, len);
	if (len)
		r->fields = field + 1;
	if (r->column[field] != NO_COLUMN && has_column(r, field, r->column[field]))
		r->bad = err_set(&r->trouble, EXIT_USAGE, "the header has the column \"%s\" twice",
				 (char *)text);
}

static void show_name(void *text, size_t len, void *data)
{
	struct csv_reader *r = data;
	struct shown_name *s = &r->shown;
	const char *byte = text;

	if (r->field++ != s->field)
		return;
	s->there = true;
	while (s->same < len && s->same < s->size && byte[s->same] == s->expected[s->same])
		s->same++;
	for (size_t i = 0; i < len && i < NAME_SHOWN; i++)
		str_addf(s->text, sizeof(s->text),
			 byte[i] >= ' ' && byte[i] <= '~' ? "%c" : "\\x%02x",
			 (unsigned char)byte[i]);
}

/* The column of ours that the file does not have, and what stands in its place. */
static int say_missing(struct csv_reader *r, size_t column, const char *line, size_t len,
		       struct err *err)
{
	struct shown_name *s = &r->shown;

	*s = (struct shown_name){.field = column};
	s->expected = column_name(r->ops->header, column, &s->size);
	if (split(r, line, len, show_name, err) < 0)
		return -1;
	if (!s->there)
		return err_set(err, EXIT_USAGE,
			       "the header ends before column %zu, which is \"%.*s\"", column + 1,
			       (int)s->size, s->expected);
	return err_set(err, EXIT_USAGE,
		       "the header has no column \"%.*s\"; its column %zu is \"%s\", which "
		       "differs from byte %zu on",
		       (int)s->size, s->expected, column + 1, s->text, s->same + 1);
}

/* Whether the file has none of the columns that its older form did not have. */
static bool is_of_old(const struct csv_reader *r)
{
	const char *name;
	size_t size;

	for (size_t i = 0; (name = column_name(r->ops->header, i, &size)); i++)
		if (r->ops->old_header && has_column(r, r->fields, (int)i) &&
		    find_column(r->ops->old_header, name, size) == NO_COLUMN)
			return false;
	return r->ops->old_header != NULL;
}

/* Finds our columns among those of the file. */
static int find_columns(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	const char *name;
	size_t size;
	bool is_old;

	r->fields = 0;
	r->bad = r->more = false;
	if (split(r, line, len, take_name, err) < 0)
		return -1;
	if (r->bad || r->more)
		return err_set(err, EXIT_USAGE, "%s",
			       r->bad ? r->trouble.text : "the header has too many columns");
	is_old = is_of_old(r);
	for (size_t i = 0; (name = column_name(r->ops->header, i, &size)); i++)
		if (!has_column(r, r->fields, (int)i) &&
		    !(is_old && find_column(r->ops->old_header, name, size) == NO_COLUMN))
			return say_missing(r, i, line, len, err);
	return 0;
}

static void take_own_columns(struct csv_reader *r)
{
	size_t size;

	for (r->fields = 0; column_name(r->ops->header, r->fields, &size); r->fields++)
		r->column[r->fields] = (int)r->fields;
}

static int take_header(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	size_t bom = utf8_bom(line, len);
	struct err why;

	if (len > LINE_LIMIT)
		err_set(&why, EXIT_USAGE, "the header has more than %d characters", LINE_LIMIT);
	else if (find_columns(r, line + bom, len - bom, &why) == 0)
		return 0;
	if (!r->ops->any_header || why.code != EXIT_USAGE) {
		*err = why;
		return err_context(err, "%s:1", r->name);
	}
	damage_note(r->damage, "%s:1: %s", r->name, why.text);
	take_own_columns(r);
	return 0;
}

/* A line with its end, which is LF or CR LF. */
static int end_of_line(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	len -= len > 1 && line[len - 2] == '\r' ? 2 : 1;
	r->line++;
	if (r->line == 1)
		return take_header(r, line, len, err);
	if (len >= LINE_LIMIT) {
		damage_note(r->damage, "%s:%" PRIu64 ": a line of more than %d characters", r->name,
			    r->line, LINE_LIMIT);
		return 0;
	}
	return parse_line(r, line, len, err);
}

int csv_reader_feed(struct csv_reader *r, const char *data, size_t len, struct err *err)
{
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline ? (size_t)(newline - data) + 1 : len;
		int rc = 0;

		if (newline && r->carry.len == 0) {
			rc = end_of_line(r, data, part, err);
		} else if (r->carry.len <= LINE_LIMIT) { /* no more of a line that is too long */
			buf_add(&r->carry, data, part);
			if (buf_check(&r->carry, err) < 0)
				return -1;
		}
		if (newline && r->carry.len) {
			rc = end_of_line(r, r->carry.data, r->carry.len, err);
			buf_clear(&r->carry);
		}
		if (rc < 0)
			return -1;
		data += part;
		len -= part;
	}
	return 0;
}

int csv_reader_finish(struct csv_reader *r, struct err *err)
{
	if (r->line == 0 && !r->ops->any_header && r->carry.len &&
	    memchr(r->carry.data, '\r', r->carry.len))
		return err_set(err, EXIT_USAGE,
			       "%s has lines that end in CR alone: save it with LF or CR LF",
			       r->name);
	if (r->line == 0 && !r->ops->any_header)
		return err_set(err, EXIT_USAGE,
			       "%s is empty or ends within its header, which should be \"%s\"",
			       r->name, r->ops->header);
	if (r->carry.len) {
		r->damage->torn = true;
		damage_note(r->damage,
			    "%s:%" PRIu64
			    ": the file ends within this line, which a crash or a full disk "
			    "may have torn",
			    r->name, r->line + 1);
		buf_clear(&r->carry);
	}
	return 0;
}

int csv_read_file(const char *path, const struct csv_reader_ops *ops, void *ctx,
		  struct damage *damage, struct err *err)
{
	FILE *f = fopen(path, "re");
	struct csv_reader *r;
	char chunk[16384];
	size_t got;
	int rc;

	if (!f)
		return err_errno(err, EXIT_USAGE, "cannot open %s", path);
	r = csv_reader_new(file_name(path), ops, ctx, damage, err);
	rc = r ? 0 : -1;
	while (rc == 0 && (got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = csv_reader_feed(r, chunk, got, err);
	if (rc == 0 && ferror(f))
		rc = err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	if (rc == 0)
		rc = csv_reader_finish(r, err);
	csv_reader_free(r);
	fclose(f);
	return rc;
}
