/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of variance, and the plans made from them, against data whose components are known. */
#include "tests/check.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <jansson.h>

#include "results/budget/replication.h"
#include "results/rundir/layers.h"
#include "results/summary/estimate.h"
#include "tests/results/make_run.h"

static gsl_rng *rng;

/* By hand: two boots of two rounds with means 1 3 | 5 9, so S_2² = (2 + 8)/2 = 5, boot means 2 7.
 */
static void test_components_by_hand(void **state)
{
	const struct variance_cell cell[] = {{1, 1, 0.5}, {1, 3, 0.5}, {2, 5, 0.5}, {2, 9, 0.5}};
	struct variance v;

	(void)state;
	variance_of_cells(cell, 4, 2, &v);
	assert_close(v.batch, 2, 0);
	assert_close(v.round, 5 - 0.5, 1e-12);
	assert_close(v.boot, 12.5 - 5.0 / 2, 1e-12);
	assert_true(v.boot_known);
	assert_int_equal(v.boots, 2);
	assert_int_equal(v.rounds, 4);
	/* One boot says nothing about boots; a level with a negative component adds nothing. */
	variance_of_cells(cell, 2, 90, &v);
	assert_false(v.boot_known);
	assert_close(v.boot, 0, 0);
	assert_close(v.round, 2 - 0.5, 1e-12);
	variance_of_cells((struct variance_cell[]){{1, 1, 9}, {1, 1.1, 9}}, 2, 9, &v);
	assert_close(v.round, 0, 0);
	variance_of_cells(cell, 1, 3, &v);
	assert_close(v.round, 0, 0);
	assert_close(v.batch, 3, 0);
}

/* A pilot drawn from a model, its batches already averaged. */
static void draw_cells(const struct variance *model, const struct replication_size *size,
		       struct variance_cell *cell)
{
	for (uint32_t b = 0; b < size->boots; b++) {
		double boot = gsl_ran_gaussian(rng, sqrt(model->boot));

		for (uint32_t r = 0; r < size->rounds; r++)
			*cell++ = (struct variance_cell){
				b + 1,
				boot + gsl_ran_gaussian(rng, sqrt(model->round)) +
					gsl_ran_gaussian(rng, sqrt(model->batch / size->batches)),
				model->batch / size->batches};
	}
}

static const struct variance models[] = {
	{.batch = 4e-4, .round = 1e-4, .boot = 1e-4, .boot_known = true},
	{.batch = 9e-4, .round = 1e-4, .boot = 1e-6, .boot_known = true},
	{.batch = 1e-4, .round = 4e-4, .boot = 9e-4, .boot_known = true},
};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

static void test_components_are_found(void **state)
{
	static struct variance_cell cell[2000 * 4];
	const struct replication_size size = {2000, 4, 3};
	struct variance v;

	(void)state;
	for (int i = 0; i < MODELS; i++) {
		draw_cells(&models[i], &size, cell);
		variance_of_cells(cell, 8000, models[i].batch, &v);
		assert_close(v.round, models[i].round, 0.1 * models[i].round + 2e-5);
		assert_close(v.boot, models[i].boot, 0.1 * models[i].boot + 1e-5);
	}
}

/* Kalibera & Jones' formula, by hand. */
static void test_optimum(void **state)
{
	struct variance v = {.batch = 16, .round = 4, .boot = 1};
	const struct replication_cost cost = {.boot = 90, .round = 9, .batch = 1};
	uint32_t batches, rounds;

	(void)state;
	replication_optimum(&v, &cost, &batches, &rounds);
	assert_int_equal(batches, 6); /* √(9/1 · 16/4) */
	assert_int_equal(rounds, 7);  /* √(90/15 · (4 + 16/6)/1) = 6.3 */
	v.boot = 0;
	replication_optimum(&v, &cost, &batches, &rounds);
	assert_int_equal(rounds, UINT32_MAX);
	v = (struct variance){0};
	replication_optimum(&v, &cost, &batches, &rounds);
	assert_int_equal(batches, 1);
	assert_int_equal(rounds, 1);
}

static void test_time(void **state)
{
	const struct replication_cost cost = {.once = 7, .boot = 20, .round = 2, .batch = 0.5};
	const struct replication_size size = {3, 10, 4};

	(void)state;
	assert_close(replication_time(&cost, &size, &(struct replication_done){0, 0}),
		     7 + 3 * (20 + 10 * 4), 1e-9);
	assert_close(replication_time(&cost, &size, &(struct replication_done){2, 4}),
		     6 * 4 + (20 + 10 * 4), 1e-9);
	assert_close(replication_time(&cost, &size, &(struct replication_done){3, 12}), 0, 0);
}

static void test_half_width(void **state)
{
	const struct variance v = {.batch = 0, .round = 9e-4, .boot = 4e-4};
	const struct replication_size one = {1, 10, 1}, five = {5, 1, 1};

	(void)state;
	/* t(9) = 2.262157, t(4) = 2.776445; e(10) = 1.513717, e(5) = 1.456637. */
	assert_close(replication_half_width(&v, &one), 2.262157 * sqrt(1.513717 * 9e-4 / 10), 1e-8);
	assert_close(replication_half_width(&v, &five), 2.776445 * sqrt(1.456637 * 13e-4 / 5),
		     1e-8);
	assert_true(isinf(replication_half_width(&v, &(struct replication_size){1, 5, 3})));
}

/* ---- the plan against simulated experiments ---- */

/* The mean half-width that estimate_median gives for such an experiment. */
static double real_half_width(const struct variance *model, const struct replication_size *size)
{
	enum { TRIES = 20 };
	struct variance_cell *cell = calloc((size_t)size->boots * size->rounds, sizeof(*cell));
	struct estimator est = {0};
	struct series s = {0};
	struct estimate e;
	double sum = 0;
	struct err err;

	for (int i = 0; i < TRIES; i++) {
		draw_cells(model, size, cell);
		series_clear(&s);
		for (size_t k = 0; k < (size_t)size->boots * size->rounds; k++)
			assert_works(series_add(&s, cell[k].boot, cell[k].value, &err), err);
		assert_works(estimate_median(&est, &s, &e, &err), err);
		sum += (e.high - e.low) / 2 / TRIES;
	}
	series_release(&s);
	estimator_release(&est);
	free(cell);
	return sum;
}

static void test_predicted_width_is_real(void **state)
{
	static const struct replication_size sizes[] = {
		{1, 10, 3}, {1, 40, 1}, {12, 4, 3}, {20, 10, 2}};

	(void)state;
	for (int i = 0; i < MODELS; i++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			double want = real_half_width(&models[i], &sizes[k]);

			assert_close(replication_half_width(&models[i], &sizes[k]) / want, 1.15,
				     0.35);
		}
}

/* The spread of the estimate itself, independent of any rule for intervals. */
static double real_spread(const struct variance *model, const struct replication_size *size)
{
	enum { TRIES = 500 };
	size_t n = (size_t)size->boots * size->rounds;
	struct variance_cell *cell = calloc(n, sizeof(*cell));
	double *x = calloc(n, sizeof(*x)), sum = 0;

	for (int i = 0; i < TRIES; i++) {
		draw_cells(model, size, cell);
		for (size_t k = 0; k < n; k++)
			x[k] = cell[k].value;
		stats_sort(x, n);
		sum += pow(stats_median(x, n), 2) / TRIES;
	}
	free(cell);
	free(x);
	return sqrt(sum);
}

/*
 * Several boots, a fixed time: the plan's spread against the best of a grid of all sizes that fit,
 * each found by making the experiment five hundred times.
 */
static void test_best_is_near_the_optimum(void **state)
{
	const struct replication_cost cost = {.once = 5, .boot = 8, .round = 1, .batch = 0.2};
	const struct replication_bounds bounds = {{8, 1, 1}, {1000, 200, 32}};
	const struct replication_done nothing = {0, 0};
	static const uint32_t batches[] = {1, 2, 4, 8, 16};
	const double seconds = 600;

	(void)state;
	for (int i = 0; i < MODELS; i++) {
		struct replication_item item = {.variance = models[i]};
		const struct replication r = {.item = &item, .items = 1};
		struct replication_size best;
		double least = INFINITY, of_plan;

		assert_true(replication_best(&r, &cost, seconds, &bounds, &nothing, &best));
		assert_true(replication_time(&cost, &best, &nothing) <= seconds);
		of_plan = real_spread(&models[i], &best);
		for (uint32_t n = 1; n <= 40; n += n < 8 ? 1 : 4)
			for (size_t k = 0; k < sizeof(batches) / sizeof(batches[0]); k++) {
				struct replication_size size = {8, n, batches[k]};

				if (replication_time(&cost, &size, &nothing) > seconds)
					continue;
				while (replication_time(&cost, &size, &nothing) <= seconds)
					size.boots++;
				size.boots--;
				least = fmin(least, real_spread(&models[i], &size));
			}
		if (of_plan > 1.15 * least)
			fail_msg("model %d: %u boots, %u rounds, %u batches give %g, best is %g", i,
				 best.boots, best.rounds, best.batches, of_plan, least);
	}
}

static void test_bounds(void **state)
{
	const struct replication_cost cost = {.once = 5, .boot = 10, .round = 1, .batch = 0.2};
	struct replication_bounds bounds = {{1, 1, 1}, {100, 500, 8}};
	const struct replication_done nothing = {0, 0}, pilot = {2, 3};
	struct replication_item item[2] = {{.variance = models[0]}, {.variance = models[2]}};
	const struct replication r = {.item = item, .items = 2};
	struct replication_size size = {0};

	(void)state;
	assert_false(replication_best(&r, &cost, 20, &bounds, &nothing, &size));
	assert_true(replication_best(&r, &cost, 25, &bounds, &nothing, &size));
	assert_int_equal(size.boots, 1); /* too little time for more */
	bounds.min.boots = bounds.max.boots = 3;
	assert_true(replication_best(&r, &cost, 200, &bounds, &nothing, &size));
	assert_int_equal(size.boots, 3);
	bounds = (struct replication_bounds){{1, 12, 5}, {100, 12, 5}};
	assert_true(replication_best(&r, &cost, 300, &bounds, &nothing, &size));
	assert_int_equal(size.rounds, 12);
	assert_int_equal(size.batches, 5);
	/* What was already measured costs nothing more, and is never removed. */
	bounds = (struct replication_bounds){{1, 2, 2}, {100, 500, 8}};
	assert_true(replication_best(&r, &cost, 60, &bounds, &pilot, &size));
	assert_true(size.boots >= 2);
	assert_true(replication_time(&cost, &size, &pilot) <= 60);
}

static void test_for_width(void **state)
{
	const struct replication_cost cost = {.once = 5, .boot = 10, .round = 1, .batch = 0.2};
	struct replication_bounds bounds = {{5, 2, 2}, {200, 500, 8}};
	const struct replication_done nothing = {0, 0};
	struct replication_item item[2] = {{.variance = models[0]}, {.variance = models[2]}};
	const struct replication r = {.item = item, .items = 2};
	struct replication_size size = {0};

	(void)state;
	assert_true(replication_for_width(&r, &cost, 0.01, &bounds, &nothing, &size));
	for (int i = 0; i < 2; i++)
		assert_true(replication_half_width(&models[i ? 2 : 0], &size) <= 0.01);
	size.boots--;
	assert_true(replication_half_width(&models[2], &size) > 0.01);
	/* Rounds alone cannot reduce the variance between boots. */
	bounds.max.boots = 5;
	assert_false(replication_for_width(&r, &cost, 0.01, &bounds, &nothing, &size));
	bounds.min.boots = bounds.max.boots = 1;
	assert_true(replication_for_width(&r, &cost, 0.01, &bounds, &nothing, &size));
	assert_int_equal(size.boots, 1);
}

/* ---- from rows ---- */

/* Every figure of a boot is a multiple of the one of the boot before, in VMs only. */
static bool edit_boots(struct row *row)
{
	if (row->layer)
		row->sample.elapsed_ns += row->sample.elapsed_ns * (row->boot - 1) / 50;
	return true;
}

static void test_read(void **state)
{
	struct made_run run = MADE_RUN;
	struct replication r;
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	run.boots = 3;
	run.edit = edit_boots;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(replication_read(dir, &r, &err), err);
	assert_int_equal(r.items, 12 * 2); /* the capacity is none */
	assert_int_equal(r.size.boots, 3);
	assert_int_equal(r.size.rounds, 6);
	assert_int_equal(r.size.batches, 4);
	assert_true(r.batch_s > 0.05 * 12 && r.batch_s < 0.06 * 12 * 3);
	for (size_t i = 0; i < r.items; i++) {
		const struct variance *v = &r.item[i].variance;

		assert_true(r.item[i].layer > 0);
		/* log(1), log(1.02), log(1.04): variance 3.85e-4. The noise of a batch is uniform
		 * within ± 0.5 % in both layers, and nothing is added by the round. */
		assert_close(v->boot, 3.85e-4, 0.8e-4);
		assert_close(v->batch, 2 * 0.005 * 0.005 / 3, 1e-5);
		assert_true(v->round < 1e-5);
	}
	replication_release(&r);
	test_dir_remove(dir);
}

static bool edit_one_round(struct row *row)
{
	return row->round == 1;
}

static void test_read_refuses(void **state)
{
	struct made_run run = MADE_RUN;
	struct replication r;
	char *dir = test_dir_make(), *empty = test_dir_make();
	struct err err;

	(void)state;
	run.edit = edit_one_round;
	assert_works(make_run(dir, &run, &err), err);
	assert_fails(replication_read(dir, &r, &err), err, EXIT_USAGE, "two rounds");
	assert_fails(replication_read(empty, &r, &err), err, EXIT_USAGE, empty);
	test_dir_remove(dir);
	test_dir_remove(empty);
}

static bool edit_l0(struct row *row)
{
	return row->layer == 0;
}

static void test_read_l0_alone(void **state)
{
	struct made_run run = MADE_RUN;
	struct replication r;
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	run.edit = edit_l0;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(replication_read(dir, &r, &err), err);
	assert_int_equal(r.items, 12);
	/* Nothing cancels the drift that all rounds have. */
	assert_true(r.item[0].variance.round > 0.005);
	assert_false(r.item[0].variance.boot_known);
	replication_release(&r);
	test_dir_remove(dir);
}

/* ---- the plan of a run ---- */

static void say_times(const char *dir, uint32_t boots)
{
	struct err err;

	for (uint32_t boot = 1; boot <= boots; boot++) {
		struct facts facts = FACTS_INIT;

		facts_set(&facts, "time_boot_ns", "%d", 2000000000);
		if (boot == 1)
			facts_set(&facts, "time_calibration_ns", "%d", 500000000);
		facts_set(&facts, "time_rounds_ns", "%s", "90000000000");
		assert_works(layers_append(dir, MADE_ID, boot, 0, &facts, &err), err);
		facts_release(&facts);
	}
}

static void test_plan(void **state)
{
	struct made_run run = MADE_RUN;
	struct replication r;
	struct replication_cost cost;
	struct replication_plan plan;
	char *dir = test_dir_make();
	struct buf out = BUF_INIT;
	json_t *root, *item;
	struct err err;

	(void)state;
	run.boots = 3;
	run.edit = edit_boots;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(replication_read(dir, &r, &err), err);
	assert_fails(replication_cost_read(dir, &r, &cost, &err), err, EXIT_USAGE, "time_boot_ns");
	say_times(dir, 3);
	assert_works(replication_cost_read(dir, &r, &cost, &err), err);
	assert_close(cost.once, 0.5, 1e-9);
	assert_close(cost.boot, 2, 1e-9);
	assert_close(cost.batch, r.batch_s, 0);
	assert_close(cost.round + 4 * cost.batch, 90.0 / 6, 1e-9);
	assert_fails(replication_plan_make(&plan, &r, &cost, 20, &err), err, EXIT_MACHINE,
		     "20.0 s is too short");
	assert_works(replication_plan_make(&plan, &r, &cost, 100, &err), err);
	assert_int_equal(plan.size.boots, 1);
	assert_works(replication_plan_make(&plan, &r, &cost, 3600, &err), err);
	assert_true(plan.size.boots >= 5);
	assert_true(plan.seconds <= 3600);
	replication_plan_text(&plan, &out);
	assert_non_null(strstr(buf_str(&out), "--boots "));
	assert_non_null(strstr(buf_str(&out), "mem.chase size=64MiB"));
	buf_clear(&out);
	assert_works(replication_plan_json(&plan, &out, &err), err);
	root = json_loads(buf_str(&out), 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_array_size(json_object_get(root, "items")), 24);
	item = json_array_get(json_object_get(root, "items"), 0);
	assert_close(json_real_value(json_object_get(item, "half_width_share")),
		     expm1(replication_half_width(&r.item[0].variance, &plan.size)), 1e-12);
	json_decref(root);
	buf_release(&out);
	replication_release(&r);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_components_by_hand),
		cmocka_unit_test(test_components_are_found),
		cmocka_unit_test(test_optimum),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_half_width),
		cmocka_unit_test(test_predicted_width_is_real),
		cmocka_unit_test(test_best_is_near_the_optimum),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_for_width),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_refuses),
		cmocka_unit_test(test_read_l0_alone),
		cmocka_unit_test(test_plan),
	};
	int rc;

	rng = gsl_rng_alloc(gsl_rng_mt19937);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	gsl_rng_free(rng);
	return rc;
}
