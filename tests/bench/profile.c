/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/plan/profile.h"

static struct text_list patterns(const char *a, const char *b)
{
	return (struct text_list){.item = {a, b}, .count = a ? b ? 2 : 1 : 0};
}

static void test_every_profile_covers_every_class(void **state)
{
	static const char *const names[] = {"quick", "standard", "full", "kinds"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		bool seen[CLASS_COUNT] = {false}, exists[CLASS_COUNT] = {false};
		const struct text_list all = patterns(NULL, NULL);
		struct work_list list = {0};
		struct err err;
		const struct profile *p = profile_find(names[i], &err);

		assert_non_null(p);
		assert_works(work_list_make(&list, p, &all, &err), err);
		for (uint32_t w = 0; w < list.count; w++)
			seen[list.item[w].workload->class] = true;
		for (const struct workload *const *w = workloads; *w; w++)
			exists[(*w)->class] = true;
		for (int c = 0; c < CLASS_COUNT; c++)
			assert_int_equal(seen[c], exists[c]);
		work_list_release(&list);
	}
}

static void test_patterns(void **state)
{
	struct work_list list = {0};
	struct text_list from = patterns("mem.*", "mem.chase size=1MiB");
	struct err err;
	const struct profile *p = profile_find("quick", &err);
	uint32_t before;

	(void)state;
	assert_works(work_list_make(&list, p, &from, &err), err);
	before = list.count;
	assert_true(before >= 4);
	for (uint32_t i = 0; i < list.count; i++)
		assert_int_equal(list.item[i].workload->class, CLASS_MEM);
	assert_non_null(strstr(list.item[list.count - 1].params, "size=1MiB"));
	work_list_release(&list);
	from = patterns("cpu.int threads=2", "cpu.int");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.item[0].threads, 2);
	assert_int_equal(list.item[1].threads, 1);
	work_list_release(&list);
	/* One on each CPU is what cpu.scale does when nothing is said, and not one. */
	from = patterns("cpu.scale threads=all", "cpu.scale");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.item[0].threads, THREADS_ON_EACH_CPU);
	work_list_release(&list);
	from = patterns("cpu.* threads=all", "cpu.scale threads=1");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.item[1].threads, 1);
	work_list_release(&list);
	/* Parameters for all that match and have them; others of the profile stay out. */
	from = patterns("mem.* pages=huge threads=2", NULL);
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_true(list.count > 1);
	for (uint32_t i = 0; i < list.count; i++) {
		assert_int_equal(list.item[i].workload->class, CLASS_MEM);
		assert_int_equal(list.item[i].threads, 2);
		assert_non_null(strstr(list.item[i].params, "pages=huge"));
	}
	work_list_release(&list);
	/* Of a glob only those that can do as it says: cpu.ctxsw cannot run in two threads. */
	from = patterns("cpu.* threads=2", NULL);
	assert_works(work_list_make(&list, profile_find("standard", &err), &from, &err), err);
	assert_true(list.count > 5);
	for (uint32_t i = 0; i < list.count; i++)
		assert_int_equal(workload_check_threads(list.item[i].workload, 2, &err), 0);
	work_list_release(&list);
	/* Nothing of them in the profile: then any. */
	from = patterns("gpu.launch* backend=opencl", NULL);
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.item[0].params, "backend=opencl");
	work_list_release(&list);
	from = patterns("gpu.[clm]*", NULL);
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 3);
	work_list_release(&list);
	/* The same twice is taken once. */
	from = patterns("nop", "n?p");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 1);
	work_list_release(&list);
}

static void test_bad(void **state)
{
	static const struct {
		const char *pattern, *part;
	} cases[] = {
		{"cpu.nothing", "no workload matches \"cpu.nothing\""},
		{"cpu.itn", "did you mean \"cpu.int\"?"},
		{"fsync size=1", "did you mean \"io.fsync\"?"},
		{"mem", "did you mean \"mem.*\"?"},
		{"mem.chase,mem.tlb", "give --workloads once for each"},
		{"boot.layer", "boot.layer is measured in every run"},
		{"command", "with --command 'PROGRAM ARGUMENTS'"},
		{"cpu.nothing size=1", "no workload matches \"cpu.nothing\""},
		{"mem.chase size=99", "mem.chase"},
		{"mem.chase sise=1MiB", "(did you mean \"size\"?)"},
		{"mem.chase pages=hug", "none of: 4k, huge, default (did you mean \"huge\"?)"},
		{"mem.chase threads=1025", "\"1025\" is not a whole number from 1 to 1024"},
		{"cpu.ctxsw threads=2", "cpu.ctxsw runs once at a time, but 2 threads"},
		{"capacity.memory threads=2", "capacity.memory runs once at a time"},
		{"capacity.* threads=2", "runs once at a time"},
		{"cpu.* copies=64 guests=5", "64 copies in each of 5 guests"},
		{"app.b* threads=2", "app.build runs once at a time"},
		{"nop threads=0", "threads"},
		{"cpu.int threads=all", "cpu.int does not count the CPUs itself"},
		{"mem.map threads=all", "does not count the CPUs itself"},
		{"gpu.* sise=1MiB", "\"gpu.*\" takes \"sise=1MiB\" (did you mean \"size\"?"},
		{"gpu.* rows=32 size=1MiB", "\"gpu.*\" has all these parameters"},
		{"gpu.* size=1", "size"},
		{"nothing.* size=1MiB", "\"nothing.*\""},
		{"cpu.* threads=0", "threads"},
		{"nop copies=257", "copies"},
		{"nop guests=x", "guests"},
		{"nop copies=64 guests=5", "64 copies in each of 5 guests"},
		{"capacity.memory copies=2", "once a boot"},
		{"capacity.memory | nop", "not in a group"},
		{"nop | ", "no workload is named"},
		{"nop | mem.*", "no workload matches \"mem.*\""},
		{"nop ops=0", "ops"},
		{"", "no workload is named"},
		{" ", "no workload is named"},
	};
	struct work_list list = {0};
	struct err err;
	const struct profile *p = profile_find("quick", &err);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_list from = patterns(cases[i].pattern, NULL);

		assert_fails(work_list_make(&list, p, &from, &err), err, EXIT_USAGE, cases[i].part);
		assert_int_equal(list.count, 0);
	}
	assert_null(profile_find("fast", &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_null(profile_find("quik", &err));
	assert_non_null(strstr(err.text, "did you mean \"quick\"?"));
}

static void test_copies_and_guests(void **state)
{
	struct work_list list = {0};
	struct text_list from = patterns("nop copies=2 guests=3", "capacity.memory"),
			 copies = patterns("4", "1"), guests = patterns("2", NULL), none = {0},
			 bad = patterns("0", NULL), many = patterns("65", NULL);
	struct err err;
	const struct profile *p = profile_find("quick", &err);

	(void)state;
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_string_equal(list.item[0].label, "copies=2 guests=3");
	assert_string_equal(list.item[0].params, "");
	assert_int_equal(work_list_guests(&list), 3);
	assert_int_equal(work_list_copies(&list), 6);
	work_list_release(&list);
	from = patterns("cpu.sort size=1MiB", "capacity.memory");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_string_equal(list.item[0].label, list.item[0].params);
	assert_int_equal(work_list_guests(&list), 1);
	assert_works(work_list_multiply(&list, &copies, &guests, &err), err);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.repeated, 3);
	assert_int_equal(list.item[1].copies, 4);
	assert_non_null(strstr(list.item[1].label, "size=1MiB copies=4"));
	assert_int_equal(list.item[2].guests, 2);
	assert_int_equal(list.item[2].copies, 1);
	assert_int_equal(list.item[3].workload->class, CLASS_CAPACITY);
	assert_fails(work_list_multiply(&list, &bad, &none, &err), err, EXIT_USAGE, "--copies");
	assert_fails(work_list_multiply(&list, &none, &many, &err), err, EXIT_USAGE, "--guests");
	work_list_release(&list);
}

static void test_groups(void **state)
{
	struct work_list list = {0};
	struct text_list from =
		patterns("inject slow=0|inject slow=3|inject", "nop ops=1 | nop ops=1");
	struct err err;
	const struct profile *p = profile_find("quick", &err);

	(void)state;
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 5);
	assert_int_equal(work_list_group(&list, 0), 3);
	assert_int_equal(work_list_group(&list, 3), 2);
	assert_string_equal(list.item[0].label, "slow=0 kind=cpu");
	assert_string_equal(list.item[1].label, "slow=3 kind=cpu");
	assert_string_equal(list.item[2].label, "slow=0 kind=cpu lane=2");
	assert_string_equal(list.item[2].params, "slow=0 kind=cpu");
	assert_string_equal(list.item[3].label, "ops=1");
	assert_string_equal(list.item[4].label, "ops=1 lane=2");
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(list.item[i].turn, i < 3 ? i : i - 3);
	work_list_release(&list);
	from = patterns("cpu.int", "cpu.int | cpu.int");
	assert_works(work_list_make(&list, p, &from, &err), err);
	assert_int_equal(list.count, 3);
	assert_int_equal(work_list_group(&list, 0), 1);
	assert_int_equal(work_list_group(&list, 1), 2);
	assert_string_equal(list.item[2].label, "lane=3");
	work_list_release(&list);
}

/* It may be the parameters that need something. */
static void test_needs(void **state)
{
	static const struct {
		const char *item;
		unsigned needs;
	} cases[] = {{"nop", 0},
		     {"io.fsync", NEEDS_SCRATCH},
		     {"net.rr", NEEDS_NET},
		     {"exit.fault", NEEDS_BALLOON},
		     {"exit.hpet", NEEDS_HPET},
		     {"mem.fault", 0},
		     {"mem.fault backing=cold", NEEDS_BALLOON},
		     {"mem.fault pages=huge backing=cold-huge", NEEDS_BALLOON}};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct text_list from = patterns("nop", cases[i].item);
		struct work_list list = {0};

		assert_works(work_list_make(&list, profile_find("quick", &err), &from, &err), err);
		for (unsigned need = 1; need <= NEEDS_HPET; need <<= 1)
			assert_int_equal(work_list_needs(&list, need), cases[i].needs == need);
		work_list_release(&list);
	}
}

/* It becomes part of rows, labels and messages, so it is text. */
static void test_command(void **state)
{
	struct command_line c = {.line = "printf '\\xff' \xc3\xa9", .metric = "(\xc3\xa9[0-9]+)"};
	struct work_list list = {0};
	struct err err;

	(void)state;
	assert_works(work_list_add_command(&list, &c, &err), err);
	assert_string_equal(list.item[0].label, c.line);
	c.line = "echo \xff";
	assert_fails(work_list_add_command(&list, &c, &err), err, EXIT_USAGE,
		     "--command: byte 6 is \\xff, which is not UTF-8");
	c.line = "echo\tx";
	assert_fails(work_list_add_command(&list, &c, &err), err, EXIT_USAGE,
		     "--command: byte 5 is \\x09, a control character");
	c.line = "echo";
	c.metric = "\xe9([0-9])";
	assert_fails(work_list_add_command(&list, &c, &err), err, EXIT_USAGE, "--metric: byte 1");
	c.metric_is_time = true;
	assert_fails(work_list_add_command(&list, &c, &err), err, EXIT_USAGE,
		     "--metric-seconds: byte 1");
	assert_int_equal(list.count, 1);
	work_list_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_profile_covers_every_class),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_copies_and_guests),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
