/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of the pictures: no gnuplot needed. */
#include "tests/check.h"

#include "plots/plot.h"
#include "results/rundir/layers.h"
#include "tests/results/make_exits.h"
#include "tests/results/make_summary.h"

/* The data replace those in the picture. */
static const char *make(const struct plot *plot, const struct summary *s, struct picture *p)
{
	struct err err;

	picture_release(p);
	assert_works(plot->make(s, p, &err), err);
	return buf_str(&p->data);
}

static void assert_nothing(const struct plot *plot, const struct summary *s, const char *why)
{
	struct picture p = {0};
	struct err err;

	assert_fails(plot->make(s, &p, &err), err, EXIT_INCONCLUSIVE, why);
	picture_release(&p);
}

/* Three sizes of one kernel, and two numbers of threads of another. */
static bool swept(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0 || strcmp(row->workload, "clock") == 0) {
		row->params = row->workload[0] == 'n' ? "size=16KiB" : "size=1MiB";
		row->workload = "mem.chase";
	}
	if (strcmp(row->workload, "cpu.float") == 0) {
		row->workload = "cpu.int";
		row->threads = 4;
	}
	if (row->round == 3 && row->layer == 1)
		row->sample.status = SAMPLE_SUSPECT;
	return true;
}

/* Whether a run that swept nothing has no such picture. */
static bool needs_sweep(const struct plot *plot)
{
	return plot == &plot_latency || plot == &plot_concurrency;
}

/* Likewise one whose layers are a chain. */
static bool needs_tree(const struct plot *plot)
{
	return plot == &plot_chains || plot == &plot_kinds;
}

static bool with_cpus(struct row *row)
{
	if (strcmp(row->workload, "clock") == 0) {
		row->workload = "capacity.cpus";
		row->sample.bytes = row->layer ? 1900 : 4000;
	}
	/* The memory has no speed. */
	return strncmp(row->workload, "mem.", 4) != 0;
}

/* A machine of 4 CPUs and 8 GiB, of which L1 gets 2 and 4, and L2 all but some memory. */
static void summarise_shared(struct summary *s)
{
	struct made_run run = MADE_RUN;

	run.mode = "share";
	run.edit = with_cpus;
	make_summary(&run, s);
	for (uint32_t k = 0; k < 3; k++) {
		s->layer[k].vcpus = k ? 2 : 4;
		s->layer[k].memory_bytes = k ? 4e9 : 8e9;
		s->layer[k].vm_memory_bytes = k == 1 ? 4.1e9 : 3e9;
	}
}

/* Of three layers, with its exits; its directory stays, for the caller to remove. */
static char *summarise_counted(struct summary *s)
{
	char *dir = test_dir_make();
	struct made_run run = MADE_RUN;
	struct err err;

	run.depth = 3;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(make_exits(dir, &run, made_exits, NULL, &err), err);
	assert_works(summary_build(dir, s, &err), err);
	return dir;
}

static void test_golden(void **state)
{
	struct made_run run = MADE_RUN;
	struct made_run tree = made_tree_run();
	struct summary plain, with_sweep, shared, branched, counted;
	char *dir;

	(void)state;
	dir = summarise_counted(&counted);
	make_summary(&tree, &branched);
	make_summary(&run, &plain);
	plain.layer[1].boot_ns = 4e9;
	plain.layer[2].boot_ns = 20e9;
	run.edit = swept;
	make_summary(&run, &with_sweep);
	summarise_shared(&shared);
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct picture p = {0};
		char name[64];

		snprintf(name, sizeof(name), "plots/golden/%s.tsv", (*plot)->name);
		assert_golden(name, make(*plot,
					 *plot == &plot_tax   ? &shared
					 : needs_tree(*plot)  ? &branched
					 : needs_sweep(*plot) ? &with_sweep
					 : *plot == &plot_why ? &counted
							      : &plain,
					 &p));
		assert_true(grid_rows(&p.table) > 0);
		picture_release(&p);
	}
	summary_release(&plain);
	summary_release(&with_sweep);
	summary_release(&shared);
	summary_release(&branched);
	summary_release(&counted);
	test_dir_remove(dir);
}

/* Without exits.csv, and where nothing costs more than in the parent layer. */
static void test_no_exits(void **state)
{
	struct summary s;

	(void)state;
	make_summary(&MADE_RUN, &s);
	assert_nothing(&plot_why, &s, "no exits were counted");
	summary_release(&s);
}

/* Every picture of a tree names its layers; panels of shares are one for each way from L0. */
static void test_tree(void **state)
{
	struct made_run run = made_tree_run();
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct picture p = {0};
		const char *data;

		if (needs_sweep(*plot) || *plot == &plot_tax || *plot == &plot_why)
			continue;
		if (*plot == &plot_slope) {
			assert_nothing(*plot, &s, "\"chains\"");
			continue;
		}
		data = make(*plot, &s, &p);
		assert_non_null(strstr(data, "# name\tL0\n# name\tL1:kvm\n# name\tL1:container\n"));
		assert_non_null(strstr(data, "EMULATED CPU in L1:kvm, L2:kvm/container, L1:xen"));
		assert_true(*plot != &plot_waterfall || strstr(data, "L2:xen/pv: CPU  (cpu)"));
		picture_release(&p);
	}
	summary_release(&s);
}

/* Runs whose layers are numbered differently stand in the same rows. */
static void test_runs_of_trees(void **state)
{
	struct made_run chain = MADE_RUN, tree = made_tree_run();
	struct run_of_many run[2];
	struct picture p = {0};
	struct summary s[2];
	struct err err;

	(void)state;
	chain.depth = 1;
	chain.tree = made_tree; /* its first two layers are the chain L0, kvm */
	chain.workloads = made_tree_workloads;
	make_summary(&tree, &s[0]);
	make_summary(&chain, &s[1]);
	assert_false(s[1].is_tree);
	for (int i = 0; i < 2; i++)
		run[i] = (struct run_of_many){&s[i], i ? "chain" : "tree"};
	assert_works(runs_make(run, 2, &p, &err), err);
	/* Six layers of six kinds of work, and no row of the chain's own. */
	assert_non_null(strstr(buf_str(&p.data), "\n35\t35\t"));
	assert_null(strstr(buf_str(&p.data), "\n36\t36\t"));
	picture_release(&p);
	summary_release(&s[0]);
	summary_release(&s[1]);
}

/* Sizes that were asked for are no tax. */
static void test_tax_needs_mode_share(void **state)
{
	struct summary s;

	(void)state;
	summarise_shared(&s);
	strcpy(s.manifest.mode, "shape");
	assert_nothing(&plot_tax, &s, "--mode share");
	strcpy(s.manifest.mode, "share");
	for (uint32_t k = 0; k < 3; k++)
		s.layer[k].vcpus = s.layer[k].memory_bytes = NAN;
	assert_nothing(&plot_tax, &s, "no capacity");
	summary_release(&s);
}

/* Copies and guests are experiments of their own, though both have two at once; each has the
 * workload alone as its first point. */
static bool twofold(struct row *row)
{
	row->params = "";
	if (strcmp(row->workload, "cpu.float") == 0)
		row->params = "copies=2";
	else if (strcmp(row->workload, "cpu.syscall") == 0)
		row->params = "guests=2";
	else if (strcmp(row->workload, "cpu.int") != 0)
		return false;
	row->workload = "cpu.int";
	return true;
}

static void test_two_sweeps(void **state)
{
	struct made_run run = MADE_RUN;
	struct picture p = {0};
	const struct grid *g = &p.table;
	struct summary s;
	const char *data;

	(void)state;
	run.edit = twofold;
	make_summary(&run, &s);
	data = make(&plot_concurrency, &s, &p);
	assert_non_null(strstr(data, "\n0\t0\tcpu.int\tcopies in one VM\t1\t"));
	assert_non_null(strstr(data, "\n1\t2\tcpu.int\tguests: VMs side by side\t2\t"));
	assert_null(strstr(data, "\n2\t"));
	assert_int_equal(grid_rows(g), 4);
	assert_string_equal(grid_at(g, 1, 0)->text, "cpu.int; copies in one VM: 1");
	assert_string_equal(grid_at(g, 4, 0)->text, "cpu.int; guests: VMs side by side: 2");
	assert_string_equal(grid_at(g, 1, 1)->text, grid_at(g, 3, 1)->text);
	picture_release(&p);
	summary_release(&s);
}

/* How large the layers are is drawn only where their size is a result, and where it differs. */
static bool small_l2(struct row *row)
{
	if (strcmp(row->workload, "capacity.memory") == 0 && row->layer == 2)
		row->sample.bytes /= 2;
	return true;
}

static void test_sizes_fall(void **state)
{
	struct made_run run = MADE_RUN;
	struct picture p = {0};
	struct summary s;
	const char *data;

	(void)state;
	run.edit = small_l2;
	make_summary(&run, &s);
	data = make(&plot_waterfall, &s, &p);
	assert_null(strstr(data, "\tsize: memory\t"));
	assert_non_null(strstr(data, "\tmemory  (mem: 3 workloads)\t"));
	strcpy(s.manifest.mode, "share");
	data = make(&plot_waterfall, &s, &p);
	assert_non_null(strstr(data, "\t2\tsize: memory\t100\t50\t50.0\t−50.0\n"));
	summary_release(&s);
	run.edit = NULL; /* the same everywhere */
	make_summary(&run, &s);
	strcpy(s.manifest.mode, "share");
	assert_null(strstr(make(&plot_waterfall, &s, &p), "\tsize: memory\t"));
	summary_release(&s);
	picture_release(&p);
}

/* A text of a file stays within its field, and within XML. */
static void test_text(void **state)
{
	struct picture p = {0};

	(void)state;
	picture_note(&p, "warning", "");
	picture_note(&p, "run", "tab\there, \"quoted\", café `id` 5 % a]]>b]>c\nL0\xff");
	assert_string_equal(buf_str(&p.data),
			    "# run\ttab?here, ?quoted?, café `id` 5 % a?]>b]>c?L0?\n");
	picture_release(&p);
}

/* Two blank lines would be the end of the table for gnuplot. */
static void test_gaps(void **state)
{
	struct picture p = {0};

	(void)state;
	picture_gap(&p);
	picture_columns(&p, "row", "x");
	picture_row(&p, 0, 1, "a");
	picture_number(&p, NAN);
	picture_gap(&p);
	picture_gap(&p);
	picture_row(&p, 1, 2, "b");
	picture_number(&p, 1.5);
	assert_string_equal(buf_str(&p.data),
			    "row\tlayer\tname\tx\n0\t1\ta\tNaN\n\n1\t2\tb\t1.5\n");
	picture_release(&p);
}

/* A workload, a host and an accelerator that are written like gnuplot commands are texts in a
 * field; a line begins with a number. */
static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "evil.'; system('touch owned'); '";
	if (strcmp(row->workload, "exit.cpuid") == 0)
		row->workload = "`touch owned`.x";
	if (strcmp(row->workload, "mem.chase") == 0)
		row->params = "END\" @x $(touch owned) ]]>";
	return true;
}

static void test_hostile(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = hostile;
	run.accel[1] = "'|touch";
	make_summary(&run, &s);
	s.layer[1].boot_ns = 4e9;
	strcpy(s.manifest.run, "';quit;'");
	strcpy(s.manifest.host, "`id`");
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct picture p = {0};
		const char *data;

		if (needs_sweep(*plot) || *plot == &plot_tax || *plot == &plot_why) {
			assert_nothing(*plot, &s, "mea");
			continue;
		}
		if (needs_tree(*plot))
			continue;
		data = make(*plot, &s, &p);
		assert_non_null(strstr(data, "# run\trun ';quit;' on `id`, "));
		assert_null(strchr(data, '"'));
		assert_null(strstr(data, "]]>"));
		for (const char *line = data; *line; line = strchr(line, '\n') + 1)
			assert_true(strchr("0123456789N#\nrpl", *line));
		picture_release(&p);
	}
	summary_release(&s);
}

/* The exit kernels with a guest of their own time one more VM, so what was published stands one
 * layer up. */
static bool own_guests(struct row *row)
{
	if (strcmp(row->workload, "clock") == 0)
		row->workload = "exit.hypercall";
	if (strcmp(row->workload, "cpu.int") == 0)
		row->workload = "exit.pio";
	return true;
}

static void test_published(void **state)
{
	struct made_run run = MADE_RUN;
	struct picture p = {0};
	struct summary s;
	const char *data;

	(void)state;
	run.edit = own_guests;
	run.noise = 0;
	make_summary(&run, &s);
	data = make(&plot_ratio, &s, &p);
	/* L1 over L0, of PVM: 7.43/0.46 and 29.34/3.79. */
	assert_non_null(strstr(data, "\n1\t1\texit.hypercall\t55\t55\t55\t16.1522\t55.0×\n"));
	assert_non_null(strstr(data, "\t7.74142\t9.20×\n"));
	/* L2 over L1: exit.cpuid of PVM; exit.hypercall, here 55 in L1, times DVH's 857578/37733.
	 */
	assert_non_null(strstr(data, "\t236.666\t410×\n"));
	assert_non_null(strstr(data, "\n1\t2\texit.hypercall\t52\t52\t52\t1250.01\t"));
	assert_string_equal(grid_at(&p.table, 2, 0)->text, "exit.hypercall");
	assert_string_equal(grid_at(&p.table, 2, 3)->text, "L1 16.2, L2 1250");
	picture_release(&p);
	summary_release(&s);
}

/* Nothing that was published is about Xen's guests, nor about what stands in them. */
static void test_published_of_xen(void **state)
{
	struct made_run run = MADE_RUN;
	struct facts facts = FACTS_INIT;
	struct picture p = {0};
	char *dir = test_dir_make();
	struct summary s;
	struct err err;

	(void)state;
	run.edit = own_guests;
	run.noise = 0;
	facts_set(&facts, "xen_guest", "PV");
	assert_works(make_run(dir, &run, &err), err);
	assert_works(layers_append(dir, MADE_ID, 1, 1, &facts, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	make(&plot_ratio, &s, &p);
	assert_string_equal(grid_at(&p.table, 2, 0)->text, "exit.hypercall");
	assert_string_equal(grid_at(&p.table, 2, 3)->text, "–");
	picture_release(&p);
	summary_release(&s);
	facts_release(&facts);
	test_dir_remove(dir);
}

static bool nothing(struct row *row)
{
	(void)row;
	return false;
}

static bool no_vm(struct row *row)
{
	return row->layer == 0;
}

static void test_nothing_to_draw(void **state)
{
	struct made_run run = MADE_RUN;
	struct picture p = {0};
	struct summary s;

	(void)state;
	run.edit = nothing;
	make_summary(&run, &s);
	for (const struct plot *const *plot = plots; *plot; plot++)
		assert_nothing(*plot, &s, *plot == &plot_latency ? "one size" : "no ");
	summary_release(&s);
	run.edit = no_vm; /* rounds of L0 alone can be drawn, shares and ratios cannot */
	make_summary(&run, &s);
	assert_nothing(&plot_share, &s, "no class");
	assert_nothing(&plot_ratio, &s, "no workload");
	make(&plot_rounds, &s, &p);
	summary_release(&s);
	picture_release(&p);
}

static bool gap(struct row *row)
{
	return row->layer != 2 || strncmp(row->workload, "io.", 3) != 0;
}

static void test_missing_is_said(void **state)
{
	struct made_run run = MADE_RUN;
	struct picture p = {0};
	struct summary s;
	const char *data;

	(void)state;
	run.edit = gap;
	run.rounds = 4;
	make_summary(&run, &s);
	data = make(&plot_share, &s, &p);
	assert_non_null(strstr(data, "\t2\tio\tNaN\tNaN\tNaN\tno data\n"));
	assert_non_null(strstr(data, "no intervals below 6 rounds"));
	assert_non_null(strstr(data, "EMULATED CPU from L1 on"));
	assert_non_null(strstr(data, "L0 is itself a VM"));
	assert_non_null(strstr(make(&plot_ratio, &s, &p), "\tno data\n"));
	picture_release(&p);
	summary_release(&s);
}

static bool free_exits(struct row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 1)
		row->sample.elapsed_ns /= 10000;
	return true;
}

static bool no_float(struct row *row)
{
	return strcmp(row->workload, "cpu.float") != 0;
}

static const char *make_runs(const struct run_of_many run[2], struct picture *p)
{
	struct err err;

	picture_release(p);
	assert_works(runs_make(run, 2, p, &err), err);
	return buf_str(&p->data);
}

/* A run on hardware and one on an emulated CPU, with a malicious name. */
static void test_runs(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary emulated, hardware;
	struct picture p = {0};
	const char *data;

	(void)state;
	make_summary(&run, &emulated);
	run.accel[1] = "kvm";
	run.depth = 3;
	make_summary(&run, &hardware);
	data = make_runs((struct run_of_many[]){{&emulated, "laptop"}, {&hardware, "'`x`\t\""}},
			 &p);
	assert_golden("plots/golden/runs.tsv", data);
	assert_null(strstr(data, " *\t"));
	summary_release(&emulated);
	run.edit = no_float;
	make_summary(&run, &emulated);
	data = make_runs((struct run_of_many[]){{&emulated, "laptop"}, {&hardware, "lab"}}, &p);
	assert_non_null(strstr(data, "\tcpu *\t"));
	assert_null(strstr(data, "\tmem *\t"));
	assert_non_null(strstr(data, "not the same number of workloads"));
	summary_release(&emulated);
	summary_release(&hardware);
	picture_release(&p);
}

static void assert_captions(const struct made_run *run, const char *caption, const char *key)
{
	struct picture p = {0};
	struct summary s;

	make_summary(run, &s);
	assert_non_null(strstr(make(&plot_share, &s, &p), caption));
	assert_non_null(
		strstr(make_runs((struct run_of_many[]){{&s, "one"}, {&s, "two"}}, &p), key));
	summary_release(&s);
	picture_release(&p);
}

/* Emulation counts from L0 on, and what is not known is said. */
static void test_cpu(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.below_l0 = "TCGTCGTCGTCG";
	run.accel[1] = "kvm";
	assert_captions(&run, "# warning\tEMULATED CPU from L0 on: the shape",
			"one  (EMULATED CPU from L0 on)");
	run.below_l0 = NULL;
	run.accel[1] = NULL;
	assert_captions(
		&run,
		"# warning\tUnknown CPU from L1 on: whether it was emulated was not said.  L0",
		"one  (unknown CPU from L1 on)");
	run.accel[2] = "tcg";
	assert_captions(&run, "# warning\tEMULATED CPU from L2 on, perhaps from L1: the shape",
			"one  (EMULATED CPU from L2 on)  (unknown CPU from L1 on)");
}

static void test_terminal(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;
	struct summary s;
	struct err err;

	(void)state;
	run.edit = free_exits;
	make_summary(&run, &s);
	assert_works(terminal_share(&s, 72, &text, &err), err);
	assert_golden("plots/golden/terminal.txt", buf_str(&text));
	summary_release(&s);
	run.edit = no_vm;
	make_summary(&run, &s);
	assert_fails(terminal_share(&s, 72, &text, &err), err, EXIT_INCONCLUSIVE, "no class");
	summary_release(&s);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_no_exits),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_runs_of_trees),
		cmocka_unit_test(test_two_sweeps),
		cmocka_unit_test(test_sizes_fall),
		cmocka_unit_test(test_tax_needs_mode_share),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_published_of_xen),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_missing_is_said),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
