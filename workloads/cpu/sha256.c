/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures hashing: SHA-256 of a buffer of `size` bytes from start to finish. Rotations, additions
 * and exclusive ors with good locality: nesting should not affect them. Each hash goes into the
 * first bytes of the buffer, so that none can be left out. Two variants, which count as two
 * workloads:
 *
 * isa=c: the portable C code of lib/sha256.c, the same instructions in every layer.
 *
 * isa=ni: the CPU's SHA extensions, as libraries use them where they exist; a skip row where the
 * layer's CPU shows none, as emulated ones do.
 *
 * A library chooses between such implementations by what the CPU shows, so that layers would do
 * different work under one name; here the row says which it was. Not measured: a library's code for
 * AVX2 (tests/bench/parity compares each variant with OpenSSL's).
 *
 * Source: openssl speed sha256, whose largest block (16 KiB) is the default size.
 */
#include <string.h>

#include "lib/sha256.h"
#include "workloads/cpu/sha256_ni.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

struct state {
	struct pages memory;
	uint8_t *data;
	size_t size;
	sha256_compress *compress; /* NULL: the portable one */
	uint8_t hash[32];
};

enum isa { ISA_C, ISA_NI };
static const char *const isas[] = {[ISA_C] = "c", [ISA_NI] = "ni", NULL};

static int probe_isa(uint64_t isa, struct err *err)
{
	if (isa == ISA_NI && !sha256_ni_usable())
		return err_set(err, EXIT_MACHINE,
			       "this layer's CPU shows no SHA extensions (use isa=c)");
	return 0;
}

enum { SIZE, ISA };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 16 << 10, 64, 1 << 30,
		  .help = "bytes that are hashed at a time"},
	[ISA] = {"isa", PARAM_CHOICE, ISA_C, .choices = isas, .probe = probe_isa,
		 .help = "portable C, or the CPU's SHA extensions"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->size = (size_t)arg[SIZE];
	s->compress = arg[ISA] == ISA_NI ? sha256_compress_ni : NULL;
	if (pages_map(&s->memory, s->size, PAGES_4K, err) < 0)
		return -1;
	s->data = (uint8_t *)s->memory.at;
	for (size_t i = 0; i < s->size; i++)
		s->data[i] = (uint8_t)(mix64(env->seed + i / 8) >> i % 8 * 8);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		struct sha256 hash;

		sha256_init(&hash);
		if (s->compress)
			hash.compress = s->compress;
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

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return arg[SIZE];
}

const struct workload workload_cpu_sha256 = {
	.name = "cpu.sha256",
	.summary = "SHA-256 in portable C, or by the CPU's SHA extensions",
	.op = "the hash of one buffer of `size` bytes",
	.source = "openssl speed sha256",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "size=64", "isa=ni"),
	.known_params = "size=1KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xe57a8aa7bcc846a2),
};
