/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The made-up counters of a fake layer, with a shell script in the place of an agent. */
#include "tests/check.h"

#include <sys/stat.h>

#include "drivers/driver.h"

struct world {
	char *dir, *program;
	struct text_list options;
	struct layer layer;
	const struct driver *fake;
};

static int begin(void **state)
{
	static const char agent[] = "#!/bin/sh\necho hello\nread -r line\n";
	static struct world w;
	struct err err;

	w = (struct world){.dir = test_dir_make(), .layer = LAYER_INIT};
	assert_true(asprintf(&w.program, "%s/agent", w.dir) > 0);
	assert_works(file_write_whole(w.program, agent, sizeof(agent) - 1, &err), err);
	assert_int_equal(chmod(w.program, 0755), 0);
	w.fake = driver_find("fake", &err);
	w.layer.driver = w.fake;
	w.layer.spec.depth = 1;
	w.layer.spec.work_dir = w.dir;
	w.layer.spec.program = w.program;
	w.layer.spec.options = &w.options;
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	w->fake->stop(&w->layer);
	facts_release(&w->layer.facts);
	evidence_release(&w->layer.evidence);
	free(w->program);
	test_dir_remove(w->dir);
	return 0;
}

static void start(struct world *w, const char *option)
{
	struct err err = {0};

	if (option)
		w->options.item[w->options.count++] = option;
	assert_works(driver_check(w->fake, &w->layer.spec, &err), err);
	assert_works(w->fake->start(&w->layer, &err), err);
}

static const struct counts *reading(struct world *w, enum counting how)
{
	static struct counts c;

	c = (struct counts){0};
	w->fake->count(&w->layer, how, &c);
	return &c;
}

/* What it has of the source and reason; -1: nothing. */
static int64_t value(const struct counts *c, enum count_source source, const char *reason)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == source && strcmp(c->item[i].reason, reason) == 0)
			return (int64_t)c->item[i].n;
	return -1;
}

static void is_silent_unless_it_is_told(void **state)
{
	const struct counts *c;

	start(*state, NULL);
	c = reading(*state, COUNTING_BEGIN);
	assert_int_equal(c->count, 0);
	assert_string_equal(c->remark, "");
}

static void moves_by_known_steps(void **state)
{
	const struct counts *c;

	start(*state, "counts=steady");
	c = reading(*state, COUNTING_READ);
	assert_int_equal(c->count, 1);
	assert_int_equal(value(c, COUNT_KVM_STATS, "exits"), 3);
	c = reading(*state, COUNTING_BEGIN);
	assert_int_equal(value(c, COUNT_KVM_STATS, "exits"), 6);
	assert_int_equal(value(c, COUNT_KVM_EXIT, "exits"), 0);
	assert_int_equal(value(c, COUNT_KVM_EXIT, "CPUID"), 0);
	c = reading(*state, COUNTING_READ);
	assert_int_equal(value(c, COUNT_KVM_EXIT, "CPUID"), 2);
	c = reading(*state, COUNTING_END);
	assert_int_equal(value(c, COUNT_KVM_STATS, "exits"), 12);
	assert_int_equal(value(c, COUNT_KVM_EXIT, "CPUID"), 4);
	c = reading(*state, COUNTING_READ);
	assert_int_equal(c->count, 1);
	c = reading(*state, COUNTING_BEGIN);
	assert_int_equal(value(c, COUNT_KVM_EXIT, "exits"), 4);
}

static void jumps_back_once(void **state)
{
	static const int64_t want[] = {3, 6, 9, 3, 6};

	start(*state, "counts=back");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(value(reading(*state, COUNTING_READ), COUNT_KVM_STATS, "exits"),
				 want[i]);
}

static void says_that_it_may_not(void **state)
{
	const struct counts *c;

	start(*state, "counts=refused");
	c = reading(*state, COUNTING_READ);
	assert_int_equal(c->count, 0);
	assert_non_null(strstr(c->remark, "counts=steady"));
}

static void knows_no_other_way(void **state)
{
	struct world *w = *state;
	struct err err;

	w->options.item[w->options.count++] = "counts=all";
	assert_fails(driver_check(w->fake, &w->layer.spec, &err), err, EXIT_USAGE,
		     "expected off, steady, back or refused");
	assert_fails(w->fake->start(&w->layer, &err), err, EXIT_USAGE, "\"all\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_silent_unless_it_is_told, begin, end),
		cmocka_unit_test_setup_teardown(moves_by_known_steps, begin, end),
		cmocka_unit_test_setup_teardown(jumps_back_once, begin, end),
		cmocka_unit_test_setup_teardown(says_that_it_may_not, begin, end),
		cmocka_unit_test_setup_teardown(knows_no_other_way, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
