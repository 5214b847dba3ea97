/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how many bytes of the scratch can really be written in this layer: all of it is written
 * past the page cache, flushed, and read back in places; a lost word is a failure. A
 * thin-provisioned disk says how large it is, not how much of it is backed. The point where it
 * refuses is found to a MiB. The data are those of scratch_fill(), so that the readers' half is
 * unchanged afterwards, and the writers' half as good as new. Where the environment sets a limit
 * (touch_limit), only that much is written as proof, spread over the whole disk; the note says so.
 *
 * Not measured: how fast (io.seqwrite does).
 *
 * Source: the figure is that of blockdev --getsize64; the proof is that of f3write.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/parse.h"
#include "workloads/capacity/capacity.h"
#include "workloads/lib/scratch.h"

enum { CHUNK = 1 << 20 };

struct state {
	uint64_t found;
	int fd; /* 0: none */
	uint64_t *chunk;
	uint64_t size, step; /* distance between the chunks that are written */
	uint64_t written;    /* in the last batch */
	char note[96];
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return scratch_probe(env, O_RDWR | O_DIRECT, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct scratch scratch;
	uint64_t chunks;
	void *chunk;

	if (scratch_open(env, O_RDWR | O_DIRECT, &scratch, err) < 0)
		return -1;
	s->fd = scratch.fd;
	if (posix_memalign(&chunk, SCRATCH_BLOCK, CHUNK) != 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->chunk = chunk;
	/* Measured once and alone: the whole disk may be used. */
	s->size = scratch.write_start + scratch.room;
	chunks = env->touch_limit / CHUNK;
	s->step = CHUNK;
	if (env->touch_limit && chunks * CHUNK < s->size)
		s->step = s->size / (chunks ? chunks : 1) / CHUNK * CHUNK + CHUNK;
	return 0;
}

static uint64_t length_at(const struct state *s, uint64_t at)
{
	return s->size - at < CHUNK ? s->size - at : CHUNK;
}

/* Writes until the disk refuses. */
static int write_all(struct state *s, struct err *err)
{
	uint64_t at;

	for (at = 0; at < s->size; at += s->step) {
		uint64_t len = length_at(s, at);

		for (uint64_t i = 0; i < len / 8; i++)
			s->chunk[i] = scratch_word(at / 8 + i);
		errno = ENOSPC; /* of a short write */
		if (pwrite(s->fd, s->chunk, len, (off_t)at) != (ssize_t)len)
			break;
		s->written += len;
		s->found = at + len;
	}
	if (s->found == 0)
		return err_errno(err, EXIT_MACHINE, "nothing can be written to the scratch");
	if (at >= s->size)
		s->found = s->size;
	if (fdatasync(s->fd) < 0)
		return err_errno(err, EXIT_MACHINE,
				 "the scratch took %" PRIu64 " bytes but did not keep them",
				 s->found);
	return 0;
}

/* Checks one block of each chunk. A block that cannot be read is wrong. */
static int read_back(struct state *s, struct err *err)
{
	uint64_t bad = 0, seen = 0;

	for (uint64_t at = 0; at < s->found; at += s->step) {
		uint64_t len = length_at(s, at),
			 block = at + (len - 1) / SCRATCH_BLOCK * SCRATCH_BLOCK;
		bool read = pread(s->fd, s->chunk, SCRATCH_BLOCK, (off_t)block) == SCRATCH_BLOCK;

		for (uint64_t i = 0; i < SCRATCH_BLOCK / 8; i++)
			bad += !read || s->chunk[i] != scratch_word(block / 8 + i);
		seen += SCRATCH_BLOCK / 8;
	}
	return bad == 0 ? 0
			: err_set(err, EXIT_MACHINE,
				  "%" PRIu64 " of %" PRIu64 " words of the scratch read back wrong",
				  bad, seen);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		s->found = s->written = 0;
		if (write_all(s, err) < 0 || read_back(s, err) < 0)
			return -1;
	}
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	close_fd(&s->fd);
	free(s->chunk);
	s->chunk = NULL;
}

static const char *note(const void *state)
{
	struct state *s = (struct state *)(uintptr_t)state;
	char size[SIZE_TEXT];

	if (s->written == s->found)
		return "written";
	snprintf(s->note, sizeof(s->note), "%s of it written", format_size(s->written, size));
	return s->note;
}

const struct workload workload_capacity_disk = {
	.name = "capacity.disk",
	.summary = "bytes of the scratch disk that can really be written",
	.op = "one search: the scratch written from its start, flushed, and read back in places",
	.source = "blockdev --getsize64, proved by writing as f3write does",
	CAPACITY,
	.needs = NEEDS_SCRATCH,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.teardown = teardown,
	.unit = SAMPLE_BYTES,
	.note = note,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
};
