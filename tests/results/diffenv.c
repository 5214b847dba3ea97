/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "results/compare/diffenv.h"
#include "results/rundir/layers.h"
#include "tests/results/make_run.h"

static void say(const char *dir, uint32_t boot, uint32_t layer, const char *key, const char *value)
{
	struct facts facts = FACTS_INIT;
	struct err err = {0};

	facts_set(&facts, key, "%s", value);
	assert_works(layers_append(dir, MADE_ID, boot, layer, &facts, &err), err);
	facts_release(&facts);
}

static void make_two(char *dir[2])
{
	struct err err = {0};

	for (int i = 0; i < 2; i++) {
		dir[i] = test_dir_make();
		assert_works(make_run(dir[i], &MADE_RUN, &err), err);
	}
}

static void remove_two(char *dir[2])
{
	test_dir_remove(dir[0]);
	test_dir_remove(dir[1]);
}

static const struct env_difference *find(const struct env_differences *d, const char *key)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->item[i].key, key) == 0)
			return &d->item[i];
	fail_msg("%s is not among the differences", key);
	return NULL;
}

static void test_alike(void **state)
{
	struct env_differences d;
	struct err err = {0};
	struct buf out = BUF_INIT;
	char *dir[2];

	(void)state;
	make_two(dir);
	assert_works(env_compare(dir[0], dir[1], &d, &err), err);
	assert_int_equal(d.count, 0);
	assert_true(d.facts > 10);
	assert_works(env_refuse(&d, &err), err);
	env_format(&d, ENV_VARIES, &out);
	assert_non_null(strstr(buf_str(&out), "do not differ in anything that matters"));
	env_differences_release(&d);
	buf_release(&out);
	remove_two(dir);
}

static void test_weights(void **state)
{
	struct env_differences d;
	struct err err = {0};
	struct buf out = BUF_INIT;
	char *dir[2];

	(void)state;
	make_two(dir);
	for (int i = 0; i < 2; i++) {
		say(dir[i], 1, 1, "vcpus", i ? "4" : "2");
		say(dir[i], 1, 1, "memory_bytes", i ? "1000000000" : "1010000000");
		say(dir[i], 1, 2, "memory_bytes", i ? "1000000000" : "2000000000");
		say(dir[i], 1, 0, "kernel", i ? "6.1.0-57" : "6.1.0-56");
		say(dir[i], 1, 0, "boot_ns", i ? "5" : "6");
		say(dir[i], 1, 0, "load1", i ? "0.1" : "6");
	}
	say(dir[0], 1, 0, "microcode", "0x1");
	say(dir[1], 1, 0, "something_new", "yes\x01");
	say(dir[1], 2, 0, "kernel", "6.1.0-58");
	assert_works(env_compare(dir[0], dir[1], &d, &err), err);
	assert_int_equal(find(&d, "vcpus")->weight, ENV_REFUSES);
	assert_int_equal(find(&d, "vcpus")->layer, 1);
	assert_int_equal(find(&d, "kernel")->weight, ENV_MATTERS);
	assert_string_equal(find(&d, "kernel")->new, "6.1.0-57 | 6.1.0-58");
	assert_int_equal(find(&d, "boot_ns")->weight, ENV_VARIES);
	assert_int_equal(find(&d, "load1")->weight, ENV_VARIES);
	assert_string_equal(find(&d, "microcode")->new, "");
	assert_string_equal(find(&d, "something_new")->base, "");
	assert_int_equal(find(&d, "something_new")->weight, ENV_MATTERS);
	/* One per cent of memory may be the kernel's; half is another size. */
	for (size_t i = 0; i < d.count; i++)
		if (strcmp(d.item[i].key, "memory_bytes") == 0)
			assert_int_equal(d.item[i].weight,
					 d.item[i].layer == 1 ? ENV_VARIES : ENV_REFUSES);
	assert_fails(env_refuse(&d, &err), err, EXIT_USAGE, "L1 vcpus is 2 in BASE and 4 in NEW");
	env_format(&d, ENV_VARIES, &out);
	buf_addstr(&out, "\n");
	assert_works(env_format_json(&d, &out, &err), err);
	assert_golden("results/golden/diffenv.txt", buf_str(&out));
	env_differences_release(&d);
	buf_release(&out);
	remove_two(dir);
}

static void test_troubles(void **state)
{
	struct env_differences d;
	struct err err = {0};
	struct buf out = BUF_INIT;
	char *dir[2], path[4096];

	(void)state;
	make_two(dir);
	assert_fails(env_compare("/nowhere", dir[1], &d, &err), err, EXIT_USAGE, "/nowhere");
	assert_fails(env_compare(dir[0], "/nowhere", &d, &err), err, EXIT_USAGE, "/nowhere");
	snprintf(path, sizeof(path), "%s/manifest.json", dir[0]);
	assert_works(file_write_whole(path, "{", 1, &err), err);
	snprintf(path, sizeof(path), "%s/layers.csv", dir[1]);
	assert_works(file_write_whole(path, LAYERS_HEADER "\nrubbish\n", sizeof(LAYERS_HEADER) + 8,
				      &err),
		     err);
	assert_works(env_compare(dir[0], dir[1], &d, &err), err);
	env_format(&d, ENV_VARIES, &out);
	assert_non_null(strstr(buf_str(&out), "BASE: "));
	assert_non_null(strstr(buf_str(&out), "1 damaged lines were left out"));
	assert_non_null(strstr(buf_str(&out), "Nothing is known about the environment"));
	env_differences_release(&d);
	buf_release(&out);
	remove_two(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_troubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
