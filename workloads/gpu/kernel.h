/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the gpu kernels have in common: which backend was asked for, and its open device. Every gpu
 * kernel's first parameter is GPU_BACKEND_PARAM.
 */
#ifndef NB_GPU_KERNEL_H
#define NB_GPU_KERNEL_H

#include "workloads/gpu/backend.h"
#include "workloads/workload.h"

enum { GPU_BACKEND = 0 };
extern const char *const gpu_backend_names[];
#define GPU_BACKEND_PARAM                                                                          \
	{                                                                                          \
		.name = "backend", .kind = PARAM_CHOICE, .choices = gpu_backend_names,             \
		.help = "how the device is reached: a software stub, or OpenCL"                    \
	}

struct gpu {
	const struct gpu_backend *backend;
	struct gpu_device *device; /* NULL: none */
	char note[96];		   /* "opencl: NAME" */
};

/* Of the descriptor. */
int gpu_probe(const struct workload_env *env, const uint64_t *arg, struct err *err);
bool gpu_needs_library(const uint64_t *arg);

int gpu_open(struct gpu *g, const uint64_t *arg, struct err *err);
void gpu_close(struct gpu *g); /* nothing open is fine */

/* Fills a fresh device buffer. */
int gpu_put(struct gpu *g, gpu_buffer *out, const void *from, uint64_t bytes, struct err *err);
/* Launches, and waits for the end. */
int gpu_call(struct gpu *g, const struct gpu_program *program, struct err *err);
/* The first bytes of a buffer, for a digest; false: the device failed. */
bool gpu_get(const struct gpu *g, void *to, gpu_buffer from, uint64_t bytes);

#endif
