/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FNV-1a (Fowler, Noll & Vo; http://www.isthe.com/chongo/tech/comp/fnv/): for tables whose keys
 * no adversary chooses.
 */
#ifndef NB_HASH_H
#define NB_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* The hash of what came before (HASH_START: nothing) and of these bytes. */
static inline uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
