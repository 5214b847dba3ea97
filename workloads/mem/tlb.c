/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures address translation: a pointer chase with one load in each 4 KiB page of the working
 * set, in random order, each page at another cache line, so that the lines themselves stay within
 * the caches long after the pages have left the TLB. The default (32 MiB: 8192 pages, 512 KiB of
 * lines) exceeds the second-level TLB of most CPUs and fits into the caches. A miss walks the page
 * tables in two dimensions: up to 24 loads in a VM in place of 4; nested once more it stays at 24
 * with nested paging, since the tables of two layers are merged. With pages=huge the same addresses
 * are in few pages: the difference is the cost of translation.
 *
 * Not measured: memory (mem.chase).
 *
 * Source: Calibrator (Manegold), lmbench's tlb; the two-dimensional walk: Bhargava et al., ASPLOS
 * 2008.
 */
#include "workloads/lib/chase.h"

enum { PAGE = 4096 };

enum { SIZE, PAGES };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 32 << 20, 2 * PAGE, UINT64_C(1) << 40, .step = PAGE,
		  .help = "the working set, of which one line in each 4 KiB is used"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	const uint64_t pages = arg[SIZE] / PAGE;
	const struct chase_nodes nodes = {
		.count = pages, .stride = PAGE, .lines = PAGE / CHASE_LINE, .pages = arg[PAGES]};
	struct chase *c = state;

	if (chase_setup(c, pages * PAGE, nodes, env->seed, err) < 0)
		return -1;
	pages_note(&c->memory, env);
	return 0;
}

const struct workload workload_mem_tlb = {
	.name = "mem.tlb",
	.summary = "address translation: one load in each page, in random order",
	.op = "one dependent load in another page",
	.source = "Calibrator, lmbench tlb",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct chase),
	.setup = setup,
	.run = chase_run,
	.digest = chase_digest,
	.teardown = pages_teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] =
		ITEMS("size=1MiB", "size=8MiB", "size=32MiB", "size=128MiB", "size=1MiB pages=huge",
		      "size=8MiB pages=huge", "size=32MiB pages=huge", "size=128MiB pages=huge"),
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0xc3b7f4e80f554dda),
};
