/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/plan/vm_size.h"

#define MIB (UINT64_C(1) << 20)

static struct vm_size shape(const struct vm_size_config *c, uint32_t layer)
{
	struct vm_size s;
	struct err err;

	assert_works(vm_size_of(c, layer, &s, &err), err);
	return s;
}

static void expect(struct vm_size s, uint32_t vcpus, uint32_t measured, uint32_t planned,
		   uint64_t mib)
{
	assert_int_equal(s.vcpus, vcpus);
	assert_int_equal(s.measured, measured);
	assert_int_equal(s.planned, planned);
	assert_int_equal(s.memory_bytes, mib * MIB);
}

static void test_same_shape(void **state)
{
	struct vm_size_config c = {
		.depth = 3, .guests = 1, .host_cpus = 2, .vcpus = 1, .memory_bytes = 512 * MIB};

	(void)state;
	expect(shape(&c, 0), 2, 1, 1, 0);
	expect(shape(&c, 1), 2, 1, 1, 3 * 512 + 2 * 128);
	expect(shape(&c, 2), 2, 1, 1, 2 * 512 + 128);
	expect(shape(&c, 3), 1, 1, 1, 512);
	/* No CPU to spare: the emulator has to share. */
	c.vcpus = 2;
	expect(shape(&c, 1), 2, 2, 2, 3 * 512 + 2 * 128);
	/* More than the machine has is the user's wish, and is said elsewhere. */
	c.vcpus = 4;
	expect(shape(&c, 2), 4, 4, 4, 2 * 512 + 128);
}

/* A layer holds all that stand in it, in one another and side by side. */
static void test_tree(void **state)
{
	struct layer_tree tree = {0};
	const struct vm_size_config c = {.depth = 2,
					 .tree = &tree,
					 .guests = 1,
					 .host_cpus = 2,
					 .vcpus = 1,
					 .memory_bytes = 512 * MIB};

	(void)state;
	layer_tree_add(&tree, LAYER_NO_PARENT, "");
	layer_tree_add(&tree, 0, "a");
	layer_tree_add(&tree, 1, "a/x");
	layer_tree_add(&tree, 1, "a/y");
	layer_tree_add(&tree, 0, "b");
	expect(shape(&c, 0), 2, 1, 1, 0);
	expect(shape(&c, 1), 2, 1, 1, 3 * 512 + 2 * 128);
	expect(shape(&c, 2), 1, 1, 1, 512);
	expect(shape(&c, 3), 1, 1, 1, 512);
	expect(shape(&c, 4), 1, 1, 1, 512);
}

static void test_siblings(void **state)
{
	struct vm_size_config c = {
		.depth = 2, .guests = 3, .host_cpus = 8, .vcpus = 2, .memory_bytes = 512 * MIB};

	(void)state;
	expect(shape(&c, 0), 8, 2, 6, 0);
	expect(shape(&c, 1), 7, 2, 6, 4 * 512 + 128 + 2 * 96);
	expect(shape(&c, 2), 2, 2, 2, 512);
	c.host_cpus = 4;
	expect(shape(&c, 1), 4, 2, 4, 4 * 512 + 128 + 2 * 96);
}

static void test_share(void **state)
{
	struct vm_size_config c = {.mode = MODE_SHARE,
				   .depth = 2,
				   .guests = 1,
				   .host_cpus = 8,
				   .memory_bytes = 4096 * MIB,
				   .keep_vcpus = 1,
				   .keep_bytes = 384 * MIB};

	(void)state;
	expect(shape(&c, 0), 8, 8, 8, 0);
	expect(shape(&c, 1), 7, 7, 7, 4096);
	expect(shape(&c, 2), 6, 6, 6, 4096 - 384);
	c.guests = 2;
	expect(shape(&c, 2), 3, 3, 3, (4096 - 384 - 96) / 2);
	c.guests = 1;
	c.keep_vcpus = 0;
	expect(shape(&c, 2), 8, 8, 8, 4096 - 384);
	/* More guests than CPUs share what there is. */
	c.guests = 16;
	c.memory_bytes = 16384 * MIB;
	expect(shape(&c, 2), 1, 1, 1, (16384 - 384 - 15 * 96) / 16);
}

static void test_nothing_left(void **state)
{
	struct vm_size_config c = {.mode = MODE_SHARE,
				   .depth = 2,
				   .guests = 1,
				   .host_cpus = 2,
				   .memory_bytes = 600 * MIB,
				   .keep_vcpus = 1,
				   .keep_bytes = 384 * MIB};
	struct vm_size s;
	struct err err;

	(void)state;
	assert_fails(vm_size_of(&c, 2, &s, &err), err, EXIT_MACHINE, "no CPU is left for L2");
	c.keep_vcpus = 0;
	assert_fails(vm_size_of(&c, 2, &s, &err), err, EXIT_MACHINE, "216 MiB of memory are left");
}

static void test_names(void **state)
{
	enum mode mode;
	struct err err;

	(void)state;
	assert_works(mode_parse("share", &mode, &err), err);
	assert_int_equal(mode, MODE_SHARE);
	assert_string_equal(mode_name(MODE_SHAPE), "shape");
	assert_fails(mode_parse("equal", &mode, &err), err, EXIT_USAGE, "shape or share");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_shape),   cmocka_unit_test(test_tree),
		cmocka_unit_test(test_siblings),     cmocka_unit_test(test_share),
		cmocka_unit_test(test_nothing_left), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
