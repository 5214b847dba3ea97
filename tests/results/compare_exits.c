/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation in compare and gate: made-up counts of one boot and one round. */
#include "tests/check.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "results/compare/gate.h"
#include "results/rundir/exits.h"
#include "results/stats/rates.h"
#include "tests/results/make_run.h"

/* ---- counts ---- */

static struct rate_side side_of(const double *count, const double *ops, size_t n)
{
	return (struct rate_side){count, ops, n, 0};
}

static void test_exact(void **state)
{
	static const double ops[] = {1000, 1000, 1000, 1000, 1000, 1000};
	static const double same[] = {1000, 1000, 1001, 1000, 1000, 1000};
	static const double more[] = {1010, 1010, 1010, 1010, 1012, 1010};
	static const double events[] = {1000, 1031, 962, 1020, 988, 1009};
	static const double few[] = {7, 7, 7, 7, 7, 7};
	struct rate_side a = side_of(same, ops, 5), b = side_of(more, ops, 5);
	struct rate_side c = side_of(events, ops, 6), d = side_of(few, ops, 6);
	struct two_sample t = rates_compare(&a, &b);

	(void)state;
	assert_true(rates_are_exact(&a, &b));
	assert_close(t.difference, 0.0102, 1e-9);
	assert_true(two_sample_p(&t) < 1e-5);
	t = rates_compare(&a, &a);
	assert_true(two_sample_p(&t) == 1);
	/* Spread as events, or too few to tell. */
	assert_false(rates_are_exact(&a, &c));
	assert_false(rates_are_exact(&d, &d));
	/* No spread at all is not taken for none: one event in every batch decides nothing. */
	b = side_of(same, ops, 5);
	t = rates_compare(&d, &d);
	assert_close(t.error, sqrt(2.0 / 6) / 1000, 1e-9);
}

static void test_few_batches(void **state)
{
	static const double ops[] = {1000, 2000, 1000}, count[] = {1000, 2000, 1000};
	static const double more[] = {1100, 2200, 1100};
	struct rate_side none = side_of(count, ops, 0), one = side_of(more, ops, 1);
	struct rate_side a = side_of(count, ops, 3), b = side_of(more, ops, 3);
	struct two_sample t = rates_compare(&one, &one);

	(void)state;
	assert_true(isnan(t.error) && two_sample_p(&t) == 1);
	assert_true(isnan(rates_compare(&a, &none).difference));
	assert_false(rates_are_exact(&one, &one));
	/* One batch borrows the other side's variance. */
	t = rates_compare(&a, &one);
	assert_close(t.difference, 0.1, 1e-9);
	assert_close(t.freedom, 2 + RATES_PRIOR, 1e-9);
	assert_true(two_sample_p(&t) < 0.001);
	assert_true(rates_are_exact(&a, &b));
	t = rates_compare(&a, &b);
	assert_close(t.difference, 0.1, 1e-9);
	/* What was taken off may be wrong alike in all batches. */
	b.offset_error = 100;
	t = rates_compare(&a, &b);
	assert_close(t.error, hypot(sqrt(2 * 3) / 4000, 300.0 / 4000), 1e-6);
}

static double draw(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*random >> 11) / (double)(UINT64_C(1) << 53);
}

static uint64_t poisson(uint64_t *random, double mean)
{
	double left = exp(-fmin(mean, 500)), product, normal = -6;
	uint64_t n = 0;

	if (mean <= 500) {
		for (product = draw(random); product > left; product *= draw(random))
			n++;
		return n;
	}
	for (int i = 0; i < 12; i++)
		normal += draw(random);
	return (uint64_t)(mean + normal * sqrt(mean));
}

/* Events that hit a batch: of a Poisson mean; of mean 0, in one batch of 20 a burst. */
static double events(uint64_t *random, double mean)
{
	if (mean > 0)
		return (double)poisson(random, mean);
	return draw(random) < 0.05 ? floor(40 * draw(random)) : 0;
}

/* Whether a pair of sides that do not differ, of 4 batches each, is told apart. */
static bool is_alarm(uint64_t *random, double mean, double level)
{
	static const double ops[] = {1000, 1000, 1000, 1000};
	double count[2][4];
	struct rate_side side[2];
	struct two_sample t;

	for (int s = 0; s < 2; s++) {
		for (int i = 0; i < 4; i++)
			count[s][i] = 1000 + events(random, mean);
		side[s] = side_of(count[s], ops, 4);
	}
	t = rates_compare(&side[0], &side[1]);
	return rates_are_exact(&side[0], &side[1]) && two_sample_p(&t) <= level;
}

static void test_level_is_kept(void **state)
{
	static const double means[] = {0, 0.2, 1, 3, 20};
	enum { PAIRS = 40000 };
	uint64_t random = 1;

	(void)state;
	for (size_t m = 0; m < sizeof(means) / sizeof(means[0]); m++) {
		size_t coarse = 0, fine = 0;

		for (int i = 0; i < PAIRS; i++) {
			coarse += is_alarm(&random, means[m], 0.01);
			fine += is_alarm(&random, means[m], 0.001);
		}
		print_message("mean %g: %zu and %zu alarms in %d pairs\n", means[m], coarse, fine,
			      PAIRS);
		assert_true((double)coarse <= 0.01 * PAIRS);
		assert_true((double)fine <= 0.001 * PAIRS);
	}
}

/* ---- runs ---- */

enum { WARM_UP = 5, OPS = 1000 };

/* How the counts of a run are made. */
struct making {
	const char *id;
	uint32_t warm_up;
	double planted; /* more CPUIDs per operation of exit.cpuid in L2 */
	double cpuid;	/* CPUIDs per operation there */
	bool busy;	/* strays, bursts, longer batches */
	uint64_t random;
};

/* What a preempted batch meets: nothing mostly, now and then an event, seldom a burst. */
static uint64_t strays(struct making *m)
{
	double x = draw(&m->random);

	if (!m->busy || x < 0.95)
		return 0;
	return x < 0.99 ? 1 : 1 + (uint64_t)(8 * draw(&m->random));
}

static void add(struct csv_writer *w, struct exit_row *row, const char *reason, uint64_t count)
{
	row->reason = reason;
	row->count = count;
	if (count || strcmp(reason, "exits") == 0)
		exits_writer_add(w, row);
}

static void add_batch(struct making *m, struct csv_writer *w, struct exit_row *row, double cost_ns)
{
	bool is_cpuid = strcmp(row->workload, "exit.cpuid") == 0;
	double per_op = is_cpuid ? m->cpuid + m->planted : 0, seconds;
	bool faults = strcmp(row->workload, "mem.fault") == 0;
	uint64_t cpuid, npf, timer, msr;

	row->interval_ns = (uint64_t)(200000 + (double)row->ops * cost_ns *
						       (m->busy ? 1 + 3 * draw(&m->random) : 1));
	seconds = (double)row->interval_ns * 1e-9;
	cpuid = (uint64_t)(per_op * (double)row->ops + 0.5) + (is_cpuid ? strays(m) : 0);
	npf = (faults ? row->ops : 0) + poisson(&m->random, 2) + strays(m);
	timer = poisson(&m->random, 260 * seconds + 3);
	msr = poisson(&m->random, 130 * seconds + 2) +
	      (strcmp(row->workload, "cpu.syscall") == 0 ? row->ops : 0);
	add(w, row, "exits", cpuid + npf + timer + msr);
	add(w, row, "cpuid", cpuid);
	add(w, row, "npf", npf);
	add(w, row, "interrupt", timer);
	add(w, row, "msr", msr);
}

static void make_counts(const char *dir, struct making *m)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct exit_row row = {.run = m->id,
			       .boot = 1,
			       .round = 1,
			       .layer = 2,
			       .counted_in = 1,
			       .measured = 2,
			       .threads = 1,
			       .batches = 1,
			       .source = "kvm_exit"};
	struct err err = {0};

	assert_works(exits_writer_open(&w, dir, &err), err);
	for (const struct made_workload *job = made_workloads; job->name; job++) {
		row.workload = job->name;
		row.params = job->params;
		for (row.batch = 1; row.batch <= m->warm_up; row.batch++) {
			row.ops = strcmp(job->name, EXITS_EMPTY) == 0 ? 50000000 : OPS;
			add_batch(m, &w, &row, strcmp(job->name, EXITS_EMPTY) == 0 ? 1 : 50000);
			row.ops = EXITS_EMPTY_OPS;
			if (strcmp(job->name, EXITS_EMPTY) == 0)
				add_batch(m, &w, &row, 0);
		}
	}
	assert_works(exits_writer_close(&w, &err), err);
}

static char *dirs[2];

static int make_dirs(void **state)
{
	struct made_run run = MADE_RUN;
	struct err err = {0};

	run.rounds = 1;
	for (int i = 0; i < 2; i++) {
		dirs[i] = test_dir_make();
		run.name = i ? "20260131-130000-lab" : MADE_ID;
		assert_works(make_run(dirs[i], &run, &err), err);
	}
	return 0;
}

static int remove_dirs(void **state)
{
	test_dir_remove(dirs[0]);
	test_dir_remove(dirs[1]);
	return 0;
}

static struct making making(int side, uint64_t seed)
{
	return (struct making){.id = side ? "20260131-130000-lab" : MADE_ID,
			       .warm_up = WARM_UP,
			       .cpuid = 1,
			       .random = seed};
}

static void drop_counts(int side)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/" EXITS_FILE, dirs[side]);
	unlink(path);
}

static void make_pair(struct making base, struct making new)
{
	struct making *const sides[] = {&base, &new};

	for (int i = 0; i < 2; i++) {
		drop_counts(i);
		make_counts(dirs[i], sides[i]);
	}
}

struct judged {
	struct gate_rules rules;
	struct comparison c;
	struct gate g;
	struct buf text;
};

static int try_judge(const char *ini, struct judged *j, struct err *err)
{
	static const struct compare_options how = {.same = COMPARE_SAME};
	FILE *file = fmemopen((char *)ini, strlen(ini), "r");
	int rc;

	*j = (struct judged){.text = BUF_INIT};
	assert_non_null(file);
	rc = gate_rules_parse(file, "gate.ini", &j->rules, err);
	fclose(file);
	if (rc == 0)
		assert_works(compare_runs((const char *const[]){dirs[0], NULL},
					  (const char *const[]){dirs[1], NULL}, &how, false, &j->c,
					  err),
			     *err);
	if (rc == 0)
		rc = gate_judge(&j->c, &j->rules, &j->g, err);
	if (rc == 0)
		gate_format(&j->g, true, &j->text);
	return rc;
}

static void judge(const char *ini, struct judged *j)
{
	struct err err = {0};

	assert_works(try_judge(ini, j, &err), err);
}

static void release(struct judged *j)
{
	gate_release(&j->g);
	comparison_release(&j->c);
	gate_rules_release(&j->rules);
	buf_release(&j->text);
}

static const struct compare_item *item(const struct judged *j, const char *workload,
				       const char *reason)
{
	for (size_t i = 0; i < j->c.exits; i++)
		if (strcmp(j->c.exit[i].workload, workload) == 0 &&
		    strcmp(j->c.exit[i].reason, reason) == 0)
			return &j->c.exit[i];
	return NULL;
}

#define ONLY_EXITS "[default]\ncheck = exits\n"

/* One more in 100, also while both cores have other work, 20 of 20, and nothing else. */
static void test_planted(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct making base = making(0, 100 + seed), new = making(1, 200 + seed);
		const struct compare_item *found;
		struct judged j;

		new.planted = 0.01;
		base.busy = new.busy = seed > 10;
		make_pair(base, new);
		judge(ONLY_EXITS, &j);
		assert_int_equal(j.g.code, EXIT_REGRESSION);
		assert_int_equal(j.g.count[GATE_REGRESSION], 1);
		found = j.g.finding[0].item;
		assert_string_equal(found->workload, "exit.cpuid");
		assert_string_equal(found->reason, "cpuid");
		assert_close(found->ratio.mid, 1.01, 0.004);
		assert_true(found->change == CHANGE_WORSE && found->exact && !found->one_boot);
		assert_non_null(
			strstr(buf_str(&j.text), "regression: exit.cpuid L2 cpuid exits: 1"));
		release(&j);
	}
}

static void test_no_false_alarm(void **state)
{
	size_t worse = 0, better = 0, passed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct making base = making(0, 1000 + seed), new = making(1, 2000 + seed);
		struct judged j;

		base.busy = new.busy = true;
		make_pair(base, new);
		judge(ONLY_EXITS, &j);
		assert_int_equal(j.g.count[GATE_REGRESSION], 0);
		passed += j.g.code == EXIT_FINE;
		for (size_t i = 0; i < j.c.exits; i++) {
			worse += j.c.exit[i].change == CHANGE_WORSE;
			better += j.c.exit[i].change == CHANGE_BETTER;
		}
		release(&j);
	}
	assert_int_equal(worse + better, 0);
	/* Where a burst hides a change by the threshold, it says that it cannot tell. */
	print_message("%zu of 200 passed, the others are inconclusive\n", passed);
	assert_true(passed > 150);
}

/* Fewer is better; to none, and from none. */
static void test_directions(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct judged j;

	(void)state;
	base.planted = 0.01;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	assert_int_equal(item(&j, "exit.cpuid", "cpuid")->change, CHANGE_BETTER);
	release(&j);
	base.planted = 0;
	new.cpuid = 0;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	assert_int_equal(item(&j, "exit.cpuid", "cpuid")->change, CHANGE_BETTER);
	release(&j);
	base.cpuid = 0;
	new.cpuid = 0.1;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.code, EXIT_REGRESSION);
	assert_non_null(strstr(buf_str(&j.text), "0/op -> 0.1/op, from none"));
	release(&j);
}

static void test_rules(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct judged j;

	(void)state;
	new.planted = 0.01;
	make_pair(base, new);
	judge("[default]\ncheck = exits\nexits = 2%\n", &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	release(&j);
	judge(ONLY_EXITS "[exits cpu*]\nallow = yes\n", &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	assert_int_equal(j.g.count[GATE_ALLOWED], 1);
	release(&j);
	judge(ONLY_EXITS "[exits cpuid]\nthreshold = 2%\n[exits npf]\nthreshold = 0.1%\n", &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	release(&j);
	/* The threshold of times is another one. */
	judge(ONLY_EXITS "[workload exit.*]\nthreshold = 50%\n", &j);
	assert_int_equal(j.g.code, EXIT_REGRESSION);
	release(&j);
	judge("[default]\ninconclusive = pass\ncheck = cost\n", &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	release(&j);
	judge("[default]\ninconclusive = pass\n", &j);
	assert_int_equal(j.g.code, EXIT_REGRESSION);
	release(&j);
}

/* What follows time is no gate, and a rule that says so is wrong. */
static void test_time_is_refused(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct err err = {0};
	struct judged j;
	bool seen = false;

	(void)state;
	base.busy = new.busy = true;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	for (size_t i = 0; i < j.c.refuseds; i++)
		seen |= strcmp(j.c.refused[i].item.reason, "interrupt") == 0;
	assert_true(seen);
	assert_null(item(&j, "exit.cpuid", "interrupt"));
	assert_non_null(strstr(buf_str(&j.text), "counts that follow time"));
	release(&j);
	assert_fails(try_judge("[exits interrupt]\nthreshold = 1%\n", &j, &err), err, EXIT_USAGE,
		     "gate.ini:1: exits \"interrupt\": expected a reason that can be a gate; this "
		     "one cannot: interrupts and timers follow time");
	release(&j);
	assert_fails(try_judge("[default]\nexits = 1\n", &j, &err), err, EXIT_USAGE,
		     "such as 0.5%");
	release(&j);
}

/* One side without counts is said, and changes nothing for the times. */
static void test_one_side(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct buf with = BUF_INIT, without = BUF_INIT;
	char path[4096];
	struct judged j;
	size_t items;
	FILE *file;

	(void)state;
	make_pair(base, new);
	judge("[default]\ncheck = cost\n", &j);
	items = j.c.items;
	compare_format_csv(&j.c, &with);
	release(&j);
	drop_counts(1);
	judge("[default]\ncheck = cost\n", &j);
	assert_int_equal(j.c.items, items);
	assert_int_equal(j.c.exits, 0);
	assert_non_null(strstr(buf_str(&j.text), "exits: not checked, as NEW has no counts"));
	compare_format_csv(&j.c, &without);
	assert_int_equal(strncmp(buf_str(&with), buf_str(&without), without.len), 0);
	assert_true(with.len > without.len);
	buf_clear(&with);
	compare_format(&j.c, false, &with);
	assert_non_null(
		strstr(buf_str(&with), "Exits per operation are not compared: NEW has no counts"));
	release(&j);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.code, EXIT_INCONCLUSIVE);
	release(&j);
	/* Counts that cannot be read, and damaged ones. */
	snprintf(path, sizeof(path), "%s/" EXITS_FILE, dirs[1]);
	assert_int_equal(mkdir(path, 0700), 0);
	judge("[default]\ncheck = cost\n", &j);
	assert_int_equal(j.c.items, items);
	buf_clear(&with);
	compare_format(&j.c, false, &with);
	assert_non_null(strstr(buf_str(&with), "NEW has no counts ("));
	assert_non_null(strstr(buf_str(&with), EXITS_FILE));
	release(&j);
	assert_int_equal(rmdir(path), 0);
	make_pair(base, new);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("nonsense\n", file);
	fclose(file);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.code, EXIT_FINE);
	assert_non_null(strstr(buf_str(&j.text), EXITS_FILE));
	release(&j);
	drop_counts(1);
	/* Neither side: as it was before there were counts. */
	drop_counts(0);
	judge("[default]\ncheck = cost\n", &j);
	assert_null(strstr(buf_str(&j.text), "exits"));
	buf_clear(&with);
	compare_format(&j.c, false, &with);
	assert_null(strstr(buf_str(&with), "xits"));
	release(&j);
	buf_release(&with);
	buf_release(&without);
}

/* One counted batch decides nothing; damaged counts are left out. */
static void test_little(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct judged j;

	(void)state;
	new.planted = 0.5;
	base.warm_up = new.warm_up = 1;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	assert_int_equal(j.g.count[GATE_REGRESSION], 0);
	assert_int_equal(j.g.code, EXIT_INCONCLUSIVE);
	assert_int_equal(item(&j, "exit.cpuid", "cpuid")->change, CHANGE_NOT_RESOLVED);
	release(&j);
}

static void test_formats(void **state)
{
	struct making base = making(0, 1), new = making(1, 2);
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct judged j;

	(void)state;
	new.planted = 0.01;
	make_pair(base, new);
	judge(ONLY_EXITS, &j);
	compare_format(&j.c, true, &out);
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2 cpuid exits"));
	assert_non_null(strstr(buf_str(&out), "1.01/op"));
	assert_non_null(strstr(buf_str(&out), "follow time and not operations"));
	buf_clear(&out);
	compare_format_markdown(&j.c, false, &out);
	assert_non_null(strstr(buf_str(&out), "**Exits per operation: 1 worse, 0 better**"));
	buf_clear(&out);
	compare_format_csv(&j.c, &out);
	assert_non_null(strstr(buf_str(&out), ",worse,2,cpuid,kvm_exit,yes\n"));
	buf_clear(&out);
	assert_works(compare_format_json(&j.c, &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "\"exits_refused\""));
	assert_non_null(strstr(buf_str(&out), "\"reason\": \"cpuid\""));
	release(&j);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_few_batches),
		cmocka_unit_test(test_level_is_kept),
		cmocka_unit_test_setup_teardown(test_planted, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_no_false_alarm, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_directions, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_rules, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_time_is_refused, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_one_side, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_little, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(test_formats, make_dirs, remove_dirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
