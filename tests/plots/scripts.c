/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripts as text: no gnuplot needed. */
#include "tests/check.h"

#include "plots/gnuplot/script.h"
#include "plots/pictures/runs.h"
#include "plots/pictures/terminal.h"
#include "plots/plot.h"
#include "tests/results/make_summary.h"

/* The script takes the place of what was in the buffer. */
static void draw(const struct plot *plot, const struct summary *s, struct buf *script)
{
	unsigned width, height;
	struct err err;

	buf_clear(script);
	assert_works(plot->script(s, script, &width, &height, &err), err);
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

static void test_golden(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary plain, with_sweep, shared;

	(void)state;
	make_summary(&run, &plain);
	plain.layer[1].boot_ns = 4e9;
	plain.layer[2].boot_ns = 20e9;
	run.edit = swept;
	make_summary(&run, &with_sweep);
	summarise_shared(&shared);
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct buf script = BUF_INIT, name = BUF_INIT;
		unsigned width, height;
		struct err err;

		assert_works((*plot)->script(*plot == &plot_tax	  ? &shared
					     : needs_sweep(*plot) ? &with_sweep
								  : &plain,
					     &script, &width, &height, &err),
			     err);
		assert_in_range(width, 600, 2000);
		assert_in_range(height, 250, 2000);
		buf_addf(&name, "plots/golden/%s.gp", (*plot)->name);
		assert_golden(buf_str(&name), buf_str(&script));
		buf_release(&script);
		buf_release(&name);
	}
	summary_release(&plain);
	summary_release(&with_sweep);
	summary_release(&shared);
}

/* Sizes that were asked for are no tax. */
static void test_tax_needs_mode_share(void **state)
{
	struct buf out = BUF_INIT;
	unsigned width, height;
	struct summary s;
	struct err err;

	(void)state;
	summarise_shared(&s);
	strcpy(s.manifest.mode, "shape");
	assert_int_equal(plot_tax.script(&s, &out, &width, &height, &err), -1);
	assert_int_equal(err.code, EXIT_INCONCLUSIVE);
	assert_non_null(strstr(err.text, "--mode share"));
	strcpy(s.manifest.mode, "share");
	for (uint32_t k = 0; k < 3; k++)
		s.layer[k].vcpus = s.layer[k].memory_bytes = NAN;
	assert_int_equal(plot_tax.script(&s, &out, &width, &height, &err), -1);
	assert_int_equal(err.code, EXIT_INCONCLUSIVE);
	buf_release(&out);
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
	struct buf script = BUF_INIT;
	struct grid g = GRID_INIT;
	struct summary s;

	(void)state;
	run.edit = twofold;
	make_summary(&run, &s);
	draw(&plot_concurrency, &s, &script);
	assert_non_null(strstr(buf_str(&script), "set xlabel 'copies in one VM'"));
	assert_non_null(strstr(buf_str(&script), "set xlabel 'guests: VMs side by side'"));
	assert_non_null(strstr(buf_str(&script), "$S1L2 << END"));
	assert_null(strstr(buf_str(&script), "$S2"));
	plot_concurrency.table(&s, &g);
	assert_int_equal(grid_rows(&g), 4);
	assert_string_equal(grid_cell(&g, 1, 0), "cpu.int; copies in one VM: 1");
	assert_string_equal(grid_cell(&g, 4, 0), "cpu.int; guests: VMs side by side: 2");
	assert_string_equal(grid_cell(&g, 1, 1), grid_cell(&g, 3, 1));
	grid_release(&g);
	buf_release(&script);
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
	struct buf script = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = small_l2;
	make_summary(&run, &s);
	draw(&plot_waterfall, &s, &script);
	assert_null(strstr(buf_str(&script), "'size: memory'"));
	assert_non_null(strstr(buf_str(&script), "'memory  (mem: 3 workloads)'"));
	strcpy(s.manifest.mode, "share");
	draw(&plot_waterfall, &s, &script);
	assert_non_null(strstr(buf_str(&script), "'size: memory'"));
	assert_non_null(strstr(buf_str(&script), "'−50.0' at first 3"));
	summary_release(&s);
	buf_clear(&script);
	run.edit = NULL; /* the same everywhere */
	make_summary(&run, &s);
	strcpy(s.manifest.mode, "share");
	draw(&plot_waterfall, &s, &script);
	assert_null(strstr(buf_str(&script), "'size: memory'"));
	summary_release(&s);
	buf_release(&script);
}

static void test_fit(void **state)
{
	char text[TEXT_LABEL];

	(void)state;
	assert_string_equal(script_fit("cpu.int", 7, text), "cpu.int");
	assert_string_equal(script_fit("mem.chase size=64MiB level=9", 20, text),
			    "mem.chase... level=9");
}

/* All that a script may hold of a text from a file. */
static void test_text(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	script_text(&out, "cpu.int size=64MiB 12.3 % [1, 2]");
	assert_string_equal(buf_str(&out), "'cpu.int size=64MiB 12.3 % [1, 2]'");
	buf_clear(&out);
	script_text(&out, "a'b\"c`d$e@f\\g\nh{i^j_k\xc3l|m&n!o~p#q");
	assert_string_equal(buf_str(&out), "'a?b?c?d?e?f?g?h?i?j_k?l?m?n?o?p?q'");
	buf_clear(&out);
	script_text(&out, "a]]>b]>c"); /* XML would end there */
	assert_string_equal(buf_str(&out), "'a]]?b]>c'");
	buf_release(&out);
}

/* Not even a workload, a host and an accelerator that are written like gnuplot commands get
 * through. */
static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "evil.'; system('touch owned'); '";
	if (strcmp(row->workload, "exit.cpuid") == 0)
		row->workload = "`touch owned`.x";
	if (strcmp(row->workload, "mem.chase") == 0)
		row->params = "END\" @x $(touch owned)";
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
		struct buf script = BUF_INIT;
		unsigned width, height;
		struct err err;

		if (needs_sweep(*plot) || *plot == &plot_tax)
			assert_fails((*plot)->script(&s, &script, &width, &height, &err), err,
				     EXIT_INCONCLUSIVE, "mea");
		else
			assert_works((*plot)->script(&s, &script, &width, &height, &err), err);
		assert_null(strchr(buf_str(&script), '`'));
		assert_null(strstr(buf_str(&script), "'; system"));
		assert_null(strstr(buf_str(&script), "';quit"));
		assert_null(strchr(buf_str(&script), '@'));
		assert_null(strchr(buf_str(&script), '|'));
		buf_release(&script);
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

/* The text between two others. */
static const char *between(struct buf *script, const char *from, const char *to)
{
	char *begin = strstr(script->data, from), *end;

	assert_non_null(begin);
	begin += strlen(from);
	end = strstr(begin, to);
	assert_non_null(end);
	*end = '\0';
	return begin;
}

static void test_published(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf script = BUF_INIT;
	struct grid g = GRID_INIT;
	struct summary s;

	(void)state;
	run.edit = own_guests;
	run.noise = 0;
	make_summary(&run, &s);
	draw(&plot_ratio, &s, &script);
	/* L1 over L0, of PVM: 7.43/0.46 and 29.34/3.79. */
	assert_string_equal(between(&script, "$P1 << END\n", "END"), "16.1522 1\n7.74142 7\n");
	draw(&plot_ratio, &s, &script);
	/* L2 over L1: exit.cpuid of PVM; exit.hypercall, here 55 in L1, times DVH's 857578/37733.
	 */
	assert_string_equal(between(&script, "$P2 << END\n", "END"),
			    "236.666 0\n1250.01 1\n12.0333 2\n11.5 5\n");
	plot_ratio.table(&s, &g);
	assert_string_equal(grid_cell(&g, 2, 0), "exit.hypercall");
	assert_string_equal(grid_cell(&g, 2, 3), "L1 16.2, L2 1250");
	grid_release(&g);
	buf_release(&script);
	summary_release(&s);
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
	struct buf script = BUF_INIT;
	unsigned width, height;
	struct summary s;
	struct err err;

	(void)state;
	run.edit = nothing;
	make_summary(&run, &s);
	for (const struct plot *const *plot = plots; *plot; plot++)
		assert_fails((*plot)->script(&s, &script, &width, &height, &err), err,
			     EXIT_INCONCLUSIVE, (*plot) == &plot_latency ? "one size" : "no ");
	summary_release(&s);
	run.edit = no_vm; /* rounds of L0 alone can be drawn, shares and ratios cannot */
	make_summary(&run, &s);
	assert_fails(plot_share.script(&s, &script, &width, &height, &err), err, EXIT_INCONCLUSIVE,
		     "no class");
	assert_fails(plot_ratio.script(&s, &script, &width, &height, &err), err, EXIT_INCONCLUSIVE,
		     "no workload");
	draw(&plot_rounds, &s, &script);
	summary_release(&s);
	buf_release(&script);
}

static bool gap(struct row *row)
{
	return row->layer != 2 || strncmp(row->workload, "io.", 3) != 0;
}

static void test_missing_is_said(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf script = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = gap;
	run.rounds = 4;
	make_summary(&run, &s);
	draw(&plot_share, &s, &script);
	assert_non_null(strstr(buf_str(&script), "'no data'"));
	assert_non_null(strstr(buf_str(&script), "no intervals below 6 rounds"));
	assert_non_null(strstr(buf_str(&script), "EMULATED CPU from L1 on"));
	assert_non_null(strstr(buf_str(&script), "L0 is itself a VM"));
	draw(&plot_ratio, &s, &script);
	assert_non_null(strstr(buf_str(&script), "'no data'"));
	buf_release(&script);
	summary_release(&s);
}

static bool free_exits(struct row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 1)
		row->sample.elapsed_ns /= 10000;
	return true;
}

/* A share of 55,000 % does not squeeze the others out of sight: its bar is cut, its figure is not.
 */
static void test_bars_are_cut(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf script = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = free_exits;
	make_summary(&run, &s);
	draw(&plot_share, &s, &script);
	assert_non_null(strstr(buf_str(&script), "\n102 NaN NaN "));
	assert_non_null(strstr(buf_str(&script), "'55"));
	buf_release(&script);
	summary_release(&s);
}

static bool no_float(struct row *row)
{
	return strcmp(row->workload, "cpu.float") != 0;
}

/* A run on hardware beside one on an emulated CPU, named by somebody who means no good. */
static void test_runs(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary emulated, hardware;
	struct buf script = BUF_INIT;
	unsigned width, height;
	struct err err;

	(void)state;
	make_summary(&run, &emulated);
	run.accel[1] = "kvm";
	run.depth = 3;
	make_summary(&run, &hardware);
	assert_works(runs_script((struct run_of_many[]){{&emulated, "laptop"}, {&hardware, "'`x`"}},
				 2, &script, &width, &height, &err),
		     err);
	assert_null(strchr(buf_str(&script), '`'));
	assert_golden("plots/golden/runs.gp", buf_str(&script));
	assert_null(strstr(buf_str(&script), "' *'"));
	summary_release(&emulated);
	run.edit = no_float;
	make_summary(&run, &emulated);
	buf_clear(&script);
	assert_works(runs_script((struct run_of_many[]){{&emulated, "laptop"}, {&hardware, "lab"}},
				 2, &script, &width, &height, &err),
		     err);
	assert_non_null(strstr(buf_str(&script), "'cpu'.' *'"));
	assert_null(strstr(buf_str(&script), "'mem'.' *'"));
	assert_non_null(strstr(buf_str(&script), "not the same number of workloads"));
	summary_release(&emulated);
	summary_release(&hardware);
	buf_release(&script);
}

static void assert_captions(const struct made_run *run, const char *caption, const char *key)
{
	struct buf script = BUF_INIT;
	unsigned width, height;
	struct summary s;
	struct err err;

	make_summary(run, &s);
	draw(&plot_share, &s, &script);
	assert_non_null(strstr(buf_str(&script), caption));
	buf_clear(&script);
	assert_works(runs_script((struct run_of_many[]){{&s, "one"}, {&s, "two"}}, 2, &script,
				 &width, &height, &err),
		     err);
	assert_non_null(strstr(buf_str(&script), key));
	summary_release(&s);
	buf_release(&script);
}

/* Whose CPU is emulated is decided down to L0, and what is not known is said. */
static void test_cpu(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.below_l0 = "TCGTCGTCGTCG";
	run.accel[1] = "kvm";
	assert_captions(&run, "'EMULATED CPU from L0 on: the shape",
			"one  (EMULATED CPU from L0 on)");
	run.below_l0 = NULL;
	run.accel[1] = NULL;
	assert_captions(&run, "'Unknown CPU from L1 on: whether it was emulated was not said.  L0",
			"one  (unknown CPU from L1 on)");
	run.accel[2] = "tcg";
	assert_captions(&run, "'EMULATED CPU from L2 on, perhaps from L1: the shape",
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
		cmocka_unit_test(test_two_sweeps),
		cmocka_unit_test(test_sizes_fall),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_tax_needs_mode_share),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_missing_is_said),
		cmocka_unit_test(test_bars_are_cut),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
