/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures memory latency: each load's address is what the load before has read, along one cycle
 * through the whole working set in random order, so that neither prefetchers nor out-of-order
 * execution can look ahead. With 4k pages most loads of a large working set also miss the TLB: the
 * page walk, which nesting makes longer, is meant to be in it. The default is larger than a
 * desktop's last-level cache, but within that of many servers; the row says so where it is, as far
 * as the layer shows its caches. With stride=4096 all nodes are in the same sets of the first-level
 * cache, in 4k pages in some of those of the others, so that far fewer nodes than lines stay in a
 * cache: that includes conflict misses, which mem.tlb avoids. Not measured: bandwidth, and first
 * touch (set-up touches it all).
 *
 * Source: lmbench lat_mem_rd -t, Intel Memory Latency Checker.
 */
#include "workloads/lib/cache.h"
#include "workloads/lib/chase.h"

static const char *const strides[] = {"64", "128", "256", "4096", NULL};
static const uint64_t stride_bytes[] = {64, 128, 256, 4096};

enum { SIZE, STRIDE, PAGES };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 64 << 20, 8 << 10, UINT64_C(1) << 40,
		  .help = "the working set: within a cache, or a few times the last-level cache (a "
			  "row says where it fits into that)"},
	[STRIDE] =
		{"stride", PARAM_CHOICE, .choices = strides,
		 .help = "bytes between neighbouring nodes: 64 is one cache line, 4096 one page"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	const uint64_t stride = stride_bytes[arg[STRIDE]];
	const struct chase_nodes nodes = {
		.count = arg[SIZE] / stride, .stride = stride, .lines = 1, .pages = arg[PAGES]};
	struct chase *c = state;

	if (chase_setup(c, arg[SIZE], nodes, env->seed, err) < 0)
		return -1;
	pages_note(&c->memory, env);
	cache_note(arg[SIZE], env);
	return 0;
}

const struct workload workload_mem_chase = {
	.name = "mem.chase",
	.summary = "memory latency: a pointer chase in random order",
	.op = "one dependent load",
	.source = "lmbench lat_mem_rd -t, Intel Memory Latency Checker",
	.class = CLASS_MEM,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct chase),
	.setup = setup,
	.run = chase_run,
	.digest = chase_digest,
	.teardown = pages_teardown,
	.profiles[PROFILE_QUICK] = ITEMS("size=16MiB"),
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS(
		"size=16KiB", "size=64KiB", "size=256KiB", "size=1MiB", "size=4MiB", "size=16MiB",
		"size=64MiB", "size=256MiB", "size=16KiB pages=huge", "size=64KiB pages=huge",
		"size=256KiB pages=huge", "size=1MiB pages=huge", "size=4MiB pages=huge",
		"size=16MiB pages=huge", "size=64MiB pages=huge", "size=256MiB pages=huge"),
	.profiles[PROFILE_KINDS] = ITEMS("size=16MiB"),
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3593ab4f94faf348),
};
