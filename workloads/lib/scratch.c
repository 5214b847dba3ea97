/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/parse.h"

enum { CHUNK = 1 << 20 };

static int check_kind(const struct stat *st, const char *path, struct err *err)
{
	if (S_ISREG(st->st_mode) || S_ISBLK(st->st_mode))
		return 0;
	return err_set(err, EXIT_MACHINE, "the scratch %s is neither a file nor a block device",
		       path);
}

static int size_of(int fd, const char *path, uint64_t *size, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot examine the scratch %s", path);
	if (check_kind(&st, path, err) < 0)
		return -1;
	if (S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return 0;
	}
	if (ioctl(fd, BLKGETSIZE64, size) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot find the size of the scratch %s", path);
	return 0;
}

/* Finds our part of `size` bytes. -1 when it is too small. */
static int find_part(const struct workload_env *env, uint64_t size, struct scratch *s,
		     struct err *err)
{
	uint64_t parts = env->parts ? env->parts : 1;
	uint64_t bytes = size / parts / (2 * SCRATCH_BLOCK) * (2 * SCRATCH_BLOCK);
	char least[SIZE_TEXT];

	if (bytes < SCRATCH_MIN_BYTES && parts == 1)
		return err_set(err, EXIT_MACHINE,
			       "the scratch %s has %" PRIu64 " bytes, less than %s", env->scratch,
			       size, format_size(SCRATCH_MIN_BYTES, least));
	if (bytes < SCRATCH_MIN_BYTES)
		return err_set(err, EXIT_MACHINE,
			       "the scratch %s has %" PRIu64 " bytes, less than %" PRIu64
			       " times %s",
			       env->scratch, size, parts, format_size(SCRATCH_MIN_BYTES, least));
	s->room = bytes / 2;
	s->read_start = env->part * s->room;
	s->write_start = size / (2 * SCRATCH_BLOCK) * SCRATCH_BLOCK + s->read_start;
	return 0;
}

int scratch_open(const struct workload_env *env, int flags, struct scratch *s, struct err *err)
{
	uint64_t size;
	struct stat st;
	int opened;

	if (!env->scratch)
		return err_set(err, EXIT_MACHINE,
			       "this layer has no scratch disk (name a file with --scratch)");
	/* Checked before it is opened: opening a tape or a terminal may have effects. */
	if (stat(env->scratch, &st) == 0 && check_kind(&st, env->scratch, err) < 0)
		return -1;
	opened = open(env->scratch, flags | O_CLOEXEC);
	if (opened < 0 && errno == EINVAL && flags & O_DIRECT)
		return err_set(
			err, EXIT_MACHINE,
			"the file system of the scratch %s does not support O_DIRECT (put it on "
			"a disk)",
			env->scratch);
	if (opened < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open the scratch %s", env->scratch);
	if (size_of(opened, env->scratch, &size, err) < 0 || find_part(env, size, s, err) < 0) {
		close(opened);
		return -1;
	}
	s->fd = opened;
	return 0;
}

int scratch_probe(const struct workload_env *env, int flags, struct err *err)
{
	struct scratch s;

	if (scratch_open(env, flags, &s, err) < 0)
		return -1;
	close(s.fd);
	return 0;
}

uint64_t scratch_block_per_op(const uint64_t *arg)
{
	return SCRATCH_BLOCK;
}

static int write_words(int fd, uint64_t bytes)
{
	uint64_t *chunk = malloc(CHUNK);
	int failed = !chunk;

	for (uint64_t at = 0; at < bytes && !failed; at += CHUNK) {
		uint64_t len = bytes - at < CHUNK ? bytes - at : CHUNK;

		for (uint64_t i = 0; i < len / 8; i++)
			chunk[i] = scratch_word(at / 8 + i);
		failed = file_write_all(fd, chunk, len) < 0;
	}
	free(chunk);
	return failed ? -1 : 0;
}

/* Sets the size of a file; a device must have it. */
static int reserve(int fd, const char *path, uint64_t bytes, struct err *err)
{
	char want[SIZE_TEXT], got[SIZE_TEXT];
	uint64_t size;
	struct stat st;

	if (size_of(fd, path, &size, err) < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		/* Where blocks cannot be reserved, every byte is written. */
		if (ftruncate(fd, (off_t)bytes) == 0 &&
		    (fallocate(fd, 0, 0, (off_t)bytes) == 0 || errno == EOPNOTSUPP))
			return 0;
		return err_errno(err, EXIT_MACHINE, "cannot reserve %s for the scratch %s",
				 format_size(bytes, want), path);
	}
	if (size < bytes)
		return err_set(err, EXIT_USAGE, "the scratch %s has %s, but %s were asked for",
			       path, format_size(size, got), format_size(bytes, want));
	return 0;
}

int scratch_fill(const char *path, uint64_t bytes, struct err *err)
{
	bool created = true;
	int fd;

	if (bytes < SCRATCH_MIN_BYTES || bytes % (2 * SCRATCH_BLOCK))
		return err_set(err, EXIT_USAGE,
			       "a scratch of %" PRIu64
			       " bytes cannot be made: it takes a multiple of "
			       "8KiB, and 1MiB at least",
			       bytes);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST) {
		created = false;
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(err, EXIT_USAGE, "cannot open %s to make the scratch", path);
	if (reserve(fd, path, bytes, err) < 0)
		goto bad;
	if (write_words(fd, bytes) < 0 || fsync(fd) < 0) {
		err_errno(err, EXIT_MACHINE, "cannot fill the scratch %s", path);
		goto bad;
	}
	close(fd);
	return 0;
bad:
	close(fd);
	if (created)
		unlink(path);
	return -1;
}
