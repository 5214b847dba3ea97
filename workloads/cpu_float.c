/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures double-precision arithmetic: ten independent chains of four doubles, each step one fused
 * multiply-add x = c - x * x (the quadratic map, which wanders in [-1.7, 1.9] for ever and so never
 * meets infinities, denormals or a fixed point). Ten chains cover the latency of two FMA units.
 *
 * The same bits in every layer: a fused multiply-add is rounded once, by IEEE 754, however it is
 * carried out. Where the CPU that the layer shows has no FMA3, the C library's fma() does the same
 * steps to the same bits, more slowly; that is what such a layer has to offer, and the note says
 * so. Plain mul and add would leave it to the compiler whether to contract them. Not measured:
 * memory, wider vectors, transcendental functions.
 *
 * Source: the peak-FLOPS loops of likwid (peakflops_avx_fma).
 */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "workloads/workload.h"

enum { CHAINS = 10, LANES = 4 };

static const double C = 1.9;

struct state {
	double x[CHAINS * LANES];
	int hardware;
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	(void)arg;
	(void)err;
	for (int i = 0; i < CHAINS * LANES; i++)
		s->x[i] = (double)(mix64(env->seed + (uint64_t)i) >> 11) * 0x1p-53;
	s->hardware = __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma");
	return 0;
}

__attribute__((target("avx,fma"))) static void run_fma3(double *x, uint64_t n)
{
	const __m256d c = _mm256_set1_pd(C);
	__m256d v[CHAINS];

	for (int k = 0; k < CHAINS; k++)
		v[k] = _mm256_loadu_pd(x + LANES * k);
	for (uint64_t i = 0; i < n; i++)
		for (int k = 0; k < CHAINS; k++)
			v[k] = _mm256_fnmadd_pd(v[k], v[k], c);
	for (int k = 0; k < CHAINS; k++)
		_mm256_storeu_pd(x + LANES * k, v[k]);
}

static void run_library(double *x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		for (int k = 0; k < CHAINS * LANES; k++)
			x[k] = fma(-x[k], x[k], C);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	(void)err;
	if (s->hardware)
		run_fma3(s->x, n);
	else
		run_library(s->x, n);
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = 0, bits;

	for (int i = 0; i < CHAINS * LANES; i++) {
		memcpy(&bits, &s->x[i], sizeof(bits));
		sum = mix64(sum ^ bits);
	}
	return sum;
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->hardware ? NULL
						       : "fma() of the C library: no FMA3 here";
}

const struct workload workload_cpu_float = {
	.name = "cpu.float",
	.summary = "independent fused multiply-adds on doubles",
	.op = "40 fused multiply-adds (80 floating-point operations)",
	.source = "likwid-bench peakflops_avx_fma",
	.class = CLASS_CPU,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.note = note,
	.known_ops = 1000,
	.known_digest = UINT64_C(0x0214200a897fa35c),
};
