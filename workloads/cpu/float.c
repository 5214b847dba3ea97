/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures double-precision arithmetic by independent chains, each step x = c - x * x (the
 * quadratic map, which wanders in [-1.71, 1.9] for ever and so never meets infinities, denormals or
 * a fixed point). Two variants, which count as two workloads:
 *
 * isa=fma: ten chains of four doubles, one fused multiply-add a step; ten cover the latency of two
 * FMA units. Where the layer's CPU shows no AVX and FMA3 it is skipped: a C library's fma() without
 * them is many times slower, and no user would run it.
 *
 * isa=sse2: fourteen chains of two doubles (as many as there are registers), one multiplication and
 * one subtraction a step, each rounded. Every x86-64 CPU has that, an emulated one too.
 *
 * IEEE 754 fixes every bit in both, so all layers come to the same digest; the compiler is kept
 * from contracting the second into the first. Not measured: memory, wider vectors, transcendental
 * functions.
 *
 * Source: the peak-FLOPS loops of likwid (peakflops_avx_fma, peakflops_sse).
 */
#include <immintrin.h>
#include <string.h>

#include "workloads/workload.h"

enum { FMA_CHAINS = 10, FMA_LANES = 4, SSE2_CHAINS = 14, SSE2_LANES = 2 };
enum { NUMBERS = FMA_CHAINS * FMA_LANES }; /* the larger of both */

static const double C = 1.9;

enum isa { ISA_FMA, ISA_SSE2 };
static const char *const isas[] = {[ISA_FMA] = "fma", [ISA_SSE2] = "sse2", NULL};

static int probe_isa(uint64_t isa, struct err *err)
{
	if (isa == ISA_FMA && !(__builtin_cpu_supports("avx") && __builtin_cpu_supports("fma")))
		return err_set(err, EXIT_MACHINE,
			       "this layer's CPU shows no AVX and FMA3 (use isa=sse2)");
	return 0;
}

enum { ISA };
static const struct param params[] = {
	[ISA] = {"isa", PARAM_CHOICE, ISA_FMA, .choices = isas, .probe = probe_isa,
		 .help = "fused multiply-adds of AVX and FMA3, or what every x86-64 CPU has"},
	{0},
};

struct state {
	double x[NUMBERS];
	enum isa isa;
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->isa = (enum isa)arg[ISA];
	for (int i = 0; i < NUMBERS; i++)
		s->x[i] = (double)(mix64(env->seed + (uint64_t)i) >> 11) * 0x1p-53;
	return 0;
}

__attribute__((target("avx,fma"))) static void run_fma(double *x, uint64_t n)
{
	const __m256d c = _mm256_set1_pd(C);
	__m256d v[FMA_CHAINS];

	for (int k = 0; k < FMA_CHAINS; k++)
		v[k] = _mm256_loadu_pd(x + FMA_LANES * k);
	for (uint64_t i = 0; i < n; i++)
		for (int k = 0; k < FMA_CHAINS; k++)
			v[k] = _mm256_fnmadd_pd(v[k], v[k], c);
	for (int k = 0; k < FMA_CHAINS; k++)
		_mm256_storeu_pd(x + FMA_LANES * k, v[k]);
}

static void run_sse2(double *x, uint64_t n)
{
	const __m128d c = _mm_set1_pd(C);
	__m128d v[SSE2_CHAINS];

	for (int k = 0; k < SSE2_CHAINS; k++)
		v[k] = _mm_loadu_pd(x + SSE2_LANES * k);
	for (uint64_t i = 0; i < n; i++)
		for (int k = 0; k < SSE2_CHAINS; k++)
			v[k] = _mm_sub_pd(c, _mm_mul_pd(v[k], v[k]));
	for (int k = 0; k < SSE2_CHAINS; k++)
		_mm_storeu_pd(x + SSE2_LANES * k, v[k]);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	if (s->isa == ISA_FMA)
		run_fma(s->x, n);
	else
		run_sse2(s->x, n);
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = 0, bits;

	for (int i = 0; i < NUMBERS; i++) {
		memcpy(&bits, &s->x[i], sizeof(bits));
		sum = mix64(sum ^ bits);
	}
	return sum;
}

const struct workload workload_cpu_float = {
	.name = "cpu.float",
	.summary = "independent multiplications and additions on doubles",
	.op = "one step of every chain: 40 fused multiply-adds (fma) or 28 multiplications and 28 "
	      "subtractions (sse2)",
	.source = "likwid-bench peakflops_avx_fma, peakflops_sse",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.profiles[PROFILE_QUICK] = ITEMS("isa=sse2"),
	.profiles[PROFILE_STANDARD] = ITEMS("", "isa=sse2"),
	.known_params = "isa=sse2",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x60af36c19a7a6b5c),
};
