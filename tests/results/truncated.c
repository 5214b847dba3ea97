/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.csv cut off anywhere: every row that was complete is read, as it was; torn lines are
 * noted; and a run can be continued after them. And a file of a million rows, whole or cut off
 * anywhere, is read in constant memory.
 */
#include "tests/check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
	struct rows_reader rows;
	struct csv_reader *r;
	int rc;

	*seen = (struct seen){0};
	*damage = (struct damage){0};
	rows_reader_init(&rows, take, seen);
	r = csv_reader_new("samples.csv", &rows_ops, &rows, damage, &err);
	assert_non_null(r);
	assert_works(csv_reader_feed(r, data, size, &err), err);
	rc = csv_reader_finish(r, &err);
	csv_reader_free(r);
	return rc;
}

/* A file with this number of rounds; the caller releases it. */
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

/* A run that continues after a cut loses only the torn row. */
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
					.class = "control",
					.params = "",
					.threads = 1,
					.sample = {.batch = 1, .ops = 1, .elapsed_ns = size}};
		struct csv_writer w;
		struct seen before, after = {0};
		struct damage damage = {0};
		bool had_header = read_part(file.data, size, &before, &damage) == 0;

		assert_works(file_write_whole(path, file.data, size, &err), err);
		assert_works(rows_writer_open(&w, dir, &err), err);
		assert_works(rows_writer_put(&w, &row, &err), err);
		assert_works(csv_writer_close(&w, &err), err);
		damage = (struct damage){0};
		assert_works(rows_read(dir, take, &after, &damage, &err), err);
		assert_int_equal(after.rows, before.rows + 1);
		assert_int_equal(damage.count, had_header && file.data[size - 1] != '\n');
	}
	buf_release(&file);
	test_dir_remove(dir);
}

/* A file of a million rows: a header, and the same lines again and again. */
struct million {
	struct buf lines; /* with a header */
	size_t header;	  /* its bytes in `lines` */
	size_t size;	  /* of the file */
	size_t at;	  /* read so far, */
	uint64_t ends;	  /* newlines read so far */
	struct rows_reader rows;
	struct csv_reader *reader;
	struct seen seen;
	struct damage damage;
};

enum { ROUNDS = 60, ROWS = ROUNDS * 183, MILLION = 1000000 / ROWS + 1 };

static void start_million(struct million *m, char **dir)
{
	struct err err;

	*m = (struct million){.header = strlen(ROWS_HEADER) + 1};
	make_file(ROUNDS, dir, &m->lines);
	m->size = m->header + MILLION * (m->lines.len - m->header);
	rows_reader_init(&m->rows, take, &m->seen);
	m->reader = csv_reader_new("samples.csv", &rows_ops, &m->rows, &m->damage, &err);
	assert_non_null(m->reader);
}

/* Reads on up to there. */
static void read_million(struct million *m, size_t end)
{
	size_t body = m->lines.len - m->header;
	struct err err;

	while (m->at < end) {
		size_t in = m->at < m->header ? m->at : m->header + (m->at - m->header) % body;
		size_t len = m->lines.len - in < end - m->at ? m->lines.len - in : end - m->at;

		assert_works(csv_reader_feed(m->reader, m->lines.data + in, len, &err), err);
		for (size_t i = in; i < in + len; i++)
			m->ends += m->lines.data[i] == '\n';
		m->at += len;
	}
}

static void end_million(struct million *m, char *dir)
{
	csv_reader_free(m->reader);
	buf_release(&m->lines);
	test_dir_remove(dir);
}

/* Whether a file that ends here is read correctly; in a process of its own, since the reader cannot
 * continue after that. */
static bool ends_well_here(struct million *m, bool torn)
{
	const struct seen before = m->seen;
	struct err err;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(csv_reader_finish(m->reader, &err) == 0 && m->seen.rows == m->ends - 1 &&
				      m->seen.sum == before.sum && m->damage.torn == torn &&
				      m->damage.count == torn
			      ? 0
			      : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static int by_size(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

static void test_a_million_rows_cut_anywhere(void **state)
{
	enum { PLACES = 40 };
	size_t cut[PLACES];
	uint64_t random = 7;
	int torn = 0;
	struct million m;
	char *dir;

	(void)state;
	start_million(&m, &dir);
	for (int i = 0; i < PLACES; i++) {
		random = mix(random, (uint64_t)i);
		cut[i] = m.header + random % (m.size - m.header);
	}
	qsort(cut, PLACES, sizeof(cut[0]), by_size);
	for (int i = 0; i < PLACES; i++) {
		size_t in = m.header + (cut[i] - m.header) % (m.lines.len - m.header);
		bool within = m.lines.data[in - 1] != '\n';

		read_million(&m, cut[i]);
		if (!ends_well_here(&m, within))
			fail_msg("cut off behind %zu bytes of %zu", cut[i], m.size);
		torn += within;
	}
	assert_true(torn > PLACES / 2);
	end_million(&m, dir);
}

static void test_a_million_rows_take_no_memory(void **state)
{
	struct rusage before, after;
	struct million m;
	struct err err;
	char *dir;

	(void)state;
	start_million(&m, &dir);
	read_million(&m, m.lines.len);
	getrusage(RUSAGE_SELF, &before);
	read_million(&m, m.size);
	assert_works(csv_reader_finish(m.reader, &err), err);
	getrusage(RUSAGE_SELF, &after);
	assert_true(m.seen.rows >= 1000000);
	assert_int_equal(m.seen.rows, m.ends - 1);
	assert_int_equal(m.damage.count, 0);
	print_message("a million rows: %ld KiB more than the first %d\n",
		      after.ru_maxrss - before.ru_maxrss, ROWS);
	assert_true(after.ru_maxrss - before.ru_maxrss < 2048);
	end_million(&m, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_large_file_anywhere),
		cmocka_unit_test(test_going_on),
		cmocka_unit_test(test_a_million_rows_take_no_memory),
		cmocka_unit_test(test_a_million_rows_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
