/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "lib/json.h"
#include "results/fleet/compare_parts.h"
#include "results/summary/estimate.h"

static json_t *node_json(const struct fleet_comparison *c, const struct compared_node *node)
{
	bool read = fleet_is_read(node);

	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o}", "node", json_text(node->name),
		"outcome", fleet_outcome_name(node->outcome), "reason", json_text(node->reason),
		"host", json_text(node->host), "machine_class",
		read ? json_string(fleet_node_letter(c, (size_t)(node - c->node))) : json_null(),
		"figures", (json_int_t)node->figures, "odd", (json_int_t)node->odd,
		"without_figure", (json_int_t)node->skipped, "damaged_lines",
		(json_int_t)node->damaged, "emulated",
		read ? json_boolean(node->emulated) : json_null());
}

static json_t *machine_json(const struct compared_machine *machine)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:b}", "machine_class", machine->letter, "cpu",
			 json_text(machine->class.cpu), "settings",
			 json_text(machine->class.settings), "nodes", (json_int_t)machine->nodes,
			 "compared", machine->nodes >= FLEET_LEAST);
}

static json_t *figure_json(const struct fleet_comparison *c, const struct compared_figure *f)
{
	const struct compared_work *w = &c->work[f->work];
	json_t *json = json_pack(
		"{s:o, s:o, s:o, s:o, s:i, s:o, s:s, s:s}", "node",
		json_text(c->node[f->node].name), "workload", json_text(w->workload), "class",
		json_text(w->class), "params", json_text(w->params), "threads", (int)w->threads,
		"layer", json_text(w->layer), "figure", fleet_kind_name(f->kind), "unit", w->unit);

	json = json_with(json, "level", json_real_or_null(f->level));
	json = json_with(json, "usual", json_real_or_null(f->usual));
	json = json_with(json, "joint", estimate_json(&f->ratio));
	json = json_with(json, "p", isfinite(f->usual) ? json_real(f->p) : json_null());
	return json_with(json, "odd", json_boolean(f->odd));
}

static json_t *ranked_json(const struct fleet_comparison *c, const struct ranked_node *node)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "node", json_text(c->node[node->node].name),
			 "rank", (json_int_t)node->rank, "best", (json_int_t)node->best, "worst",
			 (json_int_t)node->worst, "share", estimate_json(&node->share));
}

static json_t *ranking_json(const struct fleet_comparison *c, const struct ranking *r)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < r->nodes; i++)
		nodes = json_and(nodes, ranked_json(c, &r->node[i]));
	return json_pack("{s:o, s:o, s:s, s:o}", "class", json_text(r->class), "layer",
			 json_text(r->layer), "of", r->is_speed ? "median node" : "own L0", "nodes",
			 nodes);
}

static json_t *difference_json(const struct fleet_comparison *c, const struct node_difference *d)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "node",
			 json_text(c->node[d->node].name), "place", json_text(d->place), "key",
			 json_text(d->key), "value", *d->value ? json_text(d->value) : json_null(),
			 "common", json_text(d->common), "nodes", (json_int_t)d->nodes, "why",
			 json_text(d->why));
}

int fleet_compare_json(const struct fleet_comparison *c, struct buf *out, struct err *err)
{
	json_t *nodes = json_array(), *machines = json_array(), *figures = json_array(),
	       *rankings = json_array(), *differences = json_array();

	for (size_t i = 0; i < c->nodes; i++)
		nodes = json_and(nodes, node_json(c, &c->node[i]));
	for (size_t i = 0; i < c->machines; i++)
		machines = json_and(machines, machine_json(&c->machine[i]));
	for (size_t i = 0; i < c->figures; i++)
		figures = json_and(figures, figure_json(c, &c->figure[i]));
	for (size_t i = 0; i < c->rankings; i++)
		rankings = json_and(rankings, ranking_json(c, &c->ranking[i]));
	for (size_t i = 0; i < c->differences; i++)
		differences = json_and(differences, difference_json(c, &c->difference[i]));
	return json_write_answer("fleet-compare", 1,
				 json_pack("{s:o, s:f, s:f, s:I, s:o, s:o, s:o, s:o, s:o}",
					   "directory", json_text(c->dir), "confidence", FLEET_SURE,
					   "same_share", c->same, "compared_figures",
					   (json_int_t)c->compared, "machine_classes", machines,
					   "nodes", nodes, "figures", figures, "rankings", rankings,
					   "differences", differences),
				 out, err);
}
