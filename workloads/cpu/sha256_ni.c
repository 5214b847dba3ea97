/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/cpu/sha256_ni.h"

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,ssse3,sse4.1")))

bool sha256_ni_usable(void)
{
	unsigned a, b, c, d;

	/* __builtin_cpu_supports() knows "sha" only in newer compilers. */
	return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") &&
	       __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA;
}

/* Four rounds from number i on. w holds their words. */
#define ROUNDS(w, i)                                                                               \
	do {                                                                                       \
		__m128i sum = _mm_add_epi32(                                                       \
			w, _mm_loadu_si128((const __m128i *)(const void *)(sha256_k + (i))));      \
                                                                                                   \
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                     \
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));            \
	} while (0)

/* The words of the rounds from i + 16 on, which replace those from i on in w0. */
WITH_SHA static inline __m128i extend(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	return _mm_sha256msg2_epu32(
		_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);
}

#define SIXTEEN(i)                                                                                 \
	do {                                                                                       \
		ROUNDS(w0, i);                                                                     \
		w0 = extend(w0, w1, w2, w3);                                                       \
		ROUNDS(w1, (i) + 4);                                                               \
		w1 = extend(w1, w2, w3, w0);                                                       \
		ROUNDS(w2, (i) + 8);                                                               \
		w2 = extend(w2, w3, w0, w1);                                                       \
		ROUNDS(w3, (i) + 12);                                                              \
		w3 = extend(w3, w0, w1, w2);                                                       \
	} while (0)

WITH_SHA static inline __m128i load(const uint8_t *p)
{
	const __m128i swap =
		_mm_set_epi64x(INT64_C(0x0c0d0e0f08090a0b), INT64_C(0x0405060700010203));

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

WITH_SHA void sha256_compress_ni(uint32_t state[8], const uint8_t *p, size_t blocks)
{
	/* The instructions take the eight variables in this order, the first named highest. */
	__m128i abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
	__m128i cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);

	for (; blocks; blocks--, p += 64) {
		const __m128i abef_before = abef, cdgh_before = cdgh;
		__m128i w0 = load(p), w1 = load(p + 16), w2 = load(p + 32), w3 = load(p + 48);

		SIXTEEN(0);
		SIXTEEN(16);
		SIXTEEN(32);
		ROUNDS(w0, 48);
		ROUNDS(w1, 52);
		ROUNDS(w2, 56);
		ROUNDS(w3, 60);
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	state[0] = (uint32_t)_mm_extract_epi32(abef, 3);
	state[1] = (uint32_t)_mm_extract_epi32(abef, 2);
	state[2] = (uint32_t)_mm_extract_epi32(cdgh, 3);
	state[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
	state[4] = (uint32_t)_mm_extract_epi32(abef, 1);
	state[5] = (uint32_t)_mm_extract_epi32(abef, 0);
	state[6] = (uint32_t)_mm_extract_epi32(cdgh, 1);
	state[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}
