/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/catalogue_json.h"

#include "lib/json.h"

static const char *const kinds[] = {
	[PARAM_COUNT] = "count", [PARAM_SIZE] = "size", [PARAM_CHOICE] = "choice"};

/* JSON's integers here have a sign. */
static json_t *number(uint64_t x)
{
	return x <= INT64_MAX ? json_integer((json_int_t)x) : json_real((double)x);
}

static json_t *choices_json(const struct param *p)
{
	json_t *list = json_array();

	for (size_t i = 0; p->choices[i]; i++)
		list = json_and(list, json_text(p->choices[i]));
	return list;
}

static json_t *param_json(const struct param *p)
{
	bool is_choice = p->kind == PARAM_CHOICE;
	json_t *o = json_with(json_object(), "name", json_text(p->name));

	o = json_with(o, "kind", json_string(kinds[p->kind]));
	o = json_with(o, "unit", json_text(p->kind == PARAM_SIZE ? "bytes" : NULL));
	o = json_with(o, "default",
		      is_choice ? json_text(p->choices[p->fallback]) : number(p->fallback));
	o = json_with(o, "min", is_choice ? json_null() : number(p->min));
	o = json_with(o, "max", is_choice ? json_null() : number(p->max));
	o = json_with(o, "multiple_of", is_choice ? json_null() : number(p->step ? p->step : 1));
	o = json_with(o, "choices", is_choice ? choices_json(p) : json_null());
	return json_with(o, "help", json_text(p->help));
}

/* null: always one. Its default: null stands for one on each CPU. */
static json_t *threads_json(const struct workload *w)
{
	bool on_each_cpu = w->flags & WORKLOAD_EVERY_CPU;

	if (!on_each_cpu && !(w->flags & WORKLOAD_THREADS))
		return json_null();
	return json_pack("{s:i, s:o}", "max", (int)(w->threads_max ? w->threads_max : THREADS_MAX),
			 "default", on_each_cpu ? json_null() : json_integer(1));
}

json_t *catalogue_json(const struct workload *w)
{
	json_t *params = json_array(),
	       *o = json_with(json_object(), "workload", json_text(w->name));

	for (const struct param *p = w->params; p && p->name; p++)
		params = json_and(params, param_json(p));
	o = json_with(o, "summary", json_text(w->summary));
	o = json_with(o, "class", json_string(class_name(w->class)));
	o = json_with(o, "operation", json_text(w->op));
	o = json_with(o, "unit", json_string(sample_unit_name(w->unit)));
	o = json_with(o, "more_is_better", json_boolean(w->class == CLASS_CAPACITY));
	o = json_with(o, "moves_bytes", json_boolean(w->bytes_per_op != NULL));
	o = json_with(o, "parameters", params);
	o = json_with(o, "threads", threads_json(w));
	o = json_with(o, "like", json_text(w->source));
	return json_with(o, "published", json_text(w->figure));
}
