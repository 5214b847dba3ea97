/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small files: /proc and /sys entries, manifests, scripts.
 */
#ifndef NB_FILE_H
#define NB_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sha256.h"

/* Appends the content of path to *out. More than limit bytes is an error, as is anything
 * unreadable. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *err);

/*
 * The first line of a small file without its newline, cut to size; "" when the file cannot be read.
 * Returns whether it could be read. Meant for /proc and /sys, where absence is an answer.
 */
bool file_first_line(const char *path, char *line, size_t size);

/* Writes all of it to a descriptor, which may be a non-blocking one. -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/*
 * Writes text beside path, then renames it over path, so that path is always whole, whoever else
 * writes it. Mode 0644 less the umask; a file that is there keeps its owner and mode. A symbolic
 * link stays, and what it leads to is written. Written directly: what is no regular file (a device,
 * a pipe that somebody reads), a file whose owner we could not keep, and what stdout or stderr
 * already goes to (/dev/stdout). EXIT_USAGE when nothing can be written there at all.
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
 * somebody still writes (the child of a program that was killed) it is tried again, for 2 s.
 */
int file_remove_tree(const char *path, struct err *err);

#endif
