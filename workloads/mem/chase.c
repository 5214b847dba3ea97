/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures memory latency: each load's address is what the load before has read, along one cycle
 * through the whole working set in random order, so that neither prefetchers nor out-of-order
 * execution can look ahead. With 4k pages most loads of a large working set also miss the TLB: the
 * page walk, which nesting makes longer, is meant to be in it. The default lies beyond the last
 * level of a desktop's caches, but within that of many a server; the row says so where it does, as
 * far as the layer shows its caches. With stride=4096 all nodes are in the same sets of the
 * first-level cache, in 4k pages in some of those of the others, so that far fewer nodes than lines
 * stay in a cache: that is a latency of conflicts, too, and mem.tlb avoids it. Not measured:
 * bandwidth, and first touch (set-up touches it all).
 *
 * Source: lmbench lat_mem_rd -t, Intel Memory Latency Checker.
 */
#include "workloads/lib/cache.h"
#include "workloads/lib/cycle.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

struct state {
	struct pages memory;
	uint64_t stride;
	char *position;
	const char *note;
	char note_text[CACHE_NOTE];
};

static const char *const strides[] = {"64", "128", "256", "4096", NULL};
static const uint64_t stride_bytes[] = {64, 128, 256, 4096};

enum { SIZE, STRIDE, PAGES };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 64 << 20,
		  .min = 8 << 10,
		  .max = UINT64_C(1) << 40,
		  .help = "the working set: within a cache, or a few times the last-level cache (a "
			  "row says where it fits into that)"},
	[STRIDE] =
		{.name = "stride",
		 .kind = PARAM_CHOICE,
		 .choices = strides,
		 .help = "bytes between neighbouring nodes: 64 is one cache line, 4096 one page"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	return pages_probe(arg[PAGES], err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct cycle cycle;
	uint64_t nodes;

	if (pages_map(&s->memory, arg[SIZE], arg[PAGES], err) < 0)
		return -1;
	s->stride = stride_bytes[arg[STRIDE]];
	nodes = arg[SIZE] / s->stride;
	cycle_init(&cycle, nodes, env->seed);
	for (uint64_t i = 0; i < nodes; i++)
		*(char **)(s->memory.at + i * s->stride) =
			s->memory.at + cycle_next(&cycle, i) * s->stride;
	s->position = s->memory.at;
	s->note = cache_note(pages_note(&s->memory), arg[SIZE] * (env->parts ? env->parts : 1),
			     s->note_text);
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

	return mix64((uint64_t)(s->position - s->memory.at) / s->stride);
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->note;
}

static void teardown(void *state)
{
	pages_unmap(&((struct state *)state)->memory);
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
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.note = note,
	.profiles = {[PROFILE_QUICK] = ITEMS("size=16MiB"),
		     [PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] = ITEMS("size=16KiB", "size=64KiB", "size=256KiB", "size=1MiB",
					    "size=4MiB", "size=16MiB", "size=64MiB", "size=256MiB",
					    "size=16KiB pages=huge", "size=64KiB pages=huge",
					    "size=256KiB pages=huge", "size=1MiB pages=huge",
					    "size=4MiB pages=huge", "size=16MiB pages=huge",
					    "size=64MiB pages=huge", "size=256MiB pages=huge")},
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3593ab4f94faf348),
};
