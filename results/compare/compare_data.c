/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as CSV and JSON. */
#include "results/compare/compare.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "lib/json.h"
#include "results/compare/compare_parts.h"
#include "results/summary/estimate.h"

static void add_csv_line(const struct compare_item *item, struct buf *out)
{
	char what[COMPARE_WHAT];

	csv_begin_field(out, item->workload);
	csv_begin_field(out, item->class);
	csv_begin_field(out, item->params);
	buf_addf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", item->threads, item->layer,
		 item->over);
	csv_add_field(out, compare_what(item, what));
	buf_addf(out, ",%s", item->unit);
	csv_next_double(out, item->base);
	csv_next_double(out, item->new);
	buf_addf(out, ",%zu,%zu,%zu,%zu", item->base_boots, item->new_boots, item->base_rounds,
		 item->new_rounds);
	csv_next_double(out, item->ratio.mid);
	csv_next_double(out, item->ratio.low);
	csv_next_double(out, item->ratio.high);
	csv_next_double(out, item->joint.low);
	csv_next_double(out, item->joint.high);
	csv_next_double(out, item->p);
	buf_addf(out, ",%s,%s,", item->one_boot ? "yes" : "no", change_name(item->change));
	if (!item->reason) {
		buf_addstr(out, ",,,\n");
		return;
	}
	buf_addf(out, "%" PRIu32 ",", item->measured);
	csv_begin_field(out, item->reason);
	csv_begin_field(out, item->source);
	buf_addf(out, "%s\n", item->exact ? "yes" : "no");
}

void compare_format_csv(const struct comparison *c, struct buf *out)
{
	buf_addstr(out, "workload,class,params,threads,layer,over,what,unit,base,new,base_boots,"
			"new_boots,base_rounds,new_rounds,ratio,ratio_low,ratio_high,joint_low,"
			"joint_high,p,one_boot,change,measured,reason,source,exact\n");
	for (size_t i = 0; i < c->items; i++)
		add_csv_line(&c->item[i], out);
	for (size_t i = 0; i < c->exits; i++)
		add_csv_line(&c->exit[i], out);
}

json_t *compare_key_json(const struct compare_item *item)
{
	bool is_factor = !item->reason && item->over != item->layer;
	char name[3][COMPARE_WHAT];

	return json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o}", "workload",
			 json_text(item->workload), "class", json_text(item->class), "params",
			 json_text(item->params), "threads", (int)item->threads, "layer",
			 json_text(compare_layer(item, name[0])), "over",
			 is_factor ? json_text(compare_over(item, name[1])) : json_null(),
			 "measured_in",
			 item->reason ? json_text(compare_measured(item, name[2])) : json_null(),
			 "reason", json_text(item->reason), "source",
			 item->reason ? json_text(item->source) : json_null());
}

json_t *compare_item_json(const struct compare_item *item, bool has_figures)
{
	const struct compare_item none = {.base = NAN,
					  .new = NAN,
					  .ratio = ESTIMATE_NONE,
					  .joint = ESTIMATE_NONE,
					  .p = NAN,
					  .unit = item->unit};
	const struct compare_item *figures = has_figures ? item : &none;
	json_t *json = compare_key_json(item);

	json = json_with(json, "unit", json_text(item->unit));
	json = json_with(json, "base", json_real_or_null(figures->base));
	json = json_with(json, "new", json_real_or_null(figures->new));
	json = json_with(json, "base_boots", json_integer((json_int_t)figures->base_boots));
	json = json_with(json, "new_boots", json_integer((json_int_t)figures->new_boots));
	json = json_with(json, "base_rounds", json_integer((json_int_t)figures->base_rounds));
	json = json_with(json, "new_rounds", json_integer((json_int_t)figures->new_rounds));
	json = json_with(json, "ratio", estimate_json(&figures->ratio));
	json = json_with(json, "joint", estimate_json(&figures->joint));
	json = json_with(json, "p", json_real_or_null(figures->p));
	json = json_with(json, "one_boot", json_boolean(figures->one_boot));
	json = json_with(json, "exact", item->reason ? json_boolean(item->exact) : json_null());
	return json_with(json, "change", json_text(has_figures ? change_name(item->change) : NULL));
}

static json_t *refused_json(const struct compare_refused *r)
{
	json_t *json = compare_key_json(&r->item);

	json = json_with(json, "per_second", json_real_or_null(r->per_second));
	return json_with(json, "why", json_text(r->why));
}

json_t *compare_side_json(const struct compare_side *side)
{
	json_t *list = json_array();

	for (size_t i = 0; i < side->runs; i++) {
		const struct summary *s = &side->run[i];

		list = json_and(
			list,
			json_pack("{s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:b}", "directory",
				  json_text(s->dir), "run", json_text(s->manifest.run), "host",
				  json_text(s->manifest.host), "state",
				  s->manifest_trouble[0] ? "unknown"
							 : run_state_name(s->manifest.state),
				  "boots", (json_int_t)s->boots, "rounds", (json_int_t)s->rounds,
				  "failed_rows", (json_int_t)s->failed + (json_int_t)s->timed_out,
				  "damaged_lines", (json_int_t)s->damage.count, "exits_counted",
				  side->exits[i].count > 0));
	}
	return list;
}

int compare_format_json(const struct comparison *c, struct buf *out, struct err *err)
{
	json_t *items = json_array(), *exits = json_array(), *refused = json_array();

	for (size_t i = 0; i < c->items; i++)
		items = json_and(items, compare_item_json(&c->item[i], true));
	for (size_t i = 0; i < c->exits; i++)
		exits = json_and(exits, compare_item_json(&c->exit[i], true));
	for (size_t i = 0; i < c->refuseds; i++)
		refused = json_and(refused, refused_json(&c->refused[i]));
	return json_write_answer("compare", 1,
				 json_pack("{s:o, s:o, s:o, s:f, s:f, s:I, s:I, s:o, s:o, s:o}",
					   "base", compare_side_json(&c->base), "new",
					   compare_side_json(&c->new), "environment",
					   env_json(&c->env), "confidence", COMPARE_CONFIDENCE,
					   "same_share", c->options.same, "only_base",
					   (json_int_t)compare_count_missing(c, true), "only_new",
					   (json_int_t)compare_count_missing(c, false), "items",
					   items, "exits", exits, "exits_refused", refused),
				 out, err);
}
