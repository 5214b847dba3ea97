/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4). Used to name images and to prove that the same kernel binary runs in every
 * layer; also the work of a CPU kernel, where a library's choice of instructions per CPU would make
 * the layers do different work. Portable C for little-endian machines; tests/bench/parity says how
 * it compares with libraries.
 */
#ifndef NB_SHA256_H
#define NB_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Takes whole blocks of 64 bytes into the state. */
typedef void sha256_compress(uint32_t state[8], const uint8_t *p, size_t blocks);

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
	/* The portable one; behind sha256_init() another may be put in its place. */
	sha256_compress *compress;
};

extern const uint32_t sha256_k[64]; /* the constants of the rounds */

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_finish(struct sha256 *s, uint8_t digest[32]);

/* The same as 64 hexadecimal digits. */
enum { SHA256_HEX = 65 };
void sha256_hex(struct sha256 *s, char hex[SHA256_HEX]);

/* Those of one text. */
void sha256_of(const void *data, size_t len, char hex[SHA256_HEX]);

#endif
