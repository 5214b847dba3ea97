/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The software stub device: a thread that owns its memory and takes commands from a ring of
 * descriptors. A doorbell (an eventfd) wakes it after each submission, as a write to a device
 * register would; its copy engine moves data in bursts of a page, as a DMA engine does; and a
 * second eventfd, which stands for the interrupt, signals that a fence was reached. So submission
 * and completion cost what crossing threads costs in this layer: a wake-up and a context switch, or
 * an IPI between CPUs. Its memory is in 4k pages in every layer. It computes at the speed of one
 * CPU: its figures show the cost of reaching a device, and nothing about a real GPU.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "workloads/gpu/backend.h"
#include "workloads/lib/pages.h"

enum { RING = 64, BUFFERS = 8, BURST = 4096 };

enum opcode { COPY_TO, COPY_FROM, LAUNCH, FENCE, STOP };

struct command {
	enum opcode opcode;
	gpu_buffer buffer;
	void *host;
	uint64_t bytes;
	struct gpu_program program;
};

struct gpu_device {
	pthread_t thread;
	bool started;
	int doorbell, interrupt; /* eventfds; -1: none */
	struct command ring[RING];
	_Atomic uint64_t head; /* commands submitted */
	_Atomic uint64_t tail; /* commands done */
	struct pages memory[BUFFERS];
	uint32_t buffers;
};

/* 0, or -1 with errno; an eventfd fails only when it was closed. */
static int ring(int fd)
{
	uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one) ? 0 : -1;
}

static int await(int fd)
{
	uint64_t count;
	ssize_t got;

	do
		got = read(fd, &count, sizeof(count));
	while (got < 0 && errno == EINTR);
	return got == sizeof(count) ? 0 : -1;
}

static void move(char *to, const char *from, uint64_t bytes)
{
	for (uint64_t at = 0; at < bytes; at += BURST)
		memcpy(to + at, from + at, bytes - at < BURST ? bytes - at : BURST);
}

static void axpy(struct gpu_device *d, const struct gpu_program *program)
{
	const uint32_t *restrict x = (void *)d->memory[program->x].at;
	uint32_t *restrict y = (void *)d->memory[program->y].at;

	for (uint64_t i = 0; i < program->count; i++)
		y[i] += program->a * x[i];
}

static void saxpy(struct gpu_device *d, const struct gpu_program *program)
{
	const float *restrict x = (void *)d->memory[program->x].at;
	float *restrict y = (void *)d->memory[program->y].at;

	for (uint64_t i = 0; i < program->count; i++)
		y[i] += program->f * x[i];
}

static void matmul(struct gpu_device *d, const struct gpu_program *program)
{
	const float *restrict x = (void *)d->memory[program->x].at,
			      *restrict y = (void *)d->memory[program->y].at;
	float *restrict z = (void *)d->memory[program->z].at;
	uint64_t n = program->count;

	memset(z, 0, n * n * sizeof(*z));
	for (uint64_t i = 0; i < n; i++)
		for (uint64_t k = 0; k < n; k++)
			for (uint64_t j = 0; j < n; j++)
				z[i * n + j] += x[i * n + k] * y[k * n + j];
}

static void compute(struct gpu_device *d, const struct gpu_program *program)
{
	if (program->kind == GPU_AXPY)
		axpy(d, program);
	else if (program->kind == GPU_SAXPY)
		saxpy(d, program);
	else
		matmul(d, program);
}

static void *device(void *arg)
{
	struct gpu_device *d = arg;

	while (await(d->doorbell) == 0) {
		uint64_t tail = atomic_load_explicit(&d->tail, memory_order_relaxed);

		while (tail < atomic_load_explicit(&d->head, memory_order_acquire)) {
			const struct command *c = &d->ring[tail % RING];

			if (c->opcode == STOP)
				return NULL;
			if (c->opcode == COPY_TO)
				move(d->memory[c->buffer].at, c->host, c->bytes);
			else if (c->opcode == COPY_FROM)
				move(c->host, d->memory[c->buffer].at, c->bytes);
			else if (c->opcode == LAUNCH)
				compute(d, &c->program);
			else if (ring(d->interrupt) < 0)
				return NULL;
			atomic_store_explicit(&d->tail, ++tail, memory_order_release);
		}
	}
	return NULL;
}

static int submit(struct gpu_device *d, const struct command *c, struct err *err)
{
	uint64_t head = atomic_load_explicit(&d->head, memory_order_relaxed);
	uint64_t waiting = head - atomic_load_explicit(&d->tail, memory_order_acquire);

	/* There is always room for the fence that wait() needs. */
	if (waiting >= (c->opcode == FENCE ? RING : RING - 1))
		return err_set(err, EXIT_INTERNAL,
			       "the queue of the stub device is full: wait after %d commands",
			       RING - 1);
	d->ring[head % RING] = *c;
	atomic_store_explicit(&d->head, head + 1, memory_order_release);
	if (ring(d->doorbell) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot ring the stub device's doorbell");
	return 0;
}

static int stub_wait(struct gpu_device *d, struct err *err)
{
	if (submit(d, &(struct command){.opcode = FENCE}, err) < 0)
		return -1;
	if (await(d->interrupt) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot wait for the stub device");
	return 0;
}

static void stub_close(struct gpu_device *d)
{
	struct err ignored;

	if (!d)
		return;
	/* Once everything before it is done there is room for the last command. */
	if (d->started && stub_wait(d, &ignored) == 0 &&
	    submit(d, &(struct command){.opcode = STOP}, &ignored) == 0)
		pthread_join(d->thread, NULL);
	for (uint32_t i = 0; i < d->buffers; i++)
		pages_unmap(&d->memory[i]);
	if (d->doorbell >= 0)
		close(d->doorbell);
	if (d->interrupt >= 0)
		close(d->interrupt);
	free(d);
}

static int stub_probe(struct err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot make the stub device's doorbell");
	close(fd);
	return 0;
}

static struct gpu_device *stub_open(struct err *err)
{
	struct gpu_device *d = calloc(1, sizeof(*d));
	int failed;

	if (!d) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	d->doorbell = eventfd(0, EFD_CLOEXEC);
	d->interrupt = eventfd(0, EFD_CLOEXEC);
	if (d->doorbell < 0 || d->interrupt < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot make the stub device's doorbell");
		goto bad;
	}
	failed = pthread_create(&d->thread, NULL, device, d);
	if (failed) {
		errno = failed;
		err_errno(err, EXIT_INTERNAL, "cannot start the stub device");
		goto bad;
	}
	d->started = true;
	return d;
bad:
	stub_close(d);
	return NULL;
}

static const char *stub_name(const struct gpu_device *d)
{
	return "software stub device";
}

static int stub_alloc(struct gpu_device *d, uint64_t bytes, gpu_buffer *out, struct err *err)
{
	if (d->buffers == BUFFERS)
		return err_set(err, EXIT_INTERNAL, "the stub device has no more than %d buffers",
			       BUFFERS);
	if (pages_map(&d->memory[d->buffers], bytes, PAGES_4K, err) < 0)
		return -1;
	*out = d->buffers++;
	return 0;
}

/* Stands for a real device's memory protection. */
static int check_range(const struct gpu_device *d, gpu_buffer b, uint64_t bytes, struct err *err)
{
	if (b < d->buffers && bytes <= d->memory[b].bytes)
		return 0;
	return err_set(err, EXIT_INTERNAL, "a command reaches outside buffer %u of the stub device",
		       b);
}

static int stub_copy_to(struct gpu_device *d, gpu_buffer to, const void *from, uint64_t bytes,
			struct err *err)
{
	struct command c = {
		.opcode = COPY_TO, .buffer = to, .host = (void *)(uintptr_t)from, .bytes = bytes};

	return check_range(d, to, bytes, err) < 0 ? -1 : submit(d, &c, err);
}

static int stub_copy_from(struct gpu_device *d, void *to, gpu_buffer from, uint64_t bytes,
			  struct err *err)
{
	struct command c = {.opcode = COPY_FROM, .buffer = from, .host = to, .bytes = bytes};

	return check_range(d, from, bytes, err) < 0 ? -1 : submit(d, &c, err);
}

static int stub_launch(struct gpu_device *d, const struct gpu_program *program, struct err *err)
{
	struct command c = {.opcode = LAUNCH, .program = *program};
	bool square = program->kind == GPU_MATMUL;
	uint64_t bytes = program->count * (square ? program->count : 1) * 4;

	if (check_range(d, program->x, bytes, err) < 0 ||
	    check_range(d, program->y, bytes, err) < 0 ||
	    (square && check_range(d, program->z, bytes, err) < 0))
		return -1;
	return submit(d, &c, err);
}

const struct gpu_backend gpu_stub = {
	.name = "stub",
	.probe = stub_probe,
	.open = stub_open,
	.device_name = stub_name,
	.alloc = stub_alloc,
	.copy_to = stub_copy_to,
	.launch = stub_launch,
	.copy_from = stub_copy_from,
	.wait = stub_wait,
	.close = stub_close,
};
