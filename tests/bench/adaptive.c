/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs that decide themselves, against a made-up machine: a scripted clock, rows with known
 * components of variance, and the session's rule for when a boot and the run end.
 */
#include "tests/check.h"

#include "bench/run/adaptive.h"
#include "results/rundir/rows.h"
#include "results/stats/stats.h"
#include "results/summary/summary.h"

/* What the machine is like. */
struct machine {
	double boot_s, round_s, batch_s;
	double boot_sd, round_sd, batch_sd; /* of the log ratio */
	bool fails;			    /* every row of L1 */
};

static uint64_t now_ns;
static uint64_t noise_state;

static uint64_t scripted_now(void *ctx)
{
	(void)ctx;
	return now_ns;
}

static const struct clock scripted = {.now_ns = scripted_now};

/* splitmix64 (Steele et al. 2014); the sum of twelve is near enough to a normal deviate. */
static double deviate(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++) {
		uint64_t x = noise_state += UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
		sum += (double)(x ^ x >> 31) / (double)UINT64_MAX;
	}
	return sum;
}

static void pass(double seconds)
{
	now_ns += (uint64_t)(seconds * 1e9);
}

static void put_batch(struct csv_writer *w, const struct machine *m, uint32_t boot, uint32_t round,
		      uint32_t layer, uint64_t batch, double log_ratio)
{
	struct row row = {.run = "r",
			  .boot = boot,
			  .round = round,
			  .slot = 1 + layer,
			  .layer = layer,
			  .workload = "cpu.int",
			  .class = "cpu",
			  .params = "",
			  .threads = 1,
			  .sample = {.batch = batch, .ops = 1000000, .digest = 1}};
	struct err err;

	row.sample.elapsed_ns = (uint64_t)(1e9 * exp(log_ratio));
	row.sample.host_elapsed_ns = (uint64_t)(m->batch_s / 2 * 1e9);
	if (m->fails && layer) {
		row.sample = (struct sample){.status = SAMPLE_FAIL};
		sample_set_reason(&row.sample, "broken");
	}
	assert_works(rows_writer_put(w, &row, &err), err);
}

struct outcome {
	double seconds;
	uint32_t boots, rounds, all_rounds;
	uint64_t batches; /* in the last round */
	uint64_t all_batches;
	struct adaptive adaptive;
	char *dir;
};

/* Carries the run out as session_run would. */
static struct outcome carry_out(const struct machine *m, struct adaptive_config c)
{
	struct outcome o = {.dir = test_dir_make()};
	struct session_stand stand = {.began_ns = now_ns};
	struct csv_writer w = CSV_WRITER_NONE;
	struct session_size size;
	struct err err;

	c.dir = o.dir;
	c.clock = &scripted;
	c.pilot_batches = 3;
	size = adaptive_start(&o.adaptive, &c);
	assert_works(rows_writer_open(&w, o.dir, &err), err);
	for (stand.boot = 1; stand.boot <= size.boots; stand.boot++) {
		double boot = m->boot_sd * deviate();

		pass(m->boot_s);
		stand.boots_ns += (uint64_t)(m->boot_s * 1e9);
		stand.round = 0;
		do {
			double round = m->round_sd * deviate();
			double seconds = m->round_s + (double)size.batches * m->batch_s;

			stand.round++;
			stand.all_rounds++;
			o.all_batches += size.batches;
			for (uint64_t b = 1; b <= size.batches; b++) {
				put_batch(&w, m, stand.boot, stand.round, 0, b, 0);
				put_batch(&w, m, stand.boot, stand.round, 1, b,
					  1 + boot + round + m->batch_sd * deviate());
			}
			pass(seconds);
			stand.last_round_ns = (uint64_t)(seconds * 1e9);
			stand.rounds_ns += stand.last_round_ns;
			assert_works(adaptive_next(&o.adaptive, &stand, &size, &err), err);
			assert_true(stand.all_rounds < 5000);
		} while (stand.round < size.rounds);
		o.rounds = stand.round;
		o.boots = stand.boot;
	}
	assert_works(csv_writer_close(&w, &err), err);
	o.seconds = (double)(now_ns - stand.began_ns) * 1e-9;
	o.all_rounds = stand.all_rounds;
	o.batches = size.batches;
	return o;
}

static const struct machine quiet = {10, 1, 0.1, 0.002, 0.01, 0.01, false};
static const struct machine moody = {10, 1, 0.1, 0.05, 0.005, 0.01, false}; /* between boots */
static const struct machine noisy = {10, 1, 0.1, 0.002, 0.002, 0.2, false}; /* between batches */

/* The time is used, and never exceeded by more than a few per cent. */
static void test_budget_is_kept(void **state)
{
	const struct machine *machines[] = {&quiet, &moody, &noisy};

	(void)state;
	for (int i = 0; i < 3; i++)
		for (double budget = 30; budget <= 1000; budget *= 1.7) {
			struct outcome o = carry_out(
				machines[i],
				(struct adaptive_config){.budget_ns = (uint64_t)(budget * 1e9)});
			struct err err;

			assert_true(o.seconds <= 1.02 * budget);
			assert_true(o.seconds >= 0.85 * budget);
			/* Two to four boots would give no trustworthy interval. */
			assert_true(o.boots == 1 || o.boots >= ADAPTIVE_FEWEST_BOOTS);
			assert_int_equal(o.boots == 1, budget < 70);
			assert_works(adaptive_verdict(&o.adaptive, &err), err);
			test_dir_remove(o.dir);
		}
}

/* Where boots differ, boots are made; where batches do, batches. */
static void test_level_that_varies_is_repeated(void **state)
{
	const struct adaptive_config c = {.budget_ns = 900 * NS_PER_S};
	struct outcome q = carry_out(&quiet, c), m = carry_out(&moody, c), n = carry_out(&noisy, c);

	(void)state;
	assert_true(m.boots > 2 * q.boots);
	assert_true(m.boots > 2 * n.boots);
	assert_true(n.all_batches / n.all_rounds >= 2 * m.all_batches / m.all_rounds);
	test_dir_remove(q.dir);
	test_dir_remove(m.dir);
	test_dir_remove(n.dir);
}

static void test_what_is_fixed_stays(void **state)
{
	struct outcome o;

	(void)state;
	o = carry_out(&quiet, (struct adaptive_config){.budget_ns = 300 * NS_PER_S, .boots = 1});
	assert_int_equal(o.boots, 1);
	assert_true(o.seconds > 290 && o.seconds <= 300);
	test_dir_remove(o.dir);
	o = carry_out(&quiet, (struct adaptive_config){.budget_ns = 300 * NS_PER_S, .boots = 4});
	assert_int_equal(o.boots, 4);
	assert_true(o.seconds > 280 && o.seconds <= 300);
	test_dir_remove(o.dir);
	o = carry_out(&quiet, (struct adaptive_config){
				      .budget_ns = 300 * NS_PER_S, .rounds = 7, .batches = 5});
	assert_int_equal(o.all_rounds, 7 * o.boots);
	assert_int_equal(o.batches, 5);
	assert_true(o.seconds > 270 && o.seconds <= 300);
	test_dir_remove(o.dir);
}

/* The half-width of the only ratio, as summary.csv has it. */
static double width_of(const struct outcome *o)
{
	struct summary s = {0};
	double width = NAN;
	struct err err;

	assert_works(summary_build(o->dir, &s, &err), err);
	for (size_t i = 0; i < s.entries; i++)
		if (s.entry[i].layer == 1)
			width = (log(s.entry[i].ratio_l0.high) - log(s.entry[i].ratio_l0.low)) / 2;
	summary_release(&s);
	return width;
}

static void test_precision_is_reached(void **state)
{
	const struct machine *machines[] = {&quiet, &moody, &noisy};

	(void)state;
	for (int i = 0; i < 3; i++)
		for (uint32_t boots = 0; boots <= 1; boots++) {
			double precision = machines[i] == &quiet ? 0.01 : 0.03;
			struct outcome o = carry_out(
				machines[i], (struct adaptive_config){.budget_ns = 7200 * NS_PER_S,
								      .precision = precision,
								      .boots = boots});
			struct err err;

			assert_works(adaptive_verdict(&o.adaptive, &err), err);
			assert_true(o.adaptive.narrow);
			assert_true(width_of(&o) <= log1p(precision));
			assert_true(o.seconds < 3000);
			if (boots)
				assert_true(o.boots == 1 && o.rounds >= ADAPTIVE_FIRST_LOOK);
			else
				assert_true(o.boots >= ADAPTIVE_FEWEST_BOOTS);
			test_dir_remove(o.dir);
		}
}

static void test_precision_out_of_reach(void **state)
{
	struct outcome o = carry_out(
		&moody, (struct adaptive_config){.budget_ns = 150 * NS_PER_S, .precision = 0.002});
	struct err err;

	(void)state;
	assert_true(o.seconds <= 151);
	assert_fails(adaptive_verdict(&o.adaptive, &err), err, EXIT_INCONCLUSIVE,
		     "cpu.int in L1 (±");
	assert_non_null(strstr(err.text, "from boot to boot"));
	test_dir_remove(o.dir);
}

static void test_nothing_to_plan_by(void **state)
{
	struct machine broken = quiet;
	struct outcome o;
	struct err err;

	(void)state;
	broken.fails = true;
	o = carry_out(&broken,
		      (struct adaptive_config){.budget_ns = 300 * NS_PER_S, .precision = 0.01});
	assert_true(o.seconds <= 300);
	assert_works(adaptive_verdict(&o.adaptive, &err), err);
	test_dir_remove(o.dir);
}

static void test_next_look(void **state)
{
	(void)state;
	assert_int_equal(adaptive_next_look(3, 100, 10), 10);
	assert_int_equal(adaptive_next_look(10, 11, 10), 13);
	assert_int_equal(adaptive_next_look(10, 15, 10), 15);
	assert_int_equal(adaptive_next_look(10, 500, 10), 20);
	assert_int_equal(adaptive_next_look(1, 0, 0), 2);
}

/*
 * What stopping at a look does to the coverage: four thousand runs of one boot, which end as soon
 * as the sign-test interval is narrow enough, at the most looks that the rule allows. Nominal is 95
 * %.
 */
static void test_coverage_of_stopped_runs(void **state)
{
	enum { RUNS = 4000, MOST = 2000 };
	static double x[MOST], sorted[MOST];
	size_t covered = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		/* Widths for which the run ends at the first looks, or much later. */
		double wanted = 0.2 + 0.05 * (run % 12);
		uint32_t n = 0;

		for (;;) {
			uint32_t more = adaptive_next_look(n, 0, ADAPTIVE_FIRST_LOOK);
			size_t low, high;

			for (; n < more; n++)
				x[n] = deviate();
			memcpy(sorted, x, n * sizeof(*x));
			stats_sort(sorted, n);
			assert_true(stats_sign_interval(n, 0.95, &low, &high));
			if ((sorted[high - 1] - sorted[low - 1]) / 2 > wanted && 2 * n < MOST)
				continue;
			covered += sorted[low - 1] <= 0 && sorted[high - 1] >= 0;
			break;
		}
	}
	printf("coverage of runs that were stopped when narrow: %.2f %%\n",
	       100.0 * (double)covered / RUNS);
	assert_true((double)covered > 0.93 * RUNS);
}

static void test_options(void **state)
{
	struct adaptive_config c = {0};
	struct err err;

	(void)state;
	assert_false(adaptive_is_wanted(&(struct adaptive_options){.boots = 3, .rounds = 2}));
	assert_true(adaptive_is_wanted(&(struct adaptive_options){.budget_ns = 1}));
	assert_works(adaptive_check(&(struct adaptive_options){.precision = "2%", .boots = 3}, 5,
				    &c, &err),
		     err);
	assert_close(c.precision, 0.02, 1e-12);
	assert_int_equal(c.boots, 3);
	assert_int_equal(c.pilot_batches, 5);
	assert_true(c.budget_ns == ADAPTIVE_LIMIT_NS);
	assert_fails(adaptive_check(&(struct adaptive_options){.precision = "2"}, 5, &c, &err), err,
		     EXIT_USAGE, "--precision");
	assert_fails(
		adaptive_check(
			&(struct adaptive_options){.budget_ns = NS_PER_S, .boots = 2, .rounds = 3},
			5, &c, &err),
		err, EXIT_USAGE, "nothing to choose");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget_is_kept),
		cmocka_unit_test(test_level_that_varies_is_repeated),
		cmocka_unit_test(test_what_is_fixed_stays),
		cmocka_unit_test(test_precision_is_reached),
		cmocka_unit_test(test_precision_out_of_reach),
		cmocka_unit_test(test_nothing_to_plan_by),
		cmocka_unit_test(test_next_look),
		cmocka_unit_test(test_coverage_of_stopped_runs),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
