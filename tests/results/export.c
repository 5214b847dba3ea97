/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is exported is read by the real readers, where they are installed. */
#include "tests/check.h"

#include <jansson.h>
#include <regex.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"
#include "results/export/export.h"
#include "tests/results/make_exits.h"
#include "tests/results/make_summary.h"

static const struct summary_entry *find(const struct summary *s, const char *workload,
					uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (strcmp(s->entry[i].workload, workload) == 0 && s->entry[i].layer == layer)
			return &s->entry[i];
	fail_msg("no entry %s L%u", workload, layer);
	return NULL;
}

/* A run with failures, whose reason needs escaping. */
static bool trouble(struct row *row)
{
	if (row->layer == 2 && strcmp(row->workload, "io.fsync") == 0) {
		row->sample.status = SAMPLE_FAIL;
		sample_set_reason(&row->sample, "<no> & \"disk\"");
	}
	if (row->layer == 2 && strcmp(row->workload, "gpu.offload") == 0) {
		row->sample.status = SAMPLE_SKIP;
		sample_set_reason(&row->sample, "no GPU");
	}
	return true;
}

static void export(const char *name, const struct summary *runs, size_t count, struct buf *out)
{
	const struct export_format *format;
	struct err err = {0};

	format = export_find(name, &err);
	assert_non_null(format);
	buf_clear(out);
	assert_works(export_write(format, runs, count, out, &err), err);
}

/* Runs a reader on the text. False, with a message, when it is not installed. */
static bool read_by(const char *const argv[], const struct buf *text, struct buf *said)
{
	struct err err = {0};

	buf_clear(said);
	if (access(argv[0], X_OK) < 0) {
		print_message("%s is not installed, so it did not read this\n", argv[0]);
		return false;
	}
	assert_works(child_run(argv, NULL, buf_str(text), 60 * NS_PER_S, said, &err), err);
	return true;
}

static json_t *parse(const struct buf *text)
{
	json_error_t error;
	json_t *root = json_loads(buf_str(text), JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("line %d: %s", error.line, error.text);
	return root;
}

static double number_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void test_names(void **state)
{
	struct err err = {0};
	size_t count = 0;

	(void)state;
	for (const struct export_format *f = export_formats; f->name; f++, count++) {
		assert_ptr_equal(export_find(f->name, &err), f);
		assert_true(!f->write != !f->several);
		assert_true(f->summary[0]);
	}
	assert_int_equal(count, 13);
	assert_null(export_find("xls", &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "otava, prometheus"));
}

static void test_bmf(void **state)
{
	struct buf out = BUF_INIT;
	struct summary s;
	json_t *root, *latency;

	(void)state;
	make_summary(&MADE_RUN, &s);
	export("bmf", &s, 1, &out);
	root = parse(&out);
	assert_int_equal(json_object_size(root), 13 * 3);
	latency = json_object_get(json_object_get(root, "mem.fault size=64MiB pages=4k L1"),
				  "latency");
	assert_close(number_at(latency, "value"), find(&s, "mem.fault", 1)->cost.mid, 1e-3);
	assert_true(number_at(latency, "lower_value") <= number_at(latency, "value"));
	assert_true(number_at(latency, "upper_value") >= number_at(latency, "value"));
	assert_non_null(json_object_get(json_object_get(root, "capacity.memory L0"), "capacity"));
	json_decref(root);
	summary_release(&s);
	buf_release(&out);
}

/* Each is an array of name, unit, value; sizes and shares stand among those where more is better.
 */
static void test_github(void **state)
{
	static const char *const formats[] = {"github-smaller", "github-bigger"};
	struct buf out = BUF_INIT;
	struct summary s;

	(void)state;
	make_summary(&MADE_RUN, &s);
	for (int i = 0; i < 2; i++) {
		json_t *root, *item;
		size_t index;

		export(formats[i], &s, 1, &out);
		root = parse(&out);
		/* Costs of 12 in 3 layers and overheads of 13 in 2; sizes in 3 and shares. */
		assert_int_equal(json_array_size(root), i ? 3 + 26 : 36 + 26);
		json_array_foreach(root, index, item)
		{
			assert_true(json_is_string(json_object_get(item, "name")));
			assert_true(json_is_string(json_object_get(item, "unit")));
			assert_true(json_is_string(json_object_get(item, "extra")));
			assert_true(number_at(item, "value") > 0);
		}
		json_decref(root);
	}
	summary_release(&s);
	buf_release(&out);
}

static void test_google(void **state)
{
	char *dir = test_dir_make(), path[4096];
	const char *argv[] = {"/usr/bin/python3",
			      "/usr/share/benchmark/compare.py",
			      "--no-color",
			      "benchmarks",
			      path,
			      path,
			      NULL};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct made_run run = MADE_RUN;
	struct err err = {0};
	struct summary s;
	json_t *root;

	(void)state;
	run.rounds = 10;
	make_summary(&run, &s);
	export("google", &s, 1, &out);
	root = parse(&out);
	assert_true(json_is_array(json_object_get(json_object_get(root, "context"), "caches")));
	assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 12 * 3 * 10);
	json_decref(root);
	snprintf(path, sizeof(path), "%s/run.json", dir);
	assert_works(file_write_whole(path, out.data, out.len, &err), err);
	if (access(argv[1], R_OK) < 0)
		print_message("compare.py of libbenchmark-tools is not installed\n");
	else if (read_by(argv, &out, &said)) {
		assert_non_null(strstr(buf_str(&said), "mem.chase/size=64MiB/L2"));
		/* It made its test over the repetitions. */
		assert_non_null(strstr(buf_str(&said), "pvalue"));
	}
	summary_release(&s);
	buf_release(&out);
	buf_release(&said);
	test_dir_remove(dir);
}

/* The grammar of Go's benchmark format; benchstat is not in Debian. */
static void test_benchstat(void **state)
{
	struct buf out = BUF_INIT;
	struct summary s;
	regex_t line;
	size_t benchmarks = 0;
	char *rest, *text;

	(void)state;
	make_summary(&MADE_RUN, &s);
	export("benchstat", &s, 1, &out);
	assert_int_equal(regcomp(&line,
				 "^([a-z][^A-Z ]*: .*|Benchmark[A-Z][^ ]*-[0-9]+ [0-9]+ "
				 "[0-9.e+-]+ (ns/op|B))$",
				 REG_EXTENDED | REG_NOSUB),
			 0);
	text = strtok_r(out.data, "\n", &rest);
	for (; text; text = strtok_r(NULL, "\n", &rest)) {
		if (regexec(&line, text, 0, NULL, 0) != 0)
			fail_msg("\"%s\" is no line of Go's format", text);
		benchmarks += strncmp(text, "Benchmark", 9) == 0;
	}
	assert_int_equal(benchmarks, 13 * 3 * 6);
	regfree(&line);
	summary_release(&s);
	buf_release(&out);
}

static void test_otava(void **state)
{
	struct summary s[2];
	struct made_run run = MADE_RUN;
	struct buf out = BUF_INIT;
	struct err err = {0};
	char *row[3], *rest;

	(void)state;
	make_summary(&run, &s[0]);
	run.edit = trouble;
	make_summary(&run, &s[1]);
	strcpy(s[1].manifest.started, "2026-01-30T12:00:00Z");
	export("otava", s, 2, &out);
	row[0] = strtok_r(out.data, "\n", &rest);
	row[1] = strtok_r(NULL, "\n", &rest);
	row[2] = strtok_r(NULL, "\n", &rest);
	/* The earlier one stands first; what one of them lacks is no column. */
	assert_non_null(strstr(row[1], "2026-01-30T12:00:00+00:00,"));
	assert_non_null(strstr(row[2], "2026-01-31T12:00:00+00:00,"));
	assert_non_null(strstr(row[0], "io.fsync_block=4KiB_L1"));
	assert_null(strstr(row[0], "io.fsync_block=4KiB_L2"));
	for (int i = 0; i < 3; i++) {
		size_t commas = 0;

		for (const char *c = row[i]; *c; c++) {
			commas += *c == ',';
			assert_false(c[0] == ',' && (c[1] == ',' || c[1] == '\0'));
		}
		assert_int_equal(commas, 1 + 13 * 3 - 2);
	}
	s[1].manifest.started[0] = '\0';
	assert_fails(export_write(export_find("otava", &err), s, 2, &out, &err), err, EXIT_USAGE,
		     "when it started");
	s[1].entries = 0;
	assert_fails(export_write(export_find("otava", &err), s, 2, &out, &err), err,
		     EXIT_INCONCLUSIVE, "no figure");
	s[1].entries = 39;
	summary_release(&s[0]);
	summary_release(&s[1]);
	buf_release(&out);
}

static void test_prometheus(void **state)
{
	static const char *const argv[] = {"/usr/bin/promtool", "check", "metrics", NULL};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct summary s;

	(void)state;
	make_summary(&MADE_RUN, &s);
	strcpy(s.entry[0].workload, "\"\\\xff");
	export("prometheus", &s, 1, &out);
	assert_non_null(strstr(buf_str(&out), "{workload=\"\\\"\\\\?\",class="));
	assert_non_null(strstr(buf_str(&out), "nestbench_capacity_bytes{"));
	/* It complains on stdout about what is only bad style. */
	if (read_by(argv, &out, &said))
		assert_string_equal(buf_str(&said), "");
	summary_release(&s);
	buf_release(&out);
	buf_release(&said);
}

static void test_junit(void **state)
{
	static const char *const argv[] = {"/usr/bin/xmllint", "--noout", "-", NULL};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = trouble;
	make_summary(&run, &s);
	export("junit", &s, 1, &out);
	read_by(argv, &out, &said);
	assert_non_null(strstr(buf_str(&out), "tests=\"39\" failures=\"0\" errors=\"1\" "
					      "skipped=\"1\""));
	assert_non_null(strstr(buf_str(&out), "message=\"&lt;no&gt; &amp; "));
	assert_non_null(strstr(buf_str(&out), "<skipped message=\"no GPU\"/>"));
	summary_release(&s);
	buf_release(&out);
	buf_release(&said);
}

static void test_tables(void **state)
{
	static const char *const formats[] = {"markdown", "latex", "kv"};
	struct buf out = BUF_INIT, all = BUF_INIT;
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = trouble;
	make_summary(&run, &s);
	for (int i = 0; i < 3; i++) {
		export(formats[i], &s, 1, &out);
		buf_addf(&all, "%s\n", buf_str(&out));
	}
	assert_golden("results/golden/export.txt", buf_str(&all));
	export("json", &s, 1, &out);
	json_decref(parse(&out));
	export("csv", &s, 1, &out);
	assert_int_equal(strncmp(buf_str(&out), SUMMARY_HEADER, strlen(SUMMARY_HEADER)), 0);
	summary_release(&s);
	buf_release(&out);
	buf_release(&all);
}

/* More workloads than fit a page, one with a malicious name. */
static bool many(struct row *row)
{
	static const char *const params[] = {"size=1", "size=2", "size=3", "size=4"};

	row->params = params[row->round % 4];
	if (strcmp(row->workload, "nop") == 0)
		row->workload = "[\\evil]$_^{#|<~%&*";
	return true;
}

static void test_latex(void **state)
{
	static const char *const table[] = {"{tabular}", "{longtable}"};
	char *dir = test_dir_make(), path[4096];
	const char *argv[] = {"/usr/bin/pdflatex",
			      "-interaction=nonstopmode",
			      "-halt-on-error",
			      "-output-directory",
			      dir,
			      path,
			      NULL};
	struct buf out = BUF_INIT, doc = BUF_INIT, said = BUF_INIT;
	struct made_run run = MADE_RUN;
	struct err err = {0};

	(void)state;
	snprintf(path, sizeof(path), "%s/run.tex", dir);
	for (int i = 0; i < 2; i++) {
		struct summary s;

		run.edit = i ? many : NULL;
		make_summary(&run, &s);
		export("latex", &s, 1, &out);
		assert_non_null(strstr(buf_str(&out), table[i]));
		buf_clear(&doc);
		buf_addf(&doc,
			 "\\documentclass{article}\\usepackage{longtable}\\begin{document}\n%s"
			 "\\end{document}\n",
			 buf_str(&out));
		assert_works(file_write_whole(path, doc.data, doc.len, &err), err);
		if (read_by(argv, &out, &said))
			assert_null(strstr(buf_str(&said), "Overfull"));
		summary_release(&s);
	}
	buf_release(&out);
	buf_release(&doc);
	buf_release(&said);
	test_dir_remove(dir);
}

static bool no_row(struct row *row)
{
	(void)row;
	return false;
}

/* A run without a row is no reason to crash in any format. */
static void test_empty(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf out = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = no_row;
	make_summary(&run, &s);
	for (const struct export_format *f = export_formats; f->name; f++) {
		struct err err = {.code = EXIT_INCONCLUSIVE};

		buf_clear(&out);
		if (export_write(f, &s, 1, &out, &err) < 0)
			assert_int_equal(err.code, EXIT_INCONCLUSIVE);
	}
	summary_release(&s);
	buf_release(&out);
}

/* A run that counted exits, of another name; the directory is the caller's. */
static void with_exits(const char *name, char **dir, struct summary *s)
{
	struct made_run run = MADE_RUN;
	struct err err = {0};

	run.name = name;
	*dir = test_dir_make();
	assert_works(make_run(*dir, &run, &err), err);
	assert_works(make_exits(*dir, &run, made_exits, NULL, &err), err);
	assert_works(summary_build(*dir, s, &err), err);
}

static const struct {
	const char *format, *text;
} exit_texts[] = {
	{"csv", "exit.cpuid,exits,exits=cpuid source=kvm_exit counted_in=1 measured=2,1,2,kvm,,"},
	{"json", "\"reason\": \"VMREAD\""},
	{"markdown", "| exit.cpuid L2 exits cpuid | - | - | 1/op |"},
	{"latex", "exit.cpuid L1 exits VMREAD work in L2 & - & 5/op & - "},
	{"bmf", "\"exit.cpuid L1 exits VMREAD work in L2\": {\n    \"exits_per_op\": {"},
	{"github-smaller", "\"unit\": \"exits/op\""},
	{"google", "\"exits_per_op:L1:VMREAD\": 5.0"},
	{"benchstat", "BenchmarkExitCpuid-1 1 5 L1-VMREAD-exits/op\n"},
	{"otava", ",exit.cpuid_L1_exits_VMREAD_work_in_L2"},
	{"prometheus", "nestbench_exits_per_op{workload=\"exit.cpuid\",params=\"\",threads=\"1\","
		       "layer=\"1\",counted_in=\"0\",measured=\"2\",reason=\"VMREAD\","
		       "source=\"kvm_exit\"} 5\n"},
	{"junit", "<property name=\"exits_per_op exit.cpuid L2 exits cpuid\" value=\"1"},
	{"kv", "exit.cpuid.L1.exits.VMREAD.work.in.L2.exits_per_op: 5\n"},
};

/* Exits per operation are in every format that can hold them; what follows time is in none. */
static void test_exits(void **state)
{
	struct summary s[2];
	struct buf out = BUF_INIT, said = BUF_INIT;
	char *dir[2];

	(void)state;
	with_exits(MADE_ID, &dir[0], &s[0]);
	with_exits("20260201-120000-lab", &dir[1], &s[1]);
	for (size_t i = 0; i < sizeof(exit_texts) / sizeof(exit_texts[0]); i++) {
		export(exit_texts[i].format, s, strcmp(exit_texts[i].format, "otava") ? 1 : 2,
		       &out);
		if (!strstr(buf_str(&out), exit_texts[i].text))
			fail_msg("%s lacks %s:\n%s", exit_texts[i].format, exit_texts[i].text,
				 buf_str(&out));
		assert_null(strstr(buf_str(&out), "EXTERNAL_INTERRUPT"));
		if (strcmp(exit_texts[i].format, "junit") == 0)
			(void)read_by(
				(const char *const[]){"/usr/bin/xmllint", "--noout", "-", NULL},
				&out, &said);
	}
	/* All rows of the CSV have the columns of its heading. */
	export("csv", s, 1, &out);
	for (const char *line = buf_str(&out); *line; line = strchr(line, '\n') + 1) {
		size_t commas = 0;

		for (const char *c = line; *c != '\n'; c++)
			commas += *c == ',';
		assert_int_equal(commas, 23);
	}
	for (int i = 0; i < 2; i++) {
		summary_release(&s[i]);
		test_dir_remove(dir[i]);
	}
	buf_release(&out);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_bmf),
		cmocka_unit_test(test_github),	  cmocka_unit_test(test_google),
		cmocka_unit_test(test_benchstat), cmocka_unit_test(test_otava),
		cmocka_unit_test(test_exits),	  cmocka_unit_test(test_prometheus),
		cmocka_unit_test(test_junit),	  cmocka_unit_test(test_tables),
		cmocka_unit_test(test_empty),	  cmocka_unit_test(test_latex),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
