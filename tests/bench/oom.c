/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out of memory at each allocation in turn, once and for good: reading, summarising, comparing,
 * drawing and talking to agents either give the whole result or say what is wrong, crash never, and
 * leave nothing allocated.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/commands/command.h"
#include "bench/plan/plan.h"
#include "bench/run/run.h"
#include "bench/run/run_parts.h"
#include "bench/session/job.h"
#include "plots/plot.h"
#include "plots/report/report.h"
#include "results/compare/compare.h"
#include "results/compare/gate.h"
#include "results/fleet/compare.h"
#include "results/export/export.h"
#include "results/history/history.h"
#include "results/rundir/layers.h"
#include "results/size/size_fleet.h"
#include "results/summary/summary.h"
#include "results/table/table.h"
#include "tests/oom.h"
#include "tests/results/make_run.h"

static char *dir, *other, *fleet;

/* Appends its result to out. 0 or -1 with an err, as ever. */
typedef int (*scenario_fn)(struct buf *out, struct err *err);

static int summarise(struct buf *out, struct err *err)
{
	struct summary s = {0};

	if (summary_build(dir, &s, err) < 0)
		return -1;
	summary_format(&s, out);
	classes_format(&s, out);
	table_format(&s, out);
	summary_release(&s);
	return 0;
}

static int manifest(struct buf *out, struct err *err)
{
	static const char text[] =
		"{\"format\":1,\"run\":\"r\",\"host\":\"h\",\"profile\":\"quick\",\"mode\":"
		"\"shape\","
		"\"started\":\"t\",\"ended\":\"\",\"seed\":42,\"depth\":2,\"boots\":1,\"rounds\":6,"
		"\"batches\":4,\"host_is_vm\":true,\"state\":\"complete\",\"command\":[\"a\",\"b\"]"
		","
		"\"plan\":[{\"workload\":\"nop\",\"params\":\"\",\"threads\":1}],"
		"\"versions\":{\"a\":\"1\"},\"hashes\":{},\"more\":{},\"unknown\":[1]}";
	struct manifest m = {0};
	int rc;

	if (manifest_parse("m", text, strlen(text), &m, err) < 0)
		return -1;
	buf_addf(out, "%s %zu %s", m.run, m.jobs, facts_get(&m.versions, "a"));
	rc = manifest_save(other, &m, err);
	manifest_release(&m);
	return rc;
}

static int put_row(void *ctx, const struct row *row, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s %u\n", row->workload, row->round);
	return 0;
}

static int rows(struct buf *out, struct err *err)
{
	struct damage damage = {0};

	if (rows_read(dir, put_row, out, &damage, err) < 0)
		return -1;
	buf_addf(out, "%d", (int)damage.count);
	return 0;
}

static int layers(struct buf *out, struct err *err)
{
	struct layers all = {0};
	struct damage damage = {0};
	int rc = layers_read(dir, &all, &damage, err);

	if (rc == 0)
		buf_addf(out, "%zu %s %d", all.count, layers_get(&all, 1, 1, "accel"),
			 (int)damage.count);
	layers_release(&all);
	return rc;
}

static int rules(struct buf *out, struct err *err)
{
	static char text[] = "[default]\nthreshold=1%\n[class mem]\nallow=yes\n[workload io.*]\n"
			     "check=cost\n";
	struct gate_rules r = {0};
	FILE *file = fmemopen(text, strlen(text), "r");
	int rc;

	assert_non_null(file);
	rc = gate_rules_parse(file, "rules.ini", &r, err);
	fclose(file);
	if (rc == 0)
		buf_addf(out, "%zu %g", r.count,
			 gate_policy_of(&r, &(struct compare_item){.workload = "nop",
								   .class = "cpu",
								   .params = ""})
				 .threshold);
	gate_rules_release(&r);
	return rc;
}

/* Compares, shows it in every way, and judges. */
static int compare(struct buf *out, struct err *err)
{
	const char *const base[] = {dir, NULL}, *const new[] = {other, NULL};
	const struct compare_options options = {.same = 0.02};
	const struct gate_rules none = {0};
	struct comparison c = {0};
	struct gate g = {0};
	int rc = compare_runs(base, new, &options, true, &c, err);

	if (rc == 0) {
		compare_format(&c, true, out);
		compare_format_markdown(&c, true, out);
		compare_format_csv(&c, out);
		rc = compare_format_json(&c, out, err);
	}
	if (rc == 0)
		rc = gate_judge(&c, &none, &g, err);
	if (rc == 0) {
		gate_format(&g, true, out);
		export_junit_gate(&g, out);
		rc = gate_format_json(&g, out, err);
	}
	gate_release(&g);
	comparison_release(&c);
	return rc;
}

static char *history_db; /* it holds the run */

static int past(struct buf *out, struct err *err)
{
	const struct history_filter all = {.layer = -1};
	struct history_trend t = {0};
	struct history *h = history_open(history_db, false, err);
	int rc = h ? history_list(h, out, err) : -1;

	if (rc == 0)
		rc = history_list_json(h, out, err);
	if (rc == 0)
		rc = history_show_json(h, MADE_ID, out, err);
	if (rc == 0)
		rc = history_trend(h, &all, &t, err);
	if (rc == 0)
		rc = history_trend_json(h, &t, out, err);
	history_trend_release(&t);
	history_close(h);
	return rc;
}

static int keep_run(void)
{
	struct history_added added;
	struct history *h;
	struct err err;

	assert_true(asprintf(&history_db, "%s/history.db", other) > 0);
	h = history_open(history_db, true, &err);
	assert_non_null(h);
	assert_works(history_add(h, dir, false, &added, &err), err);
	history_close(h);
	return 0;
}

static int environments(struct buf *out, struct err *err)
{
	struct env_differences d = {0};
	int rc = env_compare(dir, other, &d, err);

	if (rc == 0) {
		env_format(&d, ENV_VARIES, out);
		rc = env_format_json(&d, out, err);
	}
	env_differences_release(&d);
	return rc;
}

static struct summary made; /* for what only reads it */

static int exports(struct buf *out, struct err *err)
{
	for (const struct export_format *f = export_formats; f->name; f++)
		if (export_write(f, &made, 1, out, err) < 0)
			return -1;
	return 0;
}

static int pictures(struct buf *out, struct err *err)
{
	for (const struct plot *const *plot = plots; *plot; plot++) {
		struct picture p = {0};
		struct err why = {0};
		int rc = (*plot)->make(&made, &p, &why);

		buf_addstr(out, rc == 0 ? buf_str(&p.data) : "");
		picture_release(&p);
		if (rc < 0 && why.code != EXIT_INCONCLUSIVE) {
			*err = why;
			return -1;
		}
	}
	return buf_check(out, err);
}

static int report(struct buf *out, struct err *err)
{
	const struct report r = {.s = &made, .missing = "not wanted"};

	if (report_format(DOC_HTML, &r, out, err) < 0)
		return -1;
	return report_format(DOC_MARKDOWN, &r, out, err);
}

static int sizes(struct buf *out, struct err *err)
{
	const struct size_demand demand = {
		.guests = 2, .vcpus = 1, .memory_bytes = 1 << 30, .headroom = 0.2, .like = "cpu"};
	struct size_answer a = {0};
	int rc = size_answer_make(&made, &demand, &a, err);

	if (rc < 0)
		return -1;
	size_answer_text(&a, out);
	rc = size_answer_json(&a, out, err);
	size_answer_release(&a);
	return rc;
}

/* Compares a fleet, and shows it in every way. */
static int nodes(struct buf *out, struct err *err)
{
	const struct fleet_compare_options options = {.same = 0.02};
	struct fleet_comparison c = {0};
	int rc = fleet_compare(fleet, &options, &c, err);

	if (rc == 0) {
		fleet_compare_text(&c, true, out);
		fleet_compare_csv(&c, out);
		fleet_compare_prometheus(&c, out);
		rc = fleet_compare_json(&c, out, err);
	}
	if (rc == 0)
		rc = report_fleet(&c, NULL, "no pictures", out, err);
	fleet_comparison_release(&c);
	return rc;
}

static int fleet_sizes(struct buf *out, struct err *err)
{
	static char text[] = "[class *]\nprice=1\n[node n*]\nprice=2\ncount=90\n";
	const struct size_demand demand = {
		.guests = 2, .vcpus = 1, .memory_bytes = 1 << 20, .like = "cpu"};
	FILE *file = fmemopen(text, strlen(text), "r");
	struct prices prices = {0};
	struct size_fleet f = {0};
	int rc;

	assert_non_null(file);
	rc = prices_parse(file, "prices.ini", &prices, err);
	fclose(file);
	if (rc == 0)
		rc = size_fleet_make(fleet, &demand, &prices, &f, err);
	if (rc == 0)
		size_fleet_text(&f, out);
	if (rc == 0)
		rc = size_fleet_json(&f, out, err);
	size_fleet_release(&f);
	prices_release(&prices);
	return rc;
}

static int what_to_do(struct buf *out, struct err *err)
{
	const struct text_list pick = {.item = {"cpu.*", "mem.chase size=1MiB"}, .count = 2};
	const struct profile *profile = profile_find("quick", err);
	struct work_list works = {0};
	int rc = work_list_make(&works, profile, &pick, err);

	if (rc == 0)
		buf_addf(out, "%u %u", works.count, works.repeated);
	work_list_release(&works);
	return rc;
}

static int keep_sample(void *ctx, const struct sample *s, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s %d\n", sample_status_name(s->status), (int)s->ops);
	return 0;
}

/* A whole job against an agent whose answers lie ready. A row that says what failed is an end too.
 */
static int job(struct buf *out, struct err *err)
{
	static const char answers[] = "{\"id\":1,\"from\":1,\"is\":\"ready\"}\n{\"id\":5}\n"
				      "{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"1,9,0,5,0,0,"
				      "0,0,0000000000000001,,ok,\"}\n"
				      "{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"2,9,0,5,0,0,"
				      "0,0,0000000000000001,,ok,\"}\n"
				      "{\"id\":1,\"from\":1,\"is\":\"done\"}\n";
	const struct work work = {
		.workload = workload_find("mem.chase"), .params = "size=1MiB", .threads = 1};
	const struct measuring m = {.work = &work,
				    .layer = 1,
				    .guests = 1,
				    .copies = 1,
				    .spread = 1,
				    .ops = 9,
				    .batches = 2,
				    .setup_limit_ns = 60 * NS_PER_S,
				    .batch_limit_ns = 60 * NS_PER_S};
	const struct sample_sink sink = {.put = keep_sample, .ctx = out};
	int from = memfd_create("answers", MFD_CLOEXEC), to = open("/dev/null", O_WRONLY), rc;
	struct link link;

	assert_true(write(from, answers, strlen(answers)) > 0 && lseek(from, 0, SEEK_SET) == 0);
	link_open(&link, from, &clock_machine, -1);
	link.channel.fd_out = to;
	link_up(&link, 1);
	link.guests = 1;
	rc = measuring_run(&m, &link, &sink, err);
	link_release(&link);
	close(from);
	close(to);
	if (rc == 0 && strstr(buf_str(out), "ok 9\nok 9\n") == NULL)
		rc = err_set(err, EXIT_INTERNAL, "a row told of the failure");
	return rc;
}

/* What fn prints is its result. */
static int printed(int (*fn)(struct err *), struct buf *out, struct err *err)
{
	int to = memfd_create("stdout", MFD_CLOEXEC), saved = dup(STDOUT_FILENO), rc;
	char part[4096];
	ssize_t got;

	assert_true(to >= 0 && saved >= 0 && fflush(stdout) == 0);
	assert_true(dup2(to, STDOUT_FILENO) >= 0);
	rc = fn(err);
	assert_int_equal(fflush(stdout), 0);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	assert_int_equal(lseek(to, 0, SEEK_SET), 0);
	while (rc >= 0 && (got = read(to, part, sizeof(part))) > 0)
		buf_add(out, part, (size_t)got);
	close(to);
	return rc < 0 ? -1 : 0;
}

static int run_list(struct err *err)
{
	char *argv[] = {"list", NULL};

	return cmd_list(1, argv, err);
}

static int run_list_json(struct err *err)
{
	char *argv[] = {"list", "--json", NULL};

	return cmd_list(2, argv, err);
}

static int run_help(struct err *err)
{
	char *argv[] = {"run", "--help", NULL};

	return cmd_run(2, argv, err);
}

static int run_summary(struct err *err)
{
	char *argv[] = {"summary", dir, NULL};

	return cmd_summary(2, argv, err);
}

static int run_compare(struct err *err)
{
	char *argv[] = {"compare", dir, other, NULL};

	return cmd_compare(3, argv, err);
}

static int run_end(struct err *err)
{
	struct run r = RUN_INIT;

	snprintf(r.places.dir, sizeof(r.places.dir), "%s", dir);
	r.opt.no_plots = true;
	return run_answer(&r, true, err);
}

static int prints(struct buf *out, struct err *err)
{
	static int (*const printing[])(struct err *) = {run_list,    run_list_json, run_help,
							run_summary, run_compare,   run_end};

	for (size_t i = 0; i < sizeof(printing) / sizeof(printing[0]); i++)
		if (printed(printing[i], out, err) < 0)
			return -1;
	return 0;
}

/* Runs it with the nth allocation failing. Complains of what must not be; true: it did. */
static bool try_nth(const char *name, scenario_fn run, uint64_t nth, bool for_ever,
		    const char *want)
{
	const char *how = for_ever ? "for good" : "once";
	struct buf out = BUF_INIT;
	struct err err = {0};
	int64_t before = oom_live();
	bool bad = false;
	int rc;

	oom_arm(nth, for_ever);
	rc = run(&out, &err);
	oom_disarm();
	if (rc == 0 && !out.failed && strcmp(buf_str(&out), want) != 0) {
		print_message("%s, allocation %d fails %s: another result, and nothing said\n",
			      name, (int)nth, how);
		bad = true;
	}
	if (rc < 0 && (!err.text[0] || err.code != EXIT_INTERNAL)) {
		print_message("%s, allocation %d fails %s: code %d, \"%s\"\n", name, (int)nth, how,
			      (int)err.code, err.text);
		bad = true;
	}
	buf_release(&out);
	if (oom_live() != before) {
		print_message("%s, allocation %d fails %s: %d blocks leak\n", name, (int)nth, how,
			      (int)(oom_live() - before));
		bad = true;
	}
	return bad;
}

enum { ONE_BY_ONE = 400, AT_MOST = 800 };

static int fail_each(const char *name, scenario_fn run)
{
	struct buf want = BUF_INIT;
	struct err err = {0};
	uint64_t all, step;
	int bad = 0, tried = 0;

	assert_works(run(&want, &err), err); /* what is only made once */
	buf_release(&want);
	oom_arm(0, false);
	assert_works(run(&want, &err), err);
	all = oom_disarm();
	assert_false(want.failed);
	step = all > AT_MOST ? all / (AT_MOST - ONE_BY_ONE) : 1;
	for (uint64_t n = 1; n <= all && bad < 8; n += n < ONE_BY_ONE ? 1 : step) {
		bad += try_nth(name, run, n, false, buf_str(&want));
		bad += try_nth(name, run, n, true, buf_str(&want));
		tried++;
	}
	print_message("%s: %d of %d allocations failed in turn\n", name, tried, (int)all);
	buf_release(&want);
	return bad;
}

/* Of three nodes, so that they can be compared. */
static void make_fleet(const struct made_run *run)
{
	struct facts facts = FACTS_INIT;
	struct err err;
	char node[512], name[8];

	fleet = test_dir_make();
	facts_set(&facts, "vcpus", "%d", 64);
	facts_set(&facts, "memory_bytes", "%d", 1 << 30);
	for (int i = 1; i <= 3; i++) {
		struct made_run one = *run;

		snprintf(name, sizeof(name), "n%d", i);
		snprintf(node, sizeof(node), "%s/%s", fleet, name);
		one.name = name;
		assert_works(file_make_dirs(node, &err), err);
		assert_works(make_run(node, &one, &err), err);
		assert_works(layers_append(node, name, 1, 0, &facts, &err), err);
	}
	facts_release(&facts);
}

static int make_runs(void **state)
{
	struct made_run run = MADE_RUN;
	struct err err;

	(void)state;
	oom_start();
	run.rounds = 2;
	run.batches = 1;
	dir = test_dir_make();
	other = test_dir_make();
	assert_works(make_run(dir, &run, &err), err);
	assert_works(make_run(other, &run, &err), err);
	make_fleet(&run);
	assert_works(summary_build(dir, &made, &err), err);
	return keep_run();
}

static int remove_runs(void **state)
{
	(void)state;
	summary_release(&made);
	free(history_db);
	test_dir_remove(dir);
	test_dir_remove(other);
	test_dir_remove(fleet);
	return 0;
}

#define SCENARIO(run)                                                                              \
	static void test_##run(void **state)                                                       \
	{                                                                                          \
		(void)state;                                                                       \
		assert_int_equal(fail_each(#run, run), 0);                                         \
	}
SCENARIO(rows)
SCENARIO(layers)
SCENARIO(manifest)
SCENARIO(rules)
SCENARIO(what_to_do)
SCENARIO(job)
SCENARIO(summarise)
SCENARIO(environments)
SCENARIO(past)
SCENARIO(exports)
SCENARIO(pictures)
SCENARIO(sizes)
SCENARIO(nodes)
SCENARIO(fleet_sizes)
SCENARIO(report)
SCENARIO(compare)
SCENARIO(prints)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	   cmocka_unit_test(test_layers),
		cmocka_unit_test(test_manifest),   cmocka_unit_test(test_rules),
		cmocka_unit_test(test_what_to_do), cmocka_unit_test(test_job),
		cmocka_unit_test(test_summarise),  cmocka_unit_test(test_environments),
		cmocka_unit_test(test_past),	   cmocka_unit_test(test_exports),
		cmocka_unit_test(test_pictures),   cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_nodes),	   cmocka_unit_test(test_fleet_sizes),
		cmocka_unit_test(test_report),	   cmocka_unit_test(test_compare),
		cmocka_unit_test(test_prints),
	};

	return cmocka_run_group_tests(tests, make_runs, remove_runs);
}
