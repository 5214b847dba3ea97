/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that are lines of text. */
#include "results/export/export_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Go's benchmark format (golang.org/design/14313-benchmark-format): configuration lines hold for
 * what follows; one line for each round. */

/* "mem.chase" is MemChase. */
static void add_go_name(struct buf *out, const struct summary_entry *e)
{
	bool start = true;
	char name[EXPORT_NAME];

	buf_addstr(out, "Benchmark");
	csv_printable(e->workload, name, sizeof(name));
	for (const char *c = name; *c; c++) {
		char letter = start ? (char)toupper((unsigned char)*c) : *c;

		start = !isalnum((unsigned char)*c);
		if (!start)
			buf_add(out, &letter, 1);
	}
	csv_printable(e->params, name, sizeof(name));
	for (const char *word = name; *word;) {
		size_t len = strcspn(word, " ");

		buf_addf(out, "/%.*s", (int)len, word);
		word += len;
		word += strspn(word, " ");
	}
	buf_addf(out, "-%" PRIu32, e->threads);
}

int export_benchstat(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	char host[MANIFEST_NAME];

	(void)count;
	buf_addf(out, "pkg: nestbench\nhost: %s\n",
		 csv_printable(runs->manifest.host, host, sizeof(host)));
	for (uint32_t layer = 0; layer < runs->layers; layer++) {
		buf_addf(out, "layer: L%" PRIu32 "\naccel: %s\n", layer, runs->layer[layer].accel);
		for (size_t i = 0; i < runs->entries; i++) {
			const struct summary_entry *e = &runs->entry[i];

			for (size_t k = 0; e->layer == layer && k < e->cells; k++) {
				add_go_name(out, e);
				buf_addf(out, " 1 %.10g %s\n", e->cell[k].cost,
					 strcmp(e->unit, "bytes") == 0 ? "B" : e->unit);
			}
		}
	}
	return buf_check(out, err);
}

/* Apache Otava reads a wide CSV: a row for each run in the order of time, a column for each metric,
 * no empty cell. So only what every run has becomes a column. */

static const struct summary_entry *find_like(const struct summary *s, const struct summary_entry *e)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *other = &s->entry[i];

		if (other->layer == e->layer && other->threads == e->threads &&
		    strcmp(other->workload, e->workload) == 0 &&
		    strcmp(other->params, e->params) == 0)
			return summary_has_cost(other) ? other : NULL;
	}
	return NULL;
}

static bool all_have(const struct summary *runs, size_t count, const struct summary_entry *e)
{
	for (size_t i = 0; i < count; i++)
		if (!find_like(&runs[i], e))
			return false;
	return true;
}

static int by_start(const void *left, const void *right)
{
	const struct summary *const *a = left, *const *b = right;

	return strcmp((*a)->manifest.started, (*b)->manifest.started);
}

/* "2026-01-31T12:00:00Z" with its zone as an offset. */
static int add_time(struct buf *out, const struct summary *s, struct err *err)
{
	const char *started = s->manifest.started;
	char run[MANIFEST_NAME];

	if (strlen(started) != 20 || started[19] != 'Z' ||
	    strspn(started, "0123456789-:TZ") != strlen(started))
		return err_set(err, EXIT_USAGE,
			       "the manifest of run \"%s\" does not say when it started, as "
			       "2026-01-31T12:00:00Z, and the rows must stand in the order of time",
			       csv_printable(s->manifest.run, run, sizeof(run)));
	buf_addf(out, "%.19s+00:00", started);
	return 0;
}

int export_otava(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	const struct summary **sorted =
		calloc(count, sizeof(*sorted)); /* NOLINT(bugprone-sizeof-expression) of pointers */
	char name[EXPORT_NAME];
	size_t columns = 0;
	int rc = -1;

	if (!sorted)
		return err_set(err, EXIT_INTERNAL, "out of memory for an export");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &runs[i];
	qsort(sorted, count, sizeof(*sorted), /* NOLINT(bugprone-sizeof-expression) of pointers */
	      by_start);
	buf_addstr(out, "time,run");
	for (size_t i = 0; i < runs->entries; i++)
		if (all_have(runs, count, &runs->entry[i])) {
			buf_addstr(out, ",");
			csv_add_field(out, export_name(&runs->entry[i], '_', name));
			columns++;
		}
	buf_addstr(out, "\n");
	if (columns == 0) {
		err_set(err, EXIT_INCONCLUSIVE, "there is no figure that all of these runs have");
		goto cleanup;
	}
	for (size_t r = 0; r < count; r++) {
		if (add_time(out, sorted[r], err) < 0)
			goto cleanup;
		buf_addstr(out, ",");
		csv_add_field(out, csv_printable(sorted[r]->manifest.run, name, sizeof(name)));
		for (size_t i = 0; i < runs->entries; i++)
			if (all_have(runs, count, &runs->entry[i])) {
				buf_addstr(out, ",");
				csv_add_double(out,
					       find_like(sorted[r], &runs->entry[i])->cost.mid);
			}
		buf_addstr(out, "\n");
	}
	rc = buf_check(out, err);
cleanup:
	free(sorted);
	return rc;
}

/* Prometheus text format 0.0.4, base units, no timestamps. */

static void add_label(struct buf *out, const char *name, const char *value, const char *comma)
{
	char text[512];

	buf_addf(out, "%s%s=\"", comma, name);
	for (const char *c = csv_printable(value, text, sizeof(text)); *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_addstr(out, "\\");
		buf_add(out, c, 1);
	}
	buf_addstr(out, "\"");
}

static void add_metric(struct buf *out, const char *name, const struct summary *s,
		       const struct summary_entry *e, double value)
{
	if (isnan(value))
		return;
	buf_addf(out, "%s{", name);
	add_label(out, "workload", e->workload, "");
	add_label(out, "class", e->class, ",");
	add_label(out, "params", e->params, ",");
	buf_addf(out, ",threads=\"%" PRIu32 "\",layer=\"%" PRIu32 "\"", e->threads, e->layer);
	add_label(out, "accel", s->layer[e->layer].accel, ",");
	buf_addf(out, "} %.10g\n", value);
}

enum prometheus_value {
	VALUE_COST,
	VALUE_LOW,
	VALUE_HIGH,
	VALUE_BYTES,
	VALUE_CPUS,
	VALUE_L0,
	VALUE_UP
};

static double value_of(const struct summary_entry *e, enum prometheus_value what)
{
	double scale = export_is_size(e) ? NAN : 1e-9;

	switch (what) {
	case VALUE_COST:
		return scale * e->cost.mid;
	case VALUE_LOW:
		return scale * e->cost.low;
	case VALUE_HIGH:
		return scale * e->cost.high;
	case VALUE_BYTES:
		return strcmp(e->unit, "bytes") == 0 ? e->cost.mid : NAN;
	case VALUE_CPUS:
		return strcmp(e->unit, "cpus") == 0 ? e->cost.mid : NAN;
	case VALUE_L0:
		return e->layer ? e->ratio_l0.mid : NAN;
	case VALUE_UP:
		return e->layer ? e->ratio_up.mid : NAN;
	}
	return NAN;
}

int export_prometheus(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	static const struct {
		const char *name, *help;
		enum prometheus_value what;
	} metrics[] = {
		{"nestbench_cost_seconds", "Time per operation, median.", VALUE_COST},
		{"nestbench_cost_low_seconds", "Lower end of its 95 % interval.", VALUE_LOW},
		{"nestbench_cost_high_seconds", "Upper end of its 95 % interval.", VALUE_HIGH},
		{"nestbench_capacity_bytes", "What could be had, of memory or disk.", VALUE_BYTES},
		{"nestbench_capacity_cpus", "CPUs that worked at the same time.", VALUE_CPUS},
		{"nestbench_overhead_ratio", "Times the cost in L0.", VALUE_L0},
		{"nestbench_overhead_up_ratio", "Times the cost in the layer above.", VALUE_UP},
	};

	(void)count;
	for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
		buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", metrics[m].name, metrics[m].help,
			 metrics[m].name);
		for (size_t i = 0; i < runs->entries; i++)
			add_metric(out, metrics[m].name, runs, &runs->entry[i],
				   value_of(&runs->entry[i], metrics[m].what));
	}
	return buf_check(out, err);
}

/* Key: value */

static void add_value(struct buf *out, const char *name, const char *what, double value)
{
	if (!isnan(value))
		buf_addf(out, "%s.%s: %.10g\n", name, what, value);
}

int export_kv(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	char name[EXPORT_NAME];

	(void)count;
	buf_addf(out, "run: %s\n", csv_printable(runs->manifest.run, name, sizeof(name)));
	buf_addf(out, "host: %s\n", csv_printable(runs->manifest.host, name, sizeof(name)));
	buf_addf(out, "started: %s\n", csv_printable(runs->manifest.started, name, sizeof(name)));
	for (size_t i = 0; i < runs->entries; i++) {
		const struct summary_entry *e = &runs->entry[i];

		export_name(e, '.', name);
		add_value(out, name, export_is_size(e) ? e->unit : "ns_per_op", e->cost.mid);
		add_value(out, name, "low95", e->cost.low);
		add_value(out, name, "high95", e->cost.high);
		add_value(out, name, "ratio_l0", e->layer ? e->ratio_l0.mid : NAN);
		add_value(out, name, "ratio_up", e->layer ? e->ratio_up.mid : NAN);
	}
	return buf_check(out, err);
}
