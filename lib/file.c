/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads into chunk; interrupted calls are repeated. */
static ssize_t read_some(int fd, void *chunk, size_t size)
{
	ssize_t got;

	do
		got = read(fd, chunk, size);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Closes fd. path names it in errors. */
static int read_all(int fd, const char *path, size_t limit, struct buf *out, struct err *err)
{
	char chunk[16384];
	size_t start = out->len;
	ssize_t got;

	while ((got = read_some(fd, chunk, sizeof(chunk))) > 0 && out->len - start <= limit)
		buf_add(out, chunk, (size_t)got);
	if (got < 0)
		err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	close(fd);
	if (got < 0)
		return -1;
	if (out->len - start > limit)
		return err_set(err, EXIT_USAGE, "%s is larger than the %zu bytes allowed for it",
			       path, limit);
	return buf_check(out, err);
}

int file_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, EXIT_USAGE, "cannot open %s", path)
		      : read_all(fd, path, limit, out, err);
}

/* Opens what fmt names for reading; -1 when that cannot be. */
static int __attribute__((format(printf, 1, 0))) open_named(const char *fmt, va_list ap, int flags)
{
	char path[PATH_MAX];

	if ((size_t)vsnprintf(path, sizeof(path), fmt, ap) >= sizeof(path))
		return -1;
	return open(path, flags | O_CLOEXEC);
}

static bool read_line(int fd, char *line, size_t size)
{
	ssize_t got = fd < 0 ? -1 : read_some(fd, line, size - 1);

	if (fd >= 0)
		close(fd);
	line[got < 0 ? 0 : got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return got >= 0;
}

bool file_line(char *line, size_t size, const char *fmt, ...)
{
	va_list ap;
	int fd;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_RDONLY);
	va_end(ap);
	return read_line(fd, line, size);
}

bool file_number(uint64_t *number, const char *fmt, ...)
{
	char line[32];
	va_list ap;
	int fd;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_RDONLY);
	va_end(ap);
	return read_line(fd, line, sizeof(line)) && sscanf(line, "%" SCNu64, number) == 1;
}

bool file_text(struct buf *text, const char *fmt, ...)
{
	enum { LIMIT = 16 << 20 };
	struct err ignored;
	va_list ap;
	int fd;
	bool done;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_RDONLY);
	va_end(ap);
	buf_clear(text);
	done = fd >= 0 && read_all(fd, fmt, LIMIT, text, &ignored) == 0;
	if (!done)
		buf_clear(text);
	return done;
}

bool file_put(const char *text, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list ap;
	bool done;
	int fd;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_WRONLY | O_TRUNC);
	va_end(ap);
	done = fd >= 0 && write(fd, text, len) == (ssize_t)len;
	if (fd >= 0)
		close(fd);
	return done;
}

bool file_exists(const char *fmt, ...)
{
	va_list ap;
	int fd;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_PATH);
	va_end(ap);
	return fd >= 0 && close(fd) == 0;
}

DIR *file_dir(const char *fmt, ...)
{
	DIR *dir;
	va_list ap;
	int fd;

	va_start(ap, fmt);
	fd = open_named(fmt, ap, O_RDONLY | O_DIRECTORY);
	va_end(ap);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

const char *file_dir_next(DIR *dir)
{
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			return entry->d_name;
	return NULL;
}

void file_dir_close(DIR *dir)
{
	if (dir)
		closedir(dir);
}

/* Behind a write that failed: whether it may be tried again, once there is room. */
static int wait_to_write(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (errno != EINTR && errno != EAGAIN)
		return -1;
	poll(&p, 1, -1);
	return 0;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t put = write(fd, at, len);

		if (put > 0) {
			at += put;
			len -= (size_t)put;
		} else if (put == 0) {
			errno = EIO;
			return -1;
		} else if (wait_to_write(fd) < 0) {
			return -1;
		}
	}
	return 0;
}

int file_sha256(const char *path, char hex[SHA256_HEX], struct err *err)
{
	static char chunk[65536];
	struct sha256 s;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot open %s", path);
	sha256_init(&s);
	while ((got = read_some(fd, chunk, sizeof(chunk))) > 0)
		sha256_add(&s, chunk, (size_t)got);
	if (got < 0)
		err_errno(err, EXIT_INTERNAL, "cannot read %s", path);
	close(fd);
	if (got < 0)
		return -1;
	sha256_hex(&s, hex);
	return 0;
}

const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

int file_make_dirs(const char *path, struct err *err)
{
	char part[4096];
	struct stat st;

	if (path[0] == '\0' || (size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return err_set(err, EXIT_USAGE, "\"%.100s\" cannot be the name of a directory",
			       path);
	for (char *slash = part + 1;; slash++) {
		char c = *slash;

		if (c != '/' && c != '\0')
			continue;
		*slash = '\0';
		if (mkdir(part, 0755) < 0 &&
		    (errno != EEXIST || stat(part, &st) < 0 || !S_ISDIR(st.st_mode)))
			return err_errno(err, EXIT_USAGE, "cannot make the directory %s", part);
		if (c == '\0')
			return 0;
		*slash = c;
	}
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int file_remove_tree(const char *path, struct err *err)
{
	enum { TRIES = 200 };
	struct stat st;

	for (int i = 0; lstat(path, &st) == 0 || errno != ENOENT; i++) {
		if (nftw(path, remove_entry, 1, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0)
			return 0;
		if (i == TRIES || (errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST))
			return err_errno(err, EXIT_INTERNAL, "cannot remove %s", path);
		usleep(10000);
	}
	return 0;
}
