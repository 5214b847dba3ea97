/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what a database pays for a commit: 4 KiB are appended to a log, and fdatasync waits
 * until the device has them. The log is the upper half of the scratch, preallocated and filled, so
 * no file-system metadata changes; at its end it wraps around. Each operation is a write and a
 * flush: at least two requests to the device, each with its exits, in every layer down to the disk,
 * where the real flush often hides the rest. It uses pwrite and fdatasync, as databases do, and not
 * io_uring: the flush waits for the write, so there is nothing to queue. With threads=N each has a
 * log of its own. Not measured: growing files, several writers of one file.
 *
 * Source: fio --rw=write --bs=4k --fdatasync=1; pg_test_fsync "fdatasync".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "workloads/lib/scratch.h"
#include "workloads/lib/state.h"

enum { SECTOR = 512 };

struct state {
	struct tally tally;
	int fd; /* 0: none */
	uint64_t start, end, position;
	uint64_t seed;
	uint64_t record[SCRATCH_BLOCK / 8];
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return scratch_probe(env, O_WRONLY, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct scratch scratch;

	if (scratch_open(env, O_WRONLY, &scratch, err) < 0)
		return -1;
	s->fd = scratch.fd;
	s->start = s->position = scratch.write_start;
	s->end = scratch.write_start + scratch.room;
	s->seed = mix64(env->seed);
	for (uint64_t i = 0; i < SCRATCH_BLOCK / 8; i++)
		s->record[i] = mix64(s->seed ^ i);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		ssize_t put;

		/* Every sector changes: no layer underneath can deduplicate the write. */
		for (uint64_t k = 0; k < SCRATCH_BLOCK / 8; k += SECTOR / 8) {
			s->record[k] = mix64(s->seed + s->tally.done * SCRATCH_BLOCK + k);
			s->tally.sum = (s->tally.sum << 1 | s->tally.sum >> 63) ^ s->record[k];
		}
		put = pwrite(s->fd, s->record, SCRATCH_BLOCK, (off_t)s->position);
		if (put < 0)
			return err_errno(err, EXIT_MACHINE,
					 "cannot write the scratch at byte %" PRIu64, s->position);
		if (put != SCRATCH_BLOCK)
			return err_set(err, EXIT_MACHINE,
				       "the scratch took %zd of 4096 bytes at byte %" PRIu64, put,
				       s->position);
		if (fdatasync(s->fd) < 0)
			return err_errno(err, EXIT_MACHINE, "fdatasync of the scratch failed");
		s->tally.done++;
		s->position += SCRATCH_BLOCK;
		if (s->position == s->end)
			s->position = s->start;
	}
	return 0;
}

static void teardown(void *state)
{
	close_fd(&((struct state *)state)->fd);
}

const struct workload workload_io_fsync = {
	.name = "io.fsync",
	.summary = "appending 4 KiB to a log and waiting for the disk",
	.op = "one pwrite of 4 KiB and one fdatasync",
	.source = "fio --rw=write --bs=4k --fdatasync=1; pg_test_fsync, fdatasync",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.needs = NEEDS_SCRATCH,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.bytes_per_op = scratch_block_per_op,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0xc2f7d3b5ef6551fa),
};
