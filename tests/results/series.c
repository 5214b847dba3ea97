/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trends and modes: known answers, rates of false alarms, and the resulting flags. */
#include "tests/check.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "results/stats/series.h"
#include "results/stats/stats.h"
#include "results/summary/summary.h"
#include "tests/results/make_run.h"

static gsl_rng *rng;
static size_t work[4 * 1001];

/* ---- the dip ---- */

static void test_known_dips(void **state)
{
	static const double equal[] = {1, 2, 3, 4, 5, 6, 7, 8}, same[] = {3, 3, 3, 3};
	static const double two[] = {0, 1e-9, 2e-9, 3e-9, 1, 1 + 1e-9, 1 + 2e-9, 1 + 3e-9};
	/* Worked through by hand: the line from (1, 1) to (9, 4) misses the steps by 1/8 at least.
	 */
	static const double four[] = {1, 1.0001, 8.9999, 9};

	(void)state;
	assert_close(series_dip(equal, 8, work), 1.0 / 16, 1e-12);
	assert_close(series_dip(same, 4, work), 1.0 / 8, 1e-12);
	assert_close(series_dip(two, 8, work), 0.25, 1e-6);
	assert_close(series_dip(four, 4, work), 0.25, 1e-4);
	assert_close(series_dip(equal, 1, work), 0.5, 0);
}

/* The table against Hartigan and Hartigan's case, from new samples. */
static void test_limit_is_exceeded_by_one_per_cent(void **state)
{
	static const size_t sizes[] = {4, 10, 25, 70, 300};
	double x[300];

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t n = sizes[k], tries = n > 100 ? 4000 : 20000, beyond = 0;

		for (size_t i = 0; i < tries; i++) {
			for (size_t j = 0; j < n; j++)
				x[j] = gsl_rng_uniform(rng);
			stats_sort(x, n);
			beyond += series_dip(x, n, work) > series_dip_limit((double)n);
		}
		assert_close((double)beyond / (double)tries, 0.01, n > 100 ? 0.006 : 0.003);
	}
	assert_close(series_dip_limit(4000) * sqrt(4000), series_dip_limit(1000) * sqrt(1000),
		     1e-12);
	assert_true(series_dip_limit(4) > series_dip_limit(5));
}

/* ---- two modes ---- */

static double uniform(void)
{
	return gsl_rng_uniform(rng);
}

static double normal(void)
{
	return gsl_ran_gaussian(rng, 1);
}

static double exponential(void)
{
	return gsl_ran_exponential(rng, 1);
}

static double skewed(void)
{
	return exp(gsl_ran_gaussian(rng, 1));
}

static double heavy(void)
{
	return gsl_ran_tdist(rng, 2);
}

static double two_modes(void)
{
	return gsl_ran_gaussian(rng, 1) + (gsl_rng_uniform(rng) < 0.4 ? 8 : 0);
}

/* How often `rounds` rounds of m batches are called bimodal, of which a part rho is the round's. */
static double rate(double (*batch)(void), double (*round)(void), size_t rounds, size_t m,
		   double rho)
{
	enum { TRIES = 3000 };
	size_t flagged = 0;
	double x[400];

	for (int i = 0; i < TRIES; i++) {
		size_t n = 0;

		for (size_t r = 0; r < rounds; r++) {
			double common = sqrt(rho) * round();

			for (size_t b = 0; b < m; b++)
				x[n++] = common + sqrt(1 - rho) * batch();
		}
		stats_sort(x, n);
		flagged += series_is_bimodal(x, n, (double)m, rho, work);
	}
	return (double)flagged / TRIES;
}

static void test_one_mode_is_not_two(void **state)
{
	double (*const kinds[])(void) = {uniform, normal, exponential, skewed, heavy};

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		assert_true(rate(kinds[k], normal, 6, 3, 0) < 0.016);
		assert_true(rate(kinds[k], normal, 40, 7, 0) < 0.016);
		/* Clusters: batches of a round that resemble each other. */
		assert_true(rate(kinds[k], normal, 10, 5, 0.5) < 0.016);
		assert_true(rate(kinds[k], skewed, 10, 5, 0.95) < 0.016);
		assert_true(rate(kinds[k], kinds[k], 6, 3, 0.9) < 0.016);
	}
}

static void test_two_modes_are_found(void **state)
{
	double close[] = {1, 1.00001, 1.00002, 1.001, 1.00101, 1.00102};

	(void)state;
	assert_true(rate(two_modes, normal, 20, 3, 0) > 0.9);
	assert_true(rate(two_modes, normal, 40, 5, 0) > 0.99);
	/* Modes less than 2 % apart do not count, nor do too few values. */
	assert_false(series_is_bimodal(close, 6, 1, 0, work));
	assert_false(series_is_bimodal((double[]){0, 1, 9}, 3, 1, 0, work));
}

/* ---- trends ---- */

/* n rounds with noise of 1 %, and a step of the log at a place. */
static enum trend trend_of(size_t n, size_t at, double step, uint64_t seed)
{
	double x[1000];
	enum trend trend;
	struct err err;

	for (size_t i = 0; i < n; i++)
		x[i] = 3 + gsl_ran_gaussian(rng, 0.01) + (i >= at ? step : 0);
	assert_works(series_trend(x, n, 0.01, seed, &trend, &err), err);
	return trend;
}

static void test_trends(void **state)
{
	(void)state;
	assert_int_equal(trend_of(9, 3, 5, 1), TREND_UNKNOWN);
	for (uint64_t seed = 1; seed <= 5; seed++) {
		assert_int_equal(trend_of(30, 8, -0.2, seed), TREND_WARM_UP);
		assert_int_equal(trend_of(30, 12, 0.2, seed), TREND_SLOW_DOWN);
		assert_int_equal(trend_of(40, 35, 0.2, seed), TREND_UNSETTLED);
		assert_int_equal(trend_of(40, 35, -0.2, seed), TREND_UNSETTLED);
		assert_int_equal(trend_of(999, 300, 0.1, seed), TREND_SLOW_DOWN);
		assert_int_equal(trend_of(121, 30, -0.1, seed), TREND_WARM_UP);
		/* Found, but without practical interest. */
		assert_int_equal(trend_of(100, 50, 0.012, seed), TREND_STEADY);
	}
}

static void test_steady_series_are_steady(void **state)
{
	static const size_t sizes[] = {10, 20, 40};
	enum { TRIES = 200 };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		size_t alarms = 0;

		for (int i = 0; i < TRIES; i++)
			alarms += trend_of(sizes[k], 0, 0, (uint64_t)i) != TREND_STEADY;
		assert_true(alarms <= 8); /* 2 are expected; 9 have a chance of 0.02 % */
	}
}

/* ---- flags ---- */

/*
 * Costs without the made run's drift: cpu.int in L1 has two modes, cpu.float in L1 slows down,
 * mem.chase in L2 becomes faster, mem.fault's first batch that counts is more expensive in L1.
 */
static bool edit_shapes(struct row *row)
{
	struct sample *s = &row->sample;
	double cost = 100 * exp(gsl_ran_gaussian(rng, 0.004));

	if (strncmp(row->workload, "capacity", 8) == 0)
		return true;
	if (strcmp(row->workload, "cpu.int") == 0 && row->layer == 1)
		cost *= gsl_rng_uniform(rng) < 0.5 ? 1 : 1.3;
	else if (strcmp(row->workload, "cpu.float") == 0 && row->layer == 1)
		cost *= row->round > 8 ? 1.2 : 1;
	else if (strcmp(row->workload, "mem.chase") == 0 && row->layer == 2)
		cost *= row->round > 5 ? 0.8 : 1;
	else if (strcmp(row->workload, "mem.fault") == 0 && row->layer == 1)
		cost *= s->batch == 2 ? 1.1 : 1;
	s->elapsed_ns = (uint64_t)(cost * (double)s->ops);
	return true;
}

static unsigned wanted_flag(const struct summary_entry *e)
{
	if (strcmp(e->workload, "cpu.int") == 0 && e->layer == 1)
		return FLAG_BIMODAL;
	if (strcmp(e->workload, "cpu.float") == 0 && e->layer == 1)
		return FLAG_SLOW_DOWN;
	if (strcmp(e->workload, "mem.chase") == 0 && e->layer == 2)
		return FLAG_WARM_UP;
	return strcmp(e->workload, "mem.fault") == 0 && e->layer == 1 ? FLAG_WARM_UP : 0;
}

static void test_flags(void **state)
{
	const unsigned shapes = FLAG_BIMODAL | FLAG_SLOW_DOWN | FLAG_WARM_UP | FLAG_UNSETTLED;
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct buf text = BUF_INIT;
	size_t false_alarms = 0;
	struct summary s;
	struct err err;

	(void)state;
	gsl_rng_set(rng, 7);
	run.rounds = 24;
	run.edit = edit_shapes;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	for (size_t i = 0; i < s.entries; i++) {
		const struct summary_entry *e = &s.entry[i];

		if ((e->flags & shapes) == wanted_flag(e))
			continue;
		if (wanted_flag(e))
			fail_msg("%s in L%u: flags %x", e->workload, e->layer, e->flags & shapes);
		false_alarms++;
	}
	/* Of 35 series, three tests each at 1 %: one is expected. */
	assert_true(false_alarms <= 4);
	for (size_t i = 0; i < s.entries; i++) {
		const struct summary_entry *e = &s.entry[i];

		/* Nothing differs between the other layers by more than noise. */
		if (e->layer && e->unit[0] == 'n' && !wanted_flag(e))
			assert_true(summary_undetected(&e->ratio_l0) < 0.01);
	}
	summary_format(&s, &text);
	assert_non_null(strstr(buf_str(&text), " bimodal"));
	assert_non_null(strstr(buf_str(&text), " slow-down"));
	assert_non_null(strstr(buf_str(&text), " warm-up"));
	buf_release(&text);
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_undetected(void **state)
{
	(void)state;
	assert_close(summary_undetected(&(struct estimate){1.02, 0.99, 1.05}), 0.05, 1e-12);
	assert_close(summary_undetected(&(struct estimate){1.004, 1.001, 1.007}), 0.007, 1e-12);
	assert_close(summary_undetected(&(struct estimate){0.995, 0.99, 0.999}), 0, 0);
	assert_true(isnan(summary_undetected(&(struct estimate){1.05, 1.01, 1.09})));
	assert_true(isnan(summary_undetected(&(struct estimate){0.5, 0.4, 0.6})));
	assert_true(isnan(summary_undetected(&(struct estimate){1, NAN, NAN})));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_dips),
		cmocka_unit_test(test_limit_is_exceeded_by_one_per_cent),
		cmocka_unit_test(test_one_mode_is_not_two),
		cmocka_unit_test(test_two_modes_are_found),
		cmocka_unit_test(test_trends),
		cmocka_unit_test(test_steady_series_are_steady),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_undetected),
	};
	int rc;

	rng = gsl_rng_alloc(gsl_rng_mt19937);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	gsl_rng_free(rng);
	return rc;
}
