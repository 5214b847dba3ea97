/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which folders of a directory are nodes. */
#include "tests/check.h"

#include <sys/stat.h>

#include "results/fleet/nodes.h"
#include "results/rundir/rows.h"

static void make(const char *dir, const char *name, bool rows)
{
	char path[512];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_make_dirs(path, &err), err);
	snprintf(path, sizeof(path), "%s/%s/" ROWS_FILE, dir, name);
	if (rows)
		assert_works(file_write_whole(path, "", 0, &err), err);
}

static void test_found(void **state)
{
	struct fleet_nodes n = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_false(fleet_has_nodes(dir));
	assert_fails(fleet_nodes_find(dir, &n, &err), err, EXIT_USAGE, "one a node");
	make(dir, "empty", false);
	make(dir, ".hidden", true);
	assert_false(fleet_has_nodes(dir));
	make(dir, "n2", true);
	make(dir, "n10", true);
	make(dir, "n1", true);
	assert_true(fleet_has_nodes(dir));
	assert_works(fleet_nodes_find(dir, &n, &err), err);
	assert_int_equal(n.count, 3);
	assert_string_equal(n.name[0], "n1");
	assert_string_equal(n.name[1], "n2");
	assert_string_equal(n.name[2], "n10");
	fleet_nodes_release(&n);
	make(dir, "", true); /* it is a run itself */
	assert_false(fleet_has_nodes(dir));
	test_dir_remove(dir);
}

static void test_nowhere(void **state)
{
	struct fleet_nodes n = {0};
	struct err err;

	(void)state;
	assert_false(fleet_has_nodes("/nowhere/at/all"));
	assert_fails(fleet_nodes_find("/nowhere/at/all", &n, &err), err, EXIT_USAGE, "/nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
