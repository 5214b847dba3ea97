/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <jansson.h>
#include <unistd.h>

#include "results/compare/compare.h"
#include "results/stats/twosample.h"
#include "tests/results/make_run.h"

/* Known answers of Welch's test are scipy's, 1.10. */
static void test_two_samples(void **state)
{
	const double a[] = {1.1, 2.3, 1.9, 2.8, 1.4}, b[] = {2.9, 3.6, 2.2, 4.1}, one = 3.5;
	struct two_sample t = two_sample_compare(a, 5, b, 4);

	(void)state;
	assert_close(t.difference, 1.3, 1e-12);
	assert_close(t.error, 0.5144576432192126, 1e-9);
	assert_close(t.freedom, 5.84448205880149, 1e-9);
	assert_close(two_sample_p(&t), 0.04589719936422635, 1e-9);
	assert_close(two_sample_half_width(&t, 0.95), 1.2669969565030332, 1e-7);
	/* One boot against five: the spread of the five stands for both. */
	t = two_sample_compare(a, 5, &one, 1);
	assert_close(t.difference, 1.6, 1e-12);
	assert_close(t.error, 0.7469939758793238, 1e-9);
	assert_close(two_sample_p(&t), 0.0988745503812793, 1e-9);
	/* Nothing is known about the spread. */
	t = two_sample_compare(a, 1, &one, 1);
	assert_close(t.difference, 2.4, 1e-12);
	assert_true(isnan(two_sample_half_width(&t, 0.95)));
	assert_close(two_sample_p(&t), 1, 0);
	t = two_sample_compare(a, 0, b, 4);
	assert_true(isnan(t.difference));
	assert_close(two_sample_p(&t), 1, 0);
	/* Sizes that never vary. */
	t = two_sample_compare((double[]){2, 2}, 2, (double[]){2, 2}, 2);
	assert_close(two_sample_p(&t), 1, 0);
	assert_close(two_sample_half_width(&t, 0.95), 0, 0);
	t = two_sample_compare((double[]){2, 2}, 2, (double[]){3, 3}, 2);
	assert_close(two_sample_p(&t), 0, 0);
}

static void test_blocks(void **state)
{
	const double x[] = {5, 1, 2, 9, 8, 7, 3, 3, 4};
	double out[9];

	(void)state;
	assert_int_equal(block_medians(x, 9, out), 3);
	assert_close(out[0], 2, 0);
	assert_close(out[1], 8, 0);
	assert_close(out[2], 3, 0);
	assert_int_equal(block_medians(x, 6, out), 3);
	assert_close(out[0], 3, 0);
	assert_int_equal(block_medians(x, 5, out), 0);
}

static void test_holm(void **state)
{
	double p[] = {0.01, 0.04, 0.03, 0.005};
	size_t work[4];

	(void)state;
	holm_correct(p, 4, work);
	/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
	assert_close(p[0], 0.03, 1e-12);
	assert_close(p[1], 0.06, 1e-12);
	assert_close(p[2], 0.06, 1e-12);
	assert_close(p[3], 0.02, 1e-12);
	holm_correct(p, 0, work);
}

/* What is done to the rows of the run that is being made. */
static struct {
	const char *workload; /* NULL: every one */
	int layer;	      /* -1: every one */
	double factor;
	uint32_t boot; /* 0: every one */
} slow;

static bool slow_down(struct row *row)
{
	if ((!slow.workload || strcmp(slow.workload, row->workload) == 0) &&
	    (slow.layer < 0 || row->layer == (uint32_t)slow.layer)) {
		row->sample.elapsed_ns = (uint64_t)((double)row->sample.elapsed_ns * slow.factor);
		row->sample.bytes = (uint64_t)((double)row->sample.bytes / slow.factor);
	}
	return true;
}

/* A pair of runs, and lists of them as compare_runs takes them. */
struct pair {
	char *dir[2];
	const char *base[2], *new[2];
};

static void make_pair(struct pair *p, const struct made_run *base, const struct made_run *new)
{
	struct err err = {0};

	for (int i = 0; i < 2; i++)
		p->dir[i] = test_dir_make();
	p->base[0] = p->dir[0];
	p->new[0] = p->dir[1];
	p->base[1] = p->new[1] = NULL;
	assert_works(make_run(p->dir[0], base, &err), err);
	assert_works(make_run(p->dir[1], new, &err), err);
}

static void remove_pair(struct pair *p)
{
	test_dir_remove(p->dir[0]);
	test_dir_remove(p->dir[1]);
}

static const struct compare_item *find(const struct comparison *c, const char *workload,
				       uint32_t layer, uint32_t over)
{
	for (size_t i = 0; i < c->items; i++)
		if (strcmp(c->item[i].workload, workload) == 0 && c->item[i].layer == layer &&
		    c->item[i].over == over)
			return &c->item[i];
	fail_msg("no item %s L%u/L%u", workload, layer, over);
	return NULL;
}

static const struct compare_options how = {.same = COMPARE_SAME};

static void compare(struct pair *p, struct comparison *c)
{
	struct err err = {0};

	assert_works(compare_runs(p->base, p->new, &how, false, c, &err), err);
}

static void test_nothing_changed(void **state)
{
	struct made_run run = MADE_RUN;
	struct comparison c;
	struct pair p;

	(void)state;
	run.boots = 5;
	make_pair(&p, &run, &run);
	compare(&p, &c);
	/* 12 workloads: 3 costs and 3 factors; and the capacity */
	assert_int_equal(c.items, 13 * 6);
	for (size_t i = 0; i < c.items; i++) {
		assert_close(c.item[i].ratio.mid, 1, 1e-12);
		assert_false(c.item[i].one_boot);
		assert_int_not_equal(c.item[i].change, CHANGE_WORSE);
		assert_int_not_equal(c.item[i].change, CHANGE_BETTER);
	}
	/* The drift of the machine is in the costs, and not in the factors. */
	assert_int_equal(find(&c, "mem.fault", 2, 1)->change, CHANGE_SAME);
	assert_int_equal(find(&c, "mem.fault", 2, 2)->change, CHANGE_NOT_RESOLVED);
	comparison_release(&c);
	remove_pair(&p);
}

static void test_a_layer_got_dearer(void **state)
{
	struct made_run run = MADE_RUN, changed;
	const struct compare_item *item;
	struct comparison c;
	struct pair p;

	(void)state;
	run.boots = 5;
	changed = run;
	changed.edit = slow_down;
	slow.workload = "mem.fault";
	slow.layer = 1;
	slow.factor = 1.3;
	make_pair(&p, &run, &changed);
	compare(&p, &c);
	item = find(&c, "mem.fault", 1, 0);
	assert_int_equal(item->change, CHANGE_WORSE);
	assert_close(item->ratio.mid, 1.3, 0.005);
	assert_true(item->ratio.low > 1.28 && item->ratio.high < 1.32);
	assert_true(item->joint.low <= item->ratio.low && item->joint.high >= item->ratio.high);
	assert_close(item->base, 9.5, 0.1);
	assert_int_equal(find(&c, "mem.fault", 2, 1)->change, CHANGE_BETTER);
	assert_int_equal(find(&c, "mem.fault", 2, 0)->change, CHANGE_SAME);
	assert_int_equal(find(&c, "mem.chase", 1, 0)->change, CHANGE_SAME);
	/* What is worse comes first. */
	assert_int_equal(c.item[0].change, CHANGE_WORSE);
	comparison_release(&c);
	remove_pair(&p);
}

static void test_the_host_got_slower(void **state)
{
	struct made_run run = MADE_RUN, changed;
	struct comparison c;
	struct pair p;

	(void)state;
	run.boots = 8;
	changed = run;
	changed.edit = slow_down;
	slow.workload = NULL;
	slow.layer = -1;
	slow.factor = 2;
	make_pair(&p, &run, &changed);
	compare(&p, &c);
	for (size_t i = 0; i < c.items; i++) {
		const struct compare_item *item = &c.item[i];

		assert_int_equal(item->change,
				 item->over == item->layer ? CHANGE_WORSE : CHANGE_SAME);
		if (item->over == item->layer)
			assert_close(item->ratio.mid, 2, 0.01);
	}
	/* Half of the memory is as bad as twice the time, and shown as memory. */
	assert_close(find(&c, "capacity.memory", 1, 1)->new,
		     find(&c, "capacity.memory", 1, 1)->base / 2, 1e3);
	comparison_release(&c);
	remove_pair(&p);
}

static void test_one_boot(void **state)
{
	struct made_run run = MADE_RUN, few = MADE_RUN;
	struct comparison c;
	struct pair p;

	(void)state;
	run.rounds = 12;
	make_pair(&p, &run, &run);
	compare(&p, &c);
	assert_true(find(&c, "cpu.int", 1, 0)->one_boot);
	assert_false(isnan(find(&c, "cpu.int", 1, 0)->ratio.low));
	/* One value has no interval. */
	assert_true(isnan(find(&c, "capacity.memory", 0, 0)->ratio.low) ||
		    find(&c, "capacity.memory", 0, 0)->base_rounds >= 6);
	comparison_release(&c);
	remove_pair(&p);
	few.rounds = 5;
	make_pair(&p, &run, &few);
	compare(&p, &c);
	for (size_t i = 0; i < c.items; i++) {
		assert_true(isnan(c.item[i].ratio.low));
		assert_int_equal(c.item[i].change, CHANGE_NOT_RESOLVED);
	}
	comparison_release(&c);
	remove_pair(&p);
}

static void test_several_runs(void **state)
{
	struct made_run run = MADE_RUN;
	const struct compare_item *item;
	struct err err = {0};
	struct comparison c;
	struct pair p, q;

	(void)state;
	run.boots = 2;
	make_pair(&p, &run, &run);
	make_pair(&q, &run, &run);
	assert_works(compare_runs((const char *const[]){p.dir[0], q.dir[0], NULL},
				  (const char *const[]){p.dir[1], NULL}, &how, false, &c, &err),
		     err);
	item = find(&c, "cpu.int", 2, 1);
	assert_int_equal(item->base_boots, 4);
	assert_int_equal(item->new_boots, 2);
	assert_int_equal(item->base_rounds, 24);
	comparison_release(&c);
	remove_pair(&p);
	remove_pair(&q);
}

static void test_refusals(void **state)
{
	struct made_run run = MADE_RUN, other = MADE_RUN;
	struct err err = {0};
	struct comparison c;
	struct pair p;

	(void)state;
	other.accel[1] = "kvm";
	make_pair(&p, &run, &other);
	assert_fails(compare_runs(p.base, p.new, &how, false, &c, &err), err, EXIT_USAGE,
		     "L1 accel is tcg in BASE and kvm in NEW");
	assert_works(compare_runs(p.base, p.new, &how, true, &c, &err), err);
	assert_int_equal(c.env.item[0].weight, ENV_REFUSES);
	assert_string_equal(c.env.item[0].key, "accel");
	comparison_release(&c);
	assert_fails(compare_runs(p.base, (const char *const[]){"/nowhere", NULL}, &how, false, &c,
				  &err),
		     err, EXIT_USAGE, "/nowhere");
	remove_pair(&p);
}

static bool only_l0(struct row *row)
{
	return row->layer == 0 && strcmp(row->workload, "nop") != 0;
}

static void test_damaged_and_half(void **state)
{
	struct made_run run = MADE_RUN, half = MADE_RUN;
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct comparison c;
	struct pair p;
	char path[4096];
	FILE *f;

	(void)state;
	run.rounds = 12;
	half.edit = only_l0;
	half.state = RUN_INTERRUPTED;
	make_pair(&p, &run, &half);
	snprintf(path, sizeof(path), "%s/samples.csv", p.dir[1]);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs("rubbish\n1,2,3", f) >= 0);
	assert_int_equal(fclose(f), 0);
	snprintf(path, sizeof(path), "%s/manifest.json", p.dir[0]);
	assert_int_equal(unlink(path), 0);
	compare(&p, &c);
	assert_int_equal(c.items, 12);
	assert_int_equal(compare_count_missing(&c, true), 1 + 13 * 2);
	assert_int_equal(compare_count_missing(&c, false), 0);
	compare_format(&c, true, &out);
	assert_non_null(strstr(buf_str(&out), "without a readable manifest"));
	assert_non_null(strstr(buf_str(&out), "interrupted, 2 damaged lines left out"));
	assert_non_null(strstr(buf_str(&out), "27 costs that only BASE has"));
	comparison_release(&c);
	/* Nothing in common is said, not computed. */
	snprintf(path, sizeof(path), "%s/samples.csv", p.dir[1]);
	assert_works(file_write_whole(path, ROWS_HEADER "\n", sizeof(ROWS_HEADER), &err), err);
	compare(&p, &c);
	assert_int_equal(c.items, 0);
	buf_clear(&out);
	compare_format(&c, false, &out);
	compare_format_markdown(&c, false, &out);
	compare_format_csv(&c, &out);
	assert_works(compare_format_json(&c, &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "nothing that both sides measured"));
	comparison_release(&c);
	buf_release(&out);
	remove_pair(&p);
}

static void test_globs(void **state)
{
	const char *const globs[] = {"cpu.*", "nop", NULL};
	struct compare_options some = {.same = COMPARE_SAME};
	struct made_run run = MADE_RUN;
	struct err err = {0};
	struct comparison c;
	struct pair p;

	(void)state;
	some.workloads = globs;
	make_pair(&p, &run, &run);
	assert_works(compare_runs(p.base, p.new, &some, false, &c, &err), err);
	assert_int_equal(c.items, 4 * 6);
	comparison_release(&c);
	remove_pair(&p);
}

static void test_formats(void **state)
{
	struct made_run run = MADE_RUN, changed;
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct comparison c;
	struct pair p;
	size_t lines = 0;
	json_t *root;

	(void)state;
	run.boots = 5;
	changed = run;
	changed.edit = slow_down;
	slow.workload = "mem.fault";
	slow.layer = 2;
	slow.factor = 1.5;
	make_pair(&p, &run, &changed);
	compare(&p, &c);
	compare_format(&c, false, &out);
	assert_golden("results/golden/compare.txt", buf_str(&out));
	buf_clear(&out);
	compare_format_markdown(&c, false, &out);
	assert_golden("results/golden/compare.md", buf_str(&out));
	buf_clear(&out);
	compare_format_csv(&c, &out);
	for (const char *s = buf_str(&out); (s = strchr(s, '\n')); s++)
		lines++;
	assert_int_equal(lines, c.items + 1);
	buf_clear(&out);
	assert_works(compare_format_json(&c, &out, &err), err);
	root = json_loads(buf_str(&out), 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_array_size(json_object_get(root, "items")), c.items);
	json_decref(root);
	comparison_release(&c);
	buf_release(&out);
	remove_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_samples),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_a_layer_got_dearer),
		cmocka_unit_test(test_the_host_got_slower),
		cmocka_unit_test(test_one_boot),
		cmocka_unit_test(test_several_runs),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_damaged_and_half),
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
