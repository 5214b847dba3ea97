/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "results/export/export_parts.h"
#include "results/fleet/compare_parts.h"

/* The labels that metrics of one run have too, behind that of the node. */
static void add_figure(struct buf *out, const char *name, const struct fleet_comparison *c,
		       const struct compared_figure *f, double value)
{
	const struct compared_work *w = &c->work[f->work];

	if (!isfinite(value))
		return;
	buf_addf(out, "nestbench_%s{", name);
	prometheus_label(out, "node", c->node[f->node].name, "");
	prometheus_label(out, "workload", w->workload, ",");
	prometheus_label(out, "class", w->class, ",");
	prometheus_label(out, "params", w->params, ",");
	buf_addf(out, ",threads=\"%" PRIu32 "\"", w->threads);
	prometheus_label(out, "layer",
			 w->layer[0] == 'L' && !strchr(w->layer, ':') ? w->layer + 1 : w->layer,
			 ",");
	buf_addf(out, "} %.10g\n", value);
}

static double cost_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_COST && strcmp(w->unit, "ns/op") == 0 ? f->level * 1e-9 : NAN;
}

static double tail_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_TAIL ? f->level * 1e-9 : NAN;
}

static double bytes_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_COST && strcmp(w->unit, "bytes") == 0 ? f->level : NAN;
}

static double cpus_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_COST && strcmp(w->unit, "cpus") == 0 ? f->level : NAN;
}

static double deviation_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_COST ? f->ratio.mid : NAN;
}

static double tail_deviation_of(const struct compared_work *w, const struct compared_figure *f)
{
	return f->kind == FLEET_TAIL ? f->ratio.mid : NAN;
}

static const struct {
	const char *name, *help;
	double (*of)(const struct compared_work *w, const struct compared_figure *f);
} metrics[] = {
	{"cost_seconds", "Time per operation, median.", cost_of},
	{"tail_seconds", "Time per operation, 95th percentile over batches.", tail_of},
	{"capacity_bytes", "Usable size of memory or disk.", bytes_of},
	{"capacity_cpus", "CPUs that worked at the same time.", cpus_of},
	{"fleet_ratio",
	 "Cost against the median of the other nodes of its class; above 1 is worse.",
	 deviation_of},
	{"fleet_tail_ratio", "The same of the tail.", tail_deviation_of},
};

static void add_shares(const struct fleet_comparison *c, struct buf *out)
{
	prometheus_head(out, "fleet_share",
			"Usable share of the node's L0, of a kind of work; in L0 the speed against "
			"the median node.");
	for (size_t i = 0; i < c->rankings; i++) {
		const struct ranking *r = &c->ranking[i];

		for (size_t k = 0; k < r->nodes; k++) {
			buf_addstr(out, "nestbench_fleet_share{");
			prometheus_label(out, "node", c->node[r->node[k].node].name, "");
			prometheus_label(out, "class", r->class, ",");
			prometheus_label(out, "layer", r->layer, ",");
			buf_addf(out, "} %.10g\n", r->node[k].share.mid);
		}
	}
}

static void add_nodes(const struct fleet_comparison *c, struct buf *out)
{
	prometheus_head(out, "fleet_node_odd", "Figures in which the node is odd.");
	for (size_t i = 0; i < c->nodes; i++) {
		if (c->node[i].outcome != FLEET_COMPARED)
			continue;
		buf_addstr(out, "nestbench_fleet_node_odd{");
		prometheus_label(out, "node", c->node[i].name, "");
		prometheus_label(out, "machine_class", fleet_node_letter(c, i), ",");
		buf_addf(out, "} %zu\n", c->node[i].odd);
	}
	prometheus_head(out, "fleet_node_left_out", "1: the node could not be compared.");
	for (size_t i = 0; i < c->nodes; i++) {
		buf_addstr(out, "nestbench_fleet_node_left_out{");
		prometheus_label(out, "node", c->node[i].name, "");
		prometheus_label(out, "outcome", fleet_outcome_name(c->node[i].outcome), ",");
		buf_addf(out, "} %d\n", !fleet_is_read(&c->node[i]));
	}
}

void fleet_compare_prometheus(const struct fleet_comparison *c, struct buf *out)
{
	for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
		prometheus_head(out, metrics[m].name, metrics[m].help);
		for (size_t i = 0; i < c->figures; i++)
			add_figure(out, metrics[m].name, c, &c->figure[i],
				   metrics[m].of(&c->work[c->figure[i].work], &c->figure[i]));
	}
	add_shares(c, out);
	add_nodes(c, out);
}
