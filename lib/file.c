/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
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

int file_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
	char chunk[16384];
	size_t start = out->len;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, EXIT_USAGE, "cannot open %s", path);
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

bool file_first_line(const char *path, char *line, size_t size)
{
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	line[0] = '\0';
	if (fd < 0)
		return false;
	got = read_some(fd, line, size - 1);
	close(fd);
	if (got < 0)
		return false;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
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
	(void)st;
	(void)type;
	(void)ftw;
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
