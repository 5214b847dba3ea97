/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small files: /proc and /sys entries, manifests, scripts.
 */
#ifndef NB_FILE_H
#define NB_FILE_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sha256.h"

/* Appends the content of path to *out. More than limit bytes is an error, as is anything
 * unreadable. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *err);

/*
 * Entries of /proc and /sys, where absence is an answer: fmt makes the path, and false says that
 * there is no such file, or nothing of that form in it.
 */
/* The first line without its newline, cut to size; "" when the file cannot be read. */
bool file_line(char *line, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The whole decimal number that the file begins with. */
bool file_number(uint64_t *number, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Replaces what text holds by the whole file, of at most 16 MiB; by nothing when that fails. */
bool file_text(struct buf *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Writes text, in one call. False with errno. */
bool file_put(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool file_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The names in a directory, without hidden ones. NULL where it cannot be read, which then has no
 * names and needs no closing. A name is valid until the next one is asked for.
 */
DIR *file_dir(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *file_dir_next(DIR *dir);
void file_dir_close(DIR *dir);

/* Writes all of it to a descriptor, which may be a non-blocking one. -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/*
 * Writes text beside path, then renames it over path, so that path is always whole, also with
 * several writers. Mode 0644 less the umask; a file that is there keeps its owner and mode. A
 * symbolic link stays, and what it leads to is written. Written directly: what is no regular file
 * (a device, a pipe that has a reader), a file whose owner we could not keep, and what stdout or
 * stderr already goes to (/dev/stdout). EXIT_USAGE when nothing can be written there at all.
 */
int file_write_whole(const char *path, const void *data, size_t len, struct err *err);

/* The same with mode 0600, at every moment: for what may hold secrets, as command lines do. */
int file_write_private(const char *path, const void *data, size_t len, struct err *err);

/* Makes an empty file of mode 0600 beside path, for a program that writes what is to become path.
 * Its name, like those of the functions above until they are done, ends in FILE_ASIDE. */
#define FILE_ASIDE ".new"
int file_beside(const char *path, char aside[PATH_MAX], struct err *err);

/* SHA-256 of a file as 64 hexadecimal digits. */
int file_sha256(const char *path, char hex[SHA256_HEX], struct err *err);

/* The last part of a path; the whole where that would be empty. Borrowed. */
const char *file_name(const char *path);

/* Makes path and its missing parents (mode 0755); an existing directory is fine. */
int file_make_dirs(const char *path, struct err *err);

/*
 * Removes a directory tree, or a file; what does not exist is fine. Never follows a link. Where
 * another process still writes (the child of a program that was killed) it is tried again, for 2 s.
 */
int file_remove_tree(const char *path, struct err *err);

#endif
