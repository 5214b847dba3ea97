/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the latency of a launch: a program that does next to nothing (one addition) is launched,
 * and its end is waited for. With the stub device that is a wake-up of another thread and one back;
 * with an assigned device it is a doorbell, which needs no exit, and an interrupt, which may. Each
 * launch adds to the same word, so that none can be left out.
 *
 * Not measured: copies (gpu.copy), computing (gpu.saxpy, gpu.matmul), several launches under way.
 *
 * Source: SHOC QueueDelay; clpeak's kernel launch latency.
 */
#include "workloads/gpu/kernel.h"

struct state {
	struct gpu gpu;
	struct gpu_program program;
};

static const struct param params[] = {[GPU_BACKEND] = GPU_BACKEND_PARAM, {0}};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	const uint32_t x = (uint32_t)mix64(env->seed) | 1, y = 0;

	s->program = (struct gpu_program){.kind = GPU_AXPY, .a = 1, .count = 1};
	if (gpu_open(&s->gpu, env, arg, 0, err) < 0 ||
	    gpu_put(&s->gpu, &s->program.x, &x, sizeof(x), err) < 0)
		return -1;
	return gpu_put(&s->gpu, &s->program.y, &y, sizeof(y), err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->gpu.tally.done++)
		if (gpu_call(&s->gpu, &s->program, err) < 0)
			return -1;
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint32_t y;

	return gpu_get(&s->gpu, &y, s->program.y, sizeof(y)) ? mix64(y ^ s->gpu.tally.done << 32)
							     : 0;
}

const struct workload workload_gpu_launch = {
	.name = "gpu.launch",
	.summary = "launching a program that adds one number, and waiting for it",
	.op = "one launch and one wait",
	.source = "SHOC QueueDelay, clpeak --kernel-latency",
	GPU_WORKLOAD,
	.traits = SAMPLE_LATENCY,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "backend=opencl"),
	.known_ops = 100,
	.known_digest = UINT64_C(0xdc5c10c557d082f1),
};
