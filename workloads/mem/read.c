/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures reading alone: 64-bit words added up, block after block through a buffer in a loop.
 * Without stores the prefetchers work best; what nested paging adds is longer page walks, which 2
 * MiB pages make rare. To measure memory and not caches the buffer must be a few times the
 * last-level cache, which the default is not on many servers; a row says where the buffers of all
 * threads fit into it, as far as the layer shows its caches. Not measured: writing (mem.stream),
 * latency (mem.chase).
 *
 * Source: lmbench bw_mem frd, likwid-bench load.
 */
#include "workloads/lib/cache.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

enum { BLOCK_BYTES = 32 << 10, WORDS = BLOCK_BYTES / 8, SUMS = 16 };

struct state {
	struct pages memory;
	uint64_t blocks, position; /* the block that comes next */
	uint64_t sum;
};

enum { SIZE, PAGES };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 96 << 20, BLOCK_BYTES, UINT64_C(1) << 40, .step = BLOCK_BYTES,
		  .help = "of the buffer; for memory, and not caches, a few times the last-level "
			  "cache (a row says where it fits into that)"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t *word;

	s->blocks = arg[SIZE] / BLOCK_BYTES;
	if (pages_map(&s->memory, s->blocks * BLOCK_BYTES, arg[PAGES], err) < 0)
		return -1;
	word = (uint64_t *)s->memory.at;
	for (uint64_t i = 0; i < s->blocks * WORDS; i++)
		word[i] = (i + env->seed) * UINT64_C(0x9e3779b97f4a7c15);
	pages_note(&s->memory, env);
	cache_note(arg[SIZE], env);
	return 0;
}

/* Sixteen sums: enough independent vector additions to hide the latency of the loads. */
static uint64_t add_up(const uint64_t *word)
{
	uint64_t sum[SUMS] = {0}, all = 0;

	for (int i = 0; i < WORDS; i += SUMS)
		for (int k = 0; k < SUMS; k++)
			sum[k] += word[i + k];
	for (int k = 0; k < SUMS; k++)
		all += sum[k];
	return all;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		const uint64_t *block = (const uint64_t *)s->memory.at + s->position * WORDS;

		s->sum = mix64(s->sum ^ add_up(block));
		if (++s->position == s->blocks)
			s->position = 0;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	return ((const struct state *)state)->sum;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return BLOCK_BYTES;
}

const struct workload workload_mem_read = {
	.name = "mem.read",
	.summary = "memory bandwidth: reading alone",
	.op = "32 KiB added up",
	.source = "lmbench bw_mem frd, likwid-bench load",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("size=256KiB", "", "pages=huge"),
	.known_params = "size=64KiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x5645c72c95b09532),
};
