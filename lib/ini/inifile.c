/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/ini/inifile.h"

#include <ini.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/nearest.h"
#include "lib/str.h"

/* Of what was found, as much as fits a message. */
enum { FOUND_TEXT = 64 };

#define BLANKS " \t"

struct reading {
	const struct inifile_reader *reader;
	void *ctx;
	FILE *file;
	int line, failed_line;
	struct err why;			   /* of failed_line */
	bool failed, any_section, any_key; /* the latter in this section */
	bool indented, comment;		   /* the line read last */
};

int inifile_unexpected(const char *name, const char *found, const char *expected, struct err *err)
{
	char text[FOUND_TEXT];

	return err_set(err, EXIT_USAGE, "%s \"%s\": expected %s", name,
		       str_copy(text, sizeof(text), found), expected);
}

int inifile_not_among(const char *name, const char *found, const char *const *names,
		      struct err *err)
{
	struct buf expected = BUF_INIT;

	choice_list(found, names, &expected);
	(void)inifile_unexpected(name, found, buf_str(&expected), err);
	buf_release(&expected);
	return -1;
}

/* Keeps the first failure. Returns what tells libinih that there was one. */
static int keep(struct reading *r, const struct err *why)
{
	if (!r->failed) {
		r->why = *why;
		r->failed_line = r->line;
	}
	r->failed = true;
	return 0;
}

static void unexpected(struct reading *r, const char *name, const char *found, const char *expected)
{
	struct err why;

	(void)inifile_unexpected(name, found, expected, &why);
	keep(r, &why);
}

/*
 * Like fgets, but counts lines and accepts LF and CR LF. libinih would read the rest of a line that
 * is too long as a line of its own, and nothing after a NUL or a CR. Its newer versions skip the
 * line after one that fills the buffer: one character stays free.
 */
static char *read_line(struct reading *r, char *text, int size)
{
	int len = 0, all = 0, most = size - 2, c;

	while ((c = fgetc(r->file)) != EOF && c != '\n') {
		if (len < most)
			text[len++] = (char)c;
		all++;
	}
	if (c == EOF && all == 0)
		return NULL;
	r->line++;
	len -= len == all && len && text[len - 1] == '\r';
	text[len] = '\0';
	if (memchr(text, '\r', (size_t)len) || strlen(text) < (size_t)len)
		unexpected(r, "line", text, "LF or CR LF at its end, and no NUL byte");
	else if (all > most && !strchr("#;", text[strspn(text, BLANKS)]))
		unexpected(r, "line", text, "fewer characters");
	return text;
}

/* Cuts off what stands behind a blank and ';'; some versions of libinih do not where a value is
 * continued. */
static bool cut_comment(char *text)
{
	for (char *at = text; (at = strchr(at, ';')); at++)
		if (at > text && strchr(BLANKS, at[-1])) {
			*at = '\0';
			return true;
		}
	return false;
}

static void begin_section(struct reading *r, const char *start, const char *end)
{
	char name[INIFILE_SECTION];
	size_t len = (size_t)(end - start - 1);
	struct err why;

	r->any_section = true;
	r->any_key = false;
	if (len >= sizeof(name)) {
		unexpected(r, "section", start, "fewer characters");
		return;
	}
	memcpy(name, start + 1, len);
	name[len] = '\0';
	if (r->reader->section(r->ctx, name, r->line, &why) < 0)
		keep(r, &why);
}

/* Sees to sections, too: libinih truncates their names, and does not report those without a key. */
static char *next_line(char *text, int size, void *ctx)
{
	struct reading *r = ctx;
	char *line = read_line(r, text, size), *end;
	const char *start;

	if (!line)
		return NULL;
	r->indented = line[0] && strchr(BLANKS, line[0]);
	r->comment = cut_comment(line);
	start = line + strspn(line, BLANKS "\xef\xbb\xbf");
	end = strchr(start, ']');
	if (*start == '[' && end && !r->failed)
		begin_section(r, start, end);
	return line;
}

/* libinih goes on with a value where a line is indented and there was a key in this section; then
 * the value begins where the line does. */
static int take_line(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *r = ctx;
	const struct inifile_line line = {.number = r->line,
					  .key = key,
					  .value = value,
					  .continued = r->indented && r->any_key,
					  .comment = r->comment};
	struct err why;

	r->any_key = true;
	if (r->failed)
		return 0;
	if (!r->any_section)
		unexpected(r, "section", section, r->reader->sections);
	else if (r->reader->line(r->ctx, &line, &why) < 0)
		keep(r, &why);
	return !r->failed;
}

int inifile_read(FILE *file, const char *name, const struct inifile_reader *reader, void *ctx,
		 struct err *err)
{
	struct reading r = {.reader = reader, .ctx = ctx, .file = file};
	/* Syntax errors of libinih itself are only counted. */
	int line = ini_parse_stream(next_line, &r, take_line, &r);

	if (r.failed && (line == 0 || r.failed_line < line))
		line = r.failed_line;
	if (line == 0 && ferror(file))
		line = r.line + 1;
	if (line == 0)
		return 0;
	if (!r.failed || line != r.failed_line)
		return err_set(err, EXIT_USAGE, "%s:%d: neither a [section] nor \"key = value\"",
			       name, line);
	*err = r.why;
	return err_context(err, "%s:%d", name, line);
}
