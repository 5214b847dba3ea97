/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In what pages kernels work is either a parameter, and then true, or the same in every layer. */
#include "tests/check.h"

#include <inttypes.h>
#include <sys/prctl.h>

#include "tests/workloads/drive.h"
#include "workloads/lib/pages.h"

static const struct workload_env env = {.seed = 1};

static void test_huge_pages_are_stated(void **state)
{
	const struct workload *w = workload_find("mem.stream");
	uint64_t arg[PARAMS_MAX];

	(void)state;
	drive_end(w, drive_begin(w, "size=4MiB pages=huge", &env));
	assert_non_null(strstr(drive_note, " of 12MiB in huge pages"));
	drive_end(w, drive_begin(w, "size=4MiB", &env));
	assert_null(strstr(drive_note, "pages"));
	drive_params(w, "size=4MiB", arg);
	assert_int_equal(w->bytes_per_op(arg), 3 * 32768);
}

/* Of the whole process. */
static uint64_t all_huge_kib(void)
{
	FILE *maps = fopen("/proc/self/smaps_rollup", "re");
	uint64_t kib = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) &&
	       sscanf(line, "AnonHugePages: %" SCNu64, &kib) != 1)
		;
	assert_int_equal(fclose(maps), 0);
	return kib;
}

/* Of memory next to each other each says what is its own, and a small one lies in a huge page. */
static void test_huge_pages_are_counted(void **state)
{
	static const uint64_t sizes[] = {4 << 20, 16 << 10, 6 << 20, 4 << 20};
	enum { REGIONS = sizeof(sizes) / sizeof(sizes[0]) };
	struct pages p[REGIONS] = {0};
	struct err err;

	(void)state;
	if (pages_probe(PAGES_HUGE, &err) < 0)
		skip();
	for (int i = 0; i < REGIONS; i++) {
		assert_works(pages_map(&p[i], sizes[i], i == 3 ? PAGES_DEFAULT : PAGES_HUGE, &err),
			     err);
		memset(p[i].at, 1, sizes[i]);
	}
	/* Where memory is scattered there may be none left, even for the large ones. */
	if (all_huge_kib() < 10 << 10)
		skip();
	assert_true(pages_got_huge(&p[0]) && pages_got_huge(&p[1]) && pages_got_huge(&p[2]));
	for (int i = 0; i < REGIONS; i++) {
		static const char *const says[] = {
			" of 4MiB in huge pages", "16KiB of 16KiB in huge pages",
			" of 6MiB in huge pages", " of 4MiB in huge pages"};
		char note[NOTE_TEXT] = "";

		pages_note(&p[i], &(struct workload_env){.note = note});
		assert_non_null(strstr(note, says[i]));
		pages_unmap(&p[i]);
	}
}

/* A row that is labelled huge is never one of 4k pages. */
static void test_without_huge_pages(void **state)
{
	static const char *const names[] = {"mem.chase", "mem.fault", "mem.read", "mem.stream",
					    "mem.tlb"};
	struct err err;

	(void)state;
	assert_int_equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_fails(
			drive_try(workload_find(names[i]), "size=64KiB pages=huge", &env, 1, &err),
			err, EXIT_MACHINE, "this layer has no transparent huge pages");
	assert_int_equal(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0), 0);
}

/* Memory of this process that may come in huge pages where a layer gives them unasked. */
static uint64_t undecided_bytes(void)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	uint64_t sum = 0, kib = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		sscanf(line, "Rss: %" SCNu64, &kib);
		if (strncmp(line, "VmFlags:", 8) == 0 && !strstr(line, " nh"))
			sum += kib << 10;
	}
	assert_int_equal(fclose(maps), 0);
	return sum;
}

/* Where the pages are no parameter they are of 4 KiB, however the layer is set. */
static void test_pages_do_not_depend_on_the_layer(void **state)
{
	static const char *const names[] = {"cpu.sort",	 "cpu.sha256",	"gpu.copy", "gpu.offload",
					    "gpu.saxpy", "mem.protect", "mem.map"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct workload *w = workload_find(names[i]);
		bool maps_itself = strcmp(names[i], "mem.map") == 0;
		uint64_t before = undecided_bytes();
		void *kernel[2] = {drive_begin(w, "size=16MiB", &env),
				   drive_begin(w, "size=16MiB", &env)};

		assert_in_range(undecided_bytes(), 0, before + (8 << 20));
		assert_int_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), maps_itself);
		drive_end(w, kernel[0]);
		assert_int_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), maps_itself);
		drive_end(w, kernel[1]);
		assert_int_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_huge_pages_are_stated),
		cmocka_unit_test(test_huge_pages_are_counted),
		cmocka_unit_test(test_without_huge_pages),
		cmocka_unit_test(test_pages_do_not_depend_on_the_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
