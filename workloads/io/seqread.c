/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the bandwidth of reading a disk from front to back in large requests (128 KiB unless
 * block= says otherwise), past this layer's page cache. One large request costs a VM as many exits
 * as one small one, so here nesting costs little until the data themselves are copied. With
 * cache=buffered this layer's page cache is measured, warm, and no device. Eight words of
 * every 128 KiB are compared with what scratch_fill() wrote. The blocks lie in huge pages where the
 * layer has them, so a request is one piece of memory; a remark in the row says where they do not,
 * which costs more: the device gets up to 32 pieces. Not measured: read-ahead, the file system.
 *
 * Source: fio --rw=read --bs=128k --direct=1 --ioengine=io_uring.
 */
#include "workloads/io/uring_engine.h"

static const struct param params[] = URING_PARAMS(128 << 10);

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return uring_setup(state, (struct uring_plan){0}, env, arg, err);
}

const struct workload workload_io_seqread = {
	.name = "io.seqread",
	.summary = "sequential reads through io_uring",
	.op = "one read of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=read --bs=128k --direct=1 --iodepth=1",
	.class = CLASS_IO,
	.traits = SAMPLE_LATENCY,
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
	.profiles = {[PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] = ITEMS("", "block=1MiB depth=4", "cache=buffered")},
	.known_params = "size=512KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xc23aa36fe280b9ae),
};
