/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/host/hugepages.h"
#include "lib/file.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define POOL "/sys/kernel/mm/hugepages/hugepages-"

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256], *slash;
	struct err err;

	snprintf(full, sizeof(full), "%s%s", root, path);
	slash = strrchr(full, '/');
	*slash = '\0';
	assert_works(file_make_dirs(full, &err), err);
	*slash = '/';
	assert_works(file_write_whole(full, text, strlen(text), &err), err);
}

static void pool(const char *size, const char *total, const char *free, const char *promised)
{
	char path[128];

	snprintf(path, sizeof(path), POOL "%s/nr_hugepages", size);
	put(path, total);
	snprintf(path, sizeof(path), POOL "%s/free_hugepages", size);
	put(path, free);
	snprintf(path, sizeof(path), POOL "%s/resv_hugepages", size);
	put(path, promised);
}

static const char *reserved(char line[32])
{
	char path[128];

	snprintf(path, sizeof(path), "%s" POOL "2048kB/nr_hugepages", root);
	file_line(line, 32, "%s", path);
	return line;
}

static int make(void **state)
{
	(void)state;
	strcpy(root, "/tmp/nestbench-test-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int clear(void **state)
{
	struct err err;

	(void)state;
	return file_remove_tree(root, &err);
}

static void the_largest_that_fits(void **state)
{
	uint64_t page = 0;
	struct err err;

	(void)state;
	pool("2048kB", "600\n", "512\n", "0\n");
	assert_works(hugepages_find(root, GIB, &page, &err), err);
	assert_int_equal(page, 2 * MIB);
	pool("1048576kB", "2\n", "1\n", "0\n");
	assert_works(hugepages_find(root, GIB, &page, &err), err);
	assert_int_equal(page, GIB);
	/* No multiple of 1 GiB. */
	assert_works(hugepages_find(root, 900 * MIB, &page, &err), err);
	assert_int_equal(page, 2 * MIB);
	/* Free, but promised to somebody. */
	pool("1048576kB", "2\n", "1\n", "1\n");
	assert_works(hugepages_find(root, GIB, &page, &err), err);
	assert_int_equal(page, 2 * MIB);
}

static void too_few_names_the_remedy(void **state)
{
	uint64_t page;
	struct err err;
	char want[256];

	(void)state;
	pool("2048kB", "100\n", "60\n", "10\n");
	snprintf(want, sizeof(want),
		 "1GiB of memory in huge pages takes 512 of 2MiB, and 50 are free: reserve them "
		 "with `echo 562 | sudo tee %s" POOL "2048kB/nr_hugepages`",
		 root);
	assert_fails(hugepages_find(root, GIB, &page, &err), err, EXIT_MACHINE, want);
	assert_non_null(strstr(err.text, "give them back afterwards with `echo 100 |"));
	assert_fails(hugepages_find(root, 513 * MIB, &page, &err), err, EXIT_USAGE,
		     "513MiB of memory is not a multiple of that");
	assert_fails(hugepages_find("/nowhere", GIB, &page, &err), err, EXIT_MACHINE,
		     "this kernel has no huge pages");
}

static void enough_changes_nothing(void **state)
{
	struct hugepages_change change;
	struct err err;
	char line[32];

	(void)state;
	pool("2048kB", "7\n", "4\n", "0\n");
	assert_works(hugepages_reserve(root, 8 * MIB, &change, &err), err);
	assert_false(change.changed);
	hugepages_put_back(root, &change);
	assert_string_equal(reserved(line), "7");
}

/* Files do not act as a kernel does: nothing becomes free, which is the failure to be met. */
static void a_kernel_without_room_is_left_as_it_was(void **state)
{
	struct hugepages_change change;
	struct err err;
	char line[32], path[128];

	(void)state;
	pool("2048kB", "7\n", "4\n", "0\n");
	put("/proc/sys/vm/compact_memory", "");
	assert_fails(hugepages_reserve(root, 12 * MIB, &change, &err), err, EXIT_MACHINE,
		     "found only 4 of 6 huge pages");
	assert_false(change.changed);
	assert_string_equal(reserved(line), "7");
	snprintf(path, sizeof(path), "%s/proc/sys/vm/compact_memory", root);
	assert_true(file_line(line, sizeof(line), "%s", path));
	assert_string_equal(line, "1");
}

static void what_was_reserved_is_given_back(void **state)
{
	struct hugepages_change change = {.changed = true, .before = 3};
	char line[32];

	(void)state;
	pool("2048kB", "450\n", "0\n", "0\n");
	hugepages_put_back(root, &change);
	hugepages_put_back(root, &change);
	assert_string_equal(reserved(line), "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_largest_that_fits, make, clear),
		cmocka_unit_test_setup_teardown(too_few_names_the_remedy, make, clear),
		cmocka_unit_test_setup_teardown(enough_changes_nothing, make, clear),
		cmocka_unit_test_setup_teardown(a_kernel_without_room_is_left_as_it_was, make,
						clear),
		cmocka_unit_test_setup_teardown(what_was_reserved_is_given_back, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
