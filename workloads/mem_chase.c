/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures memory latency: each load's address is what the load before has read, along one cycle
 * through the whole working set in random order, so that neither prefetchers nor out-of-order
 * execution can look ahead. With 4k pages most loads of a large working set also miss the TLB: the
 * page walk, which nesting makes longer, is meant to be in it. Not measured: bandwidth, and first
 * touch (set-up touches it all).
 *
 * The cycle: F is a keyed bijection on [0, nodes), and node F(j) points to node F(j + 1). That is
 * one cycle through all nodes, as Sattolo's algorithm gives, but since F can be inverted each node
 * is written once, in address order: set-up is one sequential pass, and not millions of random
 * swaps, which take seconds in an emulated guest.
 *
 * Source: lmbench lat_mem_rd (random), Intel Memory Latency Checker.
 */
#include "workloads/pages.h"
#include "workloads/workload.h"

/* With four rounds neighbours on the cycle are as unrelated as after a random shuffle; with three
 * not. */
enum { ROUNDS = 4 };

struct bijection {
	uint64_t nodes, mask, key, times[ROUNDS], inverse[ROUNDS];
	int shift;
};

struct state {
	struct pages memory;
	uint64_t stride;
	char *position;
	const char *note;
};

static void bijection_init(struct bijection *f, uint64_t nodes, uint64_t seed)
{
	int bits = 1;

	while (UINT64_C(1) << bits < nodes)
		bits++;
	*f = (struct bijection){.nodes = nodes, .mask = (UINT64_C(1) << bits) - 1};
	/* At least half of the bits: then x ^ x >> shift undoes itself. */
	f->shift = (bits + 1) / 2;
	f->key = mix64(seed) & f->mask;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t odd = mix64(f->key + (uint64_t)i + 1) | 1, inverse = odd;

		/* Newton's iteration doubles the number of right bits, from 3, each time. */
		for (int k = 0; k < 5; k++)
			inverse *= 2 - odd * inverse;
		f->times[i] = odd;
		f->inverse[i] = inverse;
	}
}

/* Steps that leave the range are repeated until they are back: still a bijection on [0, nodes). */
static uint64_t forward(const struct bijection *f, uint64_t x)
{
	do {
		x ^= f->key;
		for (int i = 0; i < ROUNDS; i++) {
			x = x * f->times[i] & f->mask;
			x ^= x >> f->shift;
		}
	} while (x >= f->nodes);
	return x;
}

static uint64_t backward(const struct bijection *f, uint64_t x)
{
	do {
		for (int i = ROUNDS - 1; i >= 0; i--) {
			x ^= x >> f->shift;
			x = x * f->inverse[i] & f->mask;
		}
		x ^= f->key;
	} while (x >= f->nodes);
	return x;
}

static const char *const strides[] = {"64", "128", "256", "4096", NULL};
static const uint64_t stride_bytes[] = {64, 128, 256, 4096};

enum { SIZE, STRIDE, PAGES };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 64 << 20,
		  .min = 8 << 10,
		  .max = UINT64_C(1) << 40,
		  .help = "the working set"},
	[STRIDE] =
		{.name = "stride",
		 .kind = PARAM_CHOICE,
		 .choices = strides,
		 .help = "bytes between neighbouring nodes: 64 is one cache line, 4096 one page"},
	[PAGES] = PAGES_PARAM,
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct bijection f;

	if (pages_map(&s->memory, arg[SIZE], arg[PAGES], err) < 0)
		return -1;
	s->stride = stride_bytes[arg[STRIDE]];
	bijection_init(&f, arg[SIZE] / s->stride, env->seed);
	for (uint64_t i = 0; i < f.nodes; i++) {
		uint64_t next = backward(&f, i) + 1;

		*(char **)(s->memory.at + i * s->stride) =
			s->memory.at + forward(&f, next < f.nodes ? next : 0) * s->stride;
	}
	s->position = s->memory.at;
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
	.source = "lmbench lat_mem_rd, Intel MLC",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.note = note,
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3593ab4f94faf348),
};
