/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/export/export_parts.h"

#include <math.h>
#include <string.h>

#include "lib/nearest.h"
#include "results/summary/summary.h"

static bool is_time(const struct summary_entry *e)
{
	return summary_has_cost(e) && !summary_is_size(e);
}

static bool is_smaller_better(const struct summary_entry *e)
{
	return is_time(e) || (e->layer && isfinite(e->ratio_l0.mid));
}

static bool is_bigger_better(const struct summary_entry *e)
{
	return (summary_has_cost(e) && summary_is_size(e)) || (e->layer && isfinite(e->share.mid));
}

const struct export_format export_formats[] = {
	{"csv", "summary.csv: every figure, one line for each workload and layer",
	 .write = export_csv},
	{"json", "every figure of the summary and of the classes", .write = export_json},
	{"markdown", "the two tables of the summary", .write = export_markdown},
	{"latex", "the two tables of the summary, as tabular or longtable", .write = export_latex},
	{"bmf", "Bencher Metric Format, of bencher.dev", .write = export_bmf},
	{"github-smaller", "github-action-benchmark, customSmallerIsBetter",
	 .shows = is_smaller_better, .write = export_github_smaller},
	{"github-bigger", "github-action-benchmark, customBiggerIsBetter",
	 .shows = is_bigger_better, .write = export_github_bigger},
	{"google", "Google Benchmark JSON, for its compare.py", .shows = is_time,
	 .write = export_google},
	{"benchstat", "Go's benchmark text, for benchstat -col layer", .write = export_benchstat},
	{"otava", "wide CSV over time, for Apache Otava; takes several runs",
	 .several = export_otava},
	{"prometheus", "node_exporter's textfile collector", .write = export_prometheus},
	{"junit", "JUnit XML: what ran, failed and was skipped", .failures = true,
	 .write = export_junit},
	{"kv", "key: value lines", .write = export_kv},
	{0},
};

static bool shows_any(const struct export_format *format, const struct summary *s)
{
	bool (*shows)(const struct summary_entry *e) =
		format->shows ? format->shows : summary_has_cost;

	for (size_t i = 0; i < s->entries; i++)
		if (shows(&s->entry[i]))
			return true;
	return false;
}

int export_check(const struct export_format *format, const struct summary *runs, size_t count,
		 struct err *err)
{
	struct err why;

	for (size_t i = 0; i < count; i++) {
		if (shows_any(format, &runs[i]))
			continue;
		if (unmeasured_check(&runs[i], true, &why) < 0)
			return err_set(err, EXIT_INCONCLUSIVE, "%s: no figure to export: %s",
				       runs[i].dir, why.text);
		return err_set(err, EXIT_INCONCLUSIVE, "%s: no figure to export as %s", runs[i].dir,
			       format->name);
	}
	return 0;
}

const struct export_format *export_find(const char *name, struct err *err)
{
	struct buf names = BUF_INIT;
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (const struct export_format *f = export_formats; f->name; f++) {
		if (strcmp(f->name, name) == 0) {
			buf_release(&names);
			return f;
		}
		nearest_offer(&near, f->name);
		buf_addf(&names, "%s%s", names.len ? ", " : "", f->name);
	}
	err_set(err, EXIT_USAGE, "--format: \"%.64s\" is none of %s%s", name, buf_str(&names),
		nearest_hint(&near, " (", ")", hint));
	buf_release(&names);
	return NULL;
}

int export_write(const struct export_format *format, const struct summary *runs, size_t count,
		 struct buf *out, struct err *err)
{
	return format->several ? format->several(runs, count, out, err)
			       : format->write(runs, out, err);
}
