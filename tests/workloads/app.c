/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "tests/workloads/drive.h"
#include "workloads/scratch.h"

enum { BYTES = 1 << 20 };

static char *dir, path[300];

static int make(void **state)
{
	(void)state;
	dir = test_dir_make();
	snprintf(path, sizeof(path), "%s/scratch", dir);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void test_compress_says_how_well(void **state)
{
	const struct workload *w = workload_find("app.compress");
	const struct workload_env env = {.seed = 1};
	void *packer = calloc(1, w->state_size);
	uint64_t arg[PARAMS_MAX];
	double ratio;
	struct err err;

	(void)state;
	assert_non_null(packer);
	drive_params(w, "level=1", arg);
	assert_works(w->setup(packer, &env, arg, &err), err);
	assert_memory_equal(w->note(packer), "zstd 1.", 7);
	ratio = strtod(strstr(w->note(packer), "ratio ") + 6, NULL);
	assert_true(ratio > 2 && ratio < 4);
	w->teardown(packer);
	w->teardown(packer);
	free(packer);
}

/* Wherever the database lies, the same money has moved. */
static void test_sqlite_stores_agree(void **state)
{
	const struct workload *w = workload_find("app.sqlite");
	struct workload_env env = {.seed = 3, .scratch = path};
	struct err err;
	uint64_t memory, *word;
	struct buf text = BUF_INIT;

	(void)state;
	assert_works(scratch_fill(path, BYTES, &err), err);
	memory = drive(w, "rows=50 store=memory", &env, 1, 120);
	assert_true(drive(w, "rows=50", &env, 2, 60) == memory);
	assert_true(drive(w, "rows=50", &env, 1, 119) != memory);
	env.seed = 4;
	assert_true(drive(w, "rows=50", &env, 1, 120) != memory);
	/* What lies there is a database, behind the journal, and the lower half is as it was. */
	assert_works(file_read(path, BYTES, &text, &err), err);
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
	env.scratch = path;
	assert_works(scratch_fill(path, BYTES, &err), err);
	assert_fails(drive_try(w, "rows=100000", &env, 1, &err), err, EXIT_MACHINE,
		     "too small for 100000 rows");
	/* As many as the probe lets pass find room, with their history. */
	assert_works(drive_try(w, "rows=2048", &env, 2100, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compress_says_how_well),
		cmocka_unit_test(test_sqlite_stores_agree),
		cmocka_unit_test(test_sqlite_without_room),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
