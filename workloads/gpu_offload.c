/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures one round of work given to an accelerator: copy the input to the device, launch a
 * program on it, copy the result back, wait for it. Which device did it is in the note. Public
 * clouds forbid accelerators together with nesting, so the device of a nested layer is the software
 * stub: with it this kernel measures submission, completion and copying across threads, not a GPU.
 * The program is axpy on whole numbers, exact on every device; the result stays on the device and
 * is the input of the next round, so that no round can be left out.
 *
 * Source: SHOC BusSpeedDownload and QueueDelay.
 */
#include <stdio.h>
#include <stdlib.h>

#include "workloads/gpu_backend.h"
#include "workloads/workload.h"

struct state {
	const struct gpu_backend *backend;
	struct gpu_device *device;
	uint32_t *input, *output;
	struct gpu_axpy program;
	uint64_t bytes, done, sum;
	char note[64];
};

static const struct gpu_backend *const backends[] = {&gpu_stub};
static const char *const backend_names[] = {"stub", NULL};

enum { BACKEND, SIZE };
static const struct param params[] = {
	[BACKEND] = {.name = "backend",
		     .kind = PARAM_CHOICE,
		     .choices = backend_names,
		     .help = "how the device is reached"},
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 256 << 10,
		  .min = 4 << 10,
		  .max = 1 << 30,
		  .help = "copied in, and copied out again"},
	{0},
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	const struct gpu_backend *b = backends[arg[BACKEND]];

	(void)env;
	return b->probe ? b->probe(err) : 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->backend = backends[arg[BACKEND]];
	s->program.count = arg[SIZE] / sizeof(uint32_t);
	s->bytes = s->program.count * sizeof(uint32_t);
	s->device = s->backend->open(err);
	if (!s->device || s->backend->alloc(s->device, s->bytes, &s->program.x, err) < 0 ||
	    s->backend->alloc(s->device, s->bytes, &s->program.y, err) < 0)
		return -1;
	s->input = malloc(s->bytes);
	s->output = calloc(1, s->bytes);
	if (!s->input || !s->output)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (uint64_t i = 0; i < s->program.count; i++)
		s->input[i] = (uint32_t)(i + env->seed) * UINT32_C(2654435761);
	snprintf(s->note, sizeof(s->note), "%s: %.40s", s->backend->name,
		 s->backend->device_name(s->device));
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	const struct gpu_backend *b = s->backend;

	for (uint64_t i = 0; i < n; i++) {
		s->input[s->done % s->program.count]++;
		s->program.a = (uint32_t)s->done | 1;
		if (b->copy_to(s->device, s->program.x, s->input, s->bytes, err) < 0 ||
		    b->launch(s->device, &s->program, err) < 0 ||
		    b->copy_from(s->device, s->output, s->program.y, s->bytes, err) < 0 ||
		    b->wait(s->device, err) < 0)
			return -1;
		s->sum = mix64(s->sum ^ s->output[mix64(s->done) % s->program.count]);
		s->done++;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->sum ^ s->done);
}

static const char *note(const void *state)
{
	return ((const struct state *)state)->note;
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->device)
		s->backend->close(s->device);
	free(s->input);
	free(s->output);
	s->device = NULL;
	s->input = s->output = NULL;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return 2 * (arg[SIZE] / sizeof(uint32_t) * sizeof(uint32_t));
}

const struct workload workload_gpu_offload = {
	.name = "gpu.offload",
	.summary = "copy to a device, launch, copy back, wait",
	.op = "one round: copy in, launch, copy out, wait",
	.source = "SHOC QueueDelay and BusSpeed",
	.class = CLASS_GPU,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.note = note,
	.known_params = "size=4KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0xa3d5e45cbd90531e),
};
