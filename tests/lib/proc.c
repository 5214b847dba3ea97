/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/proc.h"

static void put(const char *root, const char *name, const char *text)
{
	char path[400];
	struct err err;

	snprintf(path, sizeof(path), "%s/proc/%s", root, name);
	*strrchr(path, '/') = '\0';
	assert_works(file_make_dirs(path, &err), err);
	snprintf(path, sizeof(path), "%s/proc/%s", root, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* A process may call itself anything. */
static void test_fields(void **state)
{
	char *root = test_dir_make();
	struct proc p;

	(void)state;
	put(root, "7/stat",
	    "7 (a) R 1 (b) T 5 7 7 0 -1 4194304 1 2 3 4 100 20 30 4 20 0 1 0 98765 0 0\n");
	assert_true(proc_read(root, 7, &p));
	assert_int_equal(p.pid, 7);
	assert_int_equal(p.parent, 5);
	assert_int_equal(p.state, 'T');
	assert_string_equal(p.name, "a) R 1 (b");
	assert_int_equal(p.ticks, 120);
	assert_int_equal(p.reaped_ticks, 34);
	assert_int_equal(p.start_ticks, 98765);
	test_dir_remove(root);
}

static void test_no_process(void **state)
{
	static const char *const texts[] = {"", "8", "8 (x", "8 x) S 1", "8 )(", "8 (x) S 1 2 3\n"};
	char *root = test_dir_make();
	struct proc p;

	(void)state;
	assert_false(proc_read(root, 8, &p));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(root, "8/stat", texts[i]);
		assert_false(proc_read(root, 8, &p));
	}
	test_dir_remove(root);
}

/* A stopped process lives; one whose parent has not asked for its end does not. */
static void test_living(void **state)
{
	static const char states[] = "RSDTtZX";
	char *root = test_dir_make(), text[120];
	struct proc p;

	(void)state;
	assert_false(proc_read_living(root, 9, &p));
	for (const char *s = states; *s; s++) {
		snprintf(text, sizeof(text),
			 "9 (x) %c 5 7 7 0 -1 4194304 1 2 3 4 1 2 3 4 20 0 1 0 98765 0 0\n", *s);
		put(root, "9/stat", text);
		assert_int_equal(proc_read_living(root, 9, &p), *s != 'Z' && *s != 'X');
	}
	test_dir_remove(root);
}

static void test_this_process(void **state)
{
	struct proc p;

	(void)state;
	assert_true(proc_read("", getpid(), &p));
	assert_int_equal(p.parent, getppid());
	assert_int_equal(p.state, 'R');
	assert_true(p.start_ticks > 0);
}

static void test_value(void **state)
{
	static const char text[] =
		"MemTotal:  16 kB\nflags_x : no\nflags\t\t: fpu vmx\nflags : b\n";
	char value[10];

	(void)state;
	assert_true(proc_value(text, "MemTotal", value, sizeof(value)));
	assert_string_equal(value, "16 kB");
	assert_true(proc_value(text, "flags", value, sizeof(value)));
	assert_string_equal(value, "fpu vmx");
	assert_true(proc_value(text, "flags", value, 5));
	assert_string_equal(value, "fpu ");
	assert_false(proc_value(text, "Total", value, sizeof(value)));
	assert_false(proc_value("", "flags", value, sizeof(value)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields), cmocka_unit_test(test_no_process),
		cmocka_unit_test(test_living), cmocka_unit_test(test_this_process),
		cmocka_unit_test(test_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
