/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures a disk through io_uring, past this layer's page cache: blocks of the scratch are read,
 * in its lower half, or written, in its upper half, which is preallocated. Each is a request to the
 * device and, in a VM, at least one exit to ring its doorbell and one interrupt back. The caches of
 * the parent layers are not bypassed: they depend on how the disk is attached (cache=none). With
 * cache=buffered this layer's page cache is measured: reads find it warm and reach no device;
 * writes pay for copying data into it, and for the kernel's throttling of dirty pages; these are
 * written out before the next kernel starts. With threads=N each has a ring and a part of the
 * scratch of its own.
 *
 * io.randread, io.randwrite: the latency of small requests, 4 KiB at random block offsets, one at a
 * time; with depth= the rate of many at once. A word of each page that was read is compared with
 * what scratch_fill() wrote there. The device may keep written data in its cache: waiting for the
 * medium is what io.fsync measures.
 *
 * io.seqread, io.seqwrite: bandwidth, from front to back in large requests (128 KiB unless block=
 * says otherwise). One large request costs a VM as many exits as one small one, so nesting costs
 * little here unless the data are copied. Eight words of every 128 KiB that were read are compared.
 * The blocks are in huge pages where the layer has them, so a request is one piece of memory; a
 * remark in the row says where they are not, which costs more: the device gets up to 32 pieces.
 *
 * Not measured: the file system's own work (finding blocks, growing files: io.create); read-ahead;
 * the flush (io.fsync).
 *
 * Source: fio --rw=randread, randwrite, --bs=4k and --rw=read, write, --bs=128k, with --direct=1
 * --iodepth=1 --ioengine=io_uring; DVH (ASPLOS 2020) table 3, device notify: 4,984 cycles in L1,
 * 48,390 in L2.
 */
#include "workloads/io/uring_engine.h"

/* The parameters, in the order of their enum. */
#define BLOCK(bytes)                                                                               \
	{                                                                                          \
		"block", PARAM_SIZE, bytes, 4096, 4 << 20, .step = 4096,                           \
							   .help = "bytes of one request"          \
	}
#define DEPTH                                                                                      \
	{                                                                                          \
		"depth", PARAM_COUNT, 1, 1, 1024, .help = "requests under way at once"             \
	}
#define CACHE                                                                                      \
	{                                                                                          \
		"cache", PARAM_CHOICE, .choices = uring_caches,                                    \
				       .help = "direct (past this layer's page cache) or "         \
					       "buffered (through it; reads "                      \
					       "find it warm)"                                     \
	}
#define SIZE                                                                                       \
	{                                                                                          \
		"size", PARAM_SIZE, 64 << 20, 4096, UINT64_C(1) << 40,                             \
			.help = "the part of the scratch that is used; at most half of it"         \
	}

/* What the descriptors share. */
#define URING_WORKLOAD(what)                                                                       \
	.class = CLASS_IO, .traits = SAMPLE_LATENCY | ((what)&URING_RANDOM ? SAMPLE_IOPS : 0),     \
	.flags = WORKLOAD_THREADS, .needs = NEEDS_SCRATCH, .variant = (what),                      \
	.state_size = sizeof(struct uring_state), .check = uring_check, .probe = uring_probe,      \
	.setup = uring_setup, .run = uring_run, .digest = tally_digest,                            \
	.teardown = uring_teardown, .bytes_per_op = uring_bytes_per_op,                            \
	.known_params = "size=512KiB", .known_ops = 100

static const struct param small_blocks[] = {BLOCK(4 << 10), DEPTH, CACHE, SIZE, {0}};
static const struct param large_blocks[] = {BLOCK(128 << 10), DEPTH, CACHE, SIZE, {0}};

const struct workload workload_io_randread = {
	.name = "io.randread",
	.summary = "random reads through io_uring",
	.op = "one read of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=randread --bs=4k --direct=1 --iodepth=1",
	.figure = "DVH (ASPLOS 2020) table 3: device notify 4,984 / 48,390 / 1,008,935 cycles in "
		  "L1 / L2 / L3, which is a part of it; Google Compute Engine documentation: "
		  "\"possibly greater than a 10% decrease\" for I/O-bound work in nested VMs",
	URING_WORKLOAD(URING_RANDOM),
	.params = small_blocks,
	.profiles[PROFILE_SMOKE] = ITEMS(""),
	.profiles[PROFILE_FULL] =
		ITEMS("", "depth=4", "depth=32", "block=16KiB", "block=64KiB", "cache=buffered"),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_digest = UINT64_C(0x36e778cc04c68f8c),
};

const struct workload workload_io_randwrite = {
	.name = "io.randwrite",
	.summary = "random writes through io_uring",
	.op = "one write of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=randwrite --bs=4k --direct=1 --iodepth=1",
	URING_WORKLOAD(URING_RANDOM | URING_WRITE),
	.params = small_blocks,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "depth=4", "depth=32", "block=64KiB", "cache=buffered"),
	.known_digest = UINT64_C(0xb89d0074a68729f1),
};

const struct workload workload_io_seqread = {
	.name = "io.seqread",
	.summary = "sequential reads through io_uring",
	.op = "one read of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=read --bs=128k --direct=1 --iodepth=1",
	URING_WORKLOAD(0),
	.params = large_blocks,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "block=1MiB depth=4", "cache=buffered"),
	.known_digest = UINT64_C(0xc23aa36fe280b9ae),
};

const struct workload workload_io_seqwrite = {
	.name = "io.seqwrite",
	.summary = "sequential writes through io_uring",
	.op = "one write of `block` bytes",
	.source = "fio --ioengine=io_uring --rw=write --bs=128k --direct=1 --iodepth=1",
	URING_WORKLOAD(URING_WRITE),
	.params = large_blocks,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "block=1MiB depth=4", "cache=buffered"),
	.known_digest = UINT64_C(0x9b259bc05ba0c94a),
};
