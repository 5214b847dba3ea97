/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures a nested page fault by itself: a read of a page that the layer has mapped, and whose
 * frame the hypervisor has taken back. For memory that was never written it maps a page of zeroes,
 * so that no frame is found nor cleared. When all of the region has been read it is taken back
 * again, which is not in the measured time but for a write to one page of it, one operation in 512
 * more, to see that it is. The region is one huge page where the layer has any: the hypervisor
 * splits its own behind it for as long as the layer lives, so this is in no profile. Not measured:
 * what backing a page costs the hypervisor (mem.fault backing=cold).
 *
 * Source: KVM selftests demand_paging_test.
 */
#include "workloads/lib/pages.h"
#include "workloads/lib/reclaim.h"
#include "workloads/lib/state.h"

enum { PAGE = 4096, PAGES = PAGES_HUGE_BYTES / PAGE };

struct state {
	struct tally tally; /* of pages that were read as zeroes */
	struct pages memory;
	struct reclaim parent;
	size_t position;
	uint64_t aside_ns;
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return reclaim_probe(err);
}

static volatile uint64_t *page_at(const struct state *s, size_t i)
{
	return (volatile uint64_t *)(s->memory.at + i * PAGE);
}

static int cool(struct state *s, struct err *err)
{
	*page_at(s, 0) = 1;
	s->position = 0;
	return reclaim_aside(&s->parent, &s->aside_ns, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	if (pages_reserve(&s->memory, PAGES * PAGE, PAGES_HUGE, err) < 0 ||
	    reclaim_open(&s->parent, s->memory.at, PAGES * PAGE, PAGE, err) < 0)
		return -1;
	return cool(s, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	uint64_t before = s->tally.done;

	s->aside_ns = 0;
	for (uint64_t i = 0; i < n; i++) {
		if (s->position == PAGES && cool(s, err) < 0)
			return -1;
		s->tally.done += *page_at(s, s->position++) == 0;
	}
	return reclaim_check(n, n - (s->tally.done - before), err);
}

static uint64_t aside_ns(const void *state)
{
	return ((const struct state *)state)->aside_ns;
}

static void teardown(void *state)
{
	struct state *s = state;

	reclaim_close(&s->parent);
	pages_unmap(&s->memory);
}

const struct workload workload_exit_fault = {
	.name = "exit.fault",
	.summary = "reading a page that the hypervisor has not mapped: a nested page fault",
	.op = "one word read of a page of 4 KiB that the parent layer does not map",
	.source = "KVM selftests demand_paging_test",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.needs = NEEDS_BALLOON,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.aside_ns = aside_ns,
	.teardown = teardown,
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
