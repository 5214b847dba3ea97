/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as CSV and JSON. */
#include "results/compare/compare.h"

#include <inttypes.h>
#include <jansson.h>

#include "lib/json.h"
#include "results/compare/compare_parts.h"

/* JSON is UTF-8; the contents of a file need not be. */
enum { TEXT = 512 };

static void add_number(struct buf *out, double x)
{
	buf_addstr(out, ",");
	csv_add_double(out, x);
}

static void add_text(struct buf *out, const char *text)
{
	csv_add_field(out, text);
	buf_addstr(out, ",");
}

static void add_csv_line(const struct compare_item *item, struct buf *out)
{
	char what[COMPARE_WHAT];

	add_text(out, item->workload);
	add_text(out, item->class);
	add_text(out, item->params);
	buf_addf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", item->threads, item->layer,
		 item->over);
	csv_add_field(out, compare_what(item, what));
	buf_addf(out, ",%s", item->unit);
	add_number(out, item->base);
	add_number(out, item->new);
	buf_addf(out, ",%zu,%zu,%zu,%zu", item->base_boots, item->new_boots, item->base_rounds,
		 item->new_rounds);
	add_number(out, item->ratio.mid);
	add_number(out, item->ratio.low);
	add_number(out, item->ratio.high);
	add_number(out, item->joint.low);
	add_number(out, item->joint.high);
	add_number(out, item->p);
	buf_addf(out, ",%s,%s,", item->one_boot ? "yes" : "no", change_name(item->change));
	if (!item->reason) {
		buf_addstr(out, ",,,\n");
		return;
	}
	buf_addf(out, "%" PRIu32 ",", item->measured);
	add_text(out, item->reason);
	add_text(out, item->source);
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

static json_t *item_json(const struct compare_item *item)
{
	char what[COMPARE_WHAT], workload[TEXT], class[TEXT], params[TEXT];

	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s:o, s:i, s:i, s:i, s:i, "
			 "s:o, s:[o,o], s:[o,o], s:o, s:b, s:s}",
			 "workload", csv_printable(item->workload, workload, TEXT), "class",
			 csv_printable(item->class, class, TEXT), "params",
			 csv_printable(item->params, params, TEXT), "threads", (int)item->threads,
			 "layer", (int)item->layer, "over", (int)item->over, "what",
			 compare_what(item, what), "unit", item->unit, "base",
			 json_real_or_null(item->base), "new", json_real_or_null(item->new),
			 "base_boots", (int)item->base_boots, "new_boots", (int)item->new_boots,
			 "base_rounds", (int)item->base_rounds, "new_rounds", (int)item->new_rounds,
			 "ratio", json_real_or_null(item->ratio.mid), "interval",
			 json_real_or_null(item->ratio.low), json_real_or_null(item->ratio.high),
			 "joint_interval", json_real_or_null(item->joint.low),
			 json_real_or_null(item->joint.high), "p", json_real_or_null(item->p),
			 "one_boot", item->one_boot, "change", change_name(item->change));
}

static json_t *exit_json(const struct compare_item *item)
{
	json_t *json = item_json(item);
	char reason[EXITS_REASON], source[EXITS_SOURCE];

	json = json_with(json, "measured", json_integer(item->measured));
	json = json_with(json, "reason",
			 json_string(csv_printable(item->reason, reason, sizeof(reason))));
	json = json_with(json, "source",
			 json_string(csv_printable(item->source, source, sizeof(source))));
	return json_with(json, "exact", json_boolean(item->exact));
}

static json_t *refused_json(const struct compare_refused *r)
{
	char workload[TEXT], params[TEXT], reason[EXITS_REASON], source[EXITS_SOURCE];

	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s:s}", "workload",
			 csv_printable(r->item.workload, workload, TEXT), "params",
			 csv_printable(r->item.params, params, TEXT), "threads",
			 (int)r->item.threads, "layer", (int)r->item.layer, "measured",
			 (int)r->item.measured, "reason",
			 csv_printable(r->item.reason, reason, sizeof(reason)), "source",
			 csv_printable(r->item.source, source, sizeof(source)), "per_second",
			 json_real_or_null(r->per_second), "why", r->why);
}

static json_t *side_json(const struct compare_side *side)
{
	json_t *list = json_array();

	for (size_t i = 0; i < side->runs; i++) {
		const struct summary *s = &side->run[i];
		char run[MANIFEST_NAME], host[MANIFEST_NAME];

		list = json_and(
			list,
			json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "run",
				  csv_printable(s->manifest.run, run, sizeof(run)), "host",
				  csv_printable(s->manifest.host, host, sizeof(host)), "state",
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
		items = json_and(items, item_json(&c->item[i]));
	for (size_t i = 0; i < c->exits; i++)
		exits = json_and(exits, exit_json(&c->exit[i]));
	for (size_t i = 0; i < c->refuseds; i++)
		refused = json_and(refused, refused_json(&c->refused[i]));
	return json_write_answer("compare", 1,
				 json_pack("{s:o, s:o, s:o, s:f, s:f, s:I, s:I, s:o, s:o, s:o}",
					   "base", side_json(&c->base), "new", side_json(&c->new),
					   "environment", env_json(&c->env), "confidence",
					   COMPARE_CONFIDENCE, "same", c->options.same, "only_base",
					   (json_int_t)compare_count_missing(c, true), "only_new",
					   (json_int_t)compare_count_missing(c, false), "items",
					   items, "exits", exits, "exits_refused", refused),
				 out, err);
}
