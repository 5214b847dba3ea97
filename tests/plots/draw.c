/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures themselves. Skipped where gnuplot is not installed. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"
#include "plots/gnuplot/gnuplot.h"
#include "plots/plot.h"
#include "tests/results/make_run.h"

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
		    *plot == &plot_tax) {
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
		snprintf(name, sizeof(name), "plots/%s.png.new", (*plot)->name);
		assert_false(exists(dir, name));
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

static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "evil.'; system('touch owned'); '";
	if (strcmp(row->workload, "exit.cpuid") == 0)
		row->workload = "`touch owned`.x";
	return true;
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
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_fails(gnuplot_draw(dir, "bad", GNUPLOT_PNG, "plot nonsense(\n", 400, 300, &err), err,
		     EXIT_INTERNAL, "cannot draw bad.png");
	assert_fails(gnuplot_draw(dir, "none", GNUPLOT_SVG, "", 400, 300, &err), err, EXIT_INTERNAL,
		     "no picture");
	assert_false(exists(dir, "bad.png") || exists(dir, "bad.png.new") ||
		     exists(dir, "none.svg"));
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
	summary_release(&s);
	test_dir_remove(dir);
}

int main(void)
{
	static const char *const version[] = {"gnuplot", "--version", NULL};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures),	cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_nothing_to_draw), cmocka_unit_test(test_bad_script),
		cmocka_unit_test(test_bad_place),	cmocka_unit_test(test_no_gnuplot),
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
