/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures first touch: a write to a page of fresh anonymous memory, that is a page fault, a zeroed
 * frame and a page-table entry. The page is 4 KiB, or 2 MiB where the layer has transparent huge
 * pages (the note says how many there were). When all pages of the region have been touched it is
 * released and mapped again, within the measured time: by munmap and mmap (as will-it-scale does;
 * page tables are rebuilt), or by MADV_DONTNEED (they stay). The frames have been used before, so
 * after the warm-up the parent layers need not allocate memory: what nesting adds is the fault
 * itself and the walks. Warm-up batches show the other case. Not measured: faults that read files
 * or swap.
 *
 * Source: will-it-scale page_fault1; PVM (SOSP 2023) table 4: 0.15 us in a VM, 0.19 us in a
 * nested one (lmbench, which maps a file's pages, so that none is zeroed); KVM's nested EPT series
 * (2012), where faults through shadow tables made a build four times as long.
 */
#include <sys/mman.h>

#include "workloads/lib/pages.h"
#include "workloads/workload.h"

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

struct state {
	struct pages memory;
	uint64_t page_bytes, pages, position;
	uint64_t touched, dirty; /* dirty: pages that were not zeroed */
	int keep_tables;
};

static const char *const sizes[] = {[PAGES_4K] = "4k", [PAGES_HUGE] = "huge", NULL};
static const char *const ways[] = {"mmap", "dontneed", NULL};

enum { SIZE, PAGES, BY };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 32 << 20, PAGE, UINT64_C(1) << 40, .step = PAGE,
		  .help = "the region that is touched before it is given back"},
	[PAGES] = {"pages", PARAM_CHOICE, PAGES_4K, .choices = sizes, .probe = pages_probe,
		   .help = "4 KiB, or transparent huge pages of 2 MiB"},
	[BY] = {"by", PARAM_CHOICE, .choices = ways,
		.help = "how it is given back: munmap and mmap, or MADV_DONTNEED"},
	{0},
};

static int take_region(struct state *s, struct err *err)
{
	s->position = 0;
	return pages_reserve(&s->memory, s->pages * s->page_bytes,
			     s->page_bytes == PAGE ? PAGES_4K : PAGES_HUGE, err);
}

static int renew_region(struct state *s, struct err *err)
{
	if (!s->keep_tables) {
		pages_teardown(s);
		return take_region(s, err);
	}
	s->position = 0;
	if (madvise(s->memory.at, s->memory.bytes, MADV_DONTNEED) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot give memory back by MADV_DONTNEED");
	return 0;
}

static void touch(struct state *s)
{
	volatile uint64_t *page =
		(volatile uint64_t *)(s->memory.at + s->position++ * s->page_bytes);

	/* Write first: a read would map the zero page, and the write would fault again. */
	page[0] = ~UINT64_C(0);
	s->dirty += page[1] != 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->page_bytes = arg[PAGES] == PAGES_HUGE ? HUGE_PAGE : PAGE;
	s->pages = (arg[SIZE] + s->page_bytes - 1) / s->page_bytes;
	s->keep_tables = arg[BY] == 1;
	if (take_region(s, err) < 0)
		return -1;
	if (s->page_bytes == PAGE)
		return 0;
	/* Touched once outside of the measured time, to count the huge pages. */
	while (s->position < s->pages)
		touch(s);
	pages_note(&s->memory, env);
	return renew_region(s, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		if (s->position == s->pages && renew_region(s, err) < 0)
			return -1;
		touch(s);
		s->touched++;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->touched) ^ s->dirty;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return arg[PAGES] == PAGES_HUGE ? HUGE_PAGE : PAGE;
}

const struct workload workload_mem_fault = {
	.name = "mem.fault",
	.summary = "first touch of fresh pages",
	.op = "one page of the size `pages` written for the first time, with its share of giving "
	      "the region back",
	.source = "will-it-scale page_fault1",
	.figure = "PVM (SOSP 2023) table 4 (lmbench: a file's page, which is not zeroed): 0.15 us "
		  "in a VM, 0.19 us in a nested VM",
	.class = CLASS_MEM,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_QUICK] = ITEMS("size=16MiB"),
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "by=dontneed", "pages=huge", "pages=huge by=dontneed"),
	.profiles[PROFILE_KINDS] = ITEMS("size=16MiB"),
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
