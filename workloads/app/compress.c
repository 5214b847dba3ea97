/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures a real program's inner loop: zstd compresses text, 64 KiB at a time, each block
 * independently, from memory to memory. Branches, table look-ups and a working set about as large
 * as a second-level cache: published figures say that nesting costs this almost nothing. The text
 * is 1 MiB of words whose frequencies are as uneven as in a language. The compression ratio is in
 * the note and, in tenths, in the digest, so that it must agree across layers; otherwise the digest
 * is over the last block decompressed, since another version of the library may produce other
 * bytes.
 *
 * Not measured: threads of the library (with threads=N each has a context and a text of its own),
 * dictionaries, decompression.
 *
 * Source: zstd -b3 -B64KiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "workloads/lib/state.h"

enum { TEXT = 1 << 20, BLOCK = 64 << 10, WORDS = 2048, LETTERS = 12 };

struct state {
	ZSTD_CCtx *context;
	char *text, *packed, *again;
	size_t room; /* of packed */
	int level;
	uint64_t done;
	size_t packed_bytes;	      /* of the last block */
	uint64_t in_bytes, out_bytes; /* of the first round over the text, for the ratio */
};

enum { LEVEL };
static const struct param params[] = {
	[LEVEL] = {"level", PARAM_COUNT, 3, 1, 19, .help = "zstd's compression level"},
	{0},
};

/* Words of 2 to 11 letters; word i is picked in proportion to about 1/i. */
static void write_text(char *text, uint64_t seed)
{
	static const char letters[] = "etaoinshrdlcumwfgypbvkjxqz";
	char words[WORDS][LETTERS];
	uint64_t random = mix64(seed);
	size_t at = 0;

	for (int i = 0; i < WORDS; i++) {
		int len = 2 + (int)((random = mix64(random)) % 10);

		for (int k = 0; k < len; k++) {
			random = mix64(random);
			words[i][k] = letters[random % 26 * (random >> 32 & 0xff) >> 8];
		}
		words[i][len] = '\0';
	}
	while (at < TEXT) {
		uint64_t r = random = mix64(random);
		const char *word =
			words[(r % WORDS) * (r >> 32 & 1023) / 1024 * (r >> 48 & 1023) / 1024];

		while (*word && at < TEXT)
			text[at++] = *word++;
		if (at < TEXT)
			text[at++] = (r >> 60) ? ' ' : '\n';
	}
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->level = (int)arg[LEVEL];
	s->room = ZSTD_compressBound(BLOCK);
	s->context = ZSTD_createCCtx();
	s->text = malloc(TEXT);
	s->packed = malloc(s->room);
	s->again = malloc(BLOCK);
	if (!s->context || !s->text || !s->packed || !s->again)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	write_text(s->text, env->seed);
	for (size_t at = 0; at < TEXT; at += BLOCK) {
		size_t len = ZSTD_compressCCtx(s->context, s->packed, s->room, s->text + at, BLOCK,
					       s->level);

		if (ZSTD_isError(len))
			return err_set(err, EXIT_INTERNAL, "zstd: %s", ZSTD_getErrorName(len));
		s->in_bytes += BLOCK;
		s->out_bytes += len;
	}
	note_add(env, "zstd %s; ratio %.2f", ZSTD_versionString(),
		 (double)s->in_bytes / (double)s->out_bytes);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		const char *from = s->text + s->done++ % (TEXT / BLOCK) * BLOCK;

		s->packed_bytes =
			ZSTD_compressCCtx(s->context, s->packed, s->room, from, BLOCK, s->level);
		if (ZSTD_isError(s->packed_bytes))
			return err_set(err, EXIT_INTERNAL, "zstd: %s",
				       ZSTD_getErrorName(s->packed_bytes));
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = s->done, word;

	if (ZSTD_decompress(s->again, BLOCK, s->packed, s->packed_bytes) != BLOCK)
		return 0;
	for (size_t at = 0; at < BLOCK; at += sizeof(word)) {
		memcpy(&word, s->again + at, sizeof(word));
		sum = mix64(sum ^ word);
	}
	return mix64(sum + s->in_bytes * 10 / s->out_bytes);
}

static void teardown(void *state)
{
	struct state *s = state;

	ZSTD_freeCCtx(s->context);
	free(s->text);
	free(s->packed);
	free(s->again);
	*s = (struct state){0};
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return BLOCK;
}

const struct workload workload_app_compress = {
	.name = "app.compress",
	.summary = "zstd compresses text from memory to memory",
	.op = "one block of 64 KiB compressed, on its own",
	.source = "zstd -b3 -B64KiB",
	.figure = "Google Compute Engine documentation: nested VMs might see \"a 10% or greater "
		  "decrease\" for CPU-bound work",
	.class = CLASS_APP,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("level=1", "", "level=12"),
	.known_ops = 100,
	.known_digest = UINT64_C(0xa19cffdc696b04b0),
};
