/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "results/fleet/status.h"
#include "results/rundir/members.h"

#define NOON 1769860800 /* 2026-01-31T12:00:00Z */

static void set_times(struct fleet_node *node, enum fleet_node_state state, const char *begin,
		      const char *end)
{
	node->state = state;
	snprintf(node->begin, sizeof(node->begin), "%s", begin);
	snprintf(node->end, sizeof(node->end), "%s", end);
}

/* Two are done, after 100 s and 140 s, one failed, one is at work, three wait. */
static struct fleet make_fleet(void)
{
	static const char *const words[] = {"--layers", "bare/kvm", "--kernel=\xff", NULL};
	static const char *const names[] = {"node1", "node2", "big1", "admin@far:2222",
					    "node3", "node4", "node5"};
	struct fleet f = {.engine = "ssh",
			  .parallel = 2,
			  .started = "2026-01-31T11:50:00Z",
			  .seed = INT64_MAX,
			  .pilot = "node1",
			  .boots = 3,
			  .rounds = 6,
			  .batches = 5};
	struct err err;

	for (size_t i = 0; i < 7; i++)
		assert_works(fleet_add_node(&f, names[i], &err), err);
	f.run_options = member_words_copy(words);
	facts_set(&f.options, "config", "/etc/ssh/other");
	facts_set(&f.hashes, "nestkernel_sha256", "abc");
	set_times(&f.node[0], FLEET_DONE, "2026-01-31T11:50:00Z", "2026-01-31T11:51:40Z");
	set_times(&f.node[1], FLEET_DONE, "2026-01-31T11:52:00Z", "2026-01-31T11:54:20Z");
	snprintf(f.node[0].run, sizeof(f.node[0].run), "20260131T115000Z-node1-1");
	set_times(&f.node[2], FLEET_FAILED, "2026-01-31T11:52:00Z", "2026-01-31T11:52:03Z");
	snprintf(f.node[2].reason, sizeof(f.node[2].reason), "ssh to big1: there is no such host");
	set_times(&f.node[3], FLEET_RUNNING, "2026-01-31T11:59:00Z", "");
	snprintf(f.node[3].job, sizeof(f.node[3].job), "17");
	return f;
}

static void test_round_trip(void **state)
{
	static const char *const plan[] = {"run", "--rounds=6", NULL};
	struct fleet f = make_fleet(), back = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_false(fleet_is_there(dir));
	assert_fails(fleet_load(dir, &back, &err), err, EXIT_USAGE, "not the directory of a fleet");
	assert_works(fleet_save(dir, &f, &err), err);
	assert_works(fleet_load(dir, &back, &err), err);
	assert_null(back.plan);
	fleet_release(&back);
	f.plan = member_words_copy(plan);
	assert_works(fleet_save(dir, &f, &err), err);
	assert_works(fleet_load(dir, &back, &err), err);
	assert_string_equal(back.engine, "ssh");
	assert_string_equal(back.run_options[2], f.run_options[2]); /* byte for byte */
	assert_string_equal(back.plan[1], "--rounds=6");
	assert_null(back.plan[2]);
	assert_true(back.seed == INT64_MAX);
	assert_int_equal(back.nodes, 7);
	for (size_t i = 0; i < f.nodes; i++)
		assert_int_equal(back.node[i].state, f.node[i].state);
	assert_string_equal(back.node[3].name, "admin@far:2222");
	assert_string_equal(back.node[3].job, "17");
	assert_string_equal(back.node[2].reason, f.node[2].reason);
	assert_string_equal(facts_get(&back.options, "config"), "/etc/ssh/other");
	assert_string_equal(facts_get(&back.hashes, "nestkernel_sha256"), "abc");
	fleet_release(&back);
	fleet_release(&f);
	test_dir_remove(dir);
}

static void test_names(void **state)
{
	static const char *const bad[] = {"",		".",	"..",	    "-oProxyCommand=x",
					  ".hidden",	"a/b",	"a b",	    "a;b",
					  "fleet.json", "a\nb", "\xc3\xa4", "../x"};
	char name[FLEET_NAME + 1];
	struct fleet f = {0};
	struct err err;

	(void)state;
	/* Odd, but no danger. */
	assert_true(fleet_name_fits("[fe80::1%eth0]:22"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(fleet_add_node(&f, bad[i], &err), err, EXIT_USAGE,
			     "no name of a node");
	memset(name, 'x', FLEET_NAME);
	name[FLEET_NAME] = '\0';
	assert_fails(fleet_add_node(&f, name, &err), err, EXIT_USAGE, "no name of a node");
	assert_works(fleet_add_node(&f, "a", &err), err);
	assert_fails(fleet_add_node(&f, "a", &err), err, EXIT_USAGE, "there twice");
	assert_int_equal(f.nodes, 1);
	fleet_release(&f);
}

#define HEAD                                                                                       \
	"{\"schema\": \"nestbench-fleet\", \"version\": 1, \"engine\": \"ssh\", "                  \
	"\"engine_options\": [], \"parallel\": 0, \"started\": \"\", \"run_options\": [], "        \
	"\"plan\": null, \"seed\": 1, \"pilot\": \"\", \"boots\": 0, \"rounds\": 0, "              \
	"\"batches\": 0, \"hashes\": [], \"nodes\": ["
#define NODE(name, state)                                                                          \
	"{\"name\": \"" name "\", \"state\": \"" state "\", \"reason\": \"\", \"job\": \"\", "     \
	"\"begin\": \"\", \"end\": \"\", \"run\": \"\"}"

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *complaint;
	} bad[] = {
		{"", "fleet.json:1:0"},
		{"[]", "not a JSON object"},
		{"{}", "\"schema\" is missing instead of \"nestbench-fleet\""},
		{"{\"schema\": \"nestbench-fleet\", \"version\": 2}", "\"version\" is 2"},
		{HEAD NODE("a", "dead") "]}", "node 1: \"state\" is \"dead\" instead of one of"},
		{HEAD NODE("../../etc", "done") "]}", "node 1: \"../../etc\" is no name"},
		{HEAD NODE("a", "done") "," NODE("a", "done") "]}",
		 "node 2: the node a is there twice"},
		{HEAD "{\"name\": 7}]}", "node 1: \"name\" is 7 instead of a line of text"},
	};
	struct fleet f = {0};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(fleet_parse("fleet.json", bad[i].text, strlen(bad[i].text), &f, &err),
			     err, EXIT_USAGE, bad[i].complaint);
	assert_int_equal(f.nodes, 0);
	assert_works(fleet_parse("fleet.json", HEAD NODE("a", "done") "]}",
				 strlen(HEAD NODE("a", "done") "]}"), &f, &err),
		     err);
	fleet_release(&f);
}

static void test_lock(void **state)
{
	char *dir = test_dir_make();
	struct err err;
	int fd;

	(void)state;
	assert_false(fleet_is_locked(dir));
	fd = fleet_lock(dir, &err);
	assert_true(fd >= 0);
	assert_true(fleet_is_locked(dir));
	assert_fails(fleet_lock(dir, &err), err, EXIT_USAGE, "another nestbench fleet");
	close(fd);
	assert_false(fleet_is_locked(dir));
	assert_fails(fleet_lock("/nonexistent", &err), err, EXIT_USAGE, "/nonexistent");
	test_dir_remove(dir);
}

static void test_times(void **state)
{
	static const char *const bad[] = {"", "now", "2026-02-30T00:00:00Z", "2026-01-31T12:00:00",
					  "2026-01-31T12:00:00Z "};

	(void)state;
	assert_int_equal(fleet_time("2026-01-31T12:00:00Z"), NOON);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fleet_time(bad[i]), -1);
}

static void test_time_left(void **state)
{
	struct fleet f = make_fleet();
	struct fleet_status s;
	struct err err;

	(void)state;
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON, &err), err);
	assert_close(s.node_s, 120, 0);
	/* One minute of the two is over; then three wait, two at once. */
	assert_close(s.left_s, 60 + 2 * 120, 0);
	f.parallel = 0;
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON, &err), err);
	assert_close(s.left_s, 60 + 120, 0);
	/* Longer than others took: it may end any moment. */
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON + 900, &err), err);
	assert_close(s.left_s, 120, 0);
	f.node[0].state = f.node[1].state = FLEET_FAILED;
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON, &err), err);
	assert_true(isnan(s.left_s));
	for (size_t i = 0; i < f.nodes; i++)
		f.node[i].state = FLEET_DONE;
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON, &err), err);
	assert_close(s.left_s, 0, 0);
	fleet_release(&f);
}

static void test_order(void **state)
{
	static const char *const names[] = {"node10", "big1", "node2", "node1"}, *const listed[] = {
											 "big1",
											 "node1",
											 "node2",
											 "node10"};
	struct fleet f = {0};
	struct err err;

	(void)state;
	fleet_sort(&f);
	for (size_t i = 0; i < 4; i++)
		assert_works(fleet_add_node(&f, names[i], &err), err);
	f.node[0].state = FLEET_DONE;
	fleet_sort(&f);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(f.node[i].name, listed[i]);
	assert_int_equal(f.node[3].state, FLEET_DONE);
	fleet_release(&f);
}

static void test_text(void **state)
{
	struct fleet f = make_fleet();
	struct fleet_status s;
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(fleet_status_make(&s, &f, "nowhere", NOON, &err), err);
	fleet_status_text(&s, &out);
	s.under_way = true;
	fleet_status_text(&s, &out);
	assert_golden("results/golden/fleet-status.txt", buf_str(&out));
	buf_clear(&out);
	assert_works(fleet_status_json(&s, &out, &err), err);
	assert_golden("results/golden/fleet-status.json", buf_str(&out));
	buf_release(&out);
	fleet_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_names),
		cmocka_unit_test(test_bad_files),  cmocka_unit_test(test_lock),
		cmocka_unit_test(test_times),	   cmocka_unit_test(test_time_left),
		cmocka_unit_test(test_order),	   cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
