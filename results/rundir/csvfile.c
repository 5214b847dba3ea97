/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/csvfile.h"

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

#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/rundir.h"

void damage_format(const char *dir, const struct damage *d, struct buf *out)
{
	char place[RUNDIR_PATH];

	if (d->count)
		buf_addf(out, "%s: %" PRIu64 " damaged line%s left out, the first: %s\n",
			 printable(str_copy(place, sizeof(place), dir)), d->count,
			 d->count == 1 ? "" : "s", d->text[0]);
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
	size_t len = strlen(text);

	if (len == 0)
		return;
	if (!strpbrk(text, ",\"\r\n") && text[0] != ' ' && text[len - 1] != ' ') {
		buf_add(line, text, len);
		return;
	}
	buf_addstr(line, "\"");
	for (; *text; text++)
		buf_add(line, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buf_addstr(line, "\"");
}

void csv_add_double(struct buf *line, double x)
{
	if (!isnan(x))
		buf_addf(line, "%.10g", x);
}

void csv_begin_field(struct buf *line, const char *text)
{
	csv_add_field(line, text);
	buf_addstr(line, ",");
}

void csv_next_double(struct buf *line, double x)
{
	buf_addstr(line, ",");
	csv_add_double(line, x);
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

/* Somebody else wrote the file: what of theirs differs from the header, and where? */
static int changed_by_others(const char *path, const char *found, const char *header,
			     struct err *err)
{
	size_t at = 0, column = 1;

	for (; found[at] && found[at] == header[at]; at++)
		column += header[at] == ',';
	return err_set(err, EXIT_USAGE,
		       "%s was written by another program, so nothing is added to it: byte %zu of "
		       "its header, in column %zu, is \\x%02x instead of \\x%02x; put the original "
		       "back, or measure anew with `nestbench rerun`",
		       path, at + 1, column, (unsigned char)found[at],
		       header[at] ? (unsigned char)header[at] : '\n');
}

/*
 * Whether the file starts with the header line: 1 yes, 0 it is empty or holds only a part of the
 * header, -1 it holds something else or cannot be read.
 */
static int check_header(int fd, const char *path, const char *header, off_t size, struct err *err)
{
	char start[1024] = {0};
	size_t len = strlen(header), want = (size_t)size < len + 1 ? (size_t)size : len + 1;
	ssize_t got = pread(fd, start, want, 0);

	if (got < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	if (size <= (off_t)len && strncmp(start, header, (size_t)got) == 0)
		return 0;
	if ((size_t)got == len + 1 && start[len] == '\n' && strncmp(start, header, len) == 0)
		return 1;
	return changed_by_others(path, start, header, err);
}

int csv_append_check(const char *path, const char *header, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		rc = err_errno(err, EXIT_USAGE, "cannot open %s", path);
	else
		rc = check_header(fd, path, header, st.st_size, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Makes sure that the next line starts on a line of its own. */
static int close_off_torn_line(int fd, const char *path, off_t size, struct err *err)
{
	char last;
	ssize_t got = pread(fd, &last, 1, size - 1);

	if (got < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	if (got == 0)
		return err_set(err, EXIT_INTERNAL, "%s was cut while it was opened", path);
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

int csv_writer_open(struct csv_writer *w, const char *dir, const char *name, const char *header,
		    struct err *err)
{
	char path[RUNDIR_PATH];

	*w = (struct csv_writer)CSV_WRITER_NONE;
	if (rundir_path(dir, name, path, err) < 0)
		return -1;
	w->path = strdup(path);
	if (!w->path)
		return err_set(err, EXIT_INTERNAL, "out of memory while opening %s", path);
	w->fd = csv_append_open(path, header, err);
	if (w->fd >= 0)
		return 0;
	free(w->path);
	w->path = NULL;
	return -1;
}

int csv_writer_close(struct csv_writer *w, struct err *err)
{
	int rc = 0;

	if (w->fd >= 0) {
		if (fdatasync(w->fd) < 0)
			rc = err_errno(err, EXIT_INTERNAL, "cannot flush %s to the disk", w->path);
		if (close(w->fd) < 0 && rc == 0)
			rc = err_errno(err, EXIT_INTERNAL, "cannot close %s", w->path);
	}
	free(w->path);
	buf_release(&w->line);
	*w = (struct csv_writer)CSV_WRITER_NONE;
	return rc;
}
