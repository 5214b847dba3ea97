/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a self-check measures, and the whole of it with a fake driver: from the choice of works over
 * the session's groups and rows to the rates.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <unistd.h>

#include "bench/run/selfcheck_plan.h"
#include "bench/session/session.h"
#include "lib/streams.h"
#include "results/rundir/rows.h"
#include "results/selfcheck/selfcheck.h"
#include "tests/bench/fake.h"

enum { ROUNDS = 6, TRIES = 2, DEPTH = 1 };

static const struct text_list none = {.count = 0};

static void test_choice(void **state)
{
	const struct text_list patterns = {.item = {"cpu.int", "mem.chase size=1MiB"}, .count = 2};
	struct text_list choice = {0};
	struct work_list list = {0};
	struct err err;

	(void)state;
	assert_works(selfcheck_choose(&none, &patterns, &choice, &err), err);
	assert_int_equal(choice.count, 2 + 3 + 3);
	assert_works(work_list_make(&list, profile_find("quick", &err), &choice, &err), err);
	assert_int_equal(list.count, 2 * SELFCHECK_LANES + 3 + 3 * 6);
	assert_int_equal(work_list_group(&list, 0), SELFCHECK_LANES);
	assert_string_equal(list.item[3].label, "lane=4");
	assert_string_equal(list.item[2 * SELFCHECK_LANES + 2].label, "ops=1");
	assert_int_equal(work_list_group(&list, 2 * SELFCHECK_LANES + 3), 6);
	assert_string_equal(list.item[2 * SELFCHECK_LANES + 3].label, "slow=0 kind=cpu");
	work_list_release(&list);
	selfcheck_release_choice(&choice);
	/* nop is in its own choice: it is not measured once more for the floor. */
	assert_works(selfcheck_choose(&none, &none, &choice, &err), err);
	assert_works(work_list_make(&list, profile_find("quick", &err), &choice, &err), err);
	for (uint32_t i = 0, nops = 0; i < list.count; i++) {
		nops += strcmp(list.item[i].workload->name, "nop") == 0;
		assert_true(nops <= SELFCHECK_LANES + 1);
	}
	work_list_release(&list);
	selfcheck_release_choice(&choice);
}

static void test_some_checks_only(void **state)
{
	const struct text_list cpu = {.item = {"cpu"}, .count = 1};
	const struct text_list alarms = {.item = {"alarms"}, .count = 1};
	struct text_list choice = {0};
	struct err err;

	(void)state;
	assert_works(selfcheck_choose(&cpu, &none, &choice, &err), err);
	assert_int_equal(choice.count, 3 + 1);
	assert_non_null(strstr(choice.item[3], "inject kind=cpu slow=0 | inject kind=cpu slow=1"));
	selfcheck_release_choice(&choice);
	assert_works(selfcheck_choose(&alarms, &none, &choice, &err), err);
	assert_string_equal(choice.item[choice.count - 1], "nop ops=1");
	selfcheck_release_choice(&choice);
}

static void test_bad_choices(void **state)
{
	const struct text_list nothing = {.item = {"cpu.nothing"}, .count = 1};
	struct text_list choice = {0}, many = {0};
	char text[LIST_MAX][32];
	struct err err;

	(void)state;
	assert_fails(selfcheck_choose(&none, &nothing, &choice, &err), err, EXIT_USAGE,
		     "cpu.nothing");
	for (; many.count < LIST_MAX; many.count++) {
		snprintf(text[many.count], sizeof(text[0]), "mem.chase size=%zuMiB",
			 many.count + 1);
		many.item[many.count] = text[many.count];
	}
	assert_fails(selfcheck_choose(&none, &many, &choice, &err), err, EXIT_USAGE, "too many");
	selfcheck_release_choice(&choice);
}

static void test_rounds(void **state)
{
	(void)state;
	/* 10 rounds of 1 s are done, 35 s are left: 45 rounds, 3 tries of 12. */
	assert_int_equal(selfcheck_rounds(12, 100, 10, 10 * NS_PER_S, 35 * NS_PER_S), 36);
	assert_int_equal(selfcheck_rounds(12, 2, 10, 10 * NS_PER_S, 35 * NS_PER_S), 24);
	/* At least one try; and what is done of the next one is not made longer. */
	assert_int_equal(selfcheck_rounds(12, 100, 1, 10 * NS_PER_S, 0), 12);
	assert_int_equal(selfcheck_rounds(12, 100, 30, 30 * NS_PER_S, 0), 24);
	assert_int_equal(selfcheck_rounds(12, 5, 1, 0, NS_PER_S), 12);
}

/* Exactly two tries: the second one is there because the session asked. */
static int two_tries(void *ctx, const struct session_stand *stand, struct session_size *size,
		     struct err *err)
{
	(void)ctx;
	(void)stand;
	(void)err;
	size->rounds = TRIES * ROUNDS;
	return 0;
}

static void run_session(const char *dir, const struct work_list *works, struct manifest *m)
{
	int interrupt[2], talk = dup(2), null = open("/dev/null", O_WRONLY);
	struct progress progress;
	struct err err, why;
	uint32_t unreached;

	assert_int_equal(pipe(interrupt), 0);
	progress_init(&progress, &fake_clock, true);
	const struct session_config c = {.dir = dir,
					 .run = "check",
					 .work_dir = dir,
					 .size = {1, ROUNDS, FAKE_BATCHES - 1},
					 .next = two_tries,
					 .warm_up = 1,
					 .batch_ns = NS_PER_MS,
					 .seed = 1,
					 .vm_size = {.depth = DEPTH,
						     .guests = 1,
						     .host_cpus = 2,
						     .vcpus = 1,
						     .memory_bytes = 1 << 20},
					 .works = works,
					 .stack = scripted_stack(DEPTH),
					 .clock = &fake_clock,
					 .interrupt_fd = interrupt[0]};

	fake_script = (struct fake_script){0};
	dup2(null, 2);
	assert_works(session_run(&c, m, &progress, &unreached, &why, &err), err);
	dup2(talk, 2);
	close(talk);
	close(null);
	close(interrupt[0]);
	close(interrupt[1]);
}

/* The fake's costs are the same for all work: nothing differs, no injection is there to be found.
 */
static void test_through_a_session(void **state)
{
	const struct text_list patterns = {.item = {"cpu.int"}, .count = 1};
	const struct text_list checks = {.item = {"alarms", "cpu"}, .count = 2};
	struct text_list choice = {0};
	struct work_list works = {0};
	struct manifest m = {0};
	struct selfcheck s;
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_works(selfcheck_choose(&checks, &patterns, &choice, &err), err);
	assert_works(work_list_make(&works, profile_find("quick", &err), &choice, &err), err);
	run_session(dir, &works, &m);
	strcpy(m.run, "check");
	strcpy(m.host, "h");
	strcpy(m.mode, "shape");
	strcpy(m.profile, "quick");
	manifest_now(m.started);
	m.seed = 1;
	m.depth = DEPTH;
	facts_set(&m.more, SELFCHECK_ROUNDS, "%d", ROUNDS);
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(selfcheck_build(dir, &s, &err), err);
	assert_int_equal(s.tries, TRIES);
	assert_int_equal(s.works, DEPTH + 1);
	for (size_t i = 0; i < s.works; i++) {
		assert_string_equal(s.alarms[i].workload, "cpu.int");
		assert_int_equal(s.alarms[i].layer, i);
		assert_int_equal(s.alarms[i].different.n, TRIES * SELFCHECK_LANES / 2);
		assert_int_equal(s.alarms[i].different.hits, 0);
		/* All did the same number of operations, at exact costs. */
		assert_close(s.alarms[i].width, 0, 0);
	}
	assert_int_equal(s.injections, 5 * (DEPTH + 1));
	for (size_t i = 0; i < s.injections; i++) {
		assert_int_equal(s.injection[i].found.n, TRIES);
		assert_int_equal(s.injection[i].found.hits, 0);
		assert_int_equal(s.injection[i].holds.hits, 0);
		assert_close(s.injection[i].size.mid, 1, 1e-9);
	}
	assert_close(s.floor[1].turn.mid, 2 * s.floor[0].turn.mid, 1e-9);
	assert_true(s.floor[1].exchange > 0);
	assert_int_equal(s.alarms_verdict, SELFCHECK_UNDECIDED);
	selfcheck_release(&s);
	manifest_release(&m);
	work_list_release(&works);
	selfcheck_release_choice(&choice);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_some_checks_only),
		cmocka_unit_test(test_bad_choices),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_through_a_session),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
