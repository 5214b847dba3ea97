/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures streaming through the device's own memory: y = a * x + y on floats that stay there. Two
 * loads and a store for two floating-point operations: bandwidth, and for short vectors the launch.
 * The numbers are small and whole and a changes its sign from launch to launch, so that every
 * device finds the same bits, however it rounds or contracts; the digest reads y back.
 *
 * Not measured: copies (gpu.copy). On the stub device one CPU does the work.
 *
 * Source: BLAS SAXPY; SHOC Triad without its copies.
 */
#include <stdlib.h>

#include "workloads/gpu_kernel.h"

enum { SAMPLES = 1024 };

struct state {
	struct gpu gpu;
	struct gpu_program program;
	uint64_t done;
};

enum { SIZE = 1 };
static const struct param params[] = {
	[GPU_BACKEND] = GPU_BACKEND_PARAM,
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 1 << 20,
		  .min = SAMPLES * sizeof(float),
		  .max = UINT64_C(4) << 30,
		  .help = "bytes of each of the two vectors"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t count = arg[SIZE] / sizeof(float);
	float *data = malloc(count * sizeof(float));
	int failed;

	if (!data)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->program = (struct gpu_program){.kind = GPU_SAXPY, .count = count};
	for (uint64_t i = 0; i < count; i++)
		data[i] = (float)(mix64(env->seed + i) % 1024);
	failed = gpu_open(&s->gpu, arg, err) < 0 ||
		 gpu_put(&s->gpu, &s->program.x, data, count * sizeof(float), err) < 0 ||
		 gpu_put(&s->gpu, &s->program.y, data, count * sizeof(float), err) < 0;
	free(data);
	return failed ? -1 : 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->done++) {
		/* +1, -1, +2, -2, … +64, -64, +1, …: y comes back to where it was. */
		float step = (float)(s->done / 2 % 64 + 1);

		s->program.f = s->done % 2 ? -step : step;
		if (gpu_call(&s->gpu, &s->program, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = s->done;
	float y[SAMPLES];

	if (!gpu_get(&s->gpu, y, s->program.y, sizeof(y)))
		return 0;
	for (int i = 0; i < SAMPLES; i++)
		sum = mix64(sum ^ (uint64_t)(int64_t)y[i]);
	return sum;
}

static void teardown(void *state)
{
	gpu_close(&((struct state *)state)->gpu);
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->gpu.note;
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
	.class = CLASS_GPU,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = gpu_probe,
	.needs_library = gpu_needs_library,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.note = note,
	.known_params = "size=16KiB",
	.known_ops = 101,
	.known_digest = UINT64_C(0x6614038f17856246),
};
