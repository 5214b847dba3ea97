/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that are lines of text. */
#include "results/export/export_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "results/export/export_exits.h"
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
static void add_go_name(struct buf *out, const char *workload, const char *params, uint32_t threads)
{
	bool start = true;
	char name[EXPORT_NAME];

	buf_addstr(out, "Benchmark");
	csv_printable(workload, name, sizeof(name));
	for (const char *c = name; *c; c++) {
		char letter = start ? (char)toupper((unsigned char)*c) : *c;

		start = !isalnum((unsigned char)*c);
		if (!start)
			buf_add(out, &letter, 1);
	}
	csv_printable(params, name, sizeof(name));
	for (const char *word = name; *word;) {
		size_t len = strcspn(word, " ");

		buf_addf(out, "/%.*s", (int)len, word);
		word += len;
		word += strspn(word, " ");
	}
	buf_addf(out, "-%" PRIu32, threads);
}

struct go_exits {
	struct buf *out;
	uint32_t layer; /* that is written */
};

/* A unit of its own for each reason, with the layer where that is not the one that worked. */
static int add_go_exit(void *ctx, const struct export_exit *e, struct err *err)
{
	const struct go_exits *g = ctx;
	const struct exit_series *x = e->series;
	char reason[EXITS_REASON + EXITS_SOURCE];
	bool is_own = x->layer == x->measured;

	if (x->measured != g->layer)
		return 0;
	add_go_name(g->out, x->workload, x->params, x->threads);
	buf_addf(g->out, " 1 %.10g %s%s%s-exits/op\n", e->metric->per_op.mid,
		 is_own ? "" : summary_layer_name(e->s, x->layer), is_own ? "" : "-",
		 export_exit_reason(e, reason));
	return 0;
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
				add_go_name(out, e->workload, e->params, e->threads);
				buf_addf(out, " 1 %.10g %s\n", e->cell[k].cost,
					 strcmp(e->unit, "bytes") == 0 ? "B" : e->unit);
			}
		}
		if (export_exits(s, add_go_exit, &(struct go_exits){out, layer}, err) < 0)
			return -1;
	}
	return buf_check(out, err);
}

/* Prometheus text format 0.0.4, base units, no timestamps. */

#define AT(member) offsetof(struct summary_entry, member)

void prometheus_label(struct buf *out, const char *name, const char *value, const char *comma)
{
	char text[512];

	buf_addf(out, "%s%s=\"", comma, name);
	escape_backslash(out, csv_printable(value, text, sizeof(text)), "\"\\");
	buf_addstr(out, "\"");
}

void prometheus_head(struct buf *out, const char *name, const char *help)
{
	buf_addf(out, "# HELP nestbench_%s %s\n# TYPE nestbench_%s gauge\n", name, help, name);
}

static void add_layer_label(struct buf *out, const char *name, const struct summary *s,
			    uint32_t layer)
{
	if (s->is_tree)
		prometheus_label(out, name, summary_layer_name(s, layer), ",");
	else
		buf_addf(out, ",%s=\"%" PRIu32 "\"", name, layer);
}

static void add_metric(struct buf *out, const char *name, const struct summary *s,
		       const struct summary_entry *e, double value)
{
	if (isnan(value))
		return;
	buf_addf(out, "nestbench_%s{", name);
	prometheus_label(out, "workload", e->workload, "");
	prometheus_label(out, "class", e->class, ",");
	prometheus_label(out, "params", e->params, ",");
	buf_addf(out, ",threads=\"%" PRIu32 "\"", e->threads);
	add_layer_label(out, "layer", s, e->layer);
	prometheus_label(out, "accel", s->layer[e->layer].accel, ",");
	buf_addf(out, "} %.10g\n", value);
}

struct exit_metrics {
	struct buf *out;
	bool begun;
};

static int add_exit_metric(void *ctx, const struct export_exit *e, struct err *err)
{
	struct exit_metrics *m = ctx;
	const struct exit_series *x = e->series;
	struct buf *out = m->out;

	if (!m->begun)
		prometheus_head(out, "exits_per_op", "Exits of a layer per operation, by reason.");
	m->begun = true;
	buf_addstr(out, "nestbench_exits_per_op{");
	prometheus_label(out, "workload", x->workload, "");
	prometheus_label(out, "params", x->params, ",");
	buf_addf(out, ",threads=\"%" PRIu32 "\"", x->threads);
	add_layer_label(out, "layer", e->s, x->layer);
	add_layer_label(out, "counted_in", e->s, x->counted_in);
	add_layer_label(out, "measured", e->s, x->measured);
	prometheus_label(out, "reason", e->metric->reason, ",");
	prometheus_label(out, "source", x->source, ",");
	buf_addf(out, "} %.10g\n", e->metric->per_op.mid);
	return 0;
}

static int add_exit_metrics(struct buf *out, const struct summary *s, struct err *err)
{
	struct exit_metrics m = {.out = out};

	return export_exits(s, add_exit_metric, &m, err);
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

		prometheus_head(out, name, metrics[m].help);
		for (size_t i = 0; i < s->entries; i++) {
			const struct summary_entry *e = &s->entry[i];
			double value;

			memcpy(&value, (const char *)e + metrics[m].offset, sizeof(value));
			if (unit ? strcmp(e->unit, unit) == 0 : e->layer > 0)
				add_metric(out, name, s, e, value * metrics[m].scale);
		}
	}
	return add_exit_metrics(out, s, err) < 0 ? -1 : buf_check(out, err);
}

/* Key: value */

static void add_value(struct buf *out, const char *name, const char *what, double value)
{
	if (!isnan(value))
		buf_addf(out, "%s.%s: %.10g\n", name, what, value);
}

static int add_exit_value(void *out, const struct export_exit *e, struct err *err)
{
	char name[EXPORT_NAME];

	add_value(out, export_exit_name(e, '.', name), "exits_per_op", e->metric->per_op.mid);
	return 0;
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
	return export_exits(s, add_exit_value, out, err) < 0 ? -1 : buf_check(out, err);
}
