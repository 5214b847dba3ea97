/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures changing memory protection: `size` bytes are made read-only and writable again by
 * mprotect, and one page of them is written. Each change rewrites page-table entries and flushes
 * translations, as garbage collectors, JITs and fork do all the time; the write meets an empty TLB,
 * and no fault. With nested paging it all stays in the guest; under shadow paging the changed
 * entries are exits. With threads each CPU has to be interrupted for the flush.
 *
 * Not measured: the fault of a forbidden write and its signal.
 *
 * Source: libMicro mprotect.
 */
#include <sys/mman.h>

#include "workloads/lib/pages.h"
#include "workloads/workload.h"

enum { PAGE = 4096 };

struct state {
	struct pages memory;
	uint64_t pages, written;
};

enum { SIZE };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 64 << 10, PAGE, UINT64_C(1) << 36, .step = PAGE,
		  .help = "of the region whose protection changes"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->pages = arg[SIZE] / PAGE;
	if (pages_map(&s->memory, s->pages * PAGE, PAGES_4K, err) < 0)
		return -1;
	for (uint64_t i = 0; i < s->pages; i++)
		*(volatile uint64_t *)(s->memory.at + i * PAGE) = 0;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		volatile uint64_t *word =
			(volatile uint64_t *)(s->memory.at + s->written % s->pages * PAGE);

		if (mprotect(s->memory.at, s->memory.bytes, PROT_READ) < 0 ||
		    mprotect(s->memory.at, s->memory.bytes, PROT_READ | PROT_WRITE) < 0)
			return err_errno(err, EXIT_MACHINE,
					 "cannot change the protection of memory");
		++*word;
		s->written++;
	}
	return 0;
}

/* The words count the writes to their pages. */
static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < s->pages; i++)
		sum += *(volatile uint64_t *)(s->memory.at + i * PAGE);
	return mix64(sum);
}

const struct workload workload_mem_protect = {
	.name = "mem.protect",
	.summary = "write-protecting memory and making it writable again",
	.op = "one mprotect to read-only, one back, one write",
	.source = "libMicro mprotect",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "size=4MiB"),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
