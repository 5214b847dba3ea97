/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary as nestbench's own JSON. */
#include "results/export/export_parts.h"

#include <math.h>

#include "lib/json.h"
#include "results/export/export_exits.h"
#include "results/summary/estimate.h"
#include "results/summary/kinds.h"
#include "results/summary/tax.h"

static json_t *layer_name(const struct summary *s, uint32_t layer)
{
	return json_text(layer == LAYER_NO_PARENT ? NULL : summary_layer_name(s, layer));
}

static json_t *known(const char *text)
{
	return json_text(text[0] ? text : NULL);
}

static json_t *layer_json(const struct summary *s, uint32_t k)
{
	const struct summary_layer *l = &s->layer[k];
	json_t *o = json_with(json_object(), "layer", layer_name(s, k));

	o = json_with(o, "parent", layer_name(s, k ? summary_parent(s, k) : LAYER_NO_PARENT));
	o = json_with(o, "depth", json_integer(s->tree.layer[k].depth));
	o = json_with(o, "has_rows", json_boolean(l->seen));
	o = json_with(o, "kind", known(l->kind));
	o = json_with(o, "isolation", known(l->isolation));
	o = json_with(o, "accel", known(l->accel));
	o = json_with(o, "emulated",
		      l->cpu == CPU_UNKNOWN ? json_null() : json_boolean(l->cpu == CPU_EMULATED));
	o = json_with(o, "hypervisor", known(l->hypervisor));
	o = json_with(o, "vcpus", json_real_or_null(l->vcpus));
	o = json_with(o, "memory_bytes", json_real_or_null(l->memory_bytes));
	o = json_with(o, "vm_memory_bytes", json_real_or_null(l->vm_memory_bytes));
	o = json_with(o, "boot_ns", json_real_or_null(l->boot_ns));
	o = json_with(o, "lacks", known(l->lacks));
	return json_with(o, "warning", known(l->warning));
}

static json_t *class_json(const struct summary *s, const struct summary_class *c)
{
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:s, s:s}", "class",
			 json_text(c->class), "layer", layer_name(s, c->layer), "workloads",
			 (json_int_t)c->workloads, "left_out", (json_int_t)c->left_out, "rounds",
			 (json_int_t)c->n, "ratio_l0", estimate_json(&c->ratio_l0), "ratio_up",
			 estimate_json(&c->ratio_up), "share", estimate_json(&c->share), "step",
			 verdict_name(c->step), "verdict", verdict_name(c->verdict));
}

static json_t *latency_json(const struct summary_entry *e)
{
	if (isnan(e->latency.p50))
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "p50_ns", json_real_or_null(e->latency.p50), "p99_ns",
			 json_real_or_null(e->latency.p99), "max_ns",
			 json_real_or_null(e->latency.max));
}

/* Of rows that do not simply count. */
static json_t *rows_json(uint64_t failed, uint64_t timed_out, uint64_t skipped, uint64_t suspect)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "failed", (json_int_t)failed, "timed_out",
			 (json_int_t)timed_out, "skipped", (json_int_t)skipped, "suspect",
			 (json_int_t)suspect);
}

static json_t *entry_json(const struct summary *s, const struct summary_entry *e)
{
	json_t *o = json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:I, s:I, s:s}", "workload",
			      json_text(e->workload), "class", json_text(e->class), "params",
			      json_text(e->params), "threads", (int)e->threads, "layer",
			      layer_name(s, e->layer), "accel", known(s->layer[e->layer].accel),
			      "boots", (json_int_t)e->boots, "rounds", (json_int_t)e->cells, "unit",
			      e->unit);

	o = json_with(o, "cost", estimate_json(&e->cost));
	o = json_with(o, "p95", json_real_or_null(e->p95));
	o = json_with(o, "p99", json_real_or_null(e->p99));
	o = json_with(o, "latency", latency_json(e));
	o = json_with(o, "ratio_l0", estimate_json(&e->ratio_l0));
	o = json_with(o, "ratio_up", estimate_json(&e->ratio_up));
	o = json_with(o, "share", estimate_json(&e->share));
	o = json_with(o, "flags", summary_flags_json(e));
	o = json_with(o, "rows", rows_json(e->failed, e->timed_out, e->skipped, e->suspect));
	o = json_with(o, "outliers", json_integer((json_int_t)e->outliers));
	o = json_with(o, "disturbed_rounds", json_integer((json_int_t)e->disturbed));
	o = json_with(o, "reason", json_text(e->reason));
	return json_with(o, "remark", json_text(e->remark));
}

static int add_exit(void *list, const struct export_exit *e, struct err *err)
{
	const struct exit_series *x = e->series;
	json_t **array = list, *item;

	item = json_pack("{s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "workload",
			 json_text(x->workload), "params", json_text(x->params), "threads",
			 (int)x->threads, "layer", layer_name(e->s, x->layer), "counted_in",
			 layer_name(e->s, x->counted_in), "measured_in",
			 layer_name(e->s, x->measured), "reason", json_text(e->metric->reason),
			 "source", json_text(x->source), "readings", (json_int_t)x->batches,
			 "exits_per_op", estimate_json(&e->metric->per_op));
	*array = json_and(*array, item);
	return 0;
}

/* The claim, along each way from L0. */
static json_t *ways_json(const struct summary *s)
{
	json_t *list = json_array();

	for (uint32_t k = 1; k < s->layers; k++)
		if (summary_is_end(s, k))
			list = json_and(list, json_pack("{s:o, s:s}", "layer", layer_name(s, k),
							"verdict",
							verdict_name(summary_way_verdict(s, k))));
	return list;
}

static json_t *step_json(const struct tax *t, enum tax_resource r, uint32_t layer)
{
	const struct tax_step *step = &t->step[r][layer];
	json_t *o = json_object();

	o = json_with(o, "resource", json_string(tax_resource_name(r)));
	o = json_with(o, "layer", layer_name(t->s, layer));
	o = json_with(o, "unit", json_string(r == TAX_CPU ? "cpus" : "bytes"));
	o = json_with(o, "parent_has", json_real_or_null(step->has));
	o = json_with(o, "handed", json_real_or_null(step->handed));
	o = json_with(o, "usable", estimate_json(&step->usable));
	o = json_with(o, "reserved_share", estimate_json(&step->reserved));
	o = json_with(o, "hypervisor_share", estimate_json(&step->hypervisor));
	o = json_with(o, "slower_share", estimate_json(&step->slower));
	o = json_with(o, "left_share", estimate_json(&step->left));
	return json_with(o, "left_l0_share", estimate_json(&step->left_l0));
}

/* null where it does not apply. */
static int add_tax(json_t **root, const struct summary *s, struct err *err)
{
	json_t *list = NULL;
	struct tax t;

	if (tax_applies(s)) {
		if (tax_make(s, &t, err) < 0)
			return -1;
		list = json_array();
		for (int r = 0; r < TAX_RESOURCES; r++)
			for (uint32_t k = 1; k < t.layers; k++)
				if (tax_has_step(&t, k))
					list = json_and(list,
							step_json(&t, (enum tax_resource)r, k));
	} else {
		list = json_null();
	}
	*root = json_with(*root, "tax", list);
	return 0;
}

static json_t *pair_json(const struct summary *s, const struct kinds_pair *p)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "class", json_text(p->class),
			 "workload", json_text(p->work ? p->work->workload : NULL), "params",
			 json_text(p->work ? p->work->params : NULL), "layer",
			 layer_name(s, p->layer), "over", layer_name(s, p->over), "workloads",
			 (json_int_t)p->workloads, "rounds", (json_int_t)p->n, "ratio",
			 estimate_json(&p->ratio));
}

static json_t *answer_json(const struct summary *s, const struct kinds_answer *a)
{
	json_t *compared = json_array();

	for (size_t i = 0; i < a->candidates; i++)
		compared = json_and(compared,
				    json_pack("{s:o, s:o}", "layer",
					      layer_name(s, a->candidate[i].layer), "ratio_l0",
					      estimate_json(&a->candidate[i].ratio_l0)));
	return json_pack("{s:s, s:o, s:i, s:o, s:o}", "use", kinds_use_name(a->use), "workloads",
			 json_text(a->names), "depth", (int)a->depth, "best",
			 layer_name(s, a->best), "compared", compared);
}

/* Kinds of layers side by side; null of runs that do not have several. */
static json_t *kinds_json(const struct summary *s)
{
	json_t *pairs, *answers;

	if (!s->kinds)
		return json_null();
	pairs = json_array();
	answers = json_array();
	for (size_t i = 0; i < s->kinds->pairs; i++)
		pairs = json_and(pairs, pair_json(s, &s->kinds->pair[i]));
	for (size_t i = 0; i < s->kinds->answers; i++)
		answers = json_and(answers, answer_json(s, &s->kinds->answer[i]));
	return json_pack("{s:o, s:o}", "pairs", pairs, "suits", answers);
}

static json_t *damage_json(const struct damage *d)
{
	json_t *list = json_array();

	for (uint64_t i = 0; i < d->count && i < DAMAGE_NOTED; i++)
		list = json_and(list, json_text(d->text[i]));
	return json_pack("{s:I, s:o}", "lines", (json_int_t)d->count, "first", list);
}

/* null: in no boot. */
static json_t *event_json(const struct summary_event *e)
{
	if (!e->boots)
		return json_null();
	return json_pack("{s:I, s:I, s:o}", "boots", (json_int_t)e->boots, "first_boot",
			 (json_int_t)e->first, "why", json_text(e->why));
}

static json_t *run_json(const struct summary *s)
{
	const struct manifest *m = &s->manifest;
	json_t *o = json_object();

	o = json_with(o, "run", known(m->run));
	o = json_with(o, "directory", json_text(s->dir));
	o = json_with(o, "host", known(m->host));
	o = json_with(o, "started", known(m->started));
	o = json_with(o, "ended", known(m->ended));
	o = json_with(o, "state",
		      s->manifest_trouble[0] ? json_null() : json_string(run_state_name(m->state)));
	o = json_with(o, "manifest_trouble", known(s->manifest_trouble));
	o = json_with(o, "profile", known(m->profile));
	o = json_with(o, "mode", known(m->mode));
	o = json_with(o, "host_is_vm",
		      s->manifest_trouble[0] ? json_null() : json_boolean(m->host_is_vm));
	o = json_with(o, "boots", json_integer((json_int_t)s->boots));
	o = json_with(o, "rounds", json_integer((json_int_t)s->rounds));
	o = json_with(o, "all_rows", json_integer((json_int_t)s->rows));
	o = json_with(o, "rows", rows_json(s->failed, s->timed_out, s->skipped, s->suspect));
	o = json_with(o, "damaged", damage_json(&s->damage));
	o = json_with(o, "disturbed_rounds",
		      json_pack("{s:I, s:I, s:I, s:o}", "rounds", (json_int_t)s->disturbed.rounds,
				"remeasured", (json_int_t)s->disturbed.remeasured,
				"disturbed_again", (json_int_t)s->disturbed.again, "first",
				known(s->disturbed.why)));
	o = json_with(o, "started_again", event_json(&s->started_again));
	o = json_with(o, "calibrated_without", event_json(&s->calibrated_without));
	return json_with(o, "restarted", event_json(&s->restarted));
}

int export_json(const struct summary *s, struct buf *out, struct err *err)
{
	json_t *layers = json_array(), *classes = json_array(), *entries = json_array();
	json_t *exits = json_array(), *root = run_json(s);

	for (uint32_t k = 0; k < s->layers; k++)
		layers = json_and(layers, layer_json(s, k));
	for (size_t i = 0; i < s->classes; i++)
		classes = json_and(classes, class_json(s, &s->class[i]));
	for (size_t i = 0; i < s->entries; i++)
		entries = json_and(entries, entry_json(s, &s->entry[i]));
	root = json_with(root, "layers", layers);
	root = json_with(root, "claim", ways_json(s));
	root = json_with(root, "classes", classes);
	root = json_with(root, "workloads", entries);
	root = json_with(root, "kinds", kinds_json(s));
	if (add_tax(&root, s, err) < 0 || export_exits(s, add_exit, &exits, err) < 0) {
		json_decref(exits);
		json_decref(root);
		return -1;
	}
	root = json_with(root, "exits", exits);
	return json_write_answer("summary", 1, root, out, err);
}
