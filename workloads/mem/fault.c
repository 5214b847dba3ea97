/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures first touch. With backing=warm that is a write to a page of fresh anonymous memory: a
 * page fault, a zeroed frame and a page-table entry. The page is 4 KiB, or 2 MiB where the layer
 * has transparent huge pages (the note says how many there were). When all pages of the region have
 * been touched it is released and mapped again, within the measured time: by munmap and mmap (as
 * will-it-scale does; page tables are rebuilt), or by MADV_DONTNEED (they stay). All of it is
 * touched once beforehand, so that the parent layer backs the frames already: what nesting adds is
 * the fault itself and the walks.
 *
 * With backing=cold it is a write to a page that the layer has mapped, but whose frame the parent
 * layer has taken back: a nested page fault, one for each page of the parent's, in which it backs
 * the page anew. The layer's own kernel has no part in it. That the parent takes back the region,
 * again and again, is not in the measured time. With cold it does so in pages of 4 KiB, and backs
 * it by such pages from then on, even where it had a huge page, which it splits; with cold-huge in
 * whole huge pages, and backs it by what it has.
 *
 * Not measured: faults that read files or swap.
 *
 * Source: will-it-scale page_fault1; PVM (SOSP 2023) table 4: 0.15 us in a VM, 0.19 us in a
 * nested one (lmbench, which maps a file's pages, so that none is zeroed); KVM's nested EPT series
 * (2012), where faults through shadow tables made a build four times as long.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "workloads/lib/pages.h"
#include "workloads/lib/reclaim.h"
#include "workloads/workload.h"

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

struct state {
	struct pages memory;
	uint64_t page_bytes, pages, position;
	uint64_t touched, dirty; /* dirty: pages that were not zeroed */
	int keep_tables;
	struct reclaim parent; /* where it is cold */
	uint64_t aside_ns;
};

static const char *const sizes[] = {[PAGES_4K] = "4k", [PAGES_HUGE] = "huge", NULL};
static const char *const ways[] = {"mmap", "dontneed", NULL};

enum { WARM, COLD, COLD_HUGE };
static const char *const backings[] = {"warm", "cold", "cold-huge", NULL};

static int probe_backing(uint64_t backing, struct err *err)
{
	return backing == WARM ? 0 : reclaim_probe(err);
}

enum { SIZE, PAGES, BY, BACKING };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 32 << 20, PAGE, UINT64_C(1) << 40, .step = PAGE,
		  .help = "the region that is touched before it is given back"},
	[PAGES] = {"pages", PARAM_CHOICE, PAGES_4K, .choices = sizes, .probe = pages_probe,
		   .help = "4 KiB, or transparent huge pages of 2 MiB"},
	[BY] = {"by", PARAM_CHOICE, .choices = ways,
		.help = "how it is given back: munmap and mmap, or MADV_DONTNEED"},
	[BACKING] = {"backing", PARAM_CHOICE, .choices = backings, .probe = probe_backing,
		     .help = "warm: the parent layer backs the frames already; cold: it has to do "
			     "so anew, after it took them back in 4 KiB or (cold-huge) 2 MiB"},
	{0},
};

static int check(const uint64_t *arg, struct err *err)
{
	if (arg[BACKING] != WARM && arg[BY] != 0)
		return err_set(err, EXIT_USAGE,
			       "by=dontneed needs backing=warm: of a cold region the layer gives "
			       "nothing back");
	if (arg[BACKING] == COLD_HUGE && arg[PAGES] != PAGES_HUGE)
		return err_set(
			err, EXIT_USAGE,
			"backing=cold-huge needs pages=huge: scattered pages cannot be taken "
			"back in huge ones");
	return 0;
}

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

/* All of it once, outside of the measured time. */
static int touch_all(struct state *s, const struct workload_env *env, struct err *err)
{
	while (s->position < s->pages)
		touch(s);
	pages_note(&s->memory, env);
	return renew_region(s, err);
}

static int set_up_cold(struct state *s, const struct workload_env *env, uint64_t backing,
		       struct err *err)
{
	if (pages_reserve(&s->memory, s->pages * PAGE,
			  s->page_bytes == PAGE ? PAGES_4K : PAGES_HUGE, err) < 0 ||
	    reclaim_open(&s->parent, s->memory.at, s->pages * PAGE,
			 backing == COLD ? PAGE : HUGE_PAGE, err) < 0)
		return -1;
	pages_note(&s->memory, env);
	return reclaim_all(&s->parent, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->page_bytes = arg[PAGES] == PAGES_HUGE ? HUGE_PAGE : PAGE;
	s->pages = (arg[SIZE] + s->page_bytes - 1) / s->page_bytes;
	s->keep_tables = arg[BY] == 1;
	if (arg[BACKING] != WARM) {
		s->pages *= s->page_bytes / PAGE;
		return set_up_cold(s, env, arg[BACKING], err);
	}
	return take_region(s, err) < 0 ? -1 : touch_all(s, env, err);
}

static int run_warm(struct state *s, uint64_t n, struct err *err)
{
	for (uint64_t i = 0; i < n; i++) {
		if (s->position == s->pages && renew_region(s, err) < 0)
			return -1;
		touch(s);
		s->touched++;
	}
	return 0;
}

/* The mark, which a frame that was taken back has lost. */
static void touch_cold(struct state *s)
{
	volatile uint64_t *page = (volatile uint64_t *)(s->memory.at + s->position++ * PAGE);

	page[0] = ~UINT64_C(0);
	s->dirty += page[1] != 0;
	page[1] = 1;
}

static int run_cold(struct state *s, uint64_t n, struct err *err)
{
	for (uint64_t i = 0; i < n; i++) {
		if (s->position == s->pages) {
			if (reclaim_aside(&s->parent, &s->aside_ns, err) < 0)
				return -1;
			s->position = 0;
		}
		touch_cold(s);
		s->touched++;
	}
	return reclaim_check(s->touched, s->dirty, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	s->aside_ns = 0;
	return s->parent.ports ? run_cold(s, n, err) : run_warm(s, n, err);
}

static uint64_t aside_ns(const void *state)
{
	return ((const struct state *)state)->aside_ns;
}

static void teardown(void *state)
{
	struct state *s = state;

	reclaim_close(&s->parent);
	pages_teardown(s);
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->touched) ^ s->dirty;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return arg[PAGES] == PAGES_HUGE && arg[BACKING] == WARM ? HUGE_PAGE : PAGE;
}

static unsigned needs_more(const uint64_t *arg)
{
	return arg[BACKING] == WARM ? 0 : NEEDS_BALLOON;
}

const struct workload workload_mem_fault = {
	.name = "mem.fault",
	.summary = "first touch of fresh pages",
	.op = "one page of the size `pages` written for the first time, with its share of giving "
	      "the region back; cold: one page of 4 KiB that the parent layer does not back",
	.source = "will-it-scale page_fault1",
	.figure = "PVM (SOSP 2023) table 4 (lmbench: a file's page, which is not zeroed): 0.15 us "
		  "in a VM, 0.19 us in a nested VM",
	.class = CLASS_MEM,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.check = check,
	.needs_more = needs_more,
	.setup = setup,
	.run = run,
	.digest = digest,
	.aside_ns = aside_ns,
	.teardown = teardown,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_QUICK] = ITEMS("size=16MiB"),
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "by=dontneed", "pages=huge", "pages=huge by=dontneed",
					"pages=huge backing=cold-huge"),
	.profiles[PROFILE_KINDS] = ITEMS("size=16MiB"),
	.known_params = "size=1MiB",
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
