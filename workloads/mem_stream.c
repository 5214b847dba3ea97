/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures memory bandwidth: STREAM's triad a[i] = b[i] + s * c[i] on doubles, by one thread, block
 * after block through three arrays and round again. Bytes are counted as STREAM counts them: 24 an
 * element, the line that a write fetches first not included. For memory and not caches to be
 * measured the three arrays together should be a few times the last-level cache; STREAM demands
 * four times for each. Not measured: several threads, non-temporal stores, first touch (set-up
 * touches it all).
 *
 * Source: McCalpin's STREAM, https://www.cs.virginia.edu/stream/.
 */
#include <string.h>

#include "workloads/pages.h"
#include "workloads/workload.h"

enum { BLOCK_BYTES = 4096, BLOCK = BLOCK_BYTES / sizeof(double) };

struct state {
	struct pages memory;
	double *a, *b, *c;
	uint64_t blocks, position; /* the block that comes next */
	uint64_t done, sum;
	const char *note;
};

enum { SIZE, PAGES };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 32 << 20,
		  .min = BLOCK_BYTES,
		  .max = UINT64_C(1) << 40,
		  .help = "of each of the three arrays"},
	[PAGES] = PAGES_PARAM,
	{0},
};

/* Numbers in [1, 2), made of their bits: converting whole numbers is slow in an emulated guest. */
static void fill(double *x, uint64_t count, uint64_t seed)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t bits = (i + seed) * UINT64_C(0x9e3779b97f4a7c15) >> 12 | UINT64_C(0x3ff)
											  << 52;

		memcpy(&x[i], &bits, sizeof(bits));
	}
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t count;

	s->blocks = arg[SIZE] / BLOCK_BYTES;
	count = s->blocks * BLOCK;
	if (pages_map(&s->memory, 3 * s->blocks * BLOCK_BYTES, arg[PAGES], err) < 0)
		return -1;
	s->a = (double *)s->memory.at;
	s->b = s->a + count;
	s->c = s->b + count;
	fill(s->b, count, env->seed);
	fill(s->c, count, ~env->seed);
	s->note = pages_note(&s->memory);
	return 0;
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c)
{
	for (int i = 0; i < BLOCK; i++)
		a[i] = b[i] + 3.0 * c[i];
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	(void)err;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = s->position * BLOCK, bits;

		triad(s->a + at, s->b + at, s->c + at);
		/* One element of each block, another one every time, goes into the digest. */
		memcpy(&bits, &s->a[at + s->done % BLOCK], sizeof(bits));
		s->sum = (s->sum << 7 | s->sum >> 57) ^ bits;
		s->done++;
		if (++s->position == s->blocks)
			s->position = 0;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->sum ^ s->done);
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->note;
}

static void teardown(void *state)
{
	pages_unmap(&((struct state *)state)->memory);
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	(void)arg;
	return 3 * BLOCK_BYTES;
}

const struct workload workload_mem_stream = {
	.name = "mem.stream",
	.summary = "memory bandwidth: STREAM triad by one thread",
	.op = "4 KiB of each array (512 elements of triad)",
	.source = "STREAM triad",
	.class = CLASS_MEM,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.note = note,
	.known_params = "size=64KiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3747dfb0a926e74a),
};
