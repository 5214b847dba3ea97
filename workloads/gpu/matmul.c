/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures computing on the device: z = x * y on square matrices of floats that stay in its memory,
 * 2 n³ operations for 3 n² numbers. No layer slows down a device that computes: nesting costs the
 * launch, and on the stub device what it costs the CPU. The OpenCL program works on tiles of 16 by
 * 16 in the device's local memory; a vendor's library is faster. Each product is the input of the
 * next, and x is a permutation with signs, so that the numbers, small and whole, neither grow nor
 * vanish: every device finds the same bits in whatever order it adds, and no product can be left
 * out. The digest is over the whole matrix.
 *
 * Not measured: copies (gpu.copy).
 *
 * Source: SHOC GEMM.
 */
#include "workloads/gpu/kernel.h"

struct state {
	struct gpu gpu;
	gpu_buffer permutation, matrix[2]; /* x; y and z alternate */
	uint64_t rows;
};

enum { ROWS = 1 };
static const struct param params[] = {
	[GPU_BACKEND] = GPU_BACKEND_PARAM,
	[ROWS] = {"rows", PARAM_COUNT, 128, GPU_TILE, 16384, .step = GPU_TILE,
		  .help = "rows and columns of the matrices"},
	{0},
};

/* Rotates rows by one and changes the sign of every third: to a device the product is as dense as
 * any. */
static void write_permutation(float *x, uint64_t rows)
{
	for (uint64_t i = 0; i < rows * rows; i++)
		x[i] = 0;
	for (uint64_t i = 0; i < rows; i++)
		x[i * rows + (i + 1) % rows] = i % 3 ? 1 : -1;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t bytes = arg[ROWS] * arg[ROWS] * sizeof(float);
	float *number;

	s->rows = arg[ROWS];
	if (gpu_open(&s->gpu, env, arg, bytes, err) < 0)
		return -1;
	number = gpu_floats(&s->gpu);
	write_permutation(number, s->rows);
	if (gpu_put(&s->gpu, &s->permutation, number, bytes, err) < 0)
		return -1;
	for (uint64_t i = 0; i < s->rows * s->rows; i++)
		number[i] = (float)(mix64(env->seed + i) % 2048) - 1024;
	if (gpu_put(&s->gpu, &s->matrix[0], number, bytes, err) < 0)
		return -1;
	return gpu_put(&s->gpu, &s->matrix[1], number, bytes, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->gpu.tally.done++) {
		const struct gpu_program product = {
			.kind = GPU_MATMUL,
			.x = s->permutation,
			.y = s->matrix[s->gpu.tally.done % 2],
			.z = s->matrix[(s->gpu.tally.done + 1) % 2],
			.count = s->rows,
		};

		if (gpu_call(&s->gpu, &product, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return gpu_digest_floats(&s->gpu, s->matrix[s->gpu.tally.done % 2], s->rows * s->rows);
}

const struct workload workload_gpu_matmul = {
	.name = "gpu.matmul",
	.summary = "the product of two square matrices of floats",
	.op = "one product of matrices of `rows` by `rows` floats, and one wait",
	.source = "SHOC GEMM",
	GPU_WORKLOAD,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.profiles[PROFILE_STANDARD] = ITEMS("rows=64"),
	.profiles[PROFILE_FULL] = ITEMS("", "backend=opencl"),
	.known_params = "rows=32",
	.known_ops = 40,
	.known_digest = UINT64_C(0x9dd78ac7aa48226e),
};
