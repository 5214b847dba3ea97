/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizing over fleets that were made up, against answers by hand. */
#include "tests/check.h"

#include "results/fleet/compare.h"
#include "results/fleet/state.h"
#include "results/size/size_fleet.h"
#include "tests/results/make_run.h"

#define MIB 1048576.0

/* Guests like cpu.int: 9.2 times the cost in L1, 9.25 in L2. */
static const struct size_demand DEMAND = {
	.guests = 20, .vcpus = 2, .memory_bytes = 1 << 20, .like = "cpu.int"};

struct made_node {
	const char *name, *cpu;
	unsigned vcpus, mib;
	bool (*edit)(struct row *row);
	uint32_t depth; /* 0: 2 */
};

/* In L2 they hold 5, 6, 7, and 3 guests. */
static const struct made_node FOUR[] = {
	{"a1", "EPYC", 100, 1024, NULL},
	{"a2", "EPYC", 120, 1024, NULL},
	{"a3", "EPYC", 130, 1024, NULL},
	{"b1", "Xeon", 60, 1024, NULL},
};

static void make_node(const char *fleet, const struct made_node *node)
{
	struct made_run run = MADE_RUN;
	struct facts facts = FACTS_INIT;
	char dir[512];
	struct err err;

	run.noise = 0;
	run.depth = node->depth ? node->depth : run.depth;
	run.host_is_vm = false;
	run.name = node->name;
	run.edit = node->edit;
	snprintf(dir, sizeof(dir), "%s/%s", fleet, node->name);
	assert_works(file_make_dirs(dir, &err), err);
	assert_works(make_run(dir, &run, &err), err);
	if (node->vcpus)
		facts_set(&facts, "vcpus", "%u", node->vcpus);
	facts_set(&facts, "memory_bytes", "%.0f", node->mib * MIB);
	facts_set(&facts, "cpu_model", "%s", node->cpu);
	facts_set(&facts, "hypervisor", "none");
	assert_works(layers_append(dir, node->name, 1, 0, &facts, &err), err);
	facts_release(&facts);
}

static char *make_fleet(const struct made_node *node, size_t count)
{
	char *dir = test_dir_make();

	for (size_t i = 0; i < count; i++)
		make_node(dir, &node[i]);
	return dir;
}

/* A fleet that was made, what is asked of it, and the answer. */
struct sized {
	char *dir;
	struct size_demand d;
	struct prices prices;
	struct size_fleet f;
	struct err err;
};

static struct sized begin(const struct made_node *node, size_t count)
{
	return (struct sized){.dir = make_fleet(node, count), .d = DEMAND};
}

static void release(struct sized *w)
{
	size_fleet_release(&w->f);
	prices_release(&w->prices);
}

/* Instead of the answer before. text: the file of prices, or NULL. */
static int ask(struct sized *w, const char *text)
{
	FILE *file = text ? fmemopen((char *)(uintptr_t)text, strlen(text), "r") : NULL;

	release(w);
	w->prices = (struct prices){0};
	if (file) {
		assert_works(prices_parse(file, "my.ini", &w->prices, &w->err), w->err);
		fclose(file);
	}
	return size_fleet_make(w->dir, &w->d, text ? &w->prices : NULL, &w->f, &w->err);
}

static void end(struct sized *w)
{
	release(w);
	test_dir_remove(w->dir);
}

static bool noted(const struct size_fleet *f, const char *part)
{
	return strstr(buf_str(&f->notes), part) != NULL;
}

static void test_kinds(void **state)
{
	struct sized w = begin(FOUR, 4);
	const struct size_host_place *p;

	(void)state;
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.nodes, 4);
	assert_int_equal(w.f.places, 3);
	assert_string_equal(w.f.place[0].name, "L0");
	assert_string_equal(w.f.place[2].name, "L2");
	assert_int_equal(w.f.hosts, 2);
	assert_string_equal(w.f.host[0].label, "A");
	assert_string_equal(w.f.host[0].class.cpu, "EPYC");
	assert_int_equal(w.f.host[0].nodes, 3);
	assert_string_equal(w.f.host[1].node[0].name, "b1");
	p = &w.f.host[0].place[2];
	assert_close(p->fit, 6, 0);
	assert_close(p->bad_fit, 5, 0);
	assert_close(p->confidence, 0.75, 1e-12);
	assert_close(p->share, 1 / 9.25, 1e-6);
	assert_close(p->alone, 4, 0);
	assert_int_equal(p->binding, SIZE_CPU);
	assert_close(w.f.host[0].place[0].bad_fit, 50, 0);
	assert_close(w.f.host[0].place[1].bad_fit, 5, 0);
	p = &w.f.host[1].place[2];
	assert_close(p->bad_fit, 3, 0);
	assert_close(p->alone, 7, 0);
	assert_close(p->confidence, 0.5, 1e-12);
	assert_close(w.f.place[2].fewest, 4, 0);
	assert_close(w.f.place[0].fewest, 1, 0); /* of both kinds */
	assert_works(size_fleet_check(&w.f, &w.err), w.err);
	assert_true(noted(&w.f, "75 % (A, 3 nodes), 50 % (B, 1 node)"));
	assert_true(noted(&w.f, "The nodes of A have not the same number of CPUs"));
	assert_true(noted(&w.f, "The CPU was EMULATED"));
	assert_false(noted(&w.f, "no price"));
	end(&w);
}

static const char *letter_in(const struct fleet_comparison *c, const char *name)
{
	for (size_t i = 0; i < c->nodes; i++)
		if (strcmp(c->node[i].name, name) == 0)
			return fleet_node_letter(c, i);
	fail_msg("no node %s", name);
	return NULL;
}

/* A class is called the same in both answers, the largest one A; and nodes stand in one order,
 * though one of the two leaves a node out. */
static void test_letters(void **state)
{
	static const struct made_node nodes[] = {
		{"n10", "Xeon", 60, 1024, NULL}, {"n2", "Xeon", 60, 1024, NULL},
		{"n1", "Xeon", 60, 1024, NULL},	 {"b1", "EPYC", 100, 1024, NULL},
		{"b2", "EPYC", 100, 1024, NULL}, {"c1", "Atom", 60, 1024, NULL},
		{"c2", "Atom", 0, 1024, NULL},	 {"c3", "Atom", 0, 1024, NULL}};
	const struct fleet_compare_options options = {.same = 0.02};
	struct sized w = begin(nodes, sizeof(nodes) / sizeof(nodes[0]));
	struct fleet_comparison c;

	(void)state;
	assert_works(ask(&w, NULL), w.err);
	assert_works(fleet_compare(w.dir, &options, &c, &w.err), w.err);
	assert_int_equal(w.f.left_outs, 2);
	assert_int_equal(w.f.hosts, 3);
	assert_string_equal(w.f.host[0].class.cpu, "Atom");
	assert_string_equal(w.f.host[0].label, "A");
	assert_int_equal(w.f.host[0].nodes, 1);
	assert_string_equal(w.f.host[1].node[1].name, "n2");
	assert_string_equal(w.f.host[1].node[2].name, "n10");
	for (size_t i = 0; i < w.f.hosts; i++)
		assert_string_equal(letter_in(&c, w.f.host[i].node[0].name), w.f.host[i].letter);
	fleet_comparison_release(&c);
	end(&w);
}

/* Half of the host free, guests of 50 MiB: memory binds. */
static void test_memory(void **state)
{
	struct sized w = begin(FOUR, 4);

	(void)state;
	w.d.memory_bytes = 50 << 20;
	w.d.overhead_bytes = 10 << 20;
	assert_works(ask(&w, NULL), w.err);
	assert_close(w.f.host[0].place[0].bad_fit, 7, 0); /* 384 ÷ 50 */
	assert_int_equal(w.f.host[0].place[0].binding, SIZE_MEMORY);
	/* L0 keeps 640 MiB of 1024, as the model of one run has it */
	w.d.headroom = 0.5;
	assert_works(ask(&w, NULL), w.err);
	assert_close(w.f.host[0].place[2].bad_fit, 0, 0);
	assert_fails(size_fleet_check(&w.f, &w.err), w.err, EXIT_MACHINE, "in L2 ");
	assert_string_equal(w.f.place[2].infeasible,
			    "in L2 no host holds a single guest, bound: A by memory, B by memory");
	assert_string_equal(w.f.place[0].infeasible,
			    "on bare metal no host holds a single guest, bound: A by memory, B by "
			    "memory");
	end(&w);
}

static void test_mix(void **state)
{
	struct sized w = begin(FOUR, 4);

	(void)state;
	/* 5.5 + 5 × 3; four of A cost 22, seven of B 21 */
	assert_works(ask(&w, "[class EPYC*]\nprice=5.5\n[class Xeon*]\nprice=3\n"), w.err);
	assert_true(w.f.place[2].has_mix && w.f.place[2].mix.proven);
	assert_close(w.f.place[2].mix.price, 20.5, 1e-9);
	assert_int_equal(w.f.place[2].mix.holds, 20);
	assert_int_equal(w.f.host[0].place[2].mixed, 1);
	assert_int_equal(w.f.host[1].place[2].mixed, 5);
	assert_close(w.f.place[0].mix.price, 3, 1e-9); /* one of B holds 30 on bare metal */
	/* Only two of B can be had: four of A. */
	assert_works(ask(&w, "[class EPYC*]\nprice=5.5\n[class Xeon*]\nprice=3\ncount=2\n"), w.err);
	assert_close(w.f.place[2].mix.price, 22, 1e-9);
	assert_false(w.f.host[1].place[2].enough);
	assert_close(w.f.host[1].place[2].alone, 7, 0);
	end(&w);
}

/* A section for nodes makes a kind of its own, and what has no price is in no mix. */
static void test_node_prices(void **state)
{
	struct sized w = begin(FOUR, 4);

	(void)state;
	w.d.guests = 19;
	assert_works(ask(&w, "[class EPYC*]\nprice=5\n[node a3]\nprice=6\n"), w.err);
	assert_int_equal(w.f.hosts, 3);
	assert_int_equal(w.f.host[0].nodes, 2);
	assert_string_equal(w.f.host[0].label, "A.1");
	assert_string_equal(w.f.host[1].label, "A.2");
	assert_string_equal(w.f.host[1].node[0].name, "a3");
	assert_close(w.f.host[1].place[2].bad_fit, 7, 0);
	assert_null(w.f.host[2].price);
	assert_close(w.f.place[2].mix.price, 17, 1e-9); /* of 5, 7 and 7; three of a3 cost 18 */
	assert_int_equal(w.f.host[0].place[2].mixed, 1);
	assert_int_equal(w.f.host[1].place[2].mixed, 2);
	assert_true(noted(&w.f, "B has no price, and is in no mix"));
	end(&w);
}

static void test_too_few(void **state)
{
	struct sized w = begin(FOUR, 4);
	struct buf text = BUF_INIT;

	(void)state;
	assert_works(ask(&w, "[class *]\nprice=5\ncount=3\n"), w.err);
	assert_int_equal(w.f.hosts, 2); /* of one stock */
	assert_string_equal(w.f.place[2].infeasible,
			    "in L2 the hosts that can be had hold 15 of 20 guests, bound by their "
			    "count: 3 of [class *]");
	assert_false(w.f.place[2].has_mix);
	assert_true(w.f.place[0].has_mix);
	assert_fails(size_fleet_check(&w.f, &w.err), w.err, EXIT_MACHINE, "in L2 ");
	size_fleet_text(&w.f, &text);
	assert_non_null(strstr(buf_str(&text), "IMPOSSIBLE: in L2 the hosts"));
	buf_release(&text);
	w.d.layer = "L1"; /* where it is impossible, too */
	w.d.guests = 15;
	assert_works(ask(&w, "[class *]\nprice=5\ncount=3\n"), w.err);
	assert_int_equal(w.f.places, 2);
	assert_works(size_fleet_check(&w.f, &w.err), w.err);
	assert_close(w.f.place[1].mix.price, 15, 1e-9);
	end(&w);
}

/* ---- nodes that lack something ---- */

/* Four threads of cpu.int cost 0.55 ns per operation in L0, 22 times that in L1. */
static bool with_threads(struct row *row)
{
	if (strcmp(row->workload, "cpu.float") == 0) {
		row->workload = "cpu.int";
		row->threads = 4;
	}
	return row->workload[0] != 'i'; /* no I/O */
}

static void test_concurrency(void **state)
{
	static const struct made_node some[] = {
		{"a1", "EPYC", 300, 1024, NULL},
		{"a2", "EPYC", 300, 1024, with_threads},
	};
	struct sized w = begin(some, 2);

	(void)state;
	w.d.iops = 100000;
	w.d.host_iops = 1000000000;
	assert_works(ask(&w, NULL), w.err);
	/* 300 ÷ (2 × 22.1), and 300 ÷ 18.5 */
	assert_close(w.f.host[0].place[2].bad_fit, 6, 0);
	assert_close(w.f.host[0].place[2].fit, 6, 0);
	assert_close(w.f.host[0].place[2].share, (1 / 9.25 + 1 / 22.1) / 2, 1e-4);
	assert_true(noted(&w.f, "a1: EXTRAPOLATED: concurrency was not measured; up to 32 vCPUs"));
	assert_true(noted(&w.f, "a2: EXTRAPOLATED: a host has up to 32 vCPUs at once, 4 were"));
	assert_true(noted(&w.f, "a2: Concurrency was measured within one VM"));
	assert_true(noted(&w.f, "a2: No I/O workload was measured"));
	assert_true(noted(&w.f, "a1: One guest reached no more than"));
	assert_false(noted(&w.f, "--host-iops sets it"));
	/* So many guests are not there. */
	w.d.guests = 2;
	w.d.iops = 0;
	assert_works(ask(&w, NULL), w.err);
	assert_true(noted(&w.f, "a1: EXTRAPOLATED: concurrency was not measured; up to 4 vCPUs"));
	assert_false(noted(&w.f, "a host has"));
	end(&w);
}

static bool without_l2(struct row *row)
{
	return row->layer < 2;
}

static bool l0_alone(struct row *row)
{
	return row->layer < 1;
}

static void test_lacking(void **state)
{
	static const struct made_node some[] = {
		{"a1", "EPYC", 100, 1024, NULL},    {"a2", "EPYC", 60, 1024, without_l2},
		{"a3", "EPYC", 0, 1024, NULL},	    {"b1", "Xeon", 60, 1024, without_l2},
		{"c1", "Atom", 60, 1024, l0_alone},
	};
	struct sized w = begin(some, 5);

	(void)state;
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.nodes, 3);
	assert_int_equal(w.f.left_outs, 2);
	assert_string_equal(w.f.left_out[0].name, "a3");
	assert_true(noted(&w.f, "a3 is left out: how many CPUs and how much memory"));
	assert_true(noted(&w.f, "c1 is left out: this run has no cost ratio"));
	assert_true(noted(&w.f, "No figures in L2, so that it counts elsewhere only: a2 and b1."));
	assert_int_equal(w.f.host[0].nodes, 2);
	assert_int_equal(w.f.host[0].place[1].nodes, 2);
	assert_close(w.f.host[0].place[1].bad_fit, 3, 0); /* that of a2 */
	assert_int_equal(w.f.host[0].place[2].nodes, 1);
	assert_close(w.f.host[0].place[2].bad_fit, 5, 0);
	assert_int_equal(w.f.host[1].place[2].nodes, 0);
	assert_true(isnan(w.f.host[1].place[2].alone));
	assert_works(ask(&w, "[class Xeon*]\nprice=1\n"), w.err);
	assert_string_equal(w.f.place[2].infeasible, "in L2 no host that has a price was measured");
	assert_close(w.f.place[1].mix.price, 7, 1e-9);
	end(&w);
}

/* L2 of a node that goes on to L3 counts beside that of others. */
static void test_depths(void **state)
{
	static const struct made_node some[] = {
		{"a1", "EPYC", 100, 1024, NULL},
		{"a2", "EPYC", 60, 1024, NULL, 3},
		{"a3", "EPYC", 100, 1024, NULL, 1},
	};
	struct sized w = begin(some, 3);

	(void)state;
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.places, 4);
	assert_int_equal(w.f.host[0].place[1].nodes, 3);
	assert_int_equal(w.f.host[0].place[2].nodes, 2);
	assert_close(w.f.host[0].place[2].bad_fit, 3, 0);
	assert_int_equal(w.f.host[0].place[3].nodes, 1);
	w.d.layer = "L2";
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.places, 3);
	assert_int_equal(w.f.host[0].place[2].nodes, 2);
	assert_true(noted(&w.f, "a3 is left out: --layer: this run has no layer \"L2\""));
	end(&w);
}

/* A fleet of one node is that node, on a host of its own size. */
static void test_as_one_run(void **state)
{
	struct sized w = begin(&FOUR[1], 1);
	char path[512];
	struct size_answer a;
	struct summary s;

	(void)state;
	w.d.iops = 3;
	assert_works(ask(&w, NULL), w.err);
	snprintf(path, sizeof(path), "%s/a2", w.dir);
	assert_works(summary_build(path, &s, &w.err), w.err);
	w.d.host_vcpus = 120;
	w.d.host_memory_bytes = UINT64_C(1) << 30;
	w.d.host_iops = (uint64_t)w.f.host[0].least[SIZE_IOPS];
	assert_works(size_answer_make(&s, &w.d, &a, &w.err), w.err);
	for (size_t i = 0; i < 3; i++) {
		assert_close(w.f.host[0].place[i].fit, a.place[i].fit, 0);
		assert_close(w.f.host[0].place[i].bad_fit, a.place[i].bad_fit, 0);
		assert_int_equal(w.f.host[0].place[i].binding, a.place[i].binding);
	}
	size_answer_release(&a);
	summary_release(&s);
	end(&w);
}

static void test_none(void **state)
{
	static const struct made_node alone = {"c1", "Atom", 60, 1024, l0_alone};
	struct sized w = begin(&alone, 1);

	(void)state;
	assert_fails(ask(&w, NULL), w.err, EXIT_INCONCLUSIVE,
		     "none of 1 node can be sized; c1: this run has no cost ratio");
	w.d.like = "cpu.itn";
	assert_fails(ask(&w, NULL), w.err, EXIT_USAGE,
		     "c1: --like: this run has no class or workload \"cpu.itn\"");
	w.d = DEMAND;
	w.d.guests = 0;
	assert_fails(ask(&w, NULL), w.err, EXIT_USAGE, "above 0");
	end(&w);
	w = (struct sized){.dir = (char *)(uintptr_t) "/nowhere", .d = DEMAND};
	assert_fails(ask(&w, NULL), w.err, EXIT_USAGE, "/nowhere");
	release(&w);
}

static void test_one_node(void **state)
{
	struct sized w = begin(FOUR, 1);

	(void)state;
	assert_works(ask(&w, "[node a1]\nprice=2\n"), w.err);
	assert_int_equal(w.f.hosts, 1);
	assert_close(w.f.host[0].place[2].confidence, 0.5, 0);
	assert_close(w.f.place[2].mix.price, 8, 1e-9);
	end(&w);
}

/* With many nodes the worst of them is no longer what counts. */
static void test_many(void **state)
{
	enum { MANY = 39 };
	struct made_node node[MANY];
	char name[MANY][8];
	struct sized w;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof(name[i]), "n%02u", i);
		node[i] = (struct made_node){name[i], "EPYC", 100 + 20 * (i % MANY), 1024, NULL};
	}
	w = begin(node, MANY);
	assert_works(ask(&w, NULL), w.err);
	/* r = 38 of 39: the second worst, which has 120 CPUs; the median has 480 */
	assert_close(w.f.host[0].place[2].bad_fit, 6, 0);
	assert_close(w.f.host[0].place[2].fit, floor(480 / 18.5), 0);
	assert_close(w.f.host[0].place[2].confidence, 0.95, 1e-12);
	end(&w);
}

/* ---- prices that do not fit, and runs that are one ---- */

static void test_wrong_prices(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"[class EPIC]\nprice=1\n",
		 "my.ini:1: [class EPIC]: expected a glob that fits a class of this fleet, such as "
		 "\"EPYC; bare metal, emulated from L1\" (did you mean \"EPYC\"?)"},
		{"[class *]\nprice=1\n[node c*]\nprice=1\n",
		 "my.ini:3: [node c*]: expected a glob that fits a node: a1, a2, a3 and b1"},
		{"[class E*]\nprice=1\n[class *C*]\nprice=1\n",
		 "my.ini:3: [class *C*]: expected one section for the node a1, which [class E*] in "
		 "line 1 fits, too"},
	};
	struct sized w = begin(FOUR, 4);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fails(ask(&w, cases[i].text), w.err, EXIT_USAGE, cases[i].says);
	}
	end(&w);
}

static void test_one_run_twice(void **state)
{
	struct sized w = begin(FOUR, 1);
	char from[512], to[512];
	struct buf rows = BUF_INIT;

	(void)state;
	snprintf(to, sizeof(to), "%s/copy", w.dir);
	assert_works(file_make_dirs(to, &w.err), w.err);
	static const char *const files[] = {"samples.csv", "layers.csv", "manifest.json"};
	for (size_t i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "%s/a1/%s", w.dir, files[i]);
		snprintf(to, sizeof(to), "%s/copy/%s", w.dir, files[i]);
		buf_clear(&rows);
		assert_works(file_read(from, 1 << 24, &rows, &w.err), w.err);
		assert_works(file_write_whole(to, rows.data, rows.len, &w.err), w.err);
	}
	buf_release(&rows);
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.nodes, 1);
	assert_true(noted(&w.f, "copy is left out: holds the run of a1, row by row.\n"));
	end(&w);
}

/* ---- fleet.json ---- */

static void add_done(struct sized *w, struct fleet *fleet, const char *name)
{
	struct fleet_node *node;
	struct manifest m = {0};
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/%s", w->dir, name);
	assert_works(manifest_load(dir, &m, &w->err), w->err);
	assert_works(fleet_add_node(fleet, name, &w->err), w->err);
	node = &fleet->node[fleet->nodes - 1];
	node->state = FLEET_DONE;
	snprintf(node->run, sizeof(node->run), "%s", m.run);
	manifest_release(&m);
}

/* What the fleet says of a node counts, though a run, or another one, lies there. */
static void test_fleet_file(void **state)
{
	struct sized w = begin(FOUR, 4);
	struct fleet fleet = {.engine = "ssh"};

	(void)state;
	add_done(&w, &fleet, "a1");
	add_done(&w, &fleet, "a2");
	add_done(&w, &fleet, FOUR[2].name);
	add_done(&w, &fleet, FOUR[3].name);
	assert_works(fleet_add_node(&fleet, "z9", &w.err), w.err);
	snprintf(fleet.node[1].run, sizeof(fleet.node[1].run), "another");
	fleet.node[2].state = FLEET_FAILED;
	snprintf(fleet.node[2].reason, sizeof(fleet.node[2].reason), "no KVM");
	assert_works(fleet_save(w.dir, &fleet, &w.err), w.err);
	fleet_release(&fleet);
	assert_works(ask(&w, NULL), w.err);
	assert_int_equal(w.f.nodes, 2);
	assert_true(noted(&w.f, "a2 is left out: holds the run \""));
	assert_true(noted(&w.f, " is left out: failed: no KVM.\n"));
	assert_true(noted(&w.f, "z9 is left out: not measured yet.\n"));
	/* Its prices are no mistake. */
	assert_works(ask(&w, "[node z*]\nprice=1\n[node *]\nprice=2\n"), w.err);
	end(&w);
}

static void test_words(void **state)
{
	struct sized w = begin(FOUR, 4);
	struct buf text = BUF_INIT;

	(void)state;
	w.d.iops = 10;
	assert_works(ask(&w, "[default]\ncurrency=EUR\n[class EPYC*]\nprice=1.1\ncount=3\n[node "
			     "b*]\nprice=0.45\n"),
		     w.err);
	size_fleet_text(&w.f, &text);
	assert_golden("results/golden/size-fleet.txt", buf_str(&text));
	buf_clear(&text);
	assert_works(size_fleet_json(&w.f, &text, &w.err), w.err);
	assert_golden("results/golden/size-fleet.json", buf_str(&text));
	buf_release(&text);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters),	     cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_memory),	     cmocka_unit_test(test_mix),
		cmocka_unit_test(test_node_prices),  cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_lacking),	     cmocka_unit_test(test_none),
		cmocka_unit_test(test_one_node),     cmocka_unit_test(test_many),
		cmocka_unit_test(test_wrong_prices), cmocka_unit_test(test_one_run_twice),
		cmocka_unit_test(test_fleet_file),   cmocka_unit_test(test_concurrency),
		cmocka_unit_test(test_words),	     cmocka_unit_test(test_depths),
		cmocka_unit_test(test_as_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
