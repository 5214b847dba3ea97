/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4). Used to name images and to prove that the same kernel binary runs in every
 * layer; also the work of a CPU kernel, where a library's choice of instructions per CPU would make
 * the layers do different work. Portable C for little-endian machines: faster
 * than Perl's Digest::SHA, level with libcrypto's x86-64 assembly without AVX, about 0.7 of its
 * AVX2 code and 0.2 of SHA extensions (tests/bench/parity).
 */
#ifndef NB_SHA256_H
#define NB_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_finish(struct sha256 *s, uint8_t digest[32]);

#endif
