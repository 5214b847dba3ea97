/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the gpu kernels share: the requested backend, and its open device. Every gpu kernel's first
 * parameter is GPU_BACKEND_PARAM.
 */
#ifndef NB_GPU_KERNEL_H
#define NB_GPU_KERNEL_H

#include "workloads/gpu/backend.h"
#include "workloads/lib/pages.h"
#include "workloads/lib/state.h"

enum { GPU_BACKEND = 0 };
extern const char *const gpu_backend_names[];
#define GPU_BACKEND_PARAM                                                                          \
	{                                                                                          \
		"backend", PARAM_CHOICE,                                                           \
			.choices = gpu_backend_names, .probe = gpu_probe,                          \
			.help = "how the device is reached: a software stub, or OpenCL"            \
	}

/* Their states begin with it. */
struct gpu {
	struct tally tally;
	const struct gpu_backend *backend;
	struct gpu_device *device; /* NULL: none */
	struct pages memory;	   /* the host's side, in 4k pages */
};

int gpu_probe(uint64_t backend, struct err *err);
bool gpu_needs_library(const uint64_t *arg);
void gpu_teardown(void *state);

/* Functions of the descriptors. */
#define GPU_WORKLOAD                                                                               \
	.class = CLASS_GPU, .needs_library = gpu_needs_library, .teardown = gpu_teardown

/* Opens the device, which the note names, and maps bytes of the host's memory, if any. */
int gpu_open(struct gpu *g, const struct workload_env *env, const uint64_t *arg, uint64_t bytes,
	     struct err *err);

/* The host's memory as numbers. */
float *gpu_floats(const struct gpu *g);

/* Fills a fresh device buffer. */
int gpu_put(struct gpu *g, gpu_buffer *out, const void *from, uint64_t bytes, struct err *err);
/* Launches, and waits for the end. */
int gpu_call(struct gpu *g, const struct gpu_program *program, struct err *err);
/* The first bytes of a buffer, for a digest; false: the device failed. */
bool gpu_get(const struct gpu *g, void *to, gpu_buffer from, uint64_t bytes);
/* A digest of whole numbers in a buffer, read back into the host's memory; 0: it failed. */
uint64_t gpu_digest_floats(const struct gpu *g, gpu_buffer from, uint64_t count);

#endif
