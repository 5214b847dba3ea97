/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation as JSON. */
#include "lib/json.h"
#include "results/exits/why.h"
#include "results/summary/estimate.h"

static json_t *with_estimate(json_t *object, const char *name, const struct estimate *e)
{
	return json_with(object, name, estimate_json(e));
}

static json_t *make_metric(const struct exit_metric *m)
{
	json_t *o = json_object();

	o = json_with(o, "reason", json_string(m->reason));
	o = json_with(o, "is_sum", json_boolean(m->is_sum));
	o = json_with(o, "count", json_integer((json_int_t)m->total));
	o = json_with(o, "class", json_string(exit_class_name(m->class)));
	o = json_with(o, "because", json_string(m->why));
	o = with_estimate(o, "exits_per_op", &m->per_op);
	o = with_estimate(o, "exits_per_second", &m->per_second);
	o = with_estimate(o, "elasticity_to_time", &m->elasticity);
	o = json_with(o, "background_per_batch", json_real_or_null(m->background.each));
	return json_with(o, "background_per_second", json_real_or_null(m->background.per_second));
}

static json_t *make_part(const struct why_part *p)
{
	json_t *o = make_metric(p->metric);

	o = with_estimate(o, "exits_of_vms_in_it_per_op", &p->nested);
	o = json_with(o, "is_in_another_price", json_boolean(p->is_included));
	o = with_estimate(o, "price_ns", p->price ? &p->price->ns : &ESTIMATE_NONE);
	o = json_with(o, "price_is_least", p->price ? json_boolean(p->is_least) : json_null());
	o = json_with(o, "price_from", json_text(p->price ? p->price->workload : NULL));
	return with_estimate(o, "time_ns_per_op", &p->ns);
}

static json_t *make_parts(const struct why_item *item)
{
	json_t *all = json_array();

	for (size_t i = 0; i < item->parts; i++)
		all = json_and(all, make_part(&item->part[i]));
	return all;
}

static json_t *make_outer(const struct why *w, const struct why_item *item)
{
	json_t *all = json_array();

	for (size_t i = 0; i < item->outers; i++) {
		const struct why_outer *o = &item->outer[i];
		json_t *one = json_object();

		one = json_with(one, "layer", json_string(summary_layer_name(w->s, o->layer)));
		one = json_with(one, "counted_in",
				json_string(summary_layer_name(w->s, o->counted_in)));
		one = json_with(one, "source", json_string(o->source));
		one = with_estimate(one, "exits_per_exit", &o->factor);
		all = json_and(all, one);
	}
	return all;
}

/* The counters of every source and layer while this work ran. */
static json_t *make_counters(const struct why *w, const struct why_item *item)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->counts.count; i++) {
		const struct exit_series *s = &w->counts.series[i];
		json_t *one, *metrics;

		if (s == item->series || s->is_empty || s->measured != item->entry->layer ||
		    s->threads != item->entry->threads ||
		    strcmp(s->workload, item->entry->workload) != 0 ||
		    strcmp(s->params, item->entry->params) != 0)
			continue;
		metrics = json_array();
		for (size_t k = 0; k < s->metrics; k++)
			metrics = json_and(metrics, make_metric(&s->metric[k]));
		one = json_with(json_object(), "layer",
				json_string(summary_layer_name(w->s, s->layer)));
		one = json_with(one, "counted_in",
				json_string(summary_layer_name(w->s, s->counted_in)));
		one = json_with(one, "source", json_string(s->source));
		one = json_with(one, "readings", json_integer((json_int_t)s->batches));
		one = json_with(one, "reasons", metrics);
		all = json_and(all, one);
	}
	return all;
}

static json_t *make_item(const struct why *w, const struct why_item *item)
{
	const struct summary_entry *e = item->entry;
	json_t *o = json_object();

	o = json_with(o, "workload", json_string(e->workload));
	o = json_with(o, "params", json_string(e->params));
	o = json_with(o, "threads", json_integer(e->threads));
	o = json_with(o, "layer", json_string(summary_layer_name(w->s, e->layer)));
	o = json_with(o, "counted_in",
		      json_string(summary_layer_name(w->s, item->series->counted_in)));
	o = json_with(o, "source", json_string(item->series->source));
	o = json_with(o, "readings", json_integer((json_int_t)item->series->batches));
	o = with_estimate(o, "time_ns_per_op", &e->cost);
	o = with_estimate(o, "beyond_parent_ns_per_op", &item->extra_ns);
	o = with_estimate(o, "explained_ns_per_op", &item->explained_ns);
	o = with_estimate(o, "explained_share", &item->share);
	o = json_with(o, "predicted_over_measured", json_real_or_null(item->predicted));
	o = json_with(o, "is_explained", json_boolean(item->is_explained));
	o = json_with(o, "prices_come_from_it", json_boolean(item->is_basis));
	o = json_with(o, "not_explained",
		      item->missing.len ? json_string(buf_str(&item->missing)) : json_null());
	o = json_with(o, "known_exits_per_page_fault", json_real_or_null(item->fault_known));
	o = json_with(o, "amplification", make_outer(w, item));
	o = json_with(o, "reasons", make_parts(item));
	return json_with(o, "other_counters", make_counters(w, item));
}

static json_t *make_prices(const struct why *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->prices; i++) {
		const struct why_price *p = &w->price[i];
		json_t *o = json_object();

		o = json_with(o, "layer", json_string(summary_layer_name(w->s, p->layer)));
		o = json_with(o, "reason", json_string(p->reason));
		o = with_estimate(o, "price_ns", &p->ns);
		o = json_with(o, "from", json_string(p->workload));
		o = json_with(o, "includes", json_string(p->with));
		all = json_and(all, o);
	}
	return all;
}

static json_t *make_remarks(const struct why *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->counts.remarks; i++) {
		const struct exit_remark *r = &w->counts.remark[i];
		json_t *o = json_object();

		o = json_with(o, "layer", json_string(summary_layer_name(w->s, r->layer)));
		o = json_with(o, "counted_in",
			      json_string(summary_layer_name(w->s, r->counted_in)));
		o = json_with(o, "source", json_string(r->source));
		o = json_with(o, "first_boot", json_integer(r->boot));
		o = json_with(o, "rows", json_integer((json_int_t)r->rows));
		o = json_with(o, "remark", json_string(r->text));
		all = json_and(all, o);
	}
	return all;
}

static json_t *make_layers(const struct why *w)
{
	json_t *all = json_array();

	for (uint32_t k = 0; k < w->s->layers; k++) {
		enum layer_cpu cpu = w->s->layer[k].cpu;
		json_t *o =
			json_with(json_object(), "layer", json_string(summary_layer_name(w->s, k)));

		o = json_with(o, "emulated",
			      cpu == CPU_UNKNOWN ? json_null() : json_boolean(cpu == CPU_EMULATED));
		all = json_and(all, o);
	}
	return all;
}

static json_t *make_memory(const struct why *w, const struct why_filter *f)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->memory.rows; i++) {
		const struct memory_row *row = &w->memory.row[i];

		if (why_shows_work(f, row->series->workload, row->series->layer))
			all = json_and(all, memory_row_json(w->s, row));
	}
	return all;
}

int why_format_json(const struct why *w, const struct why_filter *f, struct buf *out,
		    struct err *err)
{
	json_t *o = json_object(), *items = json_array();

	for (size_t i = 0; i < w->items; i++)
		if (why_shows(f, &w->item[i]))
			items = json_and(items, make_item(w, &w->item[i]));
	o = json_with(o, "run", json_string(w->s->manifest.run));
	o = json_with(o, "layers", make_layers(w));
	o = json_with(o, "prices", make_prices(w));
	o = json_with(o, "workloads", items);
	o = json_with(o, "memory_path", make_memory(w, f));
	o = json_with(o, "remarks", make_remarks(w));
	return json_write_answer("why", 1, o, out, err);
}
