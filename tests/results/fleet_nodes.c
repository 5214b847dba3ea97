/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which folders of a directory are nodes. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "results/fleet/nodes.h"
#include "results/rundir/layers.h"
#include "results/rundir/rundir.h"
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
	assert_string_equal(n.node[0].name, "n1");
	assert_string_equal(n.node[1].name, "n2");
	assert_string_equal(n.node[2].name, "n10");
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

/* A pipe would block whoever opens it. */
static void test_checked(void **state)
{
	char *dir = test_dir_make();
	char path[512];
	struct err err;

	(void)state;
	make(dir, "", true);
	assert_fails(fleet_node_check(dir, &err), err, EXIT_USAGE, MANIFEST_FILE " cannot be read");
	snprintf(path, sizeof(path), "%s/" MANIFEST_FILE, dir);
	assert_works(file_write_whole(path, "{}", 2, &err), err);
	assert_works(fleet_node_check(dir, &err), err);
	snprintf(path, sizeof(path), "%s/" LAYERS_FILE, dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_fails(fleet_node_check(dir, &err), err, EXIT_USAGE, LAYERS_FILE " is no regular");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_fails(fleet_node_check(dir, &err), err, EXIT_USAGE, LAYERS_FILE " is no regular");
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/" ROWS_FILE, dir);
	assert_int_equal(truncate(path, FLEET_ROWS_MAX + 1), 0);
	assert_fails(fleet_node_check(dir, &err), err, EXIT_USAGE, "may bring 64");
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
