/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures mapping: mmap of `size` bytes, a first write to `touch` of its pages, munmap. The first
 * and the last are book-keeping of the layer's kernel, which nested paging does not affect;
 * unmapping a touched page frees it, its table and its translation, which is a TLB flush and, with
 * other threads running, an interrupt to each of their CPUs (threads=N shows that). Under shadow
 * paging every table that is made or freed is an exit. Pages are 4 KiB in every layer, whatever its
 * settings. Not measured: mappings of files.
 *
 * Source: will-it-scale mmap1 (touch=0); lmbench lat_mmap, which maps a file.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "lib/parse.h"
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

enum { PAGE = 4096 };

struct state {
	uint64_t bytes, touch;
	uint64_t mapped, clean; /* mappings, and pages that were zeroed */
	bool pages_set;
};

enum { SIZE, TOUCH };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 128 << 10, PAGE, UINT64_C(1) << 40, .step = PAGE,
		  .help = "of the mapping"},
	[TOUCH] = {"touch", PARAM_COUNT, 1, 0, 1 << 20,
		   .help = "number of its pages that are written"},
	{0},
};

static int check(const uint64_t *arg, struct err *err)
{
	char size[SIZE_TEXT];

	if (arg[TOUCH] <= arg[SIZE] / PAGE)
		return 0;
	return err_set(err, EXIT_USAGE, "touch=%" PRIu64 " pages are more than size=%s has",
		       arg[TOUCH], format_size(arg[SIZE], size));
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	pages_4k_alone();
	s->pages_set = true;
	s->bytes = arg[SIZE];
	s->touch = arg[TOUCH];
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	char size[SIZE_TEXT];

	for (uint64_t i = 0; i < n; i++) {
		char *at = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);

		if (at == MAP_FAILED)
			return err_errno(err, EXIT_MACHINE,
					 "cannot map %s of memory (use a smaller size)",
					 format_size(s->bytes, size));
		for (uint64_t k = 0; k < s->touch; k++) {
			volatile uint64_t *page = (volatile uint64_t *)(at + k * PAGE);

			page[0] = ~UINT64_C(0);
			s->clean += page[1] == 0;
		}
		if (munmap(at, s->bytes) < 0)
			return err_errno(err, EXIT_MACHINE, "cannot unmap memory");
		s->mapped++;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->mapped ^ mix64(s->clean));
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->pages_set)
		pages_as_set();
	s->pages_set = false;
}

const struct workload workload_mem_map = {
	.name = "mem.map",
	.summary = "mapping memory and unmapping it",
	.op = "one mmap, first writes to `touch` pages, one munmap",
	.source = "will-it-scale mmap1 (touch=0); lmbench lat_mmap, which maps a file",
	.class = CLASS_MEM,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.check = check,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("touch=0", "", "size=4MiB touch=1024"),
	.known_ops = 100,
	.known_digest = UINT64_C(0x3c62bb4fc0b463e7),
};
