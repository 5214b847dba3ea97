/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a tree to files: what the tree needs, and its copy in a directory that mke2fs reads. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/file.h"

enum { BLOCK = 4096 };

/* A full disk is the machine's fault, not a bug. */
static int write_error(struct err *err, const char *path)
{
	enum exit_code code =
		errno == ENOSPC || errno == EDQUOT || errno == EROFS ? EXIT_MACHINE : EXIT_INTERNAL;

	return err_errno(err, code, "cannot write %s", path);
}

int write_sparse(const char *path, const void *data, size_t len, struct err *err)
{
	static const char zero[BLOCK];
	const char *bytes = data;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), failed;

	if (fd < 0)
		return write_error(err, path);
	/* QEMU may run as another user, whatever our umask is. */
	failed = ftruncate(fd, (off_t)len) < 0 || fchmod(fd, 0644) < 0;
	for (size_t at = 0; at < len && !failed; at += BLOCK) {
		size_t part = len - at < BLOCK ? len - at : BLOCK;

		if (memcmp(bytes + at, zero, part) == 0)
			continue;
		failed = lseek(fd, (off_t)at, SEEK_SET) < 0 ||
			 file_write_all(fd, bytes + at, part) < 0;
	}
	if (failed)
		write_error(err, path);
	close(fd);
	return failed ? -1 : 0;
}

/* How many blocks of a file are not holes. */
static int count_blocks(const char *path, uint64_t *blocks, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END), data = 0, hole;

	if (end < 0) {
		err_errno(err, EXIT_MACHINE, "cannot look at %s, which belongs into the image",
			  path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (data < end && (data = lseek(fd, data, SEEK_DATA)) >= 0) {
		hole = lseek(fd, data, SEEK_HOLE);
		*blocks += (uint64_t)(hole - data + BLOCK - 1) / BLOCK;
		data = hole;
	}
	close(fd);
	return 0;
}

int tree_blocks(const struct tree *t, uint64_t *blocks, struct err *err)
{
	*blocks = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct tree_entry *e = &t->entry[i];

		if (e->kind == TREE_FILE && count_blocks(e->from, blocks, err) < 0)
			return -1;
		/* A directory takes a block; so do a text and a long link. */
		if (e->kind != TREE_FILE)
			*blocks += 1;
	}
	*blocks += t->count / 50; /* a name takes about 40 bytes in its directory */
	return 0;
}

static int copy_bytes(int in, int out, char *chunk, size_t size)
{
	ssize_t got;

	/* Faster, and keeps holes; not every file system can. */
	while ((got = copy_file_range(in, NULL, out, NULL, 1 << 30, 0)) > 0)
		;
	if (got == 0)
		return 0;
	while ((got = read(in, chunk, size)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || file_write_all(out, chunk, (size_t)got) < 0)
			return -1;
	}
	return 0;
}

static int copy_file(const char *from, int dir, const char *path, mode_t mode, struct err *err)
{
	static char chunk[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out, failed;

	if (in < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open %s, which belongs into the image",
				 from);
	out = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	failed = out < 0 || copy_bytes(in, out, chunk, sizeof(chunk)) < 0 || fchmod(out, mode) < 0;
	if (failed)
		write_error(err, path);
	close(in);
	if (out >= 0)
		close(out);
	return failed ? -1 : 0;
}

static int write_text(int dir, const struct tree_entry *e, struct err *err)
{
	int fd = openat(dir, e->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int failed = fd < 0 || file_write_all(fd, e->from, strlen(e->from)) < 0 ||
		     fchmod(fd, e->mode) < 0;

	if (failed)
		write_error(err, e->path);
	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

static int write_entry(int dir, const struct tree_entry *e, struct err *err)
{
	switch (e->kind) {
	case TREE_DIR:
		if (mkdirat(dir, e->path, e->mode) < 0 || fchmodat(dir, e->path, e->mode, 0) < 0)
			return write_error(err, e->path);
		return 0;
	case TREE_FILE:
		return copy_file(e->from, dir, e->path, e->mode, err);
	case TREE_TEXT:
		return write_text(dir, e, err);
	case TREE_LINK:
		return symlinkat(e->from, dir, e->path) < 0 ? write_error(err, e->path) : 0;
	}
	return err_set(err, EXIT_INTERNAL, "%s is of an unknown kind", e->path);
}

int tree_write(const struct tree *t, const char *dir, struct err *err)
{
	const struct timespec times[2] = {{.tv_sec = IMAGE_TIME}, {.tv_sec = IMAGE_TIME}};
	int fd, result = 0;

	if (t->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot open %s", dir);
	for (size_t i = 0; i < t->count && result == 0; i++)
		result = write_entry(fd, &t->entry[i], err);
	/* Backwards: what is written into a directory changes its time. */
	for (size_t i = t->count; i-- > 0 && result == 0;)
		if (utimensat(fd, t->entry[i].path, times, AT_SYMLINK_NOFOLLOW) < 0)
			result = write_error(err, t->entry[i].path);
	if (result == 0)
		futimens(fd, times);
	close(fd);
	return result;
}
