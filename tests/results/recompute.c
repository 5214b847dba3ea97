/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every figure of summary.csv once more, from the text of samples.csv, by the plainest means:
 * fields cut at commas, and the lowest and highest of six rounds as the interval.
 */
#include "tests/check.h"

#include "results/summary.h"
#include "tests/results/make_run.h"

struct plain_row {
	char workload[64], params[64], reason[64];
	unsigned round, layer;
	double ops, bytes, elapsed;
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double plain_median(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), compare_doubles);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static size_t split(char *line, char *field[], size_t max)
{
	size_t n = 0;

	while (line && n < max)
		field[n++] = strsep(&line, ",");
	return n;
}

static struct plain_row *plain_read(const char *dir, size_t *count)
{
	struct plain_row *rows = calloc(2000, sizeof(*rows));
	char path[RUNDIR_PATH], line[512], *field[17];
	FILE *f;

	snprintf(path, sizeof(path), "%s/samples.csv", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	for (*count = 0; fgets(line, sizeof(line), f); ++*count) {
		struct plain_row *r = &rows[*count];

		assert_true(*count < 2000);
		line[strcspn(line, "\n")] = '\0';
		assert_int_equal(split(line, field, 17), 17);
		snprintf(r->workload, sizeof(r->workload), "%s", field[5]);
		snprintf(r->params, sizeof(r->params), "%s", field[6]);
		snprintf(r->reason, sizeof(r->reason), "%s", field[16]);
		r->round = (unsigned)atoi(field[2]);
		r->layer = (unsigned)atoi(field[4]);
		r->ops = atof(field[9]);
		r->bytes = atof(field[10]);
		r->elapsed = atof(field[11]);
	}
	fclose(f);
	return rows;
}

/* Median cost of a workload in one round of a layer. */
static double plain_cell(const struct plain_row *rows, size_t count, const char *workload,
			 unsigned layer, unsigned round)
{
	double costs[16];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct plain_row *r = &rows[i];

		if (strcmp(r->workload, workload) == 0 && r->layer == layer && r->round == round &&
		    strcmp(r->reason, "warm-up") != 0)
			costs[n++] = strncmp(workload, "capacity", 8) == 0 ? r->bytes
									   : r->elapsed / r->ops;
	}
	assert_true(n > 0);
	return plain_median(costs, n);
}

static void check_close(const char *text, double want)
{
	double got;

	assert_true(text[0] != '\0');
	got = atof(text);
	assert_close(got, want, fabs(want) * 1e-9);
}

/* Median, lowest and highest of six values against three fields. */
static void check_three(char *const *field, double *x)
{
	double mid = plain_median(x, 6);

	check_close(field[0], mid);
	check_close(field[1], x[0]);
	check_close(field[2], x[5]);
}

static void check_ratios(const struct plain_row *rows, size_t count, const char *workload,
			 unsigned layer, unsigned base, char *const *field, bool inverse)
{
	bool capacity = strncmp(workload, "capacity", 8) == 0;
	double x[6];

	for (unsigned round = 1; round <= 6; round++) {
		double ratio = plain_cell(rows, count, workload, layer, round) /
			       plain_cell(rows, count, workload, base, round);

		x[round - 1] = log(capacity ? 1 / ratio : ratio);
		if (inverse)
			x[round - 1] = -x[round - 1];
	}
	plain_median(x, 6);
	check_close(field[0], exp((x[2] + x[3]) / 2));
	check_close(field[1], exp(x[0]));
	check_close(field[2], exp(x[5]));
}

static void test_recomputed(void **state)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH], line[1024], *field[24];
	struct plain_row *rows;
	struct summary s;
	size_t count, lines = 0;
	struct err err;
	FILE *f;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(summary_write(dir, &s, &err), err);
	rows = plain_read(dir, &count);
	snprintf(path, sizeof(path), "%s/summary.csv", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, SUMMARY_HEADER "\n");
	for (; fgets(line, sizeof(line), f); lines++) {
		double x[6];
		unsigned layer;

		line[strcspn(line, "\n")] = '\0';
		assert_int_equal(split(line, field, 24), 24);
		layer = (unsigned)atoi(field[4]);
		for (unsigned round = 1; round <= 6; round++)
			x[round - 1] = plain_cell(rows, count, field[0], layer, round);
		check_three(&field[9], x);
		assert_string_equal(field[6], "1");
		assert_string_equal(field[7], "6");
		if (layer == 0) {
			assert_string_equal(field[14], "1");
			assert_string_equal(field[15], "");
			assert_string_equal(field[17], "");
			continue;
		}
		check_ratios(rows, count, field[0], layer, 0, &field[14], false);
		check_ratios(rows, count, field[0], layer, layer - 1, &field[17], false);
		check_ratios(rows, count, field[0], layer, 0, &field[20], true);
	}
	assert_int_equal(lines, 39);
	fclose(f);
	free(rows);
	summary_release(&s);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_recomputed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
