/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a plan for a given time, and writes it. */
#include "results/budget/replication.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/layers.h"
#include "results/table/text.h"

enum {
	FEWEST_BOOTS = 5, /* fewer give no trustworthy interval over boots */
	BOOTS_MAX = 1000,
	ROUNDS_MAX = 2000,
	BATCHES_MIN = 2,
	BATCHES_MAX = 32
};

/* The sum over all boots, in seconds. Returns the number of boots that have it. */
static size_t sum_times(const struct layers *layers, const char *key, double *seconds)
{
	size_t boots = 0;

	*seconds = 0;
	for (size_t i = 0; i < layers->count; i++) {
		const char *text = facts_get(&layers->item[i].facts, key);
		struct err ignored;
		double ns;

		if (layers->item[i].layer == 0 && text &&
		    parse_double(text, key, 0, 1e18, &ns, &ignored) == 0) {
			*seconds += ns * 1e-9;
			boots++;
		}
	}
	return boots;
}

int replication_cost_read(const char *dir, const struct replication *r,
			  struct replication_cost *cost, struct err *err)
{
	struct layers layers = {0};
	struct damage damage = {0};
	double boots_s, rounds_s;
	size_t boots, with_rounds;

	if (layers_read(dir, &layers, &damage, err) < 0)
		return -1;
	(void)sum_times(&layers, "time_calibration_ns", &cost->once);
	boots = sum_times(&layers, "time_boot_ns", &boots_s);
	with_rounds = sum_times(&layers, "time_rounds_ns", &rounds_s);
	layers_release(&layers);
	if (boots == 0 || with_rounds == 0 || r->all_rounds == 0 || rounds_s <= 0)
		return err_set(
			err, EXIT_USAGE,
			"%s: " LAYERS_FILE
			" lacks the times of boots and rounds (time_boot_ns, time_rounds_ns of "
			"L0): the run did not finish, or is of an older version",
			dir);
	cost->boot = boots_s / (double)boots;
	cost->batch = r->batch_s;
	cost->round = rounds_s / r->all_rounds;
	cost->round = fmax(cost->round - r->mean_batches * r->batch_s, 0.02 * cost->round);
	return 0;
}

int replication_plan_make(struct replication_plan *p, const struct replication *pilot,
			  const struct replication_cost *cost, double budget_s, struct err *err)
{
	const struct replication_done nothing = {0, 0};
	struct replication_bounds bounds = {{FEWEST_BOOTS, 2, BATCHES_MIN},
					    {BOOTS_MAX, ROUNDS_MAX, BATCHES_MAX}};
	char have[SIZE_TEXT];

	*p = (struct replication_plan){.pilot = pilot, .cost = *cost, .budget_s = budget_s};
	if (pilot->size.boots < 2 ||
	    !replication_best(pilot, cost, budget_s, &bounds, &nothing, &p->size)) {
		bounds.min.boots = bounds.max.boots = 1;
		if (!replication_best(pilot, cost, budget_s, &bounds, &nothing, &p->size))
			return err_set(err, EXIT_MACHINE,
				       "%s is too short for one boot with the 6 rounds that an "
				       "interval needs: that takes %.0f s here",
				       format_duration_short(budget_s * 1e9, have),
				       ceil(replication_time(
					       cost, &(struct replication_size){1, 6, BATCHES_MIN},
					       &nothing)));
	}
	p->seconds = replication_time(cost, &p->size, &nothing);
	return 0;
}

/* ---- for people ---- */

static void add_percent(struct text_table *t, double log_sd, bool known)
{
	if (known)
		text_cell(t, "%.2g %%", 100 * expm1(log_sd));
	else
		text_cell(t, "?");
}

static void add_count(struct text_table *t, uint32_t count, bool known)
{
	if (known && count <= ROUNDS_MAX)
		text_cell(t, "%" PRIu32, count);
	else
		text_cell(t, known ? "any" : "?");
}

/* As summary names it. */
static const char *layer_name(const struct replication_plan *p, uint32_t layer,
			      char text[LAYER_NAME])
{
	const struct layer_tree *layers = &p->pilot->layers;

	if (layer < layers->count)
		snprintf(text, LAYER_NAME, "%s", layers->layer[layer].name);
	else
		snprintf(text, LAYER_NAME, "L%" PRIu32, layer);
	return text;
}

static void add_item(const struct replication_plan *p, const struct replication_item *item,
		     struct text_table *t)
{
	const struct variance *v = &item->variance;
	const struct layer_tree *layers = &p->pilot->layers;
	bool is_named = !layer_tree_is_chain(layers) && item->layer < layers->count;
	uint32_t batches, rounds;
	char name[TEXT_LABEL], layer[LAYER_NAME];

	replication_optimum(v, &p->cost, &batches, &rounds);
	snprintf(name, sizeof(name), "%s %.60s", item->workload, item->params);
	csv_printable(name, name, sizeof(name));
	/* The names of a tree are too long for the column. */
	if (is_named)
		buf_addf(t->out, "  %s in %s\n", name, layer_name(p, item->layer, layer));
	text_cell(t, "%s", is_named ? "" : name);
	text_cell(t, "%s", is_named ? "" : layer_name(p, item->layer, layer));
	add_percent(t, sqrt(v->batch), true);
	add_percent(t, sqrt(v->round), true);
	add_percent(t, sqrt(v->boot), v->boot_known);
	add_count(t, batches, true);
	add_count(t, rounds, v->boot_known);
	text_cell(t, "± %.2g %%", 100 * expm1(replication_half_width(v, &p->size)));
}

void replication_plan_text(const struct replication_plan *p, struct buf *out)
{
	static const struct text_column columns[] = {
		{"ratio to L0", -29, 1}, {"", -4, 0},	     {"batch", 10, 0},	{"round", 10, 0},
		{"boot", 10, 0},	 {"batches", 10, 0}, {"rounds", 10, 0}, {"interval", 12, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	const struct replication_size *pilot = &p->pilot->size, *size = &p->size;
	char boot[SIZE_TEXT], round[SIZE_TEXT], batch[SIZE_TEXT], time[SIZE_TEXT];

	buf_addf(out,
		 "Pilot: %" PRIu32 " boot%s, up to %" PRIu32 " rounds each, of %" PRIu32
		 " batches. One more takes: a boot %s, a round %s besides its batches,\n"
		 "a batch %s (of all workloads in all layers).\n\n",
		 pilot->boots, pilot->boots == 1 ? "" : "s", pilot->rounds, pilot->batches,
		 format_duration_short(p->cost.boot * 1e9, boot),
		 format_duration_short(p->cost.round * 1e9, round),
		 format_duration_short(p->cost.batch * 1e9, batch));
	buf_addf(out,
		 "Narrowest intervals in %s: ", format_duration_short(p->budget_s * 1e9, time));
	buf_addf(out, "--boots %" PRIu32 " --rounds %" PRIu32 " --batches %" PRIu32 ", taking %s\n",
		 size->boots, size->rounds, size->batches,
		 format_duration_short(p->seconds * 1e9, time));
	if (pilot->boots < 2)
		buf_addstr(out, "The pilot has one boot, so nothing is known about what differs "
				"from boot to boot.\n");
	buf_addf(out, "\n%36svaries by, from one to the next  best for this alone\n", "");
	text_titles(&t);
	for (size_t i = 0; i < p->pilot->items; i++)
		add_item(p, &p->pilot->item[i], &t);
}

/* ---- for programs ---- */

static json_t *size_json(const struct replication_size *size)
{
	return json_pack("{s:i, s:i, s:i}", "boots", (int)size->boots, "rounds", (int)size->rounds,
			 "batches", (int)size->batches);
}

static json_t *count_json(uint32_t count, bool known)
{
	return known && count != UINT32_MAX ? json_integer(count) : json_null();
}

static json_t *item_json(const struct replication_plan *p, const struct replication_item *item)
{
	const struct variance *v = &item->variance;
	uint32_t batches, rounds;
	char layer[LAYER_NAME];

	replication_optimum(v, &p->cost, &batches, &rounds);
	return json_pack("{s:o, s:o, s:i, s:o, s:f, s:f, s:o, s:o, s:o, s:o}", "workload",
			 json_text(item->workload), "params", json_text(item->params), "threads",
			 (int)item->threads, "layer", json_text(layer_name(p, item->layer, layer)),
			 "batch_log_sd", sqrt(v->batch), "round_log_sd", sqrt(v->round),
			 "boot_log_sd", json_real_or_null(v->boot_known ? sqrt(v->boot) : NAN),
			 "best_batches", count_json(batches, true), "best_rounds",
			 count_json(rounds, v->boot_known), "half_width_share",
			 json_real_or_null(expm1(replication_half_width(v, &p->size))));
}

int replication_plan_json(const struct replication_plan *p, struct buf *out, struct err *err)
{
	json_t *items = json_array();

	for (size_t i = 0; i < p->pilot->items; i++)
		items = json_and(items, item_json(p, &p->pilot->item[i]));
	return json_write_answer("plan", 1,
				 json_pack("{s:o, s:{s:f, s:f, s:f, s:f}, s:f, s:o, s:f, s:o}",
					   "pilot", size_json(&p->pilot->size), "cost", "once_s",
					   p->cost.once, "boot_s", p->cost.boot, "round_s",
					   p->cost.round, "batch_s", p->cost.batch, "budget_s",
					   p->budget_s, "plan", size_json(&p->size), "plan_s",
					   p->seconds, "items", items),
				 out, err);
}
