/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV in and out; its reader (csvreader.c) is the one module that uses libcsv. Files here hold one
 * row per line, so reading goes on behind a damaged line, whatever is wrong with it, and appending
 * behind a torn one.
 *
 * What a spreadsheet or pandas makes of such a file is read as well: RFC 4180's CR LF and quotes,
 * a byte-order mark, columns in any order, more columns than are known (they are ignored), empty
 * fields behind the last column. Appended to is only what nothing but nestbench wrote.
 */
#ifndef NB_CSVFILE_H
#define NB_CSVFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

/* What was wrong with a file that was read: never fatal, never silent. */
enum { DAMAGE_NOTED = 5, DAMAGE_TEXT = 256 };

struct damage {
	uint64_t count; /* lines that were left out */
	bool torn;	/* the last of them ends without a newline: a crash or a full disk */
	/* The first few, min(count, DAMAGE_NOTED): "samples.csv:7: ops: …"; printable ASCII only.
	 */
	char text[DAMAGE_NOTED][DAMAGE_TEXT];
};

void damage_note(struct damage *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends a line that says how much of the files in dir was left out, and what came first; nothing
 * when nothing was. */
void damage_format(const char *dir, const struct damage *d, struct buf *out);

/* Copies text, each byte that is not printable ASCII as '?', cut to size. Returns out, which may
 * be text. */
const char *csv_printable(const char *text, char *out, size_t size);

/* Appends one field to a line, quoted where it has to be. No comma, no newline. */
void csv_add_field(struct buf *line, const char *text);

/* A number with ten digits; nothing for NaN. */
void csv_add_double(struct buf *line, double x);

/* Likewise, a text with the comma behind it, and a number with the one before it. */
void csv_begin_field(struct buf *line, const char *text);
void csv_next_double(struct buf *line, double x);

/*
 * A file that is appended to, line by line. csv_append_check only looks: 1 when it has
 * its header, 0 when it is not there, or was cut off within the header, as by a kill at once,
 * EXIT_USAGE when it could not be appended to. csv_append_open returns a descriptor, or -1; it
 * writes the header into a new file, checks it in an old one and closes off a torn last line.
 * csv_append_line writes the text, which ends in a newline, by one write(2), and takes back what a
 * full disk left half.
 */
int csv_append_check(const char *path, const char *header, struct err *err);
int csv_append_open(const char *path, const char *header, struct err *err);
int csv_append_line(int fd, const char *path, const struct buf *line, struct err *err);

/* Such a file while a run appends to it. */
struct csv_writer {
	int fd; /* -1: closed */
	char *path;
	struct buf line; /* what is appended next */
};

#define CSV_WRITER_NONE                                                                            \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* Opens dir/name as csv_append_open. */
int csv_writer_open(struct csv_writer *w, const char *dir, const char *name, const char *header,
		    struct err *err);

/* Flushes to the disk (fdatasync) and closes. A writer that is not open is fine. */
int csv_writer_close(struct csv_writer *w, struct err *err);

/*
 * Reading. `field` is called for every field of a line that the header knows, from the left,
 * NUL-terminated, with its column in `header` counted from 0; -1 with an err says that it is wrong,
 * and then the line is noted as damaged. `row` is called behind a line whose fields were all taken,
 * with its number; -1 ends the reading with that err. A file that lacks a column, or has one twice,
 * is refused; one that has none of the columns that are in `header` and not in `old_header` may
 * lack those. With `any_header` that is noted as damage, and each line below must be as `header`
 * has it.
 */
struct csv_reader_ops {
	const char *header;
	const char *old_header; /* some of the same columns; NULL: there is no older form */
	bool any_header;
	int (*field)(void *ctx, size_t column, const char *text, struct err *err);
	int (*check)(void *ctx, struct err *err); /* NULL: nothing more to check */
	int (*row)(void *ctx, uint64_t line, struct err *err);
};

struct csv_reader;
struct csv_reader *csv_reader_new(const char *name, const struct csv_reader_ops *ops, void *ctx,
				  struct damage *damage, struct err *err);
int csv_reader_feed(struct csv_reader *r, const char *data, size_t len, struct err *err);
int csv_reader_finish(struct csv_reader *r, struct err *err);
void csv_reader_free(struct csv_reader *r); /* NULL is fine */

/* Reads a whole file. The name in what is said about lines is the last part of the path. */
int csv_read_file(const char *path, const struct csv_reader_ops *ops, void *ctx,
		  struct damage *damage, struct err *err);

#endif
