/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "plots/plot.h"
#include "plots/report/report.h"
#include "results/fleet/compare.h"
#include "results/rundir/layers.h"
#include "tests/results/make_fleet.h"

static char *make(size_t nodes, struct fleet_comparison *c)
{
	const struct fleet_compare_options options = {.same = FLEET_SAME};
	struct made_fleet f = MADE_FLEET;
	char *dir = test_dir_make();
	struct err err;

	f.nodes = nodes;
	f.odd = 1;
	f.slower = 1.25;
	f.governor = "power<b>save\"";
	f.rounds = 3;
	assert_works(make_fleet(dir, &f, &err), err);
	assert_works(fleet_compare(dir, &options, c, &err), err);
	return dir;
}

static size_t count(const char *text, const char *what)
{
	size_t found = 0;

	while ((text = strstr(text, what))) {
		found++;
		text += strlen(what);
	}
	return found;
}

/* A line for each node in each ranking; those of the odd one say so; the table has a row each. */
static void test_data(void **state)
{
	struct fleet_comparison c;
	struct picture p = {0};
	char *dir = make(9, &c);
	struct err err;

	(void)state;
	assert_works(fleet_make(&c, &p, &err), err);
	assert_int_equal(count(buf_str(&p.data), "\tn3\t"), c.rankings);
	assert_int_equal(count(buf_str(&p.data), "\tn2\t"), c.rankings);
	assert_int_equal(count(buf_str(&p.data), "# name\t"), c.rankings);
	assert_int_equal(grid_rows(&p.table), 9);
	assert_string_equal(grid_at(&p.table, 2, 0)->text, "n2 (odd)");
	picture_release(&p);
	fleet_comparison_release(&c);
	test_dir_remove(dir);
}

/* Of more nodes than rows the odd one is drawn, and it is said that some are not. */
static void test_many_nodes(void **state)
{
	struct fleet_comparison c;
	struct picture p = {0};
	char *dir = make(70, &c);
	struct err err;

	(void)state;
	assert_works(fleet_make(&c, &p, &err), err);
	assert_int_equal(grid_rows(&p.table), 64);
	assert_non_null(strstr(buf_str(&p.data), "\tn2\t"));
	assert_non_null(strstr(buf_str(&p.data), "the 64 of 70 nodes"));
	picture_release(&p);
	fleet_comparison_release(&c);
	test_dir_remove(dir);
}

static void test_draw(void **state)
{
	struct fleet_comparison c;
	char *dir = make(3, &c), place[4096], path[4200];
	struct buf file = BUF_INIT;
	struct err err;

	(void)state;
	snprintf(place, sizeof(place), "%s/drawn", dir);
	if (fleet_draw(place, &c, &err) < 0) {
		fleet_comparison_release(&c);
		test_dir_remove(dir);
		if (err.code != EXIT_MACHINE)
			fail_msg("%s", err.text);
		skip(); /* gnuplot is missing */
	}
	snprintf(path, sizeof(path), "%s/fleet.png", place);
	assert_works(file_read(path, 1 << 22, &file, &err), err);
	assert_int_equal(strncmp(file.data + 1, "PNG", 3), 0);
	buf_clear(&file);
	snprintf(path, sizeof(path), "%s/fleet.svg", place);
	assert_works(file_read(path, 1 << 22, &file, &err), err);
	assert_non_null(strstr(buf_str(&file), "exit L1"));
	assert_non_null(strstr(buf_str(&file), "n3"));
	buf_release(&file);
	fleet_comparison_release(&c);
	test_dir_remove(dir);
}

/* The page names the odd node and what differs, and what nodes say is text in it. */
static void test_page(void **state)
{
	struct fleet_comparison c;
	struct buf page = BUF_INIT;
	char *dir = make(12, &c);
	struct err err;

	(void)state;
	assert_works(report_fleet(&c, NULL, "gnuplot is <missing>", &page, &err), err);
	assert_non_null(strstr(buf_str(&page), "n2, class A: odd in"));
	assert_non_null(strstr(buf_str(&page), "power&lt;b&gt;save"));
	assert_null(strstr(buf_str(&page), "<b>"));
	assert_non_null(strstr(buf_str(&page), "gnuplot is &lt;missing&gt;"));
	assert_null(strstr(buf_str(&page), "<script"));
	assert_int_equal(count(buf_str(&page), "<section>"), count(buf_str(&page), "</section>"));
	assert_int_equal(count(buf_str(&page), "<details"), count(buf_str(&page), "</details>"));
	buf_release(&page);
	fleet_comparison_release(&c);
	test_dir_remove(dir);
}

/* Nodes without a common figure. */
static void test_nothing_to_draw(void **state)
{
	struct fleet_comparison none = {.dir = ""};
	struct picture p = {0};
	struct err err = {0};

	(void)state;
	assert_fails(fleet_make(&none, &p, &err), err, EXIT_INCONCLUSIVE, "no kind of work");
	picture_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_many_nodes),
		cmocka_unit_test(test_draw),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_nothing_to_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
