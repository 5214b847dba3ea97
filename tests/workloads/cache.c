/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>

#include "tests/workloads/drive.h"
#include "workloads/lib/cache.h"

static void put(const char *dir, const char *name, const char *text)
{
	char path[400];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* Whatever their order, and whatever a cache of instructions is called. */
static void test_last_level(void **state)
{
	static const char *const caches[][3] = {{"1", "Data", "48K"},
						{"3", "Unified", "107520K"},
						{"3", "Instruction", "999999K"},
						{"2", "Unified", "2M"}};
	char *dir = test_dir_make(), path[300];

	(void)state;
	assert_int_equal(cache_last_level_bytes(dir), 0);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/index%d", dir, i);
		assert_int_equal(mkdir(path, 0700), 0);
		put(path, "level", caches[i][0]);
		put(path, "type", caches[i][1]);
		put(path, "size", caches[i][2]);
	}
	assert_int_equal(cache_last_level_bytes(dir), 105 << 20);
	test_dir_remove(dir);
}

static void expect(const char *name, const char *params, uint64_t parts, bool fits)
{
	const struct workload_env env = {.seed = 1, .parts = parts};
	const struct workload *w = workload_find(name);

	drive_end(w, drive_begin(w, params, &env));
	if (fits)
		assert_non_null(strstr(drive_note, "within the last-level cache ("));
	else
		assert_string_equal(drive_note, "");
}

static void test_rows_say_so(void **state)
{
	static const char *const names[] = {"mem.chase", "mem.read", "mem.stream"};
	char note[NOTE_TEXT] = "small";
	const struct workload_env env = {.note = note};

	(void)state;
	cache_note(UINT64_C(1) << 50, &env);
	assert_string_equal(note, "small");
	if (cache_last_level_bytes(NULL) < 1 << 20)
		skip();
	cache_note(1, &env);
	assert_int_equal(strncmp(note, "small; within the", 17), 0);
	for (int i = 0; i < 3; i++) {
		expect(names[i], "size=64KiB", 0, true);
		/* This number of copies at once needs more than any cache. */
		expect(names[i], "size=64KiB", UINT64_C(1) << 32, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_level),
		cmocka_unit_test(test_rows_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
