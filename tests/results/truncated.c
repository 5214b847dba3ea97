/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.csv cut off anywhere: every row that was complete is read, as it was; what is torn is
 * noted; and a run can go on behind it. And a file of a million rows is read in constant memory.
 */
#include "tests/check.h"

#include <sys/resource.h>

#include "tests/results/make_run.h"

enum { SMALL_BYTES = 6000, CUTS = 60 };

struct seen {
	uint64_t rows, sum;
};

static uint64_t mix(uint64_t x, uint64_t more)
{
	return (x ^ more) * UINT64_C(0x9e3779b97f4a7c15) + (x >> 29);
}

static int take(void *ctx, const struct row *row, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	seen->rows++;
	seen->sum = mix(seen->sum, row->sample.elapsed_ns);
	seen->sum = mix(seen->sum, row->sample.digest + row->layer + row->round);
	seen->sum = mix(seen->sum, strlen(row->workload) + strlen(row->sample.reason));
	return 0;
}

/* Reads the first `size` bytes. -1 only where they end within the header. */
static int read_part(const char *data, size_t size, struct seen *seen, struct damage *damage)
{
	struct err err = {0};
	struct rows_reader *r;
	int rc;

	*seen = (struct seen){0};
	*damage = (struct damage){0};
	r = rows_reader_new("samples.csv", take, seen, damage, &err);
	assert_non_null(r);
	assert_works(rows_reader_feed(r, data, size, &err), err);
	rc = rows_reader_finish(r, &err);
	rows_reader_free(r);
	return rc;
}

/* A file of so many rounds; the caller releases it. */
static void make_file(uint32_t rounds, char **dir, struct buf *file)
{
	struct made_run run = MADE_RUN;
	struct err err;

	run.rounds = rounds;
	*dir = test_dir_make();
	assert_works(make_run(*dir, &run, &err), err);
	{
		char path[4096];

		snprintf(path, sizeof(path), "%s/" ROWS_FILE, *dir);
		assert_works(file_read(path, 64 << 20, file, &err), err);
	}
}

/* What the first `size` bytes hold against what the rows of their whole lines are. */
static void check_cut(const char *data, size_t size, const struct seen *whole, size_t lines)
{
	struct seen seen;
	struct damage damage;
	bool torn = data[size - 1] != '\n';
	int rc = read_part(data, size, &seen, &damage);

	if (lines == 0) { /* not even a header */
		assert_int_equal(rc, -1);
		return;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(seen.rows, lines - 1);
	assert_int_equal(seen.sum, whole->sum);
	assert_int_equal(damage.count, torn);
	assert_int_equal(damage.torn, torn);
}

static void test_every_byte(void **state)
{
	struct buf file = BUF_INIT;
	struct seen whole = {0};
	struct damage damage;
	size_t lines = 0;
	char *dir;

	(void)state;
	make_file(1, &dir, &file);
	assert_true(file.len > SMALL_BYTES);
	for (size_t size = 1; size <= SMALL_BYTES; size++) {
		if (file.data[size - 1] == '\n') {
			lines++;
			assert_int_equal(read_part(file.data, size, &whole, &damage), 0);
			assert_int_equal(whole.rows, lines - 1);
		}
		check_cut(file.data, size, &whole, lines);
	}
	buf_release(&file);
	test_dir_remove(dir);
}

static void test_large_file_anywhere(void **state)
{
	struct buf file = BUF_INIT;
	uint64_t random = 1;
	char *dir;

	(void)state;
	make_file(120, &dir, &file);
	for (int i = 0; i < CUTS; i++) {
		size_t size, lines = 0, last = 0;
		struct seen whole;
		struct damage damage;

		random = mix(random, (uint64_t)i);
		size = 1 + random % file.len;
		for (size_t at = 0; at < size; at++)
			if (file.data[at] == '\n') {
				lines++;
				last = at + 1;
			}
		if (lines)
			assert_int_equal(read_part(file.data, last, &whole, &damage), 0);
		check_cut(file.data, size, &whole, lines);
	}
	print_message("%zu rows, cut at %d places\n", (size_t)120 * 183, CUTS);
	buf_release(&file);
	test_dir_remove(dir);
}

/* A run that goes on behind a cut loses no row but the torn one. */
static void test_going_on(void **state)
{
	struct buf file = BUF_INIT;
	char *dir, path[4096];
	struct err err;

	(void)state;
	make_file(1, &dir, &file);
	snprintf(path, sizeof(path), "%s/" ROWS_FILE, dir);
	for (size_t size = 1; size <= SMALL_BYTES / 2; size += 7) {
		const struct row row = {.run = "again",
					.boot = 1,
					.round = 1,
					.workload = "nop",
					.params = "",
					.threads = 1,
					.sample = {.batch = 1, .ops = 1, .elapsed_ns = size}};
		struct rows_writer w;
		struct seen before, after = {0};
		struct damage damage = {0};
		bool had_header = read_part(file.data, size, &before, &damage) == 0;

		assert_works(file_write_whole(path, file.data, size, &err), err);
		assert_works(rows_writer_open(&w, dir, &err), err);
		assert_works(rows_writer_put(&w, &row, &err), err);
		assert_works(rows_writer_close(&w, &err), err);
		damage = (struct damage){0};
		assert_works(rows_read(dir, take, &after, &damage, &err), err);
		assert_int_equal(after.rows, before.rows + 1);
		assert_int_equal(damage.count, had_header && file.data[size - 1] != '\n');
	}
	buf_release(&file);
	test_dir_remove(dir);
}

static void test_a_million_rows_take_no_memory(void **state)
{
	struct buf file = BUF_INIT;
	struct seen seen = {0};
	struct damage damage = {0};
	struct rusage before, after;
	struct rows_reader *r;
	size_t header;
	struct err err;
	char *dir;

	(void)state;
	make_file(60, &dir, &file);
	header = strlen(ROWS_HEADER) + 1;
	r = rows_reader_new("samples.csv", take, &seen, &damage, &err);
	assert_non_null(r);
	assert_works(rows_reader_feed(r, file.data, file.len, &err), err);
	getrusage(RUSAGE_SELF, &before);
	while (seen.rows < 1000000)
		assert_works(rows_reader_feed(r, file.data + header, file.len - header, &err), err);
	assert_works(rows_reader_finish(r, &err), err);
	getrusage(RUSAGE_SELF, &after);
	rows_reader_free(r);
	assert_int_equal(damage.count, 0);
	print_message("a million rows: %ld KiB more than the first %u\n",
		      after.ru_maxrss - before.ru_maxrss, 60u * 183);
	assert_true(after.ru_maxrss - before.ru_maxrss < 2048);
	buf_release(&file);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_large_file_anywhere),
		cmocka_unit_test(test_going_on),
		cmocka_unit_test(test_a_million_rows_take_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
