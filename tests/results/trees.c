/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs whose layers are a tree. */
#include "tests/check.h"

#include <math.h>

#include "results/summary/summary_parts.h"
#include "results/table/table.h"
#include "tests/results/make_run.h"
#include "tests/results/make_summary.h"

static void test_table(void **state)
{
	struct made_run run = made_tree_run();
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	table_format(&s, &text);
	assert_golden("results/golden/table-tree.txt", buf_str(&text));
	buf_clear(&text);
	classes_format(&s, &text);
	assert_golden("results/golden/classes-tree.csv", buf_str(&text));
	buf_release(&text);
	summary_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
