/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included for the functions that write its tree. */
#include "workloads/app/build.c"

#include "tests/check.h"

#include "tests/workloads/drive.h"
#include "workloads/lib/scratch.h"

enum { BYTES = 1 << 20 };

static void test_compress_says_how_well(void **state)
{
	const struct workload *w = workload_find("app.compress");
	const struct workload_env env = {.seed = 1};
	double ratio;

	(void)state;
	drive_end(w, drive_begin(w, "level=1", &env));
	assert_memory_equal(drive_note, "zstd 1.", 7);
	ratio = strtod(strstr(drive_note, "ratio ") + 6, NULL);
	assert_true(ratio > 2 && ratio < 4);
}

/* The result is the same on disk and in memory. */
static void test_sqlite_stores_agree(void **state)
{
	const struct workload *w = workload_find("app.sqlite");
	struct workload_env env = {.seed = 3, .scratch = drive_scratch};
	struct err err;
	uint64_t memory, *word;
	struct buf text = BUF_INIT;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	memory = drive(w, "rows=50 store=memory", &env, 1, 120);
	assert_true(drive(w, "rows=50", &env, 2, 60) == memory);
	assert_true(drive(w, "rows=50", &env, 1, 119) != memory);
	env.seed = 4;
	assert_true(drive(w, "rows=50", &env, 1, 120) != memory);
	/* The scratch holds a database after the journal, and the lower half is unchanged. */
	assert_works(file_read(drive_scratch, BYTES, &text, &err), err);
	assert_memory_equal(text.data + BYTES / 2 + BYTES / 8, "SQLite format 3", 16);
	word = (uint64_t *)(void *)text.data;
	for (uint64_t i = 0; i < BYTES / 16; i++)
		assert_true(word[i] == scratch_word(i));
	buf_release(&text);
}

static void test_sqlite_without_room(void **state)
{
	const struct workload *w = workload_find("app.sqlite");
	struct workload_env env = {.seed = 1};
	struct err err;

	(void)state;
	assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE, "no scratch disk");
	assert_works(drive_try(w, "store=memory rows=10", &env, 1, &err), err);
	env.scratch = drive_scratch;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	assert_fails(drive_try(w, "rows=100000", &env, 1, &err), err, EXIT_MACHINE,
		     "too small for 100000 rows");
	/* As many as the probe lets pass find room, with their history. */
	assert_works(drive_try(w, "rows=2048", &env, 2100, &err), err);
}

/* What the kernel compiles can be linked, and runs. */
static void test_tree_is_a_program(void **state)
{
	static const char *const build[] = {"sh", "-c", "gcc -O2 -o tree main.c unit?.c && ./tree",
					    NULL};
	struct buf out = BUF_INIT, again = BUF_INIT, text = BUF_INIT;
	int at = open(drive_dir, O_RDONLY | O_DIRECTORY);
	struct err err;

	(void)state;
	assert_true(at >= 0);
	if (compiler_version(&out, &err) < 0) {
		close(at);
		skip();
	}
	buf_clear(&out);
	assert_works(write_tree(at, &err), err);
	buf_addstr(&text, "#include <stdio.h>\n#include \"tree.h\"\nint main(void)\n{\n"
			  "	unsigned x = 1;\n");
	for (int i = 0; i < UNITS; i++)
		buf_addf(&text, "	x = unit%d(x);\n", i);
	buf_addstr(&text, "	printf(\"%u\", x);\n	return 0;\n}\n");
	assert_works(write_file(at, "main.c", &text, &err), err);
	close(at);
	assert_works(child_run(build, drive_dir, NULL, 100 * NS_PER_S, &out, &err), err);
	assert_works(
		child_run((const char *const[]){"sh", "-c",
						"gcc -O0 -o tree main.c unit?.c && ./tree", NULL},
			  drive_dir, NULL, 100 * NS_PER_S, &again, &err),
		err);
	assert_string_equal(buf_str(&out), buf_str(&again));
	assert_true(strlen(buf_str(&out)) > 3);
	buf_release(&out);
	buf_release(&again);
	buf_release(&text);
}

static void test_build_leaves_nothing(void **state)
{
	const struct workload *w = workload_find("app.build");
	const struct workload_env env = {.seed = 1};

	(void)state;
	if (!drive_can(w, NULL, &env))
		skip();
	assert_true(drive(w, NULL, &env, 1, 2) == drive(w, NULL, &env, 2, 1));
}

/* Files of several rounds of the directory; the loop device is free again afterwards. */
static void test_create(void **state)
{
	const struct workload *w = workload_find("io.create");
	struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;
	uint64_t whole;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
		     "has 1MiB, but a file system in its half takes 64MiB");
	assert_works(scratch_fill(drive_scratch, 64 * BYTES, &err), err);
	if (!drive_can(w, NULL, &env))
		skip();
	whole = drive(w, NULL, &env, 1, w->known_ops);
	assert_true(whole == w->known_digest);
	assert_true(drive(w, "sync=none", &env, 4, w->known_ops / 4) == whole);
	drive(w, "sync=none", &env, 1, 1000);
	env.seed = 2;
	assert_true(drive(w, NULL, &env, 1, w->known_ops) != whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compress_says_how_well),
		cmocka_unit_test(test_sqlite_stores_agree),
		cmocka_unit_test(test_sqlite_without_room),
		cmocka_unit_test(test_tree_is_a_program),
		cmocka_unit_test(test_build_leaves_nothing),
		cmocka_unit_test(test_create),
	};

	return cmocka_run_group_tests(tests, drive_make_dir, drive_remove_dir);
}
