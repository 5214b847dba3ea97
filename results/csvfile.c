/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/csvfile.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void damage_format(const char *dir, const struct damage *d, struct buf *out)
{
	if (d->count)
		buf_addf(out, "%s: %" PRIu64 " damaged line%s left out, the first: %s\n", dir,
			 d->count, d->count == 1 ? "" : "s", d->text[0]);
}

const char *csv_printable(const char *text, char *out, size_t size)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++)
		out[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	out[i] = '\0';
	return out;
}

void damage_note(struct damage *d, const char *fmt, ...)
{
	char text[DAMAGE_TEXT];
	va_list ap;

	if (d->count++ >= DAMAGE_NOTED)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	csv_printable(text, d->text[d->count - 1], DAMAGE_TEXT);
}

void csv_add_field(struct buf *line, const char *text)
{
	size_t len = strlen(text), size = 2 * len + 2;
	char *quoted;

	if (len == 0)
		return;
	if (!strpbrk(text, ",\"\r\n") && text[0] != ' ' && text[len - 1] != ' ') {
		buf_add(line, text, len);
		return;
	}
	quoted = malloc(size);
	if (quoted)
		buf_add(line, quoted, csv_write(quoted, size, text, len));
	else
		line->failed = true;
	free(quoted);
}

void csv_add_double(struct buf *line, double x)
{
	if (!isnan(x))
		buf_addf(line, "%.10g", x);
}

/* Appending */

int csv_append_line(int fd, const char *path, const struct buf *line, struct err *err)
{
	struct stat st;
	size_t done = 0;

	if (buf_check(line, err) < 0)
		return -1;
	while (done < line->len) {
		ssize_t put = write(fd, line->data + done, line->len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			break;
		done += (size_t)put;
	}
	if (done == line->len)
		return 0;
	err_errno(err, EXIT_INTERNAL, "cannot append to %s", path);
	if (done && fstat(fd, &st) == 0 && ftruncate(fd, st.st_size - (off_t)done) < 0)
		err_context(err, "half a line was left behind");
	return -1;
}

static int append_text(int fd, const char *path, const char *text, const char *more,
		       struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	buf_addf(&line, "%s%s", text, more);
	rc = csv_append_line(fd, path, &line, err);
	buf_release(&line);
	return rc;
}

/*
 * Whether the file starts with the header line: 1 yes, 0 it is empty or holds only a part of the
 * header, -1 it holds something else or cannot be read.
 */
static int check_header(int fd, const char *path, const char *header, off_t size, struct err *err)
{
	char start[1024] = {0}, shown[80];
	size_t len = strlen(header), want = (size_t)size < len + 1 ? (size_t)size : len + 1;
	ssize_t got = pread(fd, start, want, 0);

	if (got < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	if (size <= (off_t)len && strncmp(start, header, (size_t)got) == 0)
		return 0;
	if ((size_t)got == len + 1 && start[len] == '\n' && strncmp(start, header, len) == 0)
		return 1;
	start[strcspn(start, "\n")] = '\0';
	return err_set(err, EXIT_USAGE, "%s starts with \"%s\" instead of the header \"%.40s…\"",
		       path, csv_printable(start, shown, sizeof(shown)), header);
}

/* Makes sure that the next line starts on a line of its own. */
static int close_off_torn_line(int fd, const char *path, off_t size, struct err *err)
{
	char last;

	if (pread(fd, &last, 1, size - 1) != 1)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	if (last == '\n')
		return 0;
	/*
	 * A bare newline could turn the torn line into a row that looks whole, with a shorter
	 * number or reason. Behind these fields it has too few, too many, an empty one that may not
	 * be empty, or an open quote, wherever it was torn.
	 */
	return append_text(fd, path, ",,torn", "\n", err);
}

int csv_append_open(const char *path, const char *header, struct err *err)
{
	struct stat st;
	int headed = -1;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, EXIT_USAGE, "cannot open %s for appending", path);
	if (fstat(fd, &st) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot examine %s", path);
		goto fail;
	}
	headed = check_header(fd, path, header, st.st_size, err);
	if (headed < 0)
		goto fail;
	if (headed ? close_off_torn_line(fd, path, st.st_size, err) < 0
		   : append_text(fd, path, header + st.st_size, "\n", err) < 0)
		goto fail;
	return fd;
fail:
	close(fd);
	return -1;
}

/* Reading */

enum { LINE_LIMIT = 16384 };

struct csv_reader {
	struct csv_parser parser;
	const struct csv_reader_ops *ops;
	void *ctx;
	struct damage *damage;
	char *name;
	struct buf carry;   /* the start of a line whose end has not come yet */
	uint64_t line;	    /* number of the line being read, from 1 */
	size_t columns;	    /* in the header */
	size_t column;	    /* fields of this line so far */
	bool ended, bad;    /* libcsv saw the end of the line; something is wrong with it */
	struct err trouble; /* what, when it is bad */
};

static int keep_spaces(unsigned char c)
{
	(void)c;
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
	r->columns = 1;
	for (const char *c = ops->header; *c; c++)
		r->columns += *c == ',';
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
	size_t column = r->column++;

	if (r->bad || column >= r->columns)
		return;
	if (strlen(text) != len)
		r->bad = err_set(&r->trouble, EXIT_USAGE, "field %zu holds a NUL byte", column + 1);
	else
		r->bad = r->ops->field(r->ctx, column, text, &r->trouble) < 0;
}

static void take_end(int c, void *data)
{
	struct csv_reader *r = data;

	(void)c;
	r->ended = true;
}

/* Hands a whole line with its newline to libcsv. -1 only for what ends the reading. */
static int parse_line(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	size_t parsed;

	r->column = 0;
	r->ended = r->bad = false;
	parsed = csv_parse(&r->parser, line, len, take_field, take_end, r);
	if (parsed < len && csv_error(&r->parser) != CSV_EPARSE)
		return err_set(err, EXIT_INTERNAL, "%s:%" PRIu64 ": %s", r->name, r->line,
			       csv_strerror(csv_error(&r->parser)));
	if (!r->ended) /* an open quote must not swallow the lines that follow */
		csv_fini(&r->parser, NULL, NULL, NULL);
	if (!r->bad && (r->ended || len <= 1) && r->column == r->columns && r->ops->check)
		r->bad = r->ops->check(r->ctx, &r->trouble) < 0;
	if (r->bad)
		damage_note(r->damage, "%s:%" PRIu64 ": %s", r->name, r->line, r->trouble.text);
	else if (!r->ended && len > 1)
		damage_note(r->damage,
			    "%s:%" PRIu64 ": a quotation mark in field %zu is out of place",
			    r->name, r->line, r->column + 1);
	else if (r->column != r->columns)
		damage_note(r->damage, "%s:%" PRIu64 ": %zu fields instead of %zu", r->name,
			    r->line, r->column, r->columns);
	else
		return r->ops->row(r->ctx, r->line, err);
	return 0;
}

static int check_first_line(const struct csv_reader *r, const char *line, size_t len,
			    struct err *err)
{
	char text[81], shown[81];
	size_t cut = len - 1 < sizeof(text) - 1 ? len - 1 : sizeof(text) - 1;

	if (len - 1 == strlen(r->ops->header) && memcmp(line, r->ops->header, len - 1) == 0)
		return 0;
	memcpy(text, line, cut);
	text[cut] = '\0';
	csv_printable(text, shown, sizeof(shown));
	if (!r->ops->any_header)
		return err_set(err, EXIT_USAGE, "%s:1: the header is \"%s\" instead of \"%s\"",
			       r->name, shown, r->ops->header);
	damage_note(r->damage, "%s:1: the header is \"%s\" instead of \"%s\"", r->name, shown,
		    r->ops->header);
	return 0;
}

static int end_of_line(struct csv_reader *r, const char *line, size_t len, struct err *err)
{
	r->line++;
	if (r->line == 1)
		return check_first_line(r, line, len, err);
	if (len > LINE_LIMIT) {
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
	enum { CHUNK = 1 << 16 };
	const char *slash = strrchr(path, '/');
	struct csv_reader *r = NULL;
	char *chunk = malloc(CHUNK);
	ssize_t got;
	int rc = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_errno(err, EXIT_USAGE, "cannot open %s", path);
		goto cleanup;
	}
	r = csv_reader_new(slash ? slash + 1 : path, ops, ctx, damage, err);
	if (!r)
		goto cleanup;
	if (!chunk) {
		err_set(err, EXIT_INTERNAL, "out of memory while reading %s", path);
		goto cleanup;
	}
	while ((got = read(fd, chunk, CHUNK)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
			goto cleanup;
		}
		if (csv_reader_feed(r, chunk, (size_t)got, err) < 0)
			goto cleanup;
	}
	rc = csv_reader_finish(r, err);
cleanup:
	csv_reader_free(r);
	free(chunk);
	if (fd >= 0)
		close(fd);
	return rc;
}
