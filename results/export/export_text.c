/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that are lines of text. */
#include "results/export/export_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "results/rundir/params.h"

const char *export_name(const struct summary *s, const struct summary_entry *e, char separator,
			char text[EXPORT_NAME])
{
	char raw[EXPORT_NAME], threads[THREADS_TEXT];

	snprintf(raw, sizeof(raw), "%.64s%s%.256s%s%s %s", e->workload, e->params[0] ? " " : "",
		 e->params, e->threads != 1 ? " " : "",
		 e->threads != 1 ? threads_word(e->threads, threads) : "",
		 summary_layer_name(s, e->layer));
	csv_printable(raw, text, EXPORT_NAME);
	for (char *c = text; *c; c++)
		if (*c == ' ')
			*c = separator;
	return text;
}

/* Go's benchmark format (golang.org/design/14313-benchmark-format): configuration lines hold for
 * what follows; one line for each round. */

/* "mem.chase" becomes MemChase. */
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

int export_benchstat(const struct summary *s, struct buf *out, struct err *err)
{
	char host[MANIFEST_NAME];

	buf_addf(out, "pkg: nestbench\nhost: %s\n",
		 csv_printable(s->manifest.host, host, sizeof(host)));
	for (uint32_t layer = 0; layer < s->layers; layer++) {
		buf_addf(out, "layer: %s\naccel: %s\n", summary_layer_name(s, layer),
			 s->layer[layer].accel);
		for (size_t i = 0; i < s->entries; i++) {
			const struct summary_entry *e = &s->entry[i];

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
 * no empty cell. So only a metric of all runs becomes a column. */

/* e is one of `from`. */
static const struct summary_entry *find_like(const struct summary *s, const struct summary *from,
					     const struct summary_entry *e)
{
	const struct summary_entry *other = summary_find(s, e->workload, e->params, e->threads,
							 summary_layer_like(from, e->layer, s));

	return other && summary_has_cost(other) ? other : NULL;
}

static bool all_have(const struct summary *runs, size_t count, const struct summary_entry *e)
{
	for (size_t i = 0; i < count; i++)
		if (!find_like(&runs[i], &runs[0], e))
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
			       "2026-01-31T12:00:00Z, and the rows must be in the order of time",
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
			csv_add_field(out, export_name(runs, &runs->entry[i], '_', name));
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
				csv_add_double(
					out, find_like(sorted[r], runs, &runs->entry[i])->cost.mid);
			}
		buf_addstr(out, "\n");
	}
	rc = buf_check(out, err);
cleanup:
	free(sorted);
	return rc;
}

/* Prometheus text format 0.0.4, base units, no timestamps. */

#define AT(member) offsetof(struct summary_entry, member)

static void add_label(struct buf *out, const char *name, const char *value, const char *comma)
{
	char text[512];

	buf_addf(out, "%s%s=\"", comma, name);
	escape_backslash(out, csv_printable(value, text, sizeof(text)), "\"\\");
	buf_addstr(out, "\"");
}

static void add_metric(struct buf *out, const char *name, const struct summary *s,
		       const struct summary_entry *e, double value)
{
	if (isnan(value))
		return;
	buf_addf(out, "nestbench_%s{", name);
	add_label(out, "workload", e->workload, "");
	add_label(out, "class", e->class, ",");
	add_label(out, "params", e->params, ",");
	buf_addf(out, ",threads=\"%" PRIu32 "\"", e->threads);
	if (s->is_tree)
		add_label(out, "layer", summary_layer_name(s, e->layer), ",");
	else
		buf_addf(out, ",layer=\"%" PRIu32 "\"", e->layer);
	add_label(out, "accel", s->layer[e->layer].accel, ",");
	buf_addf(out, "} %.10g\n", value);
}

int export_prometheus(const struct summary *s, struct buf *out, struct err *err)
{
	static const struct {
		const char *name, *help,
			*unit; /* of entries in this unit; NULL: of layers below L0 */
		size_t offset;
		double scale;
	} metrics[] = {
		{"cost_seconds", "Time per operation, median.", "ns/op", AT(cost.mid), 1e-9},
		{"cost_low_seconds", "Lower end of its 95 % interval.", "ns/op", AT(cost.low),
		 1e-9},
		{"cost_high_seconds", "Upper end of its 95 % interval.", "ns/op", AT(cost.high),
		 1e-9},
		{"capacity_bytes", "Usable size of memory or disk.", "bytes", AT(cost.mid), 1},
		{"capacity_cpus", "CPUs that worked at the same time.", "cpus", AT(cost.mid), 1},
		{"overhead_ratio", "Times the cost in L0.", NULL, AT(ratio_l0.mid), 1},
		{"overhead_up_ratio", "Times the cost in the parent layer.", NULL, AT(ratio_up.mid),
		 1},
	};

	for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
		const char *name = metrics[m].name, *unit = metrics[m].unit;

		buf_addf(out, "# HELP nestbench_%s %s\n# TYPE nestbench_%s gauge\n", name,
			 metrics[m].help, name);
		for (size_t i = 0; i < s->entries; i++) {
			const struct summary_entry *e = &s->entry[i];
			double value;

			memcpy(&value, (const char *)e + metrics[m].offset, sizeof(value));
			if (unit ? strcmp(e->unit, unit) == 0 : e->layer > 0)
				add_metric(out, name, s, e, value * metrics[m].scale);
		}
	}
	return buf_check(out, err);
}

/* Key: value */

static void add_value(struct buf *out, const char *name, const char *what, double value)
{
	if (!isnan(value))
		buf_addf(out, "%s.%s: %.10g\n", name, what, value);
}

int export_kv(const struct summary *s, struct buf *out, struct err *err)
{
	char name[EXPORT_NAME];

	buf_addf(out, "run: %s\n", csv_printable(s->manifest.run, name, sizeof(name)));
	buf_addf(out, "host: %s\n", csv_printable(s->manifest.host, name, sizeof(name)));
	buf_addf(out, "started: %s\n", csv_printable(s->manifest.started, name, sizeof(name)));
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		export_name(s, e, '.', name);
		add_value(out, name, summary_is_size(e) ? e->unit : "ns_per_op", e->cost.mid);
		add_value(out, name, "low95", e->cost.low);
		add_value(out, name, "high95", e->cost.high);
		add_value(out, name, "ratio_l0", e->layer ? e->ratio_l0.mid : NAN);
		add_value(out, name, "ratio_up", e->layer ? e->ratio_up.mid : NAN);
	}
	return buf_check(out, err);
}
