/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The backend for real devices: OpenCL 1.2 through its loader, libOpenCL.so.1, which is opened only
 * on request, so that nothing here depends on it. It takes the first GPU, or else the first device
 * of any kind, such as the CPU that PoCL offers. One in-order queue.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "workloads/gpu/backend.h"

#define LOADER "libOpenCL.so.1"

enum { BUFFERS = 8, PLATFORMS = 16 };

/* The functions of the loader that are used; X(name) for each. */
#define FUNCTIONS(X)                                                                               \
	X(clGetPlatformIDs)                                                                        \
	X(clGetDeviceIDs)                                                                          \
	X(clGetDeviceInfo)                                                                         \
	X(clCreateContext)                                                                         \
	X(clCreateCommandQueue)                                                                    \
	X(clCreateProgramWithSource)                                                               \
	X(clBuildProgram)                                                                          \
	X(clCreateKernel)                                                                          \
	X(clCreateBuffer)                                                                          \
	X(clSetKernelArg)                                                                          \
	X(clEnqueueNDRangeKernel)                                                                  \
	X(clEnqueueFillBuffer)                                                                     \
	X(clEnqueueReadBuffer)                                                                     \
	X(clEnqueueWriteBuffer)                                                                    \
	X(clFinish)                                                                                \
	X(clReleaseMemObject)                                                                      \
	X(clReleaseKernel)                                                                         \
	X(clReleaseProgram)                                                                        \
	X(clReleaseCommandQueue)                                                                   \
	X(clReleaseContext)

struct api {
	void *library;
#define MEMBER(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses) a member */
	FUNCTIONS(MEMBER)
#undef MEMBER
};

struct gpu_device {
	struct api cl;
	cl_context context;
	cl_command_queue queue;
	cl_program program;
	cl_kernel kernel[GPU_KINDS];
	cl_mem buffer[BUFFERS];
	uint32_t buffers;
	char name[128];
};

static const char *const kernel_names[GPU_KINDS] = {
	[GPU_AXPY] = "axpy", [GPU_SAXPY] = "saxpy", [GPU_MATMUL] = "matmul"};

static const char source[] =
	"__kernel void axpy(uint a, __global const uint *x, __global uint *y)\n"
	"{ size_t i = get_global_id(0); y[i] += a * x[i]; }\n"
	"__kernel void saxpy(float a, __global const float *x, __global float *y)\n"
	"{ size_t i = get_global_id(0); y[i] += a * x[i]; }\n"
	"#define T 16\n"
	"__kernel __attribute__((reqd_work_group_size(T, T, 1)))\n"
	"void matmul(ulong n, __global const float *x, __global const float *y, __global float "
	"*z)\n"
	"{\n"
	"	__local float a[T][T], b[T][T];\n"
	"	size_t j = get_global_id(0), i = get_global_id(1);\n"
	"	size_t tj = get_local_id(0), ti = get_local_id(1);\n"
	"	float sum = 0;\n"
	"	for (size_t k = 0; k < n; k += T) {\n"
	"		a[ti][tj] = x[i * n + k + tj];\n"
	"		b[ti][tj] = y[(k + ti) * n + j];\n"
	"		barrier(CLK_LOCAL_MEM_FENCE);\n"
	"		for (int t = 0; t < T; t++)\n"
	"			sum += a[ti][t] * b[t][tj];\n"
	"		barrier(CLK_LOCAL_MEM_FENCE);\n"
	"	}\n"
	"	z[i * n + j] = sum;\n"
	"}\n";
_Static_assert(GPU_TILE == 16, "the T of the source");

static int failed(struct err *err, const char *what, cl_int code)
{
	return err_set(err, EXIT_MACHINE, "OpenCL: %s failed with code %d", what, code);
}

static int done(cl_int code, const char *what, struct err *err)
{
	return code == CL_SUCCESS ? 0 : failed(err, what, code);
}

/* Calls a function of the loader that returns a code. 0, or -1 with an err of its name. */
#define CALL(d, name, ...) done((d)->cl.name(__VA_ARGS__), #name, err)

static int load(struct api *cl, struct err *err)
{
	if (!dlopen(NULL, RTLD_NOW))
		return err_set(err, EXIT_MACHINE,
			       "a statically linked nestkernel cannot load " LOADER
			       ", and nestkernel-dl, which can, is not beside it");
	cl->library = dlopen(LOADER, RTLD_NOW | RTLD_LOCAL);
	if (!cl->library) {
		/* The next call of dl…() invalidates this text. */
		const char *why = dlerror();

		return err_set(err, EXIT_MACHINE,
			       "no OpenCL in this layer (install ocl-icd-libopencl1 and a driver, "
			       "or nestbench image --with-opencl): %s",
			       why ? why : "no reason was given");
	}
#define LOAD(name)                                                                                 \
	if (!(*(void **)&cl->name = dlsym(cl->library, #name)))                                    \
		return err_set(err, EXIT_MACHINE, LOADER " has no " #name);
	FUNCTIONS(LOAD)
#undef LOAD
	return 0;
}

/* The first device of a kind on any platform. */
static bool find_kind(const struct api *cl, cl_device_type kind, cl_device_id *device)
{
	cl_platform_id platform[PLATFORMS];
	cl_uint count = 0, devices = 0;

	if (cl->clGetPlatformIDs(PLATFORMS, platform, &count) != CL_SUCCESS)
		return false;
	for (cl_uint i = 0; i < count && i < PLATFORMS; i++)
		if (cl->clGetDeviceIDs(platform[i], kind, 1, device, &devices) == CL_SUCCESS &&
		    devices > 0)
			return true;
	return false;
}

static int find_device(const struct api *cl, cl_device_id *device, struct err *err)
{
	if (find_kind(cl, CL_DEVICE_TYPE_GPU, device) || find_kind(cl, CL_DEVICE_TYPE_ALL, device))
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "the OpenCL loader of this layer finds no device (a driver is missing, such "
		       "as pocl-opencl-icd)");
}

static int opencl_probe(struct err *err)
{
	struct api cl = {0};
	cl_device_id device;
	int result = load(&cl, err);

	if (result == 0)
		result = find_device(&cl, &device, err);
	/* Drivers do not unload cleanly: the library stays until the process ends. */
	return result;
}

static void opencl_close(struct gpu_device *d)
{
	if (!d)
		return;
	if (d->queue)
		d->cl.clFinish(d->queue);
	for (uint32_t i = 0; i < d->buffers; i++)
		d->cl.clReleaseMemObject(d->buffer[i]);
	for (int i = 0; i < GPU_KINDS; i++)
		if (d->kernel[i])
			d->cl.clReleaseKernel(d->kernel[i]);
	if (d->program)
		d->cl.clReleaseProgram(d->program);
	if (d->queue)
		d->cl.clReleaseCommandQueue(d->queue);
	if (d->context)
		d->cl.clReleaseContext(d->context);
	free(d);
}

static int build(struct gpu_device *d, cl_device_id device, struct err *err)
{
	const char *text = source;
	cl_int code;

	d->program = d->cl.clCreateProgramWithSource(d->context, 1, &text, NULL, &code);
	if (!d->program)
		return failed(err, "clCreateProgramWithSource", code);
	if (CALL(d, clBuildProgram, d->program, 1, &device, "", NULL, NULL) < 0)
		return -1;
	for (int i = 0; i < GPU_KINDS; i++) {
		d->kernel[i] = d->cl.clCreateKernel(d->program, kernel_names[i], &code);
		if (!d->kernel[i])
			return failed(err, "clCreateKernel", code);
	}
	return 0;
}

static int set_up(struct gpu_device *d, struct err *err)
{
	cl_device_id device;
	cl_int code;

	if (load(&d->cl, err) < 0 || find_device(&d->cl, &device, err) < 0 ||
	    CALL(d, clGetDeviceInfo, device, CL_DEVICE_NAME, sizeof(d->name) - 1, d->name, NULL) <
		    0)
		return -1;
	d->context = d->cl.clCreateContext(NULL, 1, &device, NULL, NULL, &code);
	if (!d->context)
		return failed(err, "clCreateContext", code);
	d->queue = d->cl.clCreateCommandQueue(d->context, device, 0, &code);
	if (!d->queue)
		return failed(err, "clCreateCommandQueue", code);
	return build(d, device, err);
}

static struct gpu_device *opencl_open(struct err *err)
{
	struct gpu_device *d = calloc(1, sizeof(*d));

	if (!d) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	if (set_up(d, err) == 0)
		return d;
	opencl_close(d);
	return NULL;
}

static const char *opencl_name(const struct gpu_device *d)
{
	return d->name;
}

static int opencl_alloc(struct gpu_device *d, uint64_t bytes, gpu_buffer *out, struct err *err)
{
	const cl_uchar zero = 0;
	char size[SIZE_TEXT];
	cl_mem memory;
	cl_int code;

	if (d->buffers == BUFFERS)
		return err_set(err, EXIT_INTERNAL, "a device has no more than %d buffers", BUFFERS);
	memory = d->cl.clCreateBuffer(d->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
	if (!memory)
		return err_set(err, EXIT_MACHINE,
			       "OpenCL: the device does not give %s of memory (code %d)",
			       format_size(bytes, size), code);
	*out = d->buffers;
	d->buffer[d->buffers++] = memory;
	return CALL(d, clEnqueueFillBuffer, d->queue, memory, &zero, 1, 0, bytes, 0, NULL, NULL);
}

static int opencl_copy_to(struct gpu_device *d, gpu_buffer to, const void *from, uint64_t bytes,
			  struct err *err)
{
	return CALL(d, clEnqueueWriteBuffer, d->queue, d->buffer[to], CL_FALSE, 0, bytes, from, 0,
		    NULL, NULL);
}

static int opencl_copy_from(struct gpu_device *d, void *to, gpu_buffer from, uint64_t bytes,
			    struct err *err)
{
	return CALL(d, clEnqueueReadBuffer, d->queue, d->buffer[from], CL_FALSE, 0, bytes, to, 0,
		    NULL, NULL);
}

static int opencl_launch(struct gpu_device *d, const struct gpu_program *p, struct err *err)
{
	static const size_t tile[] = {GPU_TILE, GPU_TILE};
	const size_t items[] = {p->count, p->count};
	const cl_ulong rows = p->count;
	const bool square = p->kind == GPU_MATMUL;
	const struct {
		const void *at;
		size_t bytes;
	} first[GPU_KINDS] = {[GPU_AXPY] = {&p->a, sizeof(p->a)},
			      [GPU_SAXPY] = {&p->f, sizeof(p->f)},
			      [GPU_MATMUL] = {&rows, sizeof(rows)}};
	const gpu_buffer buffers[] = {p->x, p->y, p->z};
	cl_kernel kernel = d->kernel[p->kind];

	if (CALL(d, clSetKernelArg, kernel, 0, first[p->kind].bytes, first[p->kind].at) < 0)
		return -1;
	for (cl_uint i = 0; i < (square ? 3 : 2); i++)
		if (CALL(d, clSetKernelArg, kernel, i + 1, sizeof(cl_mem), &d->buffer[buffers[i]]) <
		    0)
			return -1;
	return CALL(d, clEnqueueNDRangeKernel, d->queue, kernel, square ? 2 : 1, NULL, items,
		    square ? tile : NULL, 0, NULL, NULL);
}

static int opencl_wait(struct gpu_device *d, struct err *err)
{
	return CALL(d, clFinish, d->queue);
}

const struct gpu_backend gpu_opencl = {
	.name = "opencl",
	.needs_library = true,
	.probe = opencl_probe,
	.open = opencl_open,
	.device_name = opencl_name,
	.alloc = opencl_alloc,
	.copy_to = opencl_copy_to,
	.launch = opencl_launch,
	.copy_from = opencl_copy_from,
	.wait = opencl_wait,
	.close = opencl_close,
};
