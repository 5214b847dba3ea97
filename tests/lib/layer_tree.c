/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "lib/layer_tree.h"

static void a_chain_is_named_by_depth(void **state)
{
	struct layer_tree t;

	(void)state;
	layer_tree_chain(&t, 3);
	assert_int_equal(t.count, 3);
	assert_string_equal(t.layer[2].name, "L2");
	assert_int_equal(t.layer[0].parent, LAYER_NO_PARENT);
	assert_int_equal(t.layer[2].parent, 1);
	assert_true(layer_tree_is_chain(&t));
	assert_true(layer_tree_is_leaf(&t, 2));
	assert_false(layer_tree_is_leaf(&t, 1));
	assert_int_equal(layer_tree_depth(&t), 2);
}

static void a_tree_is_named_by_path(void **state)
{
	struct layer_tree t = {0};

	(void)state;
	layer_tree_add(&t, LAYER_NO_PARENT, "");
	assert_int_equal(layer_tree_add(&t, 0, "kvm"), 1);
	assert_int_equal(layer_tree_add(&t, 1, "kvm/kvm"), 2);
	assert_int_equal(layer_tree_add(&t, 0, "container"), 3);
	assert_int_equal(layer_tree_add(&t, LAYER_NO_PARENT, "ssh=elsewhere"), 4);
	assert_string_equal(t.layer[0].name, "L0");
	assert_string_equal(t.layer[2].name, "L2:kvm/kvm");
	assert_string_equal(t.layer[3].name, "L1:container");
	assert_int_equal(layer_tree_add(&t, 4, "ssh=elsewhere/kvm"), 5);
	assert_string_equal(t.layer[4].name, "ssh=elsewhere");
	assert_string_equal(t.layer[5].name, "ssh=elsewhere/kvm");
	assert_false(layer_tree_is_chain(&t));
	assert_true(layer_tree_is_in(&t, 2, 0));
	assert_true(layer_tree_is_in(&t, 2, 2));
	assert_false(layer_tree_is_in(&t, 3, 1));
	assert_false(layer_tree_is_in(&t, 4, 0));
	assert_int_equal(layer_tree_find(&t, "L1:container"), 3);
	assert_int_equal(layer_tree_find(&t, "L1"), t.count);
	assert_int_equal(layer_tree_depth(&t), 2);
	/* No parent, no layer; and no more than there is room for. */
	assert_int_equal(layer_tree_add(&t, 6, "x"), LAYERS_MAX);
	while (t.count < LAYERS_MAX)
		layer_tree_add(&t, 0, "x");
	assert_int_equal(layer_tree_add(&t, 0, "x"), LAYERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_is_named_by_depth),
		cmocka_unit_test(a_tree_is_named_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
