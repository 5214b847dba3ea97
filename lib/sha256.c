/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/sha256.h"

#include <stdio.h>
#include <string.h>

const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static inline uint32_t rotr(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

/*
 * The functions of FIPS 180-4, 4.1.2, each on one register as far as can be: rotr(x, k) ^ rotr(x, k
 * + l) is rotr(rotr(x, l) ^ x, k).
 */
static inline uint32_t sum3(uint32_t x, int k, int l, int m)
{
	return rotr(rotr(rotr(x, m) ^ x, l) ^ x, k);
}

static inline uint32_t sum2(uint32_t x, int k, int l, int shift)
{
	return rotr(rotr(x, l) ^ x, k) ^ x >> shift;
}

static inline uint32_t load(const uint8_t *p)
{
	uint32_t big_endian;

	memcpy(&big_endian, p, sizeof(big_endian));
	return __builtin_bswap32(big_endian);
}

/*
 * One round. In place of moving eight variables on, the next round names them one further: eight
 * rounds bring all back to their places. The majority is ((a | b) & c) | (a & b) = b ^ ((a ^ b) &
 * (b ^ c)), whose b ^ c is the a ^ b of the round before.
 */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                           \
	do {                                                                                       \
		uint32_t t = (h) + sum3(e, 6, 5, 14) + ((g) ^ ((e) & ((f) ^ (g)))) + sha256_k[i] + \
			     w[(i) % 16];                                                          \
		uint32_t ab = (a) ^ (b);                                                           \
                                                                                                   \
		(d) += t;                                                                          \
		(h) = t + sum3(a, 2, 11, 9) + ((b) ^ (ab & bc));                                   \
		bc = ab;                                                                           \
	} while (0)

/* The word of round i, in place of that of round i - 16. */
#define EXTEND(i)                                                                                  \
	(w[(i) % 16] += w[((i) + 9) % 16] + sum2(w[((i) + 1) % 16], 7, 11, 3) +                    \
			sum2(w[((i) + 14) % 16], 17, 2, 10))

#define EIGHT(PREPARE, i)                                                                          \
	do {                                                                                       \
		PREPARE(i);                                                                        \
		ROUND(a, b, c, d, e, f, g, h, i);                                                  \
		PREPARE((i) + 1);                                                                  \
		ROUND(h, a, b, c, d, e, f, g, (i) + 1);                                            \
		PREPARE((i) + 2);                                                                  \
		ROUND(g, h, a, b, c, d, e, f, (i) + 2);                                            \
		PREPARE((i) + 3);                                                                  \
		ROUND(f, g, h, a, b, c, d, e, (i) + 3);                                            \
		PREPARE((i) + 4);                                                                  \
		ROUND(e, f, g, h, a, b, c, d, (i) + 4);                                            \
		PREPARE((i) + 5);                                                                  \
		ROUND(d, e, f, g, h, a, b, c, (i) + 5);                                            \
		PREPARE((i) + 6);                                                                  \
		ROUND(c, d, e, f, g, h, a, b, (i) + 6);                                            \
		PREPARE((i) + 7);                                                                  \
		ROUND(b, c, d, e, f, g, h, a, (i) + 7);                                            \
	} while (0)

#define READ(i) (w[i] = load(p + 4 * (i)))

/* Whole blocks, with the state in registers from one to the next. */
static void compress(uint32_t state[8], const uint8_t *p, size_t blocks)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7], w[16];

	for (; blocks; blocks--, p += 64) {
		uint32_t bc = b ^ c;

		EIGHT(READ, 0);
		EIGHT(READ, 8);
		for (int i = 16; i < 64; i += 16) {
			EIGHT(EXTEND, i);
			EIGHT(EXTEND, i + 8);
		}
		a = state[0] += a;
		b = state[1] += b;
		c = state[2] += c;
		d = state[3] += d;
		e = state[4] += e;
		f = state[5] += f;
		g = state[6] += g;
		h = state[7] += h;
	}
}

void sha256_init(struct sha256 *s)
{
	*s = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				       0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
			     .compress = compress};
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		size_t used = s->length % 64, take;

		if (used == 0 && len >= 64) {
			take = len / 64 * 64;
			s->compress(s->state, p, take / 64);
		} else {
			take = 64 - used < len ? 64 - used : len;
			memcpy(s->block + used, p, take);
			if (used + take == 64)
				s->compress(s->state, s->block, 1);
		}
		s->length += take;
		p += take;
		len -= take;
	}
}

void sha256_finish(struct sha256 *s, uint8_t digest[32])
{
	static const uint8_t pad[64] = {0x80};
	uint64_t bits = s->length * 8;
	uint8_t tail[8];

	sha256_add(s, pad, 1 + (119 - s->length % 64) % 64);
	for (int i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, tail, 8);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(struct sha256 *s, char hex[SHA256_HEX])
{
	uint8_t digest[32];

	sha256_finish(s, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void sha256_of(const void *data, size_t len, char hex[SHA256_HEX])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, data, len);
	sha256_hex(&s, hex);
}
