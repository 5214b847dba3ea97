/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the bandwidth of writing a disk from front to back in large requests (128 KiB unless
 * block= says otherwise), past this layer's page cache, in the upper half of the scratch, which is
 * preallocated. With cache=buffered the price of handing data to the page cache is measured, and
 * whatever the kernel does about too many dirty pages meanwhile; they are written out before the
 * next kernel starts. Not measured: the flush (io.fsync does), growing files.
 *
 * Source: fio --rw=write --bs=128k --direct=1 --ioengine=io_uring.
 */
#include "workloads/io/uring_engine.h"

static const struct param params[] = URING_PARAMS(128 << 10);

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return uring_setup(state, (struct uring_plan){.write = true}, env, arg, err);
}

const struct workload workload_io_seqwrite = {
	.name = "io.seqwrite",
	.summary = "sequential writes through io_uring",
	.op = "one write of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=write --bs=128k --direct=1 --iodepth=1",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY,
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
		     [PROFILE_FULL] = ITEMS("", "block=1MiB depth=4", "cache=buffered")},
	.known_params = "size=512KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x9b259bc05ba0c94a),
};
