/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cheapest VM exit.
 */
#ifndef NB_WORKLOADS_CPUID_H
#define NB_WORKLOADS_CPUID_H

#include <stdint.h>

/* Executes CPUID, leaf 0: the vendor of the CPU, as one number that stays the same in a layer. */
static inline uint32_t cpuid_vendor(void)
{
	uint32_t a = 0, b, c = 0, d;

	/* Not <cpuid.h>: clang's is not volatile, so that it may be hoisted out of a loop. */
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b ^ c ^ d;
}

#endif
