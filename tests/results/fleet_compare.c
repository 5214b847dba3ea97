/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/fleet/compare.h"
#include "results/fleet/state.h"
#include "results/rundir/layers.h"
#include "tests/results/make_fleet.h"

static const struct fleet_compare_options OPTIONS = {.same = FLEET_SAME};

static char *make(const struct made_fleet *f)
{
	char *dir = test_dir_make();
	struct err err;

	assert_works(make_fleet(dir, f, &err), err);
	return dir;
}

static struct fleet_comparison compare(const char *dir)
{
	struct fleet_comparison c;
	struct err err;

	assert_works(fleet_compare(dir, &OPTIONS, &c, &err), err);
	return c;
}

static void finish(struct fleet_comparison *c, char *dir)
{
	fleet_comparison_release(c);
	test_dir_remove(dir);
}

static const struct compared_node *node_of(const struct fleet_comparison *c, const char *name)
{
	for (size_t i = 0; i < c->nodes; i++)
		if (strcmp(c->node[i].name, name) == 0)
			return &c->node[i];
	fail_msg("no node %s", name);
	return NULL;
}

static struct made_fleet with_odd(size_t nodes)
{
	struct made_fleet f = MADE_FLEET;

	f.nodes = nodes;
	f.odd = 1;
	f.slower = 1.25;
	f.governor = "powersave";
	return f;
}

/* The odd node is named, in the figures that it is made odd in, by as much; and what is different
 * about it. The others are not. */
static void test_odd_node(void **state)
{
	const struct made_fleet f = with_odd(12);
	char *dir = make(&f);
	struct fleet_comparison c = compare(dir);
	const struct compared_node *odd = node_of(&c, "n2");

	(void)state;
	assert_int_equal(c.nodes, 12);
	assert_int_equal(fleet_count(&c, FLEET_COMPARED), 12);
	assert_int_equal(c.machines, 1);
	assert_int_equal(fleet_count_odd(&c), 1);
	assert_true(odd->odd > 60 && odd->figures == 75);
	/* 12 workloads and a capacity, in 3 layers; the capacity has no tail. */
	assert_int_equal(c.figures, 12 * (12 * 2 + 1) * 3);
	assert_int_equal(c.compared, c.figures);
	for (size_t i = 0; i < c.figures; i++) {
		const struct compared_figure *figure = &c.figure[i];
		bool is_odd =
			figure->node == (size_t)(odd - c.node) && !c.work[figure->work].is_size;

		if (is_odd)
			assert_close(log(figure->ratio.mid), log(1.25), 0.08);
		else
			assert_close(log(figure->ratio.mid), 0, 0.09);
		assert_true(figure->ratio.low < figure->ratio.mid &&
			    figure->ratio.mid < figure->ratio.high);
		/* The interval says the same. */
		assert_int_equal(figure->odd, figure->ratio.low > 1 || figure->ratio.high < 1);
		assert_close(log(figure->level / figure->usual), log(figure->ratio.mid), 1e-9);
		assert_true(figure->odd
				    ? figure->p <= 1 - FLEET_SURE && figure->ratio.low > 1.02 * 0.98
				    : true);
	}
	assert_int_equal(c.differences, 1);
	assert_string_equal(c.difference[0].key, "governor");
	assert_string_equal(c.difference[0].place, "L0");
	assert_string_equal(c.difference[0].value, "powersave");
	assert_string_equal(c.difference[0].common, "performance");
	assert_int_equal(c.difference[0].nodes, 11);
	finish(&c, dir);
}

/*
 * Of equal nodes none is named, in 19 of 20 fleets; differences of any size count here. The figures
 * of each fleet are many, so that a level that is not corrected for them would name nodes in nearly
 * all. The rate itself is measured by bench-fleet.
 */
static void test_equal_nodes(void **state)
{
	const struct fleet_compare_options any = {.same = 0};
	struct made_fleet f = MADE_FLEET;
	size_t alarms = 0;

	(void)state;
	f.rounds = 3;
	for (f.seed = 1; f.seed <= 20; f.seed++) {
		char *dir = make(&f);
		struct fleet_comparison c;
		struct err err;

		assert_works(fleet_compare(dir, &any, &c, &err), err);
		alarms += fleet_count_odd(&c) > 0;
		finish(&c, dir);
	}
	/* At 5 % a fleet, more than 4 of 20 come in 0.3 % of all tries; the seeds are fixed. */
	assert_true(alarms <= 4);
}

/* Work that is stopped now and then has the cost of all others, and another tail. */
static void test_tail(void **state)
{
	struct made_fleet f = with_odd(9);
	struct fleet_comparison c;
	size_t tails = 0;
	char *dir;

	(void)state;
	f.slower = 1;
	f.stalls = true;
	dir = make(&f);
	c = compare(dir);
	assert_int_equal(fleet_count_odd(&c), 1);
	assert_true(node_of(&c, "n2")->odd > 0);
	for (size_t i = 0; i < c.figures; i++) {
		assert_false(c.figure[i].odd && c.figure[i].kind == FLEET_COST);
		tails += c.figure[i].odd;
	}
	assert_int_equal(tails, node_of(&c, "n2")->odd);
	finish(&c, dir);
}

/* Of nodes that do not differ, ranks say that some are surely better in 5 % of rankings. */
static void test_ranks_of_equal_nodes(void **state)
{
	struct made_fleet f = MADE_FLEET;
	size_t wrong = 0, rankings = 0;

	(void)state;
	f.spread = 0;
	for (f.seed = 1; f.seed <= 30; f.seed++) {
		char *dir = make(&f);
		struct fleet_comparison c = compare(dir);

		for (size_t i = 0; i < c.rankings; i++) {
			const struct ranking *r = &c.ranking[i];
			bool surely = false;

			if (r->is_speed || strcmp(r->class, "capacity") == 0)
				continue;
			for (size_t k = 0; k < r->nodes; k++)
				surely |= r->node[k].best != 1 || r->node[k].worst != r->nodes;
			wrong += surely;
			rankings++;
		}
		finish(&c, dir);
	}
	assert_int_equal(rankings, 30 * 10);
	if (wrong > 15)
		fail_msg("%zu of %zu rankings", wrong, rankings);
}

/* Ranks: the share is the summary's, in order, and the true order is possible. */
static void test_ranking(void **state)
{
	struct made_fleet f = MADE_FLEET;
	char *dir = make(&f);
	struct fleet_comparison c = compare(dir);
	size_t speeds = 0;

	(void)state;
	for (size_t i = 0; i < c.rankings; i++) {
		const struct ranking *r = &c.ranking[i];

		assert_int_equal(r->nodes, 8);
		speeds += r->is_speed;
		assert_int_equal(r->is_speed, strcmp(r->layer, "L0") == 0);
		for (size_t k = 0; k < r->nodes; k++) {
			const struct ranked_node *node = &r->node[k];

			assert_int_equal(node->rank, k + 1);
			assert_true(node->best >= 1 && node->best <= node->rank);
			assert_true(node->worst >= node->rank && node->worst <= 8);
			if (k)
				assert_true(node->share.mid <= r->node[k - 1].share.mid);
		}
	}
	assert_int_equal(speeds, 5); /* cpu, exit, mem, io, gpu */
	assert_int_equal(c.rankings, 5 + 6 * 2);
	finish(&c, dir);
}

/* A node's share and interval do not depend on who else is there; the ranks do. */
static void test_share_is_of_the_summary(void **state)
{
	struct made_fleet f = MADE_FLEET;
	char *dir = make(&f), path[4096];
	struct fleet_comparison c = compare(dir);
	struct summary s;
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/n5", dir);
	assert_works(summary_build(path, &s, &err), err);
	for (size_t i = 0; i < c.rankings; i++) {
		const struct ranking *r = &c.ranking[i];

		for (size_t k = 0; k < r->nodes && !r->is_speed; k++)
			if (strcmp(c.node[r->node[k].node].name, "n5") == 0)
				assert_close(r->node[k].share.mid,
					     summary_find_class(&s, r->class, r->layer_number)
						     ->share.mid,
					     1e-12);
	}
	summary_release(&s);
	finish(&c, dir);
}

static void say(const char *dir, const char *name, const char *key, const char *value)
{
	struct facts facts = FACTS_INIT;
	char path[4096];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	facts_set(&facts, key, "%s", value);
	assert_works(layers_append(path, name, 1, 0, &facts, &err), err);
	facts_release(&facts);
}

/* Machines of another kind are a class of their own; two are too few to say what is usual. */
static void test_classes(void **state)
{
	struct made_fleet f = with_odd(10);
	struct fleet_comparison c;
	char *dir = make(&f);

	(void)state;
	say(dir, "n9", "cpu_model", "Another CPU");
	say(dir, "n10", "cpu_model", "Another CPU");
	c = compare(dir);
	assert_int_equal(c.machines, 2);
	assert_int_equal(c.machine[0].nodes, 8);
	assert_string_equal(c.machine[1].class.cpu, "Another CPU");
	assert_int_equal(node_of(&c, "n9")->outcome, FLEET_ALONE);
	assert_int_equal(node_of(&c, "n9")->figures, 0);
	assert_int_equal(node_of(&c, "n9")->machine, 1);
	assert_int_equal(fleet_count(&c, FLEET_COMPARED), 8);
	for (size_t i = 0; i < c.rankings; i++)
		assert_int_equal(c.ranking[i].nodes, 10);
	assert_int_equal(c.compared, 8 * 75);
	finish(&c, dir);
}

/* ---- nodes that are not fit ---- */

static void put(const char *dir, const char *name, const char *file, const char *text)
{
	char path[4096];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void without(const char *dir, const char *name, const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	assert_int_equal(unlink(path), 0);
}

static void expect_left_out(const struct fleet_comparison *c, const char *name,
			    enum fleet_outcome outcome, const char *reason)
{
	const struct compared_node *node = node_of(c, name);

	assert_int_equal(node->outcome, outcome);
	if (!strstr(node->reason, reason))
		fail_msg("%s: \"%s\" does not hold \"%s\"", name, node->reason, reason);
}

static void test_bad_nodes(void **state)
{
	struct made_fleet f = with_odd(12);
	char *dir = make(&f), path[4096];
	struct fleet_comparison c;
	struct err err = {0};

	(void)state;
	put(dir, "n3", "manifest.json", "{\"run\": 7}\n");
	put(dir, "n4", "samples.csv", "not,a,header\n1,2,3\n");
	put(dir, "n5", "samples.csv", "");
	without(dir, "n6", "samples.csv");
	snprintf(path, sizeof(path), "%s/n6/samples.csv", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	without(dir, "n7", "samples.csv");
	snprintf(path, sizeof(path), "%s/n7/samples.csv", dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	say(dir, "n8", "nestkernel_sha256", "feedfeedfeedfeed");
	say(dir, "n9", "nestkernel_sha256", "0123456789abcdef");
	snprintf(path, sizeof(path), "%s/n10/samples.csv", dir);
	assert_int_equal(truncate(path, 65 << 20), 0);
	c = compare(dir);
	expect_left_out(&c, "n3", FLEET_UNREADABLE, "manifest.json");
	expect_left_out(&c, "n4", FLEET_UNREADABLE, "samples.csv");
	expect_left_out(&c, "n5", FLEET_UNREADABLE, "samples.csv");
	expect_left_out(&c, "n6", FLEET_UNREADABLE, "no regular file");
	expect_left_out(&c, "n7", FLEET_UNREADABLE, "no regular file");
	expect_left_out(&c, "n8", FLEET_FOREIGN, "another program");
	expect_left_out(&c, "n9", FLEET_FOREIGN, "another program");
	expect_left_out(&c, "n10", FLEET_UNREADABLE, "MiB");
	assert_int_equal(fleet_count(&c, FLEET_COMPARED), 4);
	assert_fails(fleet_check_nodes(&c, &err), err, EXIT_MACHINE,
		     "8 of 12 nodes could not be compared; the first is n3");
	finish(&c, dir);
}

static void copy_file(const char *dir, const char *from, const char *to, const char *file)
{
	struct buf text = BUF_INIT;
	char path[4096];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, from, file);
	assert_works(file_read(path, 1 << 24, &text, &err), err);
	put(dir, to, file, buf_str(&text));
	buf_release(&text);
}

/* Evidence counts once: a copy of a node is none. */
static void test_copied_node(void **state)
{
	static const char *const files[] = {"manifest.json", "samples.csv", "layers.csv"};
	struct made_fleet f = with_odd(6);
	struct fleet_comparison c;
	char *dir = make(&f);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		copy_file(dir, "n1", "n4", files[i]);
	c = compare(dir);
	expect_left_out(&c, "n4", FLEET_FOREIGN, "holds the run of n1, row by row");
	assert_int_equal(fleet_count(&c, FLEET_COMPARED), 5);
	assert_int_equal(c.compared, 5 * 75);
	finish(&c, dir);
}

/* What comes from a node is no escape sequence on a terminal, and no quote in a file. */
static void test_hostile_texts(void **state)
{
	struct made_fleet f = with_odd(5);
	struct fleet_comparison c;
	struct buf out = BUF_INIT;
	char *dir = make(&f);
	struct err err;

	(void)state;
	say(dir, "n3", "cpu_model", "\033[2J\xff\"} evil");
	say(dir, "n4", "governor", "\033]0;x\a");
	c = compare(dir);
	fleet_compare_text(&c, true, &out);
	fleet_compare_csv(&c, &out);
	assert_works(fleet_compare_json(&c, &out, &err), err);
	for (const char *at = buf_str(&out); *at; at++)
		assert_true((*at >= ' ' && *at < 127) || *at == '\n');
	buf_release(&out);
	finish(&c, dir);
}

/* Nodes of fleet.json: who failed is named with the reason, in the order of people. */
static void test_fleet_json(void **state)
{
	struct made_fleet f = with_odd(8);
	struct fleet fleet = {.engine = "ssh"};
	struct fleet_comparison c;
	char *dir = make(&f);
	struct err err;

	(void)state;
	snprintf(fleet.started, sizeof(fleet.started), "2026-01-31T12:00:00Z");
	for (int i = 10; i >= 1; i--) {
		struct fleet_node *node;
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		assert_works(fleet_add_node(&fleet, name, &err), err);
		node = &fleet.node[fleet.nodes - 1];
		node->state = FLEET_DONE;
		snprintf(node->run, sizeof(node->run), "%s", i == 7 ? "other" : name);
	}
	fleet.node[0].state = FLEET_FAILED;
	snprintf(fleet.node[0].reason, sizeof(fleet.node[0].reason), "its name does not resolve");
	fleet.node[1].state = FLEET_WAITING;
	assert_works(fleet_save(dir, &fleet, &err), err);
	c = compare(dir);
	assert_int_equal(c.nodes, 10);
	assert_string_equal(c.node[0].name, "n1");
	assert_string_equal(c.node[8].name, "n9");
	assert_string_equal(c.node[9].name, "n10");
	expect_left_out(&c, "n10", FLEET_UNMEASURED, "failed: its name does not resolve");
	expect_left_out(&c, "n9", FLEET_UNMEASURED, "not measured yet");
	expect_left_out(&c, "n7", FLEET_FOREIGN, "the fleet made \"other\"");
	assert_int_equal(fleet_count(&c, FLEET_COMPARED), 7);
	fleet_release(&fleet);
	finish(&c, dir);
}

static void test_nothing_to_compare(void **state)
{
	struct made_fleet f = MADE_FLEET;
	char *dir = test_dir_make(), *two;
	struct fleet_comparison c;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_fails(fleet_compare(dir, &OPTIONS, &c, &err), err, EXIT_USAGE, "one a node");
	assert_fails(fleet_compare("/nonexistent", &OPTIONS, &c, &err), err, EXIT_USAGE, "");
	test_dir_remove(dir);
	f.nodes = 2;
	two = make(&f);
	c = compare(two);
	assert_int_equal(c.compared, 0);
	assert_int_equal(fleet_count(&c, FLEET_ALONE), 2);
	fleet_compare_text(&c, false, &out);
	assert_non_null(strstr(buf_str(&out), "no node is called odd"));
	assert_works(fleet_check_nodes(&c, &err), err);
	fleet_comparison_release(&c);
	put(two, "n1", "samples.csv", "");
	put(two, "n2", "samples.csv", "");
	assert_fails(fleet_compare(two, &OPTIONS, &c, &err), err, EXIT_INCONCLUSIVE,
		     "no node has a figure; the first is n1");
	buf_release(&out);
	test_dir_remove(two);
}

/* Each metric once, each line with a node, and the odd one told from the others. */
static void test_prometheus(void **state)
{
	struct made_fleet f = with_odd(8);
	char *dir = make(&f);
	struct fleet_comparison c = compare(dir);
	struct buf out = BUF_INIT;
	size_t lines = 0, heads = 0;
	const char *head;

	(void)state;
	fleet_compare_prometheus(&c, &out);
	for (const char *line = buf_str(&out); *line; line = strchr(line, '\n') + 1) {
		heads += strncmp(line, "# TYPE ", 7) == 0;
		if (*line == '#')
			continue;
		lines++;
		head = strchr(line, '{');
		assert_non_null(head);
		assert_int_equal(strncmp(head, "{node=\"n", 8), 0);
		assert_int_equal(strncmp(line, "nestbench_", 10), 0);
	}
	assert_int_equal(heads, 9);
	/* Costs, tails and capacities with their ratios; shares; two lines for each node. */
	assert_int_equal(lines, 2 * c.figures + c.rankings * 8 + 2 * 8);
	assert_non_null(strstr(buf_str(&out), "nestbench_fleet_node_odd{node=\"n1\","
					      "machine_class=\"A\"} 0\n"));
	assert_null(strstr(buf_str(&out), "nestbench_fleet_node_odd{node=\"n2\","
					  "machine_class=\"A\"} 0\n"));
	buf_release(&out);
	finish(&c, dir);
}

/* A difference below the limit does not count, however certain it is. */
static void test_limit(void **state)
{
	const struct fleet_compare_options options = {.same = 0.5};
	struct made_fleet f = with_odd(12);
	char *dir = make(&f);
	struct fleet_comparison c;
	struct err err;

	(void)state;
	assert_works(fleet_compare(dir, &options, &c, &err), err);
	assert_int_equal(fleet_count_odd(&c), 0);
	assert_int_equal(c.differences, 0);
	finish(&c, dir);
}

/* Only some workloads: the family is smaller. */
static void test_workloads(void **state)
{
	static const char *const globs[] = {"cpu.*", NULL};
	const struct fleet_compare_options options = {.same = 0.02, .workloads = globs};
	struct made_fleet f = with_odd(8);
	char *dir = make(&f);
	struct fleet_comparison c;
	struct err err;

	(void)state;
	assert_works(fleet_compare(dir, &options, &c, &err), err);
	assert_int_equal(c.compared, 8 * 3 * 3 * 2);
	for (size_t i = 0; i < c.works; i++)
		assert_string_equal(c.work[i].class, "cpu");
	finish(&c, dir);
}

/* Each line of a text of at most 100 columns. */
static void test_text(void **state)
{
	struct made_fleet f = with_odd(12);
	char *dir = make(&f);
	struct fleet_comparison c = compare(dir);
	struct buf out = BUF_INIT;

	(void)state;
	for (int all = 0; all < 2; all++) {
		buf_clear(&out);
		fleet_compare_text(&c, all, &out);
		assert_non_null(strstr(buf_str(&out), "n2 (class A): odd in"));
		assert_non_null(strstr(buf_str(&out), "governor is powersave; 11 of its class"));
		for (const char *line = buf_str(&out); *line;) {
			size_t len = strcspn(line, "\n");

			if (len > 100 && strncmp(line, "Fleet ", 6) != 0)
				fail_msg("%zu columns: %.*s", len, (int)len, line);
			line += len + (line[len] == '\n');
		}
	}
	buf_release(&out);
	finish(&c, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_odd_node),    cmocka_unit_test(test_equal_nodes),
		cmocka_unit_test(test_tail),	    cmocka_unit_test(test_ranks_of_equal_nodes),
		cmocka_unit_test(test_ranking),	    cmocka_unit_test(test_share_is_of_the_summary),
		cmocka_unit_test(test_classes),	    cmocka_unit_test(test_bad_nodes),
		cmocka_unit_test(test_copied_node), cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_fleet_json),  cmocka_unit_test(test_nothing_to_compare),
		cmocka_unit_test(test_prometheus),  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_workloads),   cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
