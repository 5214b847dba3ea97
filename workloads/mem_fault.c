/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures first touch: a write to a 4 KiB page of fresh anonymous memory, that is a page fault, a
 * zeroed frame and a page-table entry. When all pages of the region have been touched it is given
 * back and taken anew, within the measured time: by munmap and mmap (as will-it-scale does; page
 * tables are rebuilt), or by MADV_DONTNEED (they stay). The frames that come back have been used
 * before, so after the warm-up the layers above need not find memory: what nesting adds is the
 * fault itself and the walks. Warm-up batches show the other case.
 *
 * Source: will-it-scale page_fault1; PVM (SOSP 2023) table 4: 0.15 us in a VM, 0.19 us in a
 * nested one; KVM's nested EPT series (2012), where faults through shadow tables made a build
 * four times as long.
 */
#include <sys/mman.h>

#include "bench/base/parse.h"
#include "workloads/workload.h"

enum { PAGE = 4096 };

struct state {
	char *region; /* NULL: none */
	uint64_t pages, position;
	uint64_t touched, dirty; /* dirty: pages that did not come zeroed */
	int keep_tables;
};

static const char *const ways[] = {"mmap", "dontneed", NULL};

enum { SIZE, BY };
static const struct param params[] = {
	[SIZE] = {.name = "size",
		  .kind = PARAM_SIZE,
		  .fallback = 32 << 20,
		  .min = PAGE,
		  .max = UINT64_C(1) << 40,
		  .help = "the region that is touched before it is given back"},
	[BY] = {.name = "by",
		.kind = PARAM_CHOICE,
		.choices = ways,
		.help = "how it is given back: munmap and mmap, or MADV_DONTNEED"},
	{0},
};

static int take_region(struct state *s, struct err *err)
{
	size_t bytes = s->pages * PAGE;
	char size[SIZE_TEXT];
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return err_errno(err, EXIT_MACHINE, "cannot map %s of memory (use a smaller size)",
				 format_size(bytes, size));
	/* Refused by a kernel without transparent huge pages, which is as good. */
	madvise(at, bytes, MADV_NOHUGEPAGE);
	s->region = at;
	s->position = 0;
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->region)
		munmap(s->region, s->pages * PAGE);
	s->region = NULL;
}

static int renew_region(struct state *s, struct err *err)
{
	if (!s->keep_tables) {
		teardown(s);
		return take_region(s, err);
	}
	s->position = 0;
	if (madvise(s->region, s->pages * PAGE, MADV_DONTNEED) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot give memory back by MADV_DONTNEED");
	return 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	(void)env;
	s->pages = arg[SIZE] / PAGE;
	s->keep_tables = arg[BY] == 1;
	return take_region(s, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		volatile uint64_t *page;

		if (s->position == s->pages && renew_region(s, err) < 0)
			return -1;
		page = (volatile uint64_t *)(s->region + s->position++ * PAGE);
		/* Write first: a read would map the zero page, and the write would fault again. */
		page[0] = ~UINT64_C(0);
		s->dirty += page[1] != 0;
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
	(void)arg;
	return PAGE;
}

const struct workload workload_mem_fault = {
	.name = "mem.fault",
	.summary = "first touch of fresh 4 KiB pages",
	.op = "one page touched for the first time",
	.source = "will-it-scale page_fault1; PVM (SOSP 2023) table 4",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
