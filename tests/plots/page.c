/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report in a real browser. Skipped where Chromium is not installed. */
#include "tests/check.h"

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"
#include "plots/plot.h"
#include "plots/report/report.h"
#include "tests/results/make_run.h"

/* A browser's report on a page. */
struct visit {
	bool complaint;	 /* something on its console */
	bool request;	 /* it asked for something from outside */
	struct buf seen; /* its picture, PNG */
};

static void read_file(const char *dir, const char *name, struct buf *out)
{
	char path[RUNDIR_PATH];
	struct err err;

	assert_works(rundir_path(dir, name, path, &err), err);
	assert_works(file_read(path, 64 << 20, out, &err), err);
}

/* Requests of the page carry its origin; those of the browser itself do not. */
static void visit(const char *dir, const char *page, const char *window, struct visit *v)
{
	char profile[RUNDIR_PATH], log[RUNDIR_PATH], url[RUNDIR_PATH], size[64];
	const char *argv[] = {"chromium",
			      "--headless",
			      "--no-sandbox",
			      "--disable-gpu",
			      "--disable-quic",
			      "--no-first-run",
			      "--disable-background-networking",
			      "--disable-component-update",
			      "--disable-sync",
			      "--enable-logging=stderr",
			      "--screenshot=page.png",
			      profile,
			      log,
			      size,
			      url,
			      NULL};
	struct buf said = BUF_INIT, net = BUF_INIT;
	struct err err;

	*v = (struct visit){0};
	snprintf(profile, sizeof(profile), "--user-data-dir=%s/profile", dir);
	snprintf(log, sizeof(log), "--log-net-log=%s/net.json", dir);
	snprintf(url, sizeof(url), "file://%s/%s", dir, page);
	snprintf(size, sizeof(size), "--window-size=%s", window);
	assert_works(child_run(argv, dir, NULL, 100 * NS_PER_S, &said, &err), err);
	read_file(dir, "net.json", &net);
	read_file(dir, "page.png", &v->seen);
	v->complaint = strstr(buf_str(&said), "CONSOLE") != NULL;
	v->request = strstr(buf_str(&net), "\"initiator\":\"null\"") != NULL;
	buf_release(&said);
	buf_release(&net);
}

static void write_page(const char *dir, const struct buf *text)
{
	char path[RUNDIR_PATH];
	struct err err;

	assert_works(rundir_path(dir, REPORT_FILE, path, &err), err);
	assert_works(file_write_whole(path, text->data, text->len, &err), err);
}

static void make_page(const char *dir, const struct made_run *run)
{
	struct summary s;
	struct report report = {.s = &s};
	struct buf text = BUF_INIT;
	char place[RUNDIR_PATH];
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(rundir_path(dir, PLOTS_DIR, place, &err), err);
	if (plot_run(dir, &s, &err) == 0)
		report.pictures = place;
	assert_works(report_format(DOC_HTML, &report, &text, &err), err);
	write_page(dir, &text);
	buf_release(&text);
	summary_release(&s);
}

static void test_renders(void **state)
{
	static const char *const windows[] = {"1200,900", "390,844"};
	char *dir = test_dir_make();

	(void)state;
	make_page(dir, &MADE_RUN);
	for (size_t i = 0; i < 2; i++) {
		struct visit v;

		visit(dir, REPORT_FILE, windows[i], &v);
		assert_false(v.complaint);
		assert_false(v.request);
		assert_true(v.seen.len > 20000); /* a page that shows nothing is smaller */
		buf_release(&v.seen);
	}
	test_dir_remove(dir);
}

static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "</style><script>no()</script><img src=//127.0.0.1:9/>";
	return true;
}

static void test_hostile(void **state)
{
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct visit v;

	(void)state;
	run.edit = hostile;
	make_page(dir, &run);
	visit(dir, REPORT_FILE, "1200,900", &v);
	assert_false(v.complaint);
	assert_false(v.request);
	buf_release(&v.seen);
	test_dir_remove(dir);
}

/* That the checks above can fail at all. */
static void test_control(void **state)
{
	static const char page[] =
		"<!DOCTYPE html><img src=\"http://127.0.0.1:9/x\"><script>no()</script>";
	struct buf text = BUF_INIT;
	char *dir = test_dir_make();
	struct visit v;

	(void)state;
	buf_addstr(&text, page);
	write_page(dir, &text);
	visit(dir, REPORT_FILE, "1200,900", &v);
	assert_true(v.complaint);
	assert_true(v.request);
	buf_release(&v.seen);
	buf_release(&text);
	test_dir_remove(dir);
}

int main(void)
{
	static const char *const version[] = {"chromium", "--version", NULL};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renders),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_control),
	};
	struct buf said = BUF_INIT;
	struct err err;
	int missing = child_run(version, NULL, NULL, 30 * NS_PER_S, &said, &err);

	buf_release(&said);
	if (missing) {
		fprintf(stderr, "skipped: %s\n", err.text);
		return 77;
	}
	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
