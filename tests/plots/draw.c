/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures themselves. Skipped where gnuplot is not installed. */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/program.h"
#include "lib/streams.h"
#include "plots/gnuplot/gnuplot.h"
#include "plots/plot.h"
#include "results/history/history.h"
#include "tests/results/make_exits.h"
#include "tests/results/make_run.h"

/* A folder that begins like a command, and would end a string. */
#define ODD "<touch owned;'\"`x` $(x) %d \xc3\xa9"

static mode_t mode_of(const char *dir, const char *name)
{
	char path[RUNDIR_PATH];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static bool exists(const char *dir, const char *name)
{
	char path[RUNDIR_PATH];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void read_file(const char *dir, const char *name, struct buf *out)
{
	char path[RUNDIR_PATH];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_read(path, 1 << 24, out, &err), err);
}

static char *make_summarised(const struct made_run *run, struct summary *s)
{
	char *dir = test_dir_make();
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	assert_works(summary_build(dir, s, &err), err);
	return dir;
}

/* A picture of this run says so, in both forms; some need a run of another kind. */
static void check_pictures(const char *dir)
{
	char name[64];

	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct buf svg = BUF_INIT, png = BUF_INIT;

		snprintf(name, sizeof(name), "plots/%s.svg", (*plot)->name);
		if (*plot == &plot_latency || *plot == &plot_concurrency || *plot == &plot_boot ||
		    *plot == &plot_tax || *plot == &plot_chains || *plot == &plot_kinds ||
		    *plot == &plot_why) {
			assert_false(exists(dir, name));
			continue;
		}
		read_file(dir, name, &svg);
		assert_non_null(strstr(buf_str(&svg), "<svg"));
		assert_non_null(strstr(buf_str(&svg), "</svg>"));
		assert_non_null(strstr(buf_str(&svg), "EMULATED"));
		assert_non_null(strstr(buf_str(&svg), "within one boot"));
		snprintf(name, sizeof(name), "plots/%s.png", (*plot)->name);
		read_file(dir, name, &png);
		assert_true(png.len > 10000);
		assert_memory_equal(png.data, "\x89PNG", 4);
		assert_int_equal(mode_of(dir, name), 0600);
		snprintf(name, sizeof(name), "plots/%s.tsv", (*plot)->name);
		assert_int_equal(mode_of(dir, name), 0600);
		buf_release(&svg);
		buf_release(&png);
	}
}

static void test_pictures(void **state)
{
	struct summary s;
	char *dir = make_summarised(&MADE_RUN, &s);
	struct err err;

	(void)state;
	assert_works(plot_run(dir, &s, &err), err);
	check_pictures(dir);
	assert_works(plot_run(dir, &s, &err), err); /* any number of times */
	check_pictures(dir);
	summary_release(&s);
	test_dir_remove(dir);
}

static struct timespec written(const char *dir, const char *name)
{
	char path[RUNDIR_PATH];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mtim;
}

/* Which pictures of a list were written since; the first is bit 0. */
static unsigned redrawn(const char *dir, const char *const name[], struct timespec was[], size_t n)
{
	unsigned found = 0;

	for (size_t i = 0; i < n; i++) {
		struct timespec now = written(dir, name[i]);

		if (now.tv_sec != was[i].tv_sec || now.tv_nsec != was[i].tv_nsec)
			found |= 1U << i;
		was[i] = now;
	}
	return found;
}

/* Only what is missing, or of other data, or older than its data, is drawn again. */
static void test_drawn_once(void **state)
{
	static const char *const name[] = {"plots/share.svg", "plots/share.png", "plots/slope.svg",
					   "plots/slope.png"};
	enum { COUNT = sizeof(name) / sizeof(name[0]) };
	const struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct timespec was[COUNT] = {{0}};
	struct summary s;
	char *dir = make_summarised(&MADE_RUN, &s), path[RUNDIR_PATH];
	struct err err;

	(void)state;
	assert_works(plot_run(dir, &s, &err), err);
	redrawn(dir, name, was, COUNT);
	assert_works(plot_run(dir, &s, &err), err);
	assert_int_equal(redrawn(dir, name, was, COUNT), 0);
	snprintf(path, sizeof(path), "%s/plots/share.png", dir);
	assert_int_equal(unlink(path), 0);
	assert_works(plot_run(dir, &s, &err), err);
	assert_int_equal(redrawn(dir, name, was, COUNT), 2);
	snprintf(path, sizeof(path), "%s/plots/slope.svg", dir);
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	assert_works(plot_run(dir, &s, &err), err);
	assert_int_equal(redrawn(dir, name, was, COUNT), 4);
	snprintf(path, sizeof(path), "%s/plots/share.tsv", dir);
	assert_works(file_write_private(path, "other", 5, &err), err);
	assert_works(plot_run(dir, &s, &err), err);
	assert_int_equal(redrawn(dir, name, was, COUNT), 3);
	check_pictures(dir);
	summary_release(&s);
	test_dir_remove(dir);
}

/* Long names, and such as gnuplot or a shell would take for commands. */
static void test_tree(void **state)
{
	static const char *const drawn[] = {"share", "chains",	    "kinds",  "waterfall",
					    "ratio", "percentiles", "rounds", "boot"};
	struct made_run run = made_tree_run();
	struct made_layer layer[MADE_TREE];
	struct summary s;
	struct err err;
	char *dir;

	(void)state;
	memcpy(layer, made_tree, sizeof(layer));
	layer[2].path = "`touch owned`'.system('touch owned').'/a:b:c/d/e/f/g/h/i/j/k/l/m/n/o/p";
	layer[3].path = "kvm/container:a_very_long_option_of_the_driver_that_has_no_blank";
	run.tree = layer;
	dir = make_summarised(&run, &s);
	assert_works(plot_run(dir, &s, &err), err);
	for (size_t i = 0; i < sizeof(drawn) / sizeof(drawn[0]); i++) {
		struct buf svg = BUF_INIT;
		char name[64];

		snprintf(name, sizeof(name), "plots/%s.svg", drawn[i]);
		read_file(dir, name, &svg);
		assert_non_null(strstr(buf_str(&svg), "L2:xen/pv"));
		buf_release(&svg);
	}
	assert_false(exists(dir, "plots/slope.svg"));
	assert_false(exists(dir, "plots/owned"));
	assert_int_not_equal(access("owned", F_OK), 0);
	summary_release(&s);
	test_dir_remove(dir);
}

/* A guest may name a reason as it likes. */
static bool odd_reason(struct exit_row *row)
{
	if (strcmp(row->reason, "io") == 0)
		row->reason = "`touch owned`'.system('touch owned').'@{}";
	return true;
}

static void test_exits(void **state)
{
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct buf svg = BUF_INIT;
	struct summary s;
	struct err err;

	(void)state;
	run.depth = 3;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(make_exits(dir, &run, made_exits, odd_reason, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(plot_run(dir, &s, &err), err);
	read_file(dir, "plots/why.svg", &svg);
	assert_non_null(strstr(buf_str(&svg), "EMULATED"));
	assert_non_null(strstr(buf_str(&svg), "cpuid"));
	assert_non_null(strstr(buf_str(&svg), "not explained"));
	assert_non_null(strstr(buf_str(&svg), "exits counted in L2"));
	assert_false(exists(dir, "plots/owned"));
	assert_int_not_equal(access("owned", F_OK), 0);
	buf_release(&svg);
	summary_release(&s);
	test_dir_remove(dir);
}

static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "evil.'; system('touch owned'); '";
	if (strcmp(row->workload, "exit.cpuid") == 0)
		row->workload = "`touch owned`.x";
	return true;
}

/* One workload in one layer beside L0: data files of a single row. */
static void test_single_row(void **state)
{
	static const struct made_workload one[] = {{"cpu.int", "", 4, {1, 1.5}}, {0}};
	struct made_run run = MADE_RUN;
	struct summary s = {0};
	struct err err;
	char *dir;

	(void)state;
	run.depth = 1;
	run.workloads = one;
	dir = make_summarised(&run, &s);
	assert_works(plot_run(dir, &s, &err), err);
	assert_true(exists(dir, "plots/share.png"));
	assert_true(exists(dir, "plots/ratio.png"));
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_hostile(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;
	struct err err;
	char *dir;

	(void)state;
	run.edit = hostile;
	dir = make_summarised(&run, &s);
	assert_works(plot_run(dir, &s, &err), err);
	assert_false(exists(dir, "plots/owned"));
	summary_release(&s);
	test_dir_remove(dir);
}

static bool nothing(struct row *row)
{
	(void)row;
	return false;
}

static void test_nothing_to_draw(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;
	struct err err;
	char *dir;

	(void)state;
	run.edit = nothing;
	dir = make_summarised(&run, &s);
	assert_fails(plot_run(dir, &s, &err), err, EXIT_INCONCLUSIVE,
		     "nothing that could be drawn");
	assert_false(exists(dir, "plots"));
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_bad_script(void **state)
{
	struct picture p = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	picture_note(&p, "run", "a file without rows");
	assert_works(gnuplot_write(dir, "bad", &p, &err), err);
	assert_fails(gnuplot_draw(dir, "bad", "share", &err), err, EXIT_INTERNAL,
		     "cannot draw bad.svg");
	assert_false(exists(dir, "bad.svg") || exists(dir, "bad.png"));
	assert_fails(gnuplot_draw(dir, "bad", "no-such", &err), err, EXIT_MACHINE,
		     "plots/no-such.gp is missing");
	picture_release(&p);
	test_dir_remove(dir);
}

static bool free_exits(struct row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 1)
		row->sample.elapsed_ns /= 10000;
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "cpu.with-a-name-that-is-long-and-longer";
	return true;
}

/* A share of 55,000 % does not squeeze the others out of sight: its bar is cut, its figure is not.
 * Of a name that is too long the middle is cut. */
static void test_cut(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf svg = BUF_INIT;
	struct summary s;
	struct err err;
	char *dir;

	(void)state;
	run.edit = free_exits;
	dir = make_summarised(&run, &s);
	assert_works(plot_run(dir, &s, &err), err);
	read_file(dir, "plots/share.svg", &svg);
	assert_non_null(strstr(buf_str(&svg), ">55"));
	assert_non_null(strstr(buf_str(&svg), ">100 %<"));
	buf_clear(&svg);
	read_file(dir, "plots/ratio.svg", &svg);
	assert_non_null(strstr(buf_str(&svg), ">cpu.with-a-na...g-and-longer<"));
	buf_release(&svg);
	summary_release(&s);
	test_dir_remove(dir);
}

/* As a user does: a copy of all scripts, in a folder of any name, with another title. */
static void copy_scripts(const char *to)
{
	static const char *const names[] = {"style.gp", "frame.gp", "share.gp"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf text = BUF_INIT, name = BUF_INIT;
		char path[RUNDIR_PATH], *from, *title;
		struct err err;

		buf_addf(&name, "plots/%s", names[i]);
		from = program_path(buf_str(&name), &err);
		assert_non_null(from);
		assert_works(file_read(from, 1 << 20, &text, &err), err);
		title = strstr(buf_str(&text), "Usable share of the machine");
		if (title)
			title[0] = 'A';
		assert_works(rundir_path(to, names[i], path, &err), err);
		assert_works(file_write_whole(path, text.data, text.len, &err), err);
		free(from);
		buf_release(&text);
		buf_release(&name);
	}
}

static int draw_by_hand(const char *dir, const char *run, const char *out, struct err *err)
{
	const char *const argv[] = {"gnuplot", "-d", "-c", "./" ODD "/share.gp", run, out, NULL};
	struct buf said = BUF_INIT;
	int rc = child_run(argv, dir, NULL, 60 * NS_PER_S, &said, err);

	buf_release(&said);
	return rc;
}

static void test_edited_copy(void **state)
{
	char *dir = test_dir_make(), odd[RUNDIR_PATH];
	struct buf file = BUF_INIT;
	struct summary s;
	struct err err;

	(void)state;
	assert_works(rundir_path(dir, ODD, odd, &err), err);
	assert_works(file_make_dirs(odd, &err), err);
	assert_works(make_run(odd, &MADE_RUN, &err), err);
	assert_works(summary_build(odd, &s, &err), err);
	assert_works(plot_run(odd, &s, &err), err);
	copy_scripts(odd);
	assert_works(draw_by_hand(dir, ODD, ODD ".svg", &err), err);
	read_file(dir, ODD ".svg", &file);
	assert_non_null(strstr(buf_str(&file), "Asable share of the machine"));
	assert_non_null(strstr(buf_str(&file), "EMULATED"));
	buf_clear(&file);
	assert_works(draw_by_hand(dir, ODD "/plots/share.tsv", "|touch owned.png", &err), err);
	read_file(dir, "|touch owned.png", &file);
	assert_memory_equal(file.data, "\x89PNG", 4);
	buf_clear(&file);
	assert_works(draw_by_hand(dir, odd, "share.pdf", &err), err);
	read_file(dir, "share.pdf", &file);
	assert_memory_equal(file.data, "%PDF", 4);
	assert_fails(draw_by_hand(dir, odd, "share.gif", &err), err, EXIT_INTERNAL,
		     ".png, .svg or .pdf");
	assert_fails(draw_by_hand(dir, "no-such-run", "share.png", &err), err, EXIT_INTERNAL,
		     "nestbench plot RUN-DIR writes it");
	assert_false(exists(dir, "owned") || exists(dir, "owned.png"));
	buf_release(&file);
	summary_release(&s);
	test_dir_remove(dir);
}

/* Six runs, the fourth and later ones slower, with a malicious name. */
static void test_trend(void **state)
{
	static struct history_point point[6];
	static struct change_point change = {.at = 3, .before = 100, .after = 200};
	struct history_series series = {.machine = "lab",
					.stack = "Linux 6.1",
					.workload = "evil.'; %d",
					.params = "size=4MiB",
					.unit = "ns/op",
					.threads = 1,
					.layer = 1,
					.over = 1,
					.point = point,
					.points = 6,
					.change = &change,
					.changes = 1};
	const struct history_trend trend = {.series = &series, .count = 1};
	char *dir = test_dir_make();
	struct buf file = BUF_INIT;
	size_t drawn;
	struct err err;

	(void)state;
	for (int i = 0; i < 6; i++)
		point[i] = (struct history_point){.run = "r",
						  .started = i ? "2026-01-31T12:00:00Z" : "%s",
						  .mid = i < 3 ? 100 : 200,
						  .low = i ? 90 : NAN,
						  .high = i ? 210 : NAN};
	assert_works(trend_draw(&trend, dir, &drawn, &err), err);
	assert_int_equal(drawn, 1);
	read_file(dir, "001-evil.----d-size-4MiB-L1.tsv", &file);
	assert_non_null(strstr(buf_str(&file),
			       "\n3\t1\tevil.'; %d\t2026-01-31\t1e-07\t9e-08\t2.1e-07\t1e-07\t0\n"
			       "4\t1\tevil.'; %d\t2026-01-31\t2e-07\t9e-08\t2.1e-07\t2e-07\t1\n"));
	buf_clear(&file);
	read_file(dir, "001-evil.----d-size-4MiB-L1.svg", &file);
	assert_non_null(strstr(buf_str(&file), "over 6 runs"));
	assert_non_null(strstr(buf_str(&file), ">%s<"));
	buf_release(&file);
	test_dir_remove(dir);
}

static void test_bad_place(void **state)
{
	struct summary s;
	char *dir = make_summarised(&MADE_RUN, &s), path[RUNDIR_PATH];
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/plots", dir);
	assert_works(file_write_whole(path, "x", 1, &err),
		     err); /* a file where the directory goes */
	assert_fails(plot_run(dir, &s, &err), err, EXIT_USAGE, "plots");
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_no_gnuplot(void **state)
{
	struct summary s;
	char *dir = make_summarised(&MADE_RUN, &s), *path = strdup(getenv("PATH"));
	struct err err;

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_fails(plot_run(dir, &s, &err), err, EXIT_MACHINE, "gnuplot-nox");
	setenv("PATH", path, 1);
	free(path);
	/* To be drawn where it is installed. */
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct picture p = {0};
		char name[64];

		snprintf(name, sizeof(name), "plots/%s.tsv", (*plot)->name);
		assert_int_equal(exists(dir, name), (*plot)->make(&s, &p, &err) == 0);
		picture_release(&p);
	}
	assert_false(exists(dir, "plots/share.svg") || exists(dir, "plots/share.png"));
	summary_release(&s);
	test_dir_remove(dir);
}

int main(void)
{
	static const char *const version[] = {"gnuplot", "--version", NULL};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_drawn_once),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_single_row),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_bad_script),
		cmocka_unit_test(test_bad_place),
		cmocka_unit_test(test_no_gnuplot),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_edited_copy),
		cmocka_unit_test(test_trend),
	};
	struct buf said = BUF_INIT;
	struct err err;
	int missing = child_run(version, NULL, NULL, 10 * NS_PER_S, &said, &err);

	buf_release(&said);
	if (missing) {
		fprintf(stderr, "skipped: %s\n", err.text);
		return 77;
	}
	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
