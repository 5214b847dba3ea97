/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures streaming through the device's own memory: y = a * x + y on floats that stay there. Two
 * loads and a store for two floating-point operations: bandwidth, and for short vectors the launch.
 * The numbers are whole and y stays below 2^24, so that every device finds the same bits, however
 * it rounds or contracts. With S = k * 5167 mod 8192 after k launches, y is (1 + S) times x: each
 * launch adds 5167 x or subtracts 3025 x, so that missing launches cannot cancel out, except for
 * 8192 of them. The digest is over the whole of y, read back outside of the measured time.
 *
 * Not measured: copies (gpu.copy). On the stub device one CPU does the work.
 *
 * Source: BLAS SAXPY; SHOC Triad without its copies.
 */
#include "workloads/gpu/kernel.h"

/* Numbers of x are below LIMIT; their factor increases by UP, modulo ROUND. */
enum { LIMIT = 1024, ROUND = 8192, UP = 5167, DOWN = ROUND - UP };

struct state {
	struct gpu gpu;
	struct gpu_program program;
	float *host; /* x at first, then y for the digest */
};

enum { SIZE = 1 };
static const struct param params[] = {
	[GPU_BACKEND] = GPU_BACKEND_PARAM,
	[SIZE] = {"size", PARAM_SIZE, 1 << 20, 4 << 10, UINT64_C(4) << 30,
		  .help = "bytes of each of the two vectors"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t count = arg[SIZE] / sizeof(float);
	uint64_t bytes = count * sizeof(float);

	if (gpu_open(&s->gpu, env, arg, bytes, err) < 0)
		return -1;
	s->host = gpu_floats(&s->gpu);
	s->program = (struct gpu_program){.kind = GPU_SAXPY, .count = count};
	for (uint64_t i = 0; i < count; i++)
		s->host[i] = (float)(mix64(env->seed + i) % LIMIT);
	if (gpu_put(&s->gpu, &s->program.x, s->host, bytes, err) < 0)
		return -1;
	return gpu_put(&s->gpu, &s->program.y, s->host, bytes, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->gpu.tally.done++) {
		bool wraps = s->gpu.tally.done * UP % ROUND >= DOWN;

		s->program.f = wraps ? -DOWN : UP;
		if (gpu_call(&s->gpu, &s->program, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return gpu_digest_floats(&s->gpu, s->program.y, s->program.count);
}

/* Two vectors are read, one is written. */
static uint64_t bytes_per_op(const uint64_t *arg)
{
	return 3 * (arg[SIZE] / sizeof(float) * sizeof(float));
}

const struct workload workload_gpu_saxpy = {
	.name = "gpu.saxpy",
	.summary = "y = a * x + y in the device's own memory",
	.op = "one launch over `size` bytes of each vector, and one wait",
	.source = "BLAS SAXPY; SHOC Triad",
	GPU_WORKLOAD,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "backend=opencl"),
	.known_params = "size=16KiB",
	.known_ops = 101,
	.known_digest = UINT64_C(0x8f83bbcf4158b567),
};
