/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The self-check on made-up runs with known answers: what is called different, what is found, how
 * often chance alone alarms, and the verdicts on the targets.
 */
#include "tests/check.h"

#include "results/rundir/rows.h"
#include "results/selfcheck/selfcheck.h"

enum { ROUNDS = 12 };

/* ns of one operation of a work in a round (from 0). */
typedef double (*cost_fn)(const char *workload, const char *params, uint32_t round);

static const char *const works[][2] = {
	{"nop", ""},
	{"nop", "lane=2"},
	{"nop", "lane=3"},
	{"nop", "lane=4"},
	{"nop", "ops=1"},
	{"inject", "slow=0 kind=cpu"},
	{"inject", "slow=3 kind=cpu"},
};
enum { WORKS = sizeof(works) / sizeof(works[0]) };

static void put(struct csv_writer *w, uint32_t round, size_t work, double ns)
{
	struct row row = {.run = "r",
			  .boot = 1,
			  .round = round + 1,
			  .slot = (uint32_t)work + 1,
			  .workload = works[work][0],
			  .class = "control",
			  .params = works[work][1],
			  .threads = 1,
			  .sample = {.batch = 1, .ops = 1000000}};
	struct err err;

	row.sample.elapsed_ns = (uint64_t)(ns * 1e6 + 0.5);
	row.sample.host_elapsed_ns = row.sample.elapsed_ns + 5000 + round;
	if (strstr(works[work][1], "ops=1")) {
		row.sample.ops = 1;
		row.sample.elapsed_ns = 30;
		row.sample.host_elapsed_ns = 40030 + round;
	}
	assert_works(rows_writer_put(w, &row, &err), err);
}

static char *make_run(cost_fn cost, uint32_t rounds, const char *facts_rounds)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct manifest m = {0};
	char *dir = test_dir_make();
	struct err err;

	strcpy(m.run, "r");
	strcpy(m.host, "h");
	strcpy(m.profile, "quick");
	strcpy(m.mode, "shape");
	manifest_now(m.started);
	m.state = RUN_COMPLETE;
	m.seed = m.boots = m.batches = 1;
	m.rounds = rounds;
	if (facts_rounds)
		facts_set(&m.more, SELFCHECK_ROUNDS, "%s", facts_rounds);
	facts_set(&m.more, SELFCHECK_ROUND_NS, "700000000");
	for (size_t i = 0; i < WORKS; i++)
		assert_works(manifest_add_job(&m, works[i][0], works[i][1], 1, &err), err);
	assert_works(manifest_save(dir, &m, &err), err);
	manifest_release(&m);
	assert_works(rows_writer_open(&w, dir, &err), err);
	for (uint32_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < WORKS; i++)
			put(&w, round, i, cost(works[i][0], works[i][1], round));
	assert_works(csv_writer_close(&w, &err), err);
	return dir;
}

static void check_run(cost_fn cost, uint32_t rounds, struct selfcheck *s)
{
	char *dir = make_run(cost, rounds, "12");
	struct err err;

	assert_works(selfcheck_build(dir, s, &err), err);
	test_dir_remove(dir);
}

static bool is_lane(const char *params, int lane)
{
	char word[16];

	snprintf(word, sizeof(word), "lane=%d", lane);
	return strcmp(params, word) == 0;
}

/*
 * Lanes vary evenly around each other. In the second try lane 2 is 5 % more expensive, in the third
 * lane 4 is 0.5 % more expensive; the injection is exact.
 */
static double known_cost(const char *workload, const char *params, uint32_t round)
{
	double wobble = round % 2 ? 1.004 : 0.996;
	uint32_t try = round / ROUNDS;

	if (strcmp(workload, "inject") == 0)
		return strstr(params, "slow=3") ? 103 * wobble : 100;
	if (is_lane(params, 2))
		return 10 * wobble * (try == 1 ? 1.05 : 1);
	if (is_lane(params, 4))
		return try == 2 ? 10.05 : 10 * wobble;
	return 10;
}

static void test_known_answers(void **state)
{
	struct selfcheck s;

	(void)state;
	/* Four tries and one that was not finished. */
	check_run(known_cost, 4 * ROUNDS + 5, &s);
	assert_int_equal(s.rounds, ROUNDS);
	assert_int_equal(s.tries, 4);
	/* Two works for 12 rounds, of the 7 that take 0.7 s together. */
	assert_close(s.try_s, 2.4, 1e-9);
	/* 2 (1 + 12 + 66) / 4096: k = 3 of Conover's table. */
	assert_close(s.attained, 0.03857421875, 1e-12);
	assert_int_equal(s.works, 1);
	assert_int_equal(s.alarms[0].different.hits, 2);
	assert_int_equal(s.alarms[0].different.n, 8);
	assert_int_equal(s.alarms[0].beyond.hits, 1);
	assert_int_equal(s.different.hits, 2);
	assert_int_equal(s.beyond.n, 8);
	/* Of most pairs the ends are log 1.004 and log 0.996. */
	assert_close(s.alarms[0].width, log(1.004 / 0.996) / 2, 1e-6);
	assert_int_equal(s.injections, 1);
	assert_int_equal(s.injection[0].slow, 3);
	assert_string_equal(s.injection[0].kind, "cpu");
	assert_int_equal(s.injection[0].found.hits, 4);
	assert_int_equal(s.injection[0].found.n, 4);
	assert_int_equal(s.injection[0].holds.hits, 4);
	assert_close(s.injection[0].size.mid, 1.03, 1e-4);
	assert_close(s.floor[0].turn.mid, 10, 1e-9);
	assert_close(s.floor[0].batch.mid, 30, 1e-9);
	assert_close(s.floor[0].exchange, 40000 + (4 * ROUNDS + 4) / 2.0, 1e-9);
	assert_true(isnan(s.floor[0].clock.mid));
	assert_int_equal(s.alarms_verdict, SELFCHECK_UNDECIDED);
	assert_int_equal(selfcheck_code(&s), EXIT_INCONCLUSIVE);
	selfcheck_release(&s);
}

/* splitmix64 over everything that identifies a cost, and Box and Muller's normal. */
static double gauss(const char *workload, const char *params, uint32_t round)
{
	uint64_t x = round + 1, u[2];

	for (const char *c = workload; *c; c++)
		x = x * 31 + (unsigned char)*c;
	for (const char *c = params; *c; c++)
		x = x * 31 + (unsigned char)*c;
	for (int i = 0; i < 2; i++) {
		x += UINT64_C(0x9e3779b97f4a7c15);
		u[i] = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		u[i] = (u[i] ^ u[i] >> 27) * UINT64_C(0x94d049bb133111eb);
		u[i] ^= u[i] >> 31;
	}
	return sqrt(-2 * log(((double)u[0] + 1) / 0x1p64)) * cos(2 * M_PI * (double)u[1] / 0x1p64);
}

/* Noise of 1 % on a machine that drifts by half within the run, the same for all of a round. */
static double noisy_cost(const char *workload, const char *params, uint32_t round)
{
	double drift = 1 + round / 10000.0;
	double injected = strstr(params, "slow=3") ? 1.03 : 1;

	return 100 * drift * injected * exp(0.01 * gauss(workload, params, round));
}

/* Chance alone: alarms are as frequent as the sign test says, and intervals cover the truth. */
static void test_chance(void **state)
{
	struct selfcheck s;

	(void)state;
	check_run(noisy_cost, 400 * ROUNDS, &s);
	assert_int_equal(s.different.n, 800);
	assert_true(s.different.low < s.attained && s.attained < s.different.high);
	assert_int_equal(s.alarms_verdict, SELFCHECK_MET);
	assert_true(s.injection[0].holds.low < 1 - s.attained &&
		    1 - s.attained < s.injection[0].holds.high);
	assert_int_equal(s.size_verdict, SELFCHECK_MET);
	assert_close(s.injection[0].size.mid, 1.03, 0.002);
	assert_int_equal(s.found_verdict, SELFCHECK_MET);
	assert_int_equal(selfcheck_code(&s), EXIT_FINE);
	selfcheck_release(&s);
}

/* An instrument that favours a lane for a whole try in every fifth. */
static double biased_cost(const char *workload, const char *params, uint32_t round)
{
	bool favoured = is_lane(params, 2) && round / ROUNDS % 5 == 0;

	return noisy_cost(workload, params, round) * (favoured ? 1.1 : 1);
}

/* One that shows 5 % as the injected 3 %. */
static double wrong_cost(const char *workload, const char *params, uint32_t round)
{
	return known_cost(workload, params, round % 2) *
	       (strstr(params, "slow=3") ? 1.05 / 1.03 : 1);
}

/* One that does not see it at all. */
static double blind_cost(const char *workload, const char *params, uint32_t round)
{
	return noisy_cost(workload, params, round) / (strstr(params, "slow=3") ? 1.03 : 1);
}

static void test_failures(void **state)
{
	struct selfcheck s;

	(void)state;
	check_run(biased_cost, 100 * ROUNDS, &s);
	assert_true(s.alarms[0].too_many);
	assert_int_equal(s.alarms_verdict, SELFCHECK_FAILED);
	assert_int_equal(selfcheck_code(&s), EXIT_REGRESSION);
	selfcheck_release(&s);
	check_run(wrong_cost, 20 * ROUNDS, &s);
	assert_int_equal(s.found_verdict, SELFCHECK_MET);
	assert_int_equal(s.size_verdict, SELFCHECK_FAILED);
	selfcheck_release(&s);
	check_run(blind_cost, 20 * ROUNDS, &s);
	assert_int_equal(s.found_verdict, SELFCHECK_FAILED);
	selfcheck_release(&s);
}

static void test_text(void **state)
{
	struct buf text = BUF_INIT, json = BUF_INIT;
	struct selfcheck s;
	struct err err;

	(void)state;
	check_run(known_cost, 4 * ROUNDS + 5, &s);
	selfcheck_format(&s, &text);
	assert_golden("results/golden/selfcheck.txt", buf_str(&text));
	assert_works(selfcheck_format_json(&s, &json, &err), err);
	assert_golden("results/golden/selfcheck.json", buf_str(&json));
	buf_release(&text);
	buf_release(&json);
	selfcheck_release(&s);
}

static void test_bad(void **state)
{
	static const struct {
		const char *rounds, *part;
	} cases[] = {
		{NULL, "is not the run of a self-check"},
		{"0", "selfcheck_rounds"},
		{"many", "selfcheck_rounds"},
	};
	struct selfcheck s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = make_run(known_cost, 1, cases[i].rounds);

		assert_fails(selfcheck_build(dir, &s, &err), err, EXIT_USAGE, cases[i].part);
		test_dir_remove(dir);
	}
	assert_fails(selfcheck_build("/nonexistent", &s, &err), err, EXIT_USAGE, "/nonexistent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers), cmocka_unit_test(test_chance),
		cmocka_unit_test(test_failures),      cmocka_unit_test(test_text),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
