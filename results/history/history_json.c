/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history as JSON. */
#include "lib/json.h"
#include "results/compare/compare_parts.h"
#include "results/history/history_parts.h"
#include "results/summary/estimate.h"

json_t *history_added_json(const struct history_added *a)
{
	static const char *const names[] = {[HISTORY_ADDED] = "added",
					    [HISTORY_SAME] = "same",
					    [HISTORY_GREW] = "grew",
					    [HISTORY_REPLACED] = "replaced",
					    [HISTORY_RENEWED] = "renewed"};
	bool is_other = a->outcome == HISTORY_GREW || a->outcome == HISTORY_REPLACED;

	return json_pack("{s:o, s:o, s:s, s:I, s:o, s:I}", "directory", json_text(a->directory),
			 "run", json_text(a->run), "outcome", names[a->outcome], "rows",
			 (json_int_t)a->rows, "rows_before",
			 is_other ? json_integer((json_int_t)a->rows_before) : json_null(),
			 "damaged_lines", (json_int_t)a->damage.count);
}

static json_t *run_json(const struct history_run *r)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "run", json_text(r->run),
			 "started", json_text(r->started), "state", json_text(r->state), "boots",
			 (json_int_t)r->boots, "rounds", (json_int_t)r->rounds, "machine",
			 json_text(r->machine), "stack", json_text(r->stack), "versions",
			 json_text(r->versions), "directory", json_text(r->place));
}

static void list_run(void *ctx, const struct history_run *r)
{
	json_t **list = ctx;

	*list = json_and(*list, run_json(r));
}

int history_list_json(struct history *h, struct buf *out, struct err *err)
{
	json_t *list = json_array();

	if (history_each_run(h, NULL, list_run, &list, err) < 0) {
		json_decref(list);
		return -1;
	}
	return json_write_answer("history-list", 1, json_pack("{s:o}", "runs", list), out, err);
}

/* ---- one run ---- */

struct shown {
	json_t *root, *figures, *facts;
	sqlite3_int64 id; /* 0: none was found */
};

static void show_run(void *ctx, const struct history_run *r)
{
	struct shown *shown = ctx;

	shown->root = run_json(r);
	shown->id = r->id;
}

static void show_figure(void *ctx, const struct history_figure *f)
{
	struct shown *shown = ctx;
	json_t *o = compare_key_json(&f->key);

	o = json_with(o, "unit", json_text(f->key.unit));
	shown->figures = json_and(shown->figures, json_with(o, "value", estimate_json(&f->value)));
}

static void show_fact(void *ctx, const struct history_fact *f)
{
	struct shown *shown = ctx;

	shown->facts =
		json_and(shown->facts, json_pack("{s:o, s:o, s:o}", "layer",
						 json_text(f->of_layer ? f->place : NULL), "key",
						 json_text(f->key), "value", json_text(f->value)));
}

int history_show_json(struct history *h, const char *run, struct buf *out, struct err *err)
{
	struct shown shown = {.figures = json_array(), .facts = json_array()};
	int rc = history_each_run(h, run, show_run, &shown, err);

	if (rc == 0 && !shown.id)
		rc = history_no_run(run, err);
	if (rc < 0 || history_each_figure(h, shown.id, show_figure, &shown, err) < 0 ||
	    history_each_fact(h, shown.id, show_fact, &shown, err) < 0) {
		json_decref(shown.root);
		json_decref(shown.figures);
		json_decref(shown.facts);
		return -1;
	}
	shown.root = json_with(shown.root, "figures", shown.figures);
	shown.root = json_with(shown.root, "environment", shown.facts);
	return json_write_answer("history-show", 1, shown.root, out, err);
}

/* ---- trend ---- */

static json_t *points_json(const struct history_series *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->points; i++) {
		const struct history_point *p = &s->point[i];
		const struct estimate value = {p->mid, p->low, p->high};

		list = json_and(list,
				json_pack("{s:o, s:o, s:o}", "run", json_text(p->run), "started",
					  json_text(p->started), "value", estimate_json(&value)));
	}
	return list;
}

static json_t *differences_json(const struct history_surroundings *at)
{
	json_t *list = json_array();

	for (size_t i = 0; i < at->differences; i++) {
		const struct history_difference *d = &at->difference[i];
		bool of_layer = strcmp(d->place, "run") != 0;

		list = json_and(list, json_pack("{s:o, s:o, s:o, s:o}", "layer",
						json_text(of_layer ? d->place : NULL), "key",
						json_text(d->key), "before", json_text(d->before),
						"after", json_text(d->after)));
	}
	return list;
}

static int add_change(struct history *h, const struct history_series *s, size_t change,
		      json_t **list, struct err *err)
{
	const struct change_point *c = &s->change[change];
	struct history_surroundings at;

	if (history_find_surroundings(h, s, change, &at, err) < 0)
		return -1;
	*list = json_and(*list, json_pack("{s:o, s:o, s:f, s:f, s:f, s:o, s:o}", "from_run",
					  json_text(s->point[c->at].run), "started",
					  json_text(s->point[c->at].started), "before", c->before,
					  "after", c->after, "p", c->p, "environment_changed_with",
					  json_text(at.differences ? s->point[at.at].run : NULL),
					  "environment", differences_json(&at)));
	history_surroundings_release(&at);
	return 0;
}

static int add_series(struct history *h, const struct history_series *s, json_t **all,
		      struct err *err)
{
	struct compare_item key = history_series_key(s);
	json_t *o = compare_key_json(&key), *changes = json_array();
	int rc = 0;

	for (size_t k = 0; k < s->changes && rc == 0; k++)
		rc = add_change(h, s, k, &changes, err);
	if (rc < 0) {
		json_decref(o);
		json_decref(changes);
		return -1;
	}
	o = json_with(o, "unit", json_text(s->unit));
	o = json_with(o, "machine", json_text(s->machine));
	o = json_with(o, "stack", json_text(s->stack));
	o = json_with(o, "points", points_json(s));
	o = json_with(o, "is_long_enough", json_boolean(s->points >= 2 * CHANGE_POINT_PIECE));
	*all = json_and(*all, json_with(o, "changes", changes));
	return 0;
}

int history_trend_json(struct history *h, const struct history_trend *trend, struct buf *out,
		       struct err *err)
{
	json_t *all = json_array();

	for (size_t i = 0; i < trend->count; i++)
		if (add_series(h, &trend->series[i], &all, err) < 0) {
			json_decref(all);
			return -1;
		}
	return json_write_answer("history-trend", 1, json_pack("{s:o}", "series", all), out, err);
}
