/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures memory bandwidth by STREAM's four loops on doubles, block after block through three
 * arrays in a loop: copy (c = a), scale (b = s * c), add (c = a + b) and triad (a = b + s * c).
 * Bytes are counted as STREAM counts them: 16 an element for the first two, 24 for the others, the
 * line that a write fetches first not included. To measure memory and not caches the arrays
 * together should be a few times the last-level cache; STREAM demands four times for each. The
 * default is too small for many servers; a row says where the arrays of all threads fit into the
 * last level, as far as the layer shows its caches. With threads, each has arrays of its own. Not
 * measured: first touch (set-up touches it all); non-temporal stores, which a C library's memcpy
 * chooses for large blocks (and which the compiler is kept from making of the copy).
 *
 * Source: McCalpin's STREAM, https://www.cs.virginia.edu/stream/.
 */
#include <string.h>

#include "workloads/lib/cache.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

/*
 * One inner loop covers as many blocks as remain, but at most a stretch: at the end of a loop
 * prefetched loads are missing, which with one block at a time made scale 2 % slower.
 */
enum { BLOCK_BYTES = 32 << 10, BLOCK = BLOCK_BYTES / sizeof(double), STRETCH = 64 };

struct state {
	struct pages memory;
	double *a, *b, *c;
	double *target;		   /* the array that is written */
	uint64_t blocks, position; /* the block that comes next */
	uint64_t kind;
	uint64_t done, sum;
};

enum kind { COPY, SCALE, ADD, TRIAD };
static const char *const kinds[] = {
	[COPY] = "copy", [SCALE] = "scale", [ADD] = "add", [TRIAD] = "triad", NULL};

enum { KIND, SIZE, PAGES };
static const struct param params[] = {
	[KIND] = {"kind", PARAM_CHOICE, TRIAD, .choices = kinds, .help = "which of the four loops"},
	[SIZE] = {"size", PARAM_SIZE, 32 << 20, BLOCK_BYTES, UINT64_C(1) << 40, .step = BLOCK_BYTES,
		  .help = "of each of the three arrays; for memory, and not caches, a few times "
			  "the last-level cache (a row says where it fits into that)"},
	[PAGES] = PAGES_PARAM,
	{0},
};

/* Numbers in [1, 2), made from their bits: converting whole numbers is slow in an emulated
 * guest. */
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
	/* cppcheck-suppress invalidPointerCast */
	s->a = (double *)s->memory.at; /* a page, whatever its type */
	s->b = s->a + count;
	s->c = s->b + count;
	s->kind = arg[KIND];
	/* Named as in STREAM; what is written is never read, so that values do not change. */
	s->target = s->kind == TRIAD ? s->a : s->kind == SCALE ? s->b : s->c;
	fill(s->a, count, env->seed + 1);
	fill(s->b, count, env->seed);
	fill(s->c, count, ~env->seed);
	pages_note(&s->memory, env);
	cache_note(3 * arg[SIZE], env);
	return 0;
}

static void copy(double *restrict c, const double *restrict a, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		c[i] = a[i];
}

static void scale(double *restrict b, const double *restrict c, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		b[i] = 3.0 * c[i];
}

static void add(double *restrict c, const double *restrict a, const double *restrict b,
		uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		c[i] = a[i] + b[i];
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c,
		  uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		a[i] = b[i] + 3.0 * c[i];
}

static void stretch(const struct state *s, uint64_t at, uint64_t count)
{
	switch (s->kind) {
	case COPY:
		copy(s->c + at, s->a + at, count);
		break;
	case SCALE:
		scale(s->b + at, s->c + at, count);
		break;
	case ADD:
		add(s->c + at, s->a + at, s->b + at, count);
		break;
	default:
		triad(s->a + at, s->b + at, s->c + at, count);
	}
}

/* One element of each block, a different one every time, goes into the digest. */
static void sample(struct state *s, uint64_t blocks)
{
	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t bits;

		memcpy(&bits, &s->target[(s->position + i) * BLOCK + s->done % BLOCK],
		       sizeof(bits));
		s->sum = (s->sum << 7 | s->sum >> 57) ^ bits;
		s->done++;
	}
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	while (n) {
		uint64_t blocks = s->blocks - s->position;

		if (blocks > n)
			blocks = n;
		if (blocks > STRETCH)
			blocks = STRETCH;
		stretch(s, s->position * BLOCK, blocks * BLOCK);
		sample(s, blocks);
		n -= blocks;
		s->position += blocks;
		if (s->position == s->blocks)
			s->position = 0;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->sum ^ s->done);
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return (arg[KIND] == COPY || arg[KIND] == SCALE ? 2 : 3) * BLOCK_BYTES;
}

const struct workload workload_mem_stream = {
	.name = "mem.stream",
	.summary = "memory bandwidth: STREAM's copy, scale, add and triad",
	.op = "4096 elements (32 KiB) of each array that the loop uses: 64 KiB moved by copy and "
	      "scale, 96 KiB by add and triad",
	.source = "STREAM",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_QUICK] = ITEMS("size=8MiB"),
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("kind=copy", "kind=scale", "kind=add", "kind=triad",
					"size=256KiB", "pages=huge"),
	.profiles[PROFILE_KINDS] = ITEMS("size=8MiB"),
	.known_params = "size=64KiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0xa6e0f177359f1c22),
};
