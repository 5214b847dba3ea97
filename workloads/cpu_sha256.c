/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures hashing: SHA-256 of a buffer of `size` bytes from start to finish, by the portable C
 * code of bench/base/sha256.c, the same instructions in every layer. A cryptographic library would
 * choose SHA extensions or AVX2 where the layer's CPU shows them, so that layers would do different
 * work. Rotations, additions and exclusive ors with good locality: what nesting leaves alone.
 * Each hash goes into the first bytes of the buffer, so that none can be left out.
 *
 * Not measured: what the fastest code for this CPU could do (tests/bench/parity says how far that
 * is).
 *
 * Source: openssl speed sha256, whose largest block (16 KiB) is the default size.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/base/sha256.h"
#include "workloads/workload.h"

struct state {
	uint8_t *data; /* NULL: none */
	size_t size;
	uint8_t hash[32];
};

enum { SIZE };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 16 << 10,
		  .min = 64,
		  .max = 1 << 30,
		  .help = "bytes that are hashed at a time"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->size = (size_t)arg[SIZE];
	s->data = malloc(s->size);
	if (!s->data)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < s->size; i++)
		s->data[i] = (uint8_t)(mix64(env->seed + i / 8) >> i % 8 * 8);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	(void)err;
	for (uint64_t i = 0; i < n; i++) {
		struct sha256 hash;

		sha256_init(&hash);
		sha256_add(&hash, s->data, s->size);
		sha256_finish(&hash, s->hash);
		memcpy(s->data, s->hash, sizeof(s->hash));
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t first = 0;

	for (int i = 0; i < 8; i++)
		first = first << 8 | s->hash[i];
	return first;
}

static void teardown(void *state)
{
	struct state *s = state;

	free(s->data);
	s->data = NULL;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return arg[SIZE];
}

const struct workload workload_cpu_sha256 = {
	.name = "cpu.sha256",
	.summary = "SHA-256 in portable C",
	.op = "the hash of one buffer of `size` bytes",
	.source = "openssl speed sha256 (without SHA extensions)",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.known_params = "size=1KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xe57a8aa7bcc846a2),
};
