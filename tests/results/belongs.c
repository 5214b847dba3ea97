/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows belong to a run, and when two runs are one. */
#include "tests/check.h"

#include <string.h>

#include "lib/file.h"
#include "results/compare/compare.h"
#include "results/rundir/layers.h"
#include "tests/results/make_run.h"

static char *dir;

static const char *at(const char *name)
{
	static char path[2][512];
	static int next;

	next = !next;
	snprintf(path[next], sizeof(path[next]), "%s/%s", dir, name);
	return path[next];
}

static void make(const char *place, const char *name)
{
	struct made_run run = MADE_RUN;
	struct err err;

	run.name = name;
	assert_works(file_make_dirs(at(place), &err), err);
	assert_works(make_run(at(place), &run, &err), err);
}

/* Appends the rows or facts of one run to those of another. */
static void append(const char *to, const char *from, const char *file)
{
	struct buf text = BUF_INIT;
	char path[512];
	struct err err;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", at(from), file);
	assert_works(file_read(path, 1 << 24, &text, &err), err);
	snprintf(path, sizeof(path), "%s/%s", at(to), file);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs(strchr(buf_str(&text), '\n') + 1, f) >= 0);
	assert_int_equal(fclose(f), 0);
	buf_release(&text);
}

static void figures_of(const char *name, struct buf *out, uint64_t *rows, struct damage *damage)
{
	struct summary s;
	struct err err;

	assert_works(summary_build(at(name), &s, &err), err);
	summary_format(&s, out);
	*rows = s.rows;
	*damage = s.damage;
	summary_release(&s);
}

static int set_up(void **state)
{
	(void)state;
	dir = test_dir_make();
	make("mine", "mine");
	make("theirs", "theirs");
	make("plain", "plain");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

/* The figures of a run to which something was appended are as before, and it is said. */
static void is_unmoved(const char *name, const char *said)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct damage damage;
	uint64_t rows, now;

	figures_of("plain", &before, &rows, &damage);
	assert_int_equal(damage.count, 0);
	figures_of(name, &after, &now, &damage);
	assert_string_equal(buf_str(&before), buf_str(&after));
	assert_true(damage.count > 0);
	assert_non_null(strstr(damage.text[0], said));
	buf_release(&before);
	buf_release(&after);
}

static void rows_of_another_run_are_left_out(void **state)
{
	struct damage damage;
	uint64_t rows, now;
	struct buf out = BUF_INIT;

	(void)state;
	append("mine", "theirs", ROWS_FILE);
	is_unmoved("mine", "run: \"theirs\", but the file belongs to the run \"mine\"");
	figures_of("plain", &out, &rows, &damage);
	figures_of("mine", &out, &now, &damage);
	assert_int_equal(damage.count, rows);
	assert_int_equal(now, rows);
	buf_release(&out);
}

static void facts_of_another_run_are_left_out(void **state)
{
	struct facts facts = FACTS_INIT;
	struct err err;

	(void)state;
	facts_set(&facts, "accel", "kvm");
	assert_works(layers_append(at("mine"), "theirs", 1, 1, &facts, &err), err);
	facts_release(&facts);
	is_unmoved("mine", LAYERS_FILE);
}

/* As when a file was put together from pieces that overlap. */
static void a_batch_counts_once(void **state)
{
	(void)state;
	append("mine", "mine", ROWS_FILE);
	is_unmoved("mine", "the same batch as in line 2");
}

static int compared(const char *base, const char *new, struct err *err)
{
	static const struct compare_options how = {.same = COMPARE_SAME};
	const char *const bases[] = {base, NULL}, *const news[] = {new, NULL};
	struct comparison c;
	int rc;

	assert_works(compare_runs(bases, news, &how, false, &c, err), *err);
	rc = compare_distinct(&c, err);
	comparison_release(&c);
	return rc;
}

/* A copy is not a second run; another run with the same figures is. */
static void a_run_is_compared_once(void **state)
{
	char first[512];
	struct err err;

	(void)state;
	snprintf(first, sizeof(first), "%s", at("mine"));
	make("copy", "mine");
	assert_fails(compared(first, at("copy"), &err), err, EXIT_USAGE, "are one run");
	assert_fails(compared(first, first, &err), err, EXIT_USAGE, "--force");
	assert_works(compared(first, at("theirs"), &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_of_another_run_are_left_out, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(facts_of_another_run_are_left_out, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_batch_counts_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_run_is_compared_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
