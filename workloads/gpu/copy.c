/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the bandwidth to a device's memory, or from it: one copy, and the wait for its end.
 * Before each copy one word of what is copied is changed on its side (on the device by a launch
 * over one word), so that no copy can be left out; what has arrived is part of the digest. The
 * host's memory is ordinary memory in 4k pages, not pinned by the device's driver, as a program's
 * data usually are.
 *
 * Not measured: copies that overlap with computing or with each other.
 *
 * Source: SHOC BusSpeedDownload and BusSpeedReadback.
 */
#include "workloads/gpu/kernel.h"

enum { TO, FROM };

struct state {
	struct gpu gpu;
	gpu_buffer device, one; /* `one` holds a single word */
	uint32_t *host;
	uint64_t direction, words;
};

static const char *const directions[] = {[TO] = "to", [FROM] = "from", NULL};

enum { DIRECTION = 1, SIZE };
static const struct param params[] = {
	[GPU_BACKEND] = GPU_BACKEND_PARAM,
	[DIRECTION] = {"direction", PARAM_CHOICE, .choices = directions,
		       .help = "to the device, or from it"},
	[SIZE] = {"size", PARAM_SIZE, 1 << 20, 4 << 10, 1 << 30, .help = "bytes of one copy"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	const uint32_t one = 1;

	s->direction = arg[DIRECTION];
	s->words = arg[SIZE] / sizeof(*s->host);
	if (gpu_open(&s->gpu, env, arg, s->words * sizeof(*s->host), err) < 0)
		return -1;
	s->host = (uint32_t *)(void *)s->gpu.memory.at;
	for (uint64_t i = 0; i < s->words; i++)
		s->host[i] = (uint32_t)mix64(env->seed + i);
	if (gpu_put(&s->gpu, &s->one, &one, sizeof(one), err) < 0)
		return -1;
	return gpu_put(&s->gpu, &s->device, s->host, s->words * sizeof(*s->host), err);
}

/* Changes the first word of the copy. */
static int change(struct state *s, struct err *err)
{
	const struct gpu_program add = {
		.kind = GPU_AXPY, .a = 1, .x = s->one, .y = s->device, .count = 1};

	if (s->direction == FROM)
		return s->gpu.backend->launch(s->gpu.device, &add, err);
	s->host[0]++;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	const struct gpu_backend *b = s->gpu.backend;
	uint64_t bytes = s->words * sizeof(*s->host);

	for (uint64_t i = 0; i < n; i++, s->gpu.tally.done++) {
		int failed = change(s, err);

		if (!failed && s->direction == TO)
			failed = b->copy_to(s->gpu.device, s->device, s->host, bytes, err);
		else if (!failed)
			failed = b->copy_from(s->gpu.device, s->host, s->device, bytes, err);
		if (failed || b->wait(s->gpu.device, err) < 0)
			return -1;
		s->gpu.tally.sum = mix64(s->gpu.tally.sum ^ s->host[0] ^
					 s->host[mix64(s->gpu.tally.done) % s->words]);
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint32_t first;

	return gpu_get(&s->gpu, &first, s->device, sizeof(first)) ? mix64(s->gpu.tally.sum ^ first)
								  : 0;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return arg[SIZE] / sizeof(uint32_t) * sizeof(uint32_t);
}

const struct workload workload_gpu_copy = {
	.name = "gpu.copy",
	.summary = "copying to a device's memory, or from it",
	.op = "one copy of `size` bytes and one wait; from the device also a launch before it, "
	      "which changes one word",
	.source = "SHOC BusSpeedDownload and BusSpeedReadback",
	GPU_WORKLOAD,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] =
		ITEMS("size=4KiB", "size=64KiB", "", "size=16MiB", "direction=from",
		      "backend=opencl", "direction=from backend=opencl"),
	.known_params = "size=4KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x67fbbbdbbe4c4243),
};
