/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/csvtail.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

static int begin_reader(struct csv_tail *t, struct err *err)
{
	csv_reader_free(t->csv);
	t->offset = 0;
	t->csv = csv_reader_new(file_name(t->path), t->ops, t->ctx, &t->damage, err);
	return t->csv ? 0 : -1;
}

/* Reads up to len bytes from the offset on. Returns how many, or -1. */
static ssize_t feed(struct csv_tail *t, size_t len, struct err *err)
{
	char chunk[16384];
	ssize_t got = pread(t->fd, chunk, len < sizeof(chunk) ? len : sizeof(chunk), t->offset);

	if (got < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", t->path);
	if (got > 0 && csv_reader_feed(t->csv, chunk, (size_t)got, err) < 0)
		return -1;
	t->offset += got;
	return got;
}

/* The header, and where this is the first look the lines behind it. */
static int feed_head(struct csv_tail *t, bool first, struct err *err)
{
	char text[16384];
	ssize_t got = pread(t->fd, text, sizeof(text), 0);
	const char *end = NULL;
	int rc;

	if (got > 0)
		end = first ? memrchr(text, '\n', (size_t)got) : memchr(text, '\n', (size_t)got);
	t->head = true;
	rc = end ? csv_reader_feed(t->csv, text, (size_t)(end - text) + 1, err) : 0;
	t->head = false;
	return rc;
}

/* Where the first line behind an offset begins. */
static off_t next_line(const struct csv_tail *t, off_t from)
{
	char text[16384];
	ssize_t got = pread(t->fd, text, sizeof(text), from);
	const char *end = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;

	return end ? from + (end - text) + 1 : from + (got > 0 ? got : 0);
}

/* Goes on at the last part of a file of this size, on a whole line. */
static int skip_to_tail(struct csv_tail *t, off_t size, struct err *err)
{
	bool first = t->offset == 0;

	if (begin_reader(t, err) < 0 || feed_head(t, first, err) < 0)
		return -1;
	t->offset = next_line(t, size - CSV_TAIL_MAX);
	return 0;
}

static void open_file(struct csv_tail *t)
{
	if (t->fd < 0)
		t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int csv_tail_look(struct csv_tail *t, struct err *err)
{
	struct stat st;
	ssize_t got = 1;

	open_file(t);
	if (t->fd < 0 || fstat(t->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_size < t->offset) {
		t->cut = true;
		if (begin_reader(t, err) < 0)
			return -1;
	}
	if (st.st_size - t->offset > CSV_TAIL_MAX && skip_to_tail(t, st.st_size, err) < 0)
		return -1;
	while (got > 0 && t->offset < st.st_size)
		got = feed(t, (size_t)(st.st_size - t->offset), err);
	return got < 0 ? -1 : 0;
}

int csv_tail_open(struct csv_tail *t, const char *path, const struct csv_reader_ops *ops, void *ctx,
		  struct err *err)
{
	*t = (struct csv_tail){.path = path, .ops = ops, .ctx = ctx, .fd = -1};
	return begin_reader(t, err);
}

void csv_tail_close(struct csv_tail *t)
{
	csv_reader_free(t->csv);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct csv_tail){.fd = -1};
}
