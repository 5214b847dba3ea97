/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the latency of small reads: 4 KiB at random block offsets of the lower half of the
 * scratch, one at a time (queue depth 1), past this layer's page cache (O_DIRECT). Each read is a
 * request to the device and, in a VM, at least one exit to ring its doorbell and one interrupt
 * back. The caches of the layers above are not passed by: they depend on how the disk was handed
 * down (cache=none). Every sector is compared with what scratch_fill() wrote there. Not measured:
 * bandwidth, queues.
 *
 * Source: fio --rw=randread --bs=4k --direct=1 --iodepth=1 --ioengine=psync; DVH (ASPLOS 2020)
 * table 3, device notify: 4,984 cycles in L1, 48,390 in L2.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/base/parse.h"
#include "workloads/scratch.h"
#include "workloads/workload.h"

enum { SECTOR = 512 };

struct state {
	int fd; /* one more than the descriptor, so that zeroed state means none */
	uint64_t *block;
	uint64_t blocks, seed, done, sum;
};

enum { SIZE };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 64 << 20,
		  .min = SCRATCH_BLOCK,
		  .max = UINT64_C(1) << 40,
		  .help = "the part of the scratch that is read, from its start; at most half of "
			  "it"},
	{0},
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	char want[SIZE_TEXT], got[SIZE_TEXT];
	uint64_t size;
	void *block = NULL;
	int fd, bad = 0;

	if (scratch_open(env, O_RDONLY | O_DIRECT, &fd, &size, err) < 0)
		return -1;
	if (arg[SIZE] > scratch_half(size))
		bad = err_set(err, EXIT_MACHINE,
			      "the scratch %s has %s, but reading %s takes twice that",
			      env->scratch, format_size(size, got), format_size(arg[SIZE], want));
	else if (posix_memalign(&block, SCRATCH_BLOCK, SCRATCH_BLOCK) != 0)
		bad = err_set(err, EXIT_INTERNAL, "out of memory");
	else if (pread(fd, block, SCRATCH_BLOCK, 0) != SCRATCH_BLOCK)
		bad = err_errno(err, EXIT_MACHINE,
				"cannot read 4 KiB with O_DIRECT from the scratch %s",
				env->scratch);
	free(block);
	close(fd);
	return bad;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t size;
	void *block;
	int fd;

	if (scratch_open(env, O_RDONLY | O_DIRECT, &fd, &size, err) < 0)
		return -1;
	s->fd = fd + 1;
	if (posix_memalign(&block, SCRATCH_BLOCK, SCRATCH_BLOCK) != 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->block = block;
	s->blocks = arg[SIZE] / SCRATCH_BLOCK;
	s->seed = mix64(env->seed);
	return 0;
}

/* One word of each sector: a device may mix up sectors, but not less. */
static int check_block(struct state *s, uint64_t offset, struct err *err)
{
	for (uint64_t i = 0; i < SCRATCH_BLOCK / 8; i += SECTOR / 8) {
		if (s->block[i] != scratch_word(offset / 8 + i))
			return err_set(err, EXIT_MACHINE,
				       "the scratch holds wrong data at byte %" PRIu64
				       ": it was overwritten, or not filled by nestbench",
				       offset + 8 * i);
		s->sum = (s->sum << 1 | s->sum >> 63) ^ s->block[i];
	}
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t offset = mix64(s->seed + s->done++) % s->blocks * SCRATCH_BLOCK;
		ssize_t got = pread(s->fd - 1, s->block, SCRATCH_BLOCK, (off_t)offset);

		if (got < 0)
			return err_errno(err, EXIT_MACHINE,
					 "cannot read the scratch at byte %" PRIu64, offset);
		if (got != SCRATCH_BLOCK)
			return err_set(err, EXIT_MACHINE,
				       "the scratch ends at byte %" PRIu64 " while it is read",
				       offset);
		if (check_block(s, offset, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->sum ^ s->done);
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->fd)
		close(s->fd - 1);
	free(s->block);
	s->fd = 0;
	s->block = NULL;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	(void)arg;
	return SCRATCH_BLOCK;
}

const struct workload workload_io_randread = {
	.name = "io.randread",
	.summary = "random 4 KiB reads past the page cache",
	.op = "one pread of 4 KiB with O_DIRECT",
	.source = "fio randread, 4k, direct, queue depth 1",
	.class = CLASS_IO,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.known_params = "size=512KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x50b0f040a87292ef),
};
