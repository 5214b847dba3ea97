/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the latency of small reads: 4 KiB at random block offsets of the lower half of the
 * scratch, one at a time, past this layer's page cache; with depth= the rate of many at once. Each
 * read is a request to the device and, in a VM, at least one exit to ring its doorbell and one
 * interrupt back. The caches of the layers above are not passed by: they depend on how the disk was
 * handed down (cache=none). With cache=buffered the device is not reached at all: what is measured
 * is this layer's page cache, warm. A word of each page is compared with what scratch_fill() wrote
 * there. With threads=N each has a ring and a part of the scratch of its own. Not measured: files,
 * which a file system would have to find.
 *
 * Source: fio --rw=randread --bs=4k --direct=1 --iodepth=1 --ioengine=io_uring; DVH (ASPLOS 2020)
 * table 3, device notify: 4,984 cycles in L1, 48,390 in L2.
 */
#include "workloads/io/uring_engine.h"

static const struct param params[] = URING_PARAMS(4 << 10);

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return uring_setup(state, (struct uring_plan){.random = true}, env, arg, err);
}

const struct workload workload_io_randread = {
	.name = "io.randread",
	.summary = "random reads through io_uring",
	.op = "one read of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=randread --bs=4k --direct=1 --iodepth=1",
	.figure = "DVH (ASPLOS 2020) table 3: device notify 4,984 / 48,390 / 1,008,935 cycles in "
		  "L1 / L2 / L3, which is a part of it; Google Compute Engine documentation: "
		  "\"possibly greater than a 10% decrease\" for I/O-bound work in nested VMs",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY | SAMPLE_IOPS,
	.flags = WORKLOAD_THREADS,
	.needs = NEEDS_SCRATCH,
	.params = params,
	.state_size = sizeof(struct uring_state),
	.check = uring_check,
	.probe = uring_probe_read,
	.setup = setup,
	.run = uring_run,
	.digest = uring_digest,
	.teardown = uring_teardown,
	.bytes_per_op = uring_bytes_per_op,
	.note = uring_note,
	.profiles = {[PROFILE_QUICK] = ITEMS(""),
		     [PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] = ITEMS("", "depth=4", "depth=32", "block=16KiB", "block=64KiB",
					    "cache=buffered")},
	.known_params = "size=512KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x36e778cc04c68f8c),
};
