/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small files: /proc and /sys entries, manifests, scripts.
 */
#ifndef NB_FILE_H
#define NB_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "bench/base/sha256.h"

/* Appends the content of path to *out. More than limit bytes is an error, as is anything
 * unreadable. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *err);

/*
 * The first line of a small file without its newline, cut to size; "" when the file cannot be read.
 * Returns whether it could be read. Meant for /proc and /sys, where absence is an answer.
 */
bool file_first_line(const char *path, char *line, size_t size);

/* Writes all of it to a descriptor. -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/* Writes text beside path, then renames it over path, so that path is always whole. Mode 0644.
 * EXIT_USAGE when nothing can be written there at all. */
int file_write_whole(const char *path, const void *data, size_t len, struct err *err);

/* The same with mode 0600, at every moment: for what may hold secrets, as command lines do. */
int file_write_private(const char *path, const void *data, size_t len, struct err *err);

/* SHA-256 of a file as 64 hexadecimal digits. */
int file_sha256(const char *path, char hex[SHA256_HEX], struct err *err);

/* Makes path and its missing parents (mode 0755); an existing directory is fine. */
int file_make_dirs(const char *path, struct err *err);

/*
 * Removes a directory tree, or a file; what does not exist is fine. Never follows a link. Where
 * somebody still writes (the child of a program that was killed) it is tried again, for 2 s.
 */
int file_remove_tree(const char *path, struct err *err);

#endif
