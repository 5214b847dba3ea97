/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats of other tools that are JSON. */
#include "results/export/export_parts.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "results/export/export_exits.h"
#include "results/summary/estimate.h"

static json_t *text(const char *raw)
{
	char printable[1024];

	return json_string(csv_printable(raw, printable, sizeof(printable)));
}

/* Bencher Metric Format (bencher.dev/docs/reference/bencher-metric-format): a benchmark's measures,
 * each with a value and, where known, limits. */
static json_t *bmf_measure(const struct estimate *e)
{
	json_t *measure = json_pack("{s:f}", "value", e->mid);

	if (isfinite(e->low) && isfinite(e->high)) {
		measure = json_with(measure, "lower_value", json_real(e->low));
		measure = json_with(measure, "upper_value", json_real(e->high));
	}
	return measure;
}

/* Each is a benchmark of its own. */
static int add_bmf_exit(void *root, const struct export_exit *e, struct err *err)
{
	json_t **object = root;
	char name[EXPORT_NAME];

	*object = json_with(*object, export_exit_name(e, ' ', name),
			    json_pack("{s:o}", "exits_per_op", bmf_measure(&e->metric->per_op)));
	return 0;
}

int export_bmf(const struct summary *s, struct buf *out, struct err *err)
{
	json_t *root = json_object();
	char name[EXPORT_NAME];

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		json_t *measures;

		if (!summary_has_cost(e))
			continue;
		measures = json_pack("{s:o}", summary_is_size(e) ? "capacity" : "latency",
				     bmf_measure(&e->cost));
		if (e->layer && !isnan(e->ratio_l0.mid))
			measures = json_with(measures, "overhead", bmf_measure(&e->ratio_l0));
		root = json_with(root, export_name(s, e, ' ', name), measures);
	}
	if (export_exits(s, add_bmf_exit, &root, err) < 0) {
		json_decref(root);
		return -1;
	}
	return json_write(root, out, err);
}

/* github-action-benchmark */

static json_t *add_github(json_t *list, const struct summary *s, const struct summary_entry *e,
			  const char *what, const char *unit, const struct estimate *value)
{
	char name[EXPORT_NAME], full[EXPORT_NAME + 32], range[96];
	struct buf extra = BUF_INIT;
	json_t *item;

	if (!isfinite(value->mid))
		return list;
	snprintf(full, sizeof(full), "%s%s", export_name(s, e, ' ', name), what);
	item = json_pack("{s:s, s:s, s:f}", "name", full, "unit", unit, "value", value->mid);
	if (isfinite(value->low) && isfinite(value->high)) {
		snprintf(range, sizeof(range), "%.6g to %.6g", value->low, value->high);
		item = json_with(item, "range", json_string(range));
	}
	buf_addf(&extra, "accel: %s, boots: %zu, rounds: %zu", s->layer[e->layer].accel, e->boots,
		 e->cells);
	if (e->flags) {
		buf_addstr(&extra, ", flags: ");
		summary_format_flags(e, &extra);
	}
	item = json_with(item, "extra", text(buf_str(&extra)));
	if (extra.failed) {
		json_decref(item);
		item = NULL;
	}
	buf_release(&extra);
	return json_and(list, item);
}

static int add_github_exit(void *list, const struct export_exit *e, struct err *err)
{
	const struct estimate *value = &e->metric->per_op;
	json_t **array = list;
	char name[EXPORT_NAME], range[96];

	snprintf(range, sizeof(range), "%.6g to %.6g", value->low, value->high);
	*array = json_and(*array,
			  json_pack("{s:s, s:s, s:f, s:s}", "name", export_exit_name(e, ' ', name),
				    "unit", "exits/op", "value", value->mid, "range", range));
	return 0;
}

int export_github_smaller(const struct summary *s, struct buf *out, struct err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (!summary_is_size(e))
			list = add_github(list, s, e, "", "ns/op", &e->cost);
		if (e->layer)
			list = add_github(list, s, e, " overhead", "times L0", &e->ratio_l0);
	}
	if (export_exits(s, add_github_exit, &list, err) < 0) {
		json_decref(list);
		return -1;
	}
	return json_write(list, out, err);
}

int export_github_bigger(const struct summary *s, struct buf *out, struct err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (summary_is_size(e))
			list = add_github(list, s, e, "", e->unit, &e->cost);
		if (e->layer)
			list = add_github(list, s, e, " share", "share of L0", &e->share);
	}
	return json_write(list, out, err);
}

/* Google Benchmark: one entry for each round. CPU time is not known apart from time. */
/* A user counter of the entries of the same work: "exits_per_op:L2:cpuid". */
struct google_counters {
	json_t *list;
	size_t family;
	const struct summary_entry *of;
};

static int add_google_counter(void *ctx, const struct export_exit *e, struct err *err)
{
	const struct google_counters *g = ctx;
	const struct exit_series *x = e->series;
	char reason[EXITS_REASON + EXITS_SOURCE], key[EXPORT_NAME];
	json_t *item;
	size_t i;

	if (x->measured != g->of->layer || x->threads != g->of->threads ||
	    strcmp(x->workload, g->of->workload) != 0 || strcmp(x->params, g->of->params) != 0)
		return 0;
	snprintf(key, sizeof(key), "exits_per_op:%s:%s", summary_layer_name(e->s, x->layer),
		 export_exit_reason(e, reason));
	json_array_foreach(
		g->list, i,
		item) if (json_integer_value(json_object_get(item, "family_index")) ==
				  (json_int_t)g->family &&
			  json_object_set_new(item, key, json_real(e->metric->per_op.mid)) <
				  0) return err_set(err, EXIT_INTERNAL,
						    "out of memory for an export");
	return 0;
}

static int add_google_counters(json_t *list, const struct summary *s, struct err *err)
{
	struct exit_counts counts = {0};
	int rc =
		exit_counts_load(s->dir, s->manifest.run[0] ? s->manifest.run : NULL, &counts, err);

	for (size_t i = 0; i < s->entries && rc == 0; i++) {
		struct google_counters g = {list, i, &s->entry[i]};

		rc = export_exits_of(s, &counts, add_google_counter, &g, err);
	}
	exit_counts_release(&counts);
	return rc;
}

static json_t *add_google(json_t *list, const struct summary *s, const struct summary_entry *e,
			  size_t family)
{
	char name[EXPORT_NAME];

	export_name(s, e, '/', name);
	for (size_t i = 0; i < e->cells; i++)
		list = json_and(
			list,
			json_pack("{s:s, s:i, s:i, s:s, s:s, s:i, s:i, s:i, s:i, s:f, s:f, s:s}",
				  "name", name, "family_index", (int)family,
				  "per_family_instance_index", 0, "run_name", name, "run_type",
				  "iteration", "repetitions", (int)e->cells, "repetition_index",
				  (int)i, "threads", (int)e->threads, "iterations", 1, "real_time",
				  e->cell[i].cost, "cpu_time", e->cell[i].cost, "time_unit", "ns"));
	return list;
}

int export_google(const struct summary *s, struct buf *out, struct err *err)
{
	json_t *list = json_array(), *root, *context;

	for (size_t i = 0; i < s->entries; i++)
		if (!summary_is_size(&s->entry[i]))
			list = add_google(list, s, &s->entry[i], i);
	if (add_google_counters(list, s, err) < 0) {
		json_decref(list);
		return -1;
	}
	context = json_pack("{s:o, s:o, s:s, s:i, s:i, s:b, s:[], s:[], s:s}", "date",
			    text(s->manifest.started), "host_name", text(s->manifest.host),
			    "executable", "nestkernel", "num_cpus", 1, "mhz_per_cpu", 0,
			    "cpu_scaling_enabled", 0, "caches", "load_avg", "library_build_type",
			    "release");
	root = json_pack("{s:o, s:o}", "context", context, "benchmarks", list);
	return json_write(root, out, err);
}
