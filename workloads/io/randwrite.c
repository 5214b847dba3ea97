/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the latency of small writes: 4 KiB at random block offsets of the upper half of the
 * scratch, one at a time, past this layer's page cache; with depth= the rate of many at once. The
 * device may keep the data in a cache of its own: waiting for the medium is what io.fsync measures.
 * With cache=buffered the price of handing small data to the page cache is measured.
 * Not measured: files that grow, overwriting what a file system must not lose.
 *
 * Source: fio --rw=randwrite --bs=4k --direct=1 --iodepth=1 --ioengine=io_uring.
 */
#include "workloads/io/uring_engine.h"

static const struct param params[] = URING_PARAMS(4 << 10);

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return uring_setup(state, (struct uring_plan){.write = true, .random = true}, env, arg,
			   err);
}

const struct workload workload_io_randwrite = {
	.name = "io.randwrite",
	.summary = "random writes through io_uring",
	.op = "one write of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=randwrite --bs=4k --direct=1 --iodepth=1",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY | SAMPLE_IOPS,
	.flags = WORKLOAD_THREADS,
	.needs = NEEDS_SCRATCH,
	.params = params,
	.state_size = sizeof(struct uring_state),
	.check = uring_check,
	.probe = uring_probe_write,
	.setup = setup,
	.run = uring_run,
	.digest = uring_digest,
	.teardown = uring_teardown,
	.bytes_per_op = uring_bytes_per_op,
	.note = uring_note,
	.profiles = {[PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] =
			     ITEMS("", "depth=4", "depth=32", "block=64KiB", "cache=buffered")},
	.known_params = "size=512KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xb89d0074a68729f1),
};
