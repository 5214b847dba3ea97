/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every figure of summary.csv once more, from the text of samples.csv, by the plainest means:
 * fields cut at commas, and the lowest and highest of six rounds as the interval.
 */
#include "tests/check.h"

#include "results/summary/summary.h"
#include "tests/results/make_run.h"

struct plain_row {
	char workload[64], params[64], flags[64];
	unsigned boot, round, layer, repeats;
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

enum { ROWS = 6000, NOWHERE = 99 };

static struct plain_row *plain_read(const char *dir, size_t *count)
{
	struct plain_row *rows = calloc(ROWS, sizeof(*rows));
	char path[RUNDIR_PATH], line[512], *field[25];
	FILE *f;

	snprintf(path, sizeof(path), "%s/samples.csv", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	for (*count = 0; fgets(line, sizeof(line), f); ++*count) {
		struct plain_row *r = &rows[*count];

		assert_true(*count < ROWS);
		line[strcspn(line, "\n")] = '\0';
		assert_int_equal(split(line, field, 25), 25);
		snprintf(r->workload, sizeof(r->workload), "%s", field[5]);
		snprintf(r->params, sizeof(r->params), "%s", field[8]);
		snprintf(r->flags, sizeof(r->flags), "%s", field[22]);
		r->boot = (unsigned)atoi(field[1]);
		r->round = (unsigned)atoi(field[2]);
		r->layer = (unsigned)atoi(field[4]);
		r->repeats = (unsigned)atoi(field[10]);
		r->ops = atof(field[12]);
		r->bytes = atof(field[13]);
		r->elapsed = atof(field[14]);
	}
	fclose(f);
	return rows;
}

/* The rows of a disturbed round go, and those of the new one get its number. */
static void plain_remeasured(struct plain_row *rows, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		bool replaced = false;

		for (size_t k = 0; k < *count; k++)
			replaced |= rows[k].repeats == rows[i].round;
		if (replaced && !rows[i].repeats)
			rows[i].layer = NOWHERE;
	}
	for (size_t i = 0; i < *count; i++) {
		if (rows[i].layer == NOWHERE)
			continue;
		if (rows[i].repeats)
			rows[i].round = rows[i].repeats;
		rows[kept++] = rows[i];
	}
	*count = kept;
}

/* Costs of the batches of a workload in a layer: of one round of one boot, or (0) of all. */
static size_t plain_costs(const struct plain_row *rows, size_t count, const char *workload,
			  unsigned layer, unsigned boot, unsigned round, double *costs)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct plain_row *r = &rows[i];

		if (strcmp(r->workload, workload) == 0 && r->layer == layer &&
		    (boot == 0 || r->boot == boot) && (round == 0 || r->round == round) &&
		    strncmp(r->flags, "warm-up", 7) != 0)
			costs[n++] = strncmp(workload, "capacity", 8) == 0 ? r->bytes
									   : r->elapsed / r->ops;
	}
	assert_true(n > 0);
	return n;
}

/* Median cost of a workload in one round of a layer. */
static double boot_cell(const struct plain_row *rows, size_t count, const char *workload,
			unsigned layer, unsigned boot, unsigned round)
{
	double costs[16];

	return plain_median(costs, plain_costs(rows, count, workload, layer, boot, round, costs));
}

static double plain_cell(const struct plain_row *rows, size_t count, const char *workload,
			 unsigned layer, unsigned round)
{
	return boot_cell(rows, count, workload, layer, 1, round);
}

/* At 1 + (n - 1) p, between the two neighbours. */
static double plain_quantile(const double *sorted, size_t n, double p)
{
	double place = p * (double)(n - 1);
	size_t below = (size_t)place;

	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* The number behind "outliers:" in a text of flags; 0 without one. */
static long flagged_outliers(const char *flags)
{
	const char *found = strstr(flags, "outliers:");

	return found ? atol(found + strlen("outliers:")) : 0;
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

/* How many values lie beyond 5 scaled MADs of the median; sorts them. */
static long plain_outliers(double *x, size_t n)
{
	double away[400], mid = plain_median(x, n), mad;
	long outliers = 0;

	for (size_t i = 0; i < n; i++)
		away[i] = fabs(x[i] - mid);
	mad = 1.482602218505602 * plain_median(away, n);
	for (size_t i = 0; i < n && mad > 0; i++)
		outliers += fabs(x[i] - mid) > 5 * mad;
	return outliers;
}

/* p95, p99 and the outliers, over all batches of a layer. */
static void check_batches(const struct plain_row *rows, size_t count, char *const *field)
{
	double x[400];
	size_t n = plain_costs(rows, count, field[0], (unsigned)atoi(field[4]), 0, 0, x);

	assert_int_equal(flagged_outliers(field[23]), plain_outliers(x, n));
	check_close(field[12], plain_quantile(x, n, 0.95));
	check_close(field[13], plain_quantile(x, n, 0.99));
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

/* A run whose rows give six rounds. */
static void check_recomputed(const struct made_run *run)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH], line[1024], *field[24];
	struct plain_row *rows;
	struct summary s;
	size_t count, lines = 0;
	struct err err;
	FILE *f;

	assert_works(make_run(dir, run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(summary_write(dir, &s, &err), err);
	rows = plain_read(dir, &count);
	plain_remeasured(rows, &count);
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
		check_batches(rows, count, field);
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

static void test_recomputed(void **state)
{
	(void)state;
	check_recomputed(&MADE_RUN);
}

/* Two of six rounds were disturbed in some layers, and remeasured. */
static bool edit_remeasured(struct row *row)
{
	if ((row->round == 2 && row->layer == 1) || row->round == 5)
		row->sample.elapsed_ns *= 3;
	if (row->round == 7)
		row->repeats = 5;
	if (row->round == 8)
		row->repeats = 2;
	return true;
}

static void test_remeasured_rounds_recomputed(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.rounds = 8;
	run.edit = edit_remeasured;
	check_recomputed(&run);
}

/* A deviate of Park and Miller's generator, below n. */
static size_t draw_below(uint64_t *state, size_t n)
{
	*state = *state * 48271 % 2147483647;
	return (size_t)(*state % n);
}

/* The hierarchical bootstrap, made of loops: boots, then rounds of each. */
static void plain_bootstrap(const double *x, size_t boots, size_t rounds, double *low, double *high)
{
	enum { RESAMPLES = 20000 };
	double *median = calloc(RESAMPLES, sizeof(*median)), *draw = calloc(boots * rounds, 8);
	uint64_t random = 20;

	for (size_t i = 0; i < RESAMPLES; i++) {
		size_t n = 0;

		for (size_t b = 0; b < boots; b++) {
			size_t boot = draw_below(&random, boots);

			for (size_t r = 0; r < rounds; r++)
				draw[n++] = x[boot * rounds + draw_below(&random, rounds)];
		}
		median[i] = plain_median(draw, n);
	}
	qsort(median, RESAMPLES, sizeof(*median), compare_doubles);
	*low = plain_quantile(median, RESAMPLES, 0.025);
	*high = plain_quantile(median, RESAMPLES, 0.975);
	free(median);
	free(draw);
}

/* A run of several boots with ordinary disturbances: VMs differ from boot to boot, and by outliers.
 */
static bool edit_several(struct row *row)
{
	uint64_t hash = row->boot * 7919 + row->round * 104729 + row->layer * 31 +
			row->sample.batch * 1299709;

	if (row->layer)
		row->sample.elapsed_ns += row->sample.elapsed_ns / 200 * (row->boot * 37 % 11);
	row->sample.elapsed_ns += row->sample.elapsed_ns / 1000 * (hash * hash % 23);
	if (hash % 41 == 0)
		row->sample.elapsed_ns *= 2;
	return true;
}

static void test_several_boots_recomputed(void **state)
{
	enum { BOOTS = 6, ROUNDS = 4 };
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct plain_row *rows;
	double x[BOOTS * ROUNDS], batches[400], low, high;
	long outliers = 0;
	struct summary s;
	size_t count;
	struct err err;

	(void)state;
	run.boots = BOOTS;
	run.rounds = ROUNDS;
	run.edit = edit_several;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	rows = plain_read(dir, &count);
	for (size_t i = 0; i < s.entries; i++) {
		const struct summary_entry *e = &s.entry[i];
		size_t n = 0;

		outliers += (long)e->outliers;
		n = plain_costs(rows, count, e->workload, e->layer, 0, 0, batches);
		assert_int_equal(e->outliers, plain_outliers(batches, n));
		n = 0;
		if (e->layer == 0 || strcmp(e->class, "mem") != 0)
			continue;
		for (unsigned boot = 1; boot <= BOOTS; boot++)
			for (unsigned round = 1; round <= ROUNDS; round++)
				x[n++] = log(
					boot_cell(rows, count, e->workload, e->layer, boot, round) /
					boot_cell(rows, count, e->workload, 0, boot, round));
		plain_bootstrap(x, BOOTS, ROUNDS, &low, &high);
		/* Two bootstraps differ by their draws only. */
		assert_close(log(e->ratio_l0.low), low, 0.1 * (high - low));
		assert_close(log(e->ratio_l0.high), high, 0.1 * (high - low));
		assert_close(log(e->ratio_l0.mid), plain_median(x, n), 1e-9);
	}
	assert_true(outliers > 0);
	free(rows);
	summary_release(&s);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recomputed),
		cmocka_unit_test(test_remeasured_rounds_recomputed),
		cmocka_unit_test(test_several_boots_recomputed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
