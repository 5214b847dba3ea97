/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the gpu kernels need of an accelerator: memory on the device, copies in and out, one launch
 * of a device program, and waiting. Commands are queued in order; only wait() blocks (on a real
 * device a copy may, too). All functions that can fail follow err.h.
 */
#ifndef NB_GPU_BACKEND_H
#define NB_GPU_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

struct gpu_device; /* the backend's own */

/* Device memory is identified by a number from alloc(). */
typedef uint32_t gpu_buffer;

enum gpu_kind {
	GPU_AXPY,   /* y[i] = a * x[i] + y[i] on count 32-bit words, modulo 2^32 */
	GPU_SAXPY,  /* the same on floats, with f for a */
	GPU_MATMUL, /* z = x * y on square matrices of count rows of floats, row by row */
	GPU_KINDS
};

/* count of a GPU_MATMUL must be a multiple of this. */
enum { GPU_TILE = 16 };

/* One launch of a device program; fields that its kind does not use are ignored. */
struct gpu_program {
	enum gpu_kind kind;
	uint32_t a;
	float f;
	gpu_buffer x, y, z;
	uint64_t count;
};

struct gpu_backend {
	const char *name;   /* "stub" */
	bool needs_library; /* loads a library while running, which a static program cannot */
	/* Can it be used here? -1 with the reason. NULL: always. */
	int (*probe)(struct err *err);
	/* Opens the first device; NULL on failure. */
	struct gpu_device *(*open)(struct err *err);
	/* The name of the device; owned by it. */
	const char *(*device_name)(const struct gpu_device *d);
	/* Zeroed memory, freed by close(). */
	int (*alloc)(struct gpu_device *d, uint64_t bytes, gpu_buffer *out, struct err *err);
	/* from and to must stay valid and unchanged until the next wait() returns. */
	int (*copy_to)(struct gpu_device *d, gpu_buffer to, const void *from, uint64_t bytes,
		       struct err *err);
	int (*launch)(struct gpu_device *d, const struct gpu_program *program, struct err *err);
	int (*copy_from)(struct gpu_device *d, void *to, gpu_buffer from, uint64_t bytes,
			 struct err *err);
	/* Waits until everything queued so far is done. */
	int (*wait)(struct gpu_device *d, struct err *err);
	void (*close)(struct gpu_device *d); /* NULL is fine */
};

/* A software device for layers without an accelerator; see stub.c. */
extern const struct gpu_backend gpu_stub;

/* The device that the OpenCL loader of this layer finds; see opencl.c. */
extern const struct gpu_backend gpu_opencl;

#endif
