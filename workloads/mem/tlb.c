/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures address translation: a pointer chase with one load in each 4 KiB page of the working
 * set, in random order, each page at another cache line, so that the lines themselves stay within
 * the caches long after the pages have left the TLB. The default (32 MiB: 8192 pages, 512 KiB of
 * lines) lies beyond the second-level TLB of most CPUs and within the caches. A miss walks the page
 * tables in two dimensions: up to 24 loads in a VM in place of 4; nested once more it stays at 24
 * with nested paging, since the tables of two layers are merged. With pages=huge the same addresses
 * lie in few pages: the difference is the price of translation.
 *
 * Not measured: memory (mem.chase).
 *
 * Source: Calibrator (Manegold), lmbench's tlb; the two-dimensional walk: Bhargava et al., ASPLOS
 * 2008.
 */
#include "workloads/lib/cycle.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

enum { PAGE = 4096, LINE = 64, LINES = PAGE / LINE };

struct state {
	struct pages memory;
	char *position;
	const char *note;
};

enum { SIZE, PAGES };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 32 << 20,
		  .min = 2 * PAGE,
		  .max = UINT64_C(1) << 40,
		  .step = PAGE,
		  .help = "the working set, of which one line in each 4 KiB is used"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	return pages_probe(arg[PAGES], err);
}

static char *node(const struct state *s, uint64_t page)
{
	return s->memory.at + page * PAGE + mix64(page) % LINES * LINE;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct cycle cycle;
	uint64_t pages = arg[SIZE] / PAGE;

	if (pages_map(&s->memory, pages * PAGE, arg[PAGES], err) < 0)
		return -1;
	cycle_init(&cycle, pages, env->seed);
	for (uint64_t i = 0; i < pages; i++)
		*(char **)node(s, i) = node(s, cycle_next(&cycle, i));
	s->position = node(s, 0);
	s->note = pages_note(&s->memory);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	char *p = s->position;

	(void)err;
	for (uint64_t i = 0; i < n; i++)
		p = *(char **)p;
	s->position = p;
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64((uint64_t)(s->position - s->memory.at) / PAGE);
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->note;
}

static void teardown(void *state)
{
	pages_unmap(&((struct state *)state)->memory);
}

const struct workload workload_mem_tlb = {
	.name = "mem.tlb",
	.summary = "address translation: one load in each page, in random order",
	.op = "one dependent load in another page",
	.source = "Calibrator, lmbench tlb",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.note = note,
	.profiles = {[PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] = ITEMS("size=1MiB", "size=8MiB", "size=32MiB", "size=128MiB",
					    "size=1MiB pages=huge", "size=8MiB pages=huge",
					    "size=32MiB pages=huge", "size=128MiB pages=huge")},
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0xc3b7f4e80f554dda),
};
