/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/export_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/params.h"

const struct export_format export_formats[] = {
	{"csv", "summary.csv: every figure, one line for each workload and layer", false,
	 export_csv},
	{"json", "every figure of the summary and of the classes", false, export_json},
	{"markdown", "the two tables of the summary", false, export_markdown},
	{"latex", "the two tables of the summary, as tabular or longtable", false, export_latex},
	{"bmf", "Bencher Metric Format, of bencher.dev", false, export_bmf},
	{"github-smaller", "github-action-benchmark, customSmallerIsBetter", false,
	 export_github_smaller},
	{"github-bigger", "github-action-benchmark, customBiggerIsBetter", false,
	 export_github_bigger},
	{"google", "Google Benchmark JSON, for its compare.py", false, export_google},
	{"benchstat", "Go's benchmark text, for benchstat -col layer", false, export_benchstat},
	{"otava", "wide CSV over time, for Apache Otava; takes several runs", true, export_otava},
	{"prometheus", "node_exporter's textfile collector", false, export_prometheus},
	{"junit", "JUnit XML: what ran, failed and was skipped", false, export_junit},
	{"kv", "key: value lines", false, export_kv},
	{0},
};

const struct export_format *export_find(const char *name, struct err *err)
{
	struct buf names = BUF_INIT;

	for (const struct export_format *f = export_formats; f->name; f++) {
		if (strcmp(f->name, name) == 0) {
			buf_release(&names);
			return f;
		}
		buf_addf(&names, "%s%s", names.len ? ", " : "", f->name);
	}
	err_set(err, EXIT_USAGE, "--format: \"%.64s\" is none of %s", name, buf_str(&names));
	buf_release(&names);
	return NULL;
}

bool export_has(const struct summary_entry *e)
{
	return !isnan(e->cost.mid);
}

bool export_is_size(const struct summary_entry *e)
{
	return strcmp(e->unit, "ns/op") != 0;
}

const char *export_name(const struct summary_entry *e, char separator, char text[EXPORT_NAME])
{
	char raw[EXPORT_NAME], threads[THREADS_TEXT];

	snprintf(raw, sizeof(raw), "%.64s%s%.256s%s%s L%" PRIu32, e->workload,
		 e->params[0] ? " " : "", e->params, e->threads != 1 ? " " : "",
		 e->threads != 1 ? threads_word(e->threads, threads) : "", e->layer);
	csv_printable(raw, text, EXPORT_NAME);
	for (char *c = text; *c; c++)
		if (*c == ' ')
			*c = separator;
	return text;
}
