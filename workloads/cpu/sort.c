/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures sorting: an array of 64-bit numbers, fresh pseudo-random ones each time, is put in order
 * by quicksort (median of three, Sedgewick's way: small parts are left to one insertion sort at the
 * end). Comparisons, data-dependent branches and moves within the caches: what a database or a
 * build does between its system calls. Generating the numbers is included (a few per cent).
 *
 * No library sort: a C library may use any algorithm, and it may allocate. Not measured: calls
 * through a compare function, sorting beyond the caches (unless size= asks for it).
 *
 * Source: stress-ng --qsort; Sedgewick, "Implementing Quicksort programs", 1978.
 */
#include "workloads/lib/pages.h"
#include "workloads/workload.h"

/* Parts of up to this many numbers are left to the insertion sort. */
enum { SMALL = 16 };
/* The larger part is deferred, so the depth is at most log2 of the largest count. */
enum { DEPTH = 40 };

struct state {
	struct pages memory;
	uint64_t *number;
	uint64_t count, next, sum;
};

enum { SIZE };
static const struct param params[] = {
	[SIZE] = {"size", PARAM_SIZE, 64 << 10, 64, UINT64_C(1) << 36,
		  .help = "of the array: 8 bytes for each number"},
	{0},
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->count = arg[SIZE] / sizeof(*s->number);
	s->next = mix64(env->seed);
	/* An array beyond the caches must be in the same kind of pages in every layer. */
	if (pages_map(&s->memory, s->count * sizeof(*s->number), PAGES_4K, err) < 0)
		return -1;
	s->number = (uint64_t *)(void *)s->memory.at;
	return 0;
}

static void order(uint64_t *a, uint64_t *b)
{
	uint64_t low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;

	*a = low;
	*b = high;
}

/* Splits low…high, at least three numbers, at the median of three; returns the end of the left
 * part; the right one begins one further. */
static uint64_t *split(uint64_t *low, uint64_t *high)
{
	uint64_t *middle = low + (high - low) / 2, *i = low, *j = high, pivot;

	order(low, middle);
	order(middle, high);
	order(low, middle);
	pivot = *middle;
	/* The ends are already on their sides and stop both scans. */
	for (;;) {
		uint64_t swap;

		while (*++i < pivot)
			;
		while (*--j > pivot)
			;
		if (i >= j)
			return j;
		swap = *i;
		*i = *j;
		*j = swap;
	}
}

static void quicksort(uint64_t *low, uint64_t *high)
{
	struct {
		uint64_t *low, *high;
	} later[DEPTH];
	int waiting = 0;

	for (;;) {
		while (high - low >= SMALL) {
			uint64_t *end = split(low, high);

			if (end - low > high - end) {
				later[waiting].low = low;
				later[waiting++].high = end;
				low = end + 1;
			} else {
				later[waiting].low = end + 1;
				later[waiting++].high = high;
				high = end;
			}
		}
		if (waiting == 0)
			return;
		low = later[--waiting].low;
		high = later[waiting].high;
	}
}

static void insertion_sort(uint64_t *number, uint64_t count)
{
	for (uint64_t i = 1; i < count; i++) {
		uint64_t moving = number[i], k = i;

		for (; k > 0 && number[k - 1] > moving; k--)
			number[k] = number[k - 1];
		number[k] = moving;
	}
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		for (uint64_t k = 0; k < s->count; k++)
			s->number[k] = mix64(s->next + k);
		s->next = mix64(s->next);
		quicksort(s->number, s->number + s->count - 1);
		insertion_sort(s->number, s->count);
		/* The median, the least and the greatest: if a part were left out they would hardly
		 * be in place. The numbers in between are not checked. */
		s->sum = mix64(s->sum ^ s->number[s->count / 2]) ^ s->number[0] ^
			 s->number[s->count - 1] << 1;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	return ((const struct state *)state)->sum;
}

const struct workload workload_cpu_sort = {
	.name = "cpu.sort",
	.summary = "quicksort of random 64-bit numbers",
	.op = "one array made and sorted",
	.source = "stress-ng --qsort (a C library's, of 32-bit numbers)",
	.figure = "Google Compute Engine documentation: nested VMs might see \"a 10% or greater "
		  "decrease\" for CPU-bound work",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = pages_teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "size=8MiB"),
	.known_params = "size=8KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x8aa224138a9ea763),
};
