/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures one round of work offloaded to an accelerator: copy the input to the device, launch a
 * program on it, copy the result back, wait for it. The note names the device. Public clouds forbid
 * accelerators together with nesting, so the device of a nested layer is the software stub: with it
 * this kernel measures submission, completion and copying across threads, not a GPU. The program is
 * axpy on whole numbers, exact on every device; the result stays on the device and is the input of
 * the next round, so that no round can be left out. Not measured: the four steps each by itself
 * (gpu.copy, gpu.launch), several rounds under way.
 *
 * Source: SHOC BusSpeedDownload, QueueDelay and BusSpeedReadback.
 */
#include "workloads/gpu/kernel.h"

struct state {
	struct gpu gpu;
	uint32_t *input, *output; /* one behind the other */
	struct gpu_program program;
	uint64_t bytes;
};

enum { SIZE = 1 };
static const struct param params[] = {
	[GPU_BACKEND] = GPU_BACKEND_PARAM,
	[SIZE] = {"size", PARAM_SIZE, 256 << 10, 4 << 10, 1 << 30,
		  .help = "copied in, and copied out again"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->program.kind = GPU_AXPY;
	s->program.count = arg[SIZE] / sizeof(uint32_t);
	s->bytes = s->program.count * sizeof(uint32_t);
	if (gpu_open(&s->gpu, env, arg, 2 * s->bytes, err) < 0 ||
	    s->gpu.backend->alloc(s->gpu.device, s->bytes, &s->program.x, err) < 0 ||
	    s->gpu.backend->alloc(s->gpu.device, s->bytes, &s->program.y, err) < 0)
		return -1;
	s->input = (uint32_t *)(void *)s->gpu.memory.at;
	s->output = s->input + s->program.count;
	for (uint64_t i = 0; i < s->program.count; i++)
		s->input[i] = (uint32_t)(i + env->seed) * UINT32_C(2654435761);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	const struct gpu_backend *b = s->gpu.backend;
	struct gpu_device *d = s->gpu.device;

	for (uint64_t i = 0; i < n; i++) {
		s->input[s->gpu.tally.done % s->program.count]++;
		s->program.a = (uint32_t)s->gpu.tally.done | 1;
		if (b->copy_to(d, s->program.x, s->input, s->bytes, err) < 0 ||
		    b->launch(d, &s->program, err) < 0 ||
		    b->copy_from(d, s->output, s->program.y, s->bytes, err) < 0 ||
		    b->wait(d, err) < 0)
			return -1;
		s->gpu.tally.sum = mix64(s->gpu.tally.sum ^
					 s->output[mix64(s->gpu.tally.done) % s->program.count]);
		s->gpu.tally.done++;
	}
	return 0;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return 2 * (arg[SIZE] / sizeof(uint32_t) * sizeof(uint32_t));
}

const struct workload workload_gpu_offload = {
	.name = "gpu.offload",
	.summary = "copy to a device, launch, copy back, wait",
	.op = "one round: copy `size` bytes in, launch, copy as many out, wait",
	.source = "SHOC BusSpeedDownload, QueueDelay and BusSpeedReadback in one",
	GPU_WORKLOAD,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "size=4KiB"),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_params = "size=4KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xa3d5e45cbd90531e),
};
