/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/gpu/kernel.h"

static const struct gpu_backend *const backends[] = {&gpu_stub, &gpu_opencl};
const char *const gpu_backend_names[] = {"stub", "opencl", NULL};

int gpu_probe(uint64_t backend, struct err *err)
{
	const struct gpu_backend *b = backends[backend];

	return b->probe ? b->probe(err) : 0;
}

bool gpu_needs_library(const uint64_t *arg)
{
	return backends[arg[GPU_BACKEND]]->needs_library;
}

int gpu_open(struct gpu *g, const struct workload_env *env, const uint64_t *arg, uint64_t bytes,
	     struct err *err)
{
	g->backend = backends[arg[GPU_BACKEND]];
	if (bytes && pages_map(&g->memory, bytes, PAGES_4K, err) < 0)
		return -1;
	g->device = g->backend->open(err);
	if (!g->device)
		return -1;
	note_add(env, "%s: %.80s", g->backend->name, g->backend->device_name(g->device));
	return 0;
}

void gpu_teardown(void *state)
{
	struct gpu *g = state;

	if (g->device)
		g->backend->close(g->device);
	g->device = NULL;
	pages_unmap(&g->memory);
}

float *gpu_floats(const struct gpu *g)
{
	/* cppcheck-suppress invalidPointerCast */
	return (float *)g->memory.at; /* a page, whatever its type */
}

int gpu_put(struct gpu *g, gpu_buffer *out, const void *from, uint64_t bytes, struct err *err)
{
	if (g->backend->alloc(g->device, bytes, out, err) < 0 ||
	    g->backend->copy_to(g->device, *out, from, bytes, err) < 0)
		return -1;
	return g->backend->wait(g->device, err);
}

int gpu_call(struct gpu *g, const struct gpu_program *program, struct err *err)
{
	if (g->backend->launch(g->device, program, err) < 0)
		return -1;
	return g->backend->wait(g->device, err);
}

bool gpu_get(const struct gpu *g, void *to, gpu_buffer from, uint64_t bytes)
{
	struct err ignored;

	return g->backend->copy_from(g->device, to, from, bytes, &ignored) == 0 &&
	       g->backend->wait(g->device, &ignored) == 0;
}

uint64_t gpu_digest_floats(const struct gpu *g, gpu_buffer from, uint64_t count)
{
	float *number = gpu_floats(g);
	uint64_t sum = g->tally.done;

	if (!gpu_get(g, number, from, count * sizeof(*number)))
		return 0;
	for (uint64_t i = 0; i < count; i++)
		sum = mix64(sum ^ (uint64_t)(int64_t)number[i]);
	return sum;
}
