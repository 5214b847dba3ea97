/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/selfcheck/selfcheck.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "lib/json.h"
#include "lib/parse.h"
#include "results/summary/estimate.h"
#include "results/table/text.h"

enum { LINE_WIDTH = 100 };

const char *selfcheck_verdict_name(enum selfcheck_verdict v)
{
	static const char *const names[] = {
		[SELFCHECK_NOT_MADE] = "not checked",
		[SELFCHECK_MET] = "met",
		[SELFCHECK_UNDECIDED] = "not decided",
		[SELFCHECK_FAILED] = "NOT MET",
	};

	return names[v];
}

/* "9 of 336: 2.7 % [1.2, 5.0]" */
static const char *rate_text(const struct selfcheck_rate *r, char text[TEXT_LABEL])
{
	if (r->n == 0)
		return "-";
	snprintf(text, TEXT_LABEL, "%zu of %zu: %.1f %% [%.1f, %.1f]", r->hits, r->n,
		 100 * (double)r->hits / (double)r->n, 100 * r->low, 100 * r->high);
	return text;
}

/* A ratio as "3.02 % [2.97, 3.08]" more. */
static const char *size_text(const struct estimate *e, char text[TEXT_LABEL])
{
	if (isnan(e->mid))
		return "-";
	if (isnan(e->low))
		snprintf(text, TEXT_LABEL, "%.2f %%", 100 * (e->mid - 1));
	else
		snprintf(text, TEXT_LABEL, "%.2f %% [%.2f, %.2f]", 100 * (e->mid - 1),
			 100 * (e->low - 1), 100 * (e->high - 1));
	return text;
}

static void add_alarms(const struct selfcheck *s, struct buf *out)
{
	static const struct text_column columns[] = {
		{"layer", -7, 0},    {"work", -32, 2},	       {"found different", -34, 0},
		{"by > 1 %", -9, 1}, {"usual interval", 0, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	char text[TEXT_LABEL], name[TEXT_LABEL + ROW_PARAMS], clean[TEXT_LABEL];

	if (s->works == 0)
		return;
	buf_addstr(out, "\nFalse alarms: the same work under two names, so \"different\" is wrong "
			"each time\n");
	text_titles(&t);
	for (size_t i = 0; i < s->works; i++) {
		const struct selfcheck_alarms *a = &s->alarms[i];

		snprintf(name, sizeof(name), "%s %s", a->workload, a->params);
		text_cell(&t, "%s", summary_layer_name(&s->summary, a->layer));
		text_cell(&t, "%s", csv_printable(name, clean, sizeof(clean)));
		text_cell(&t, "%s", rate_text(&a->different, text));
		text_cell(&t, "%zu", a->beyond.hits);
		text_cell(&t, "±%.2f %%%s", 100 * a->width, a->too_many ? "  too many" : "");
	}
	text_cell(&t, "all");
	text_cell(&t, "%s", "");
	text_cell(&t, "%s", rate_text(&s->different, text));
	text_cell(&t, "%zu", s->beyond.hits);
	text_end_row(&t, "");
}

static void add_injections(const struct selfcheck *s, struct buf *out)
{
	static const struct text_column columns[] = {
		{"layer", -7, 0},	{"work", -9, 0},
		{"slower", -7, 0},	{"found, and beyond 1 %", -34, 0},
		{"size found", -26, 0}, {"intervals that hold the truth", 0, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	char text[TEXT_LABEL];

	if (s->injections == 0)
		return;
	buf_addstr(out, "\nInjection: work made slower by a known percentage\n");
	text_titles(&t);
	for (size_t i = 0; i < s->injections; i++) {
		const struct selfcheck_injection *inj = &s->injection[i];

		text_cell(&t, "%s", summary_layer_name(&s->summary, inj->layer));
		text_cell(&t, "%s", csv_printable(inj->kind, text, sizeof(text)));
		text_cell(&t, "%u %%", inj->slow);
		text_cell(&t, "%s", rate_text(&inj->found, text));
		text_cell(&t, "%s", size_text(&inj->size, text));
		text_cell(&t, "%zu of %zu%s", inj->holds.hits, inj->holds.n,
			  inj->wrong_size ? "  too few" : "");
	}
}

static bool has_floor(const struct selfcheck_floor *f)
{
	return !isnan(f->turn.mid) || !isnan(f->clock.mid) || !isnan(f->batch.mid);
}

static void add_floors(const struct selfcheck *s, struct buf *out)
{
	static const struct text_column columns[] = {
		{"layer", -26, 0},
		{"loop iteration", -16, 0},
		{"reading the clock", -19, 0},
		{"empty batch", -13, 0},
		{"start and row (1 in 100)", 0, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	char text[TEXT_LABEL], most[TEXT_SHORT];
	bool begun = false;

	for (uint32_t i = 0; i < s->summary.layers; i++) {
		const struct selfcheck_floor *f = &s->floor[i];

		if (!has_floor(f))
			continue;
		if (!begun) {
			buf_addstr(out, "\nFloor: what the instrument itself costs\n");
			text_titles(&t);
		}
		begun = true;
		text_cell(&t, "%s", text_layer(&s->summary, i, text));
		text_cell(&t, "%s", text_figure("ns", f->turn.mid, text));
		text_cell(&t, "%s", text_figure("ns", f->clock.mid, text));
		text_cell(&t, "%s", text_figure("ns", f->batch.mid, text));
		text_cell(&t, "%-10s(%s)", text_figure("ns", f->exchange, text),
			  text_figure("ns", f->exchange_p99, most));
	}
}

static void add_verdict(enum selfcheck_verdict v, const char *what, const char *why,
			struct buf *out)
{
	char first[TEXT_LABEL];

	snprintf(first, sizeof(first), "  %-15s%-13s", what, selfcheck_verdict_name(v));
	if (!*why)
		buf_addf(out, "  %-15s%s\n", what, selfcheck_verdict_name(v));
	else
		text_wrap(out, first, why, LINE_WIDTH);
}

static const struct selfcheck_injection *target(const struct selfcheck *s)
{
	for (size_t i = 0; i < s->injections; i++)
		if (selfcheck_is_target(&s->injection[i]) &&
		    s->injection[i].slow == SELFCHECK_TARGET_SLOW)
			return &s->injection[i];
	return NULL;
}

static void add_alarms_verdict(const struct selfcheck *s, struct buf *out)
{
	char text[TEXT_LABEL], why[512];

	snprintf(why, sizeof(why),
		 "%s found different; target: not above the nominal %g %% (with %u rounds chance "
		 "alone "
		 "gives %.1f %%; fewer than %d pairs decide nothing)",
		 rate_text(&s->different, text), 100 * SELFCHECK_NOMINAL, s->rounds,
		 100 * s->attained, SELFCHECK_MIN_PAIRS);
	add_verdict(s->alarms_verdict, "false alarms", s->works ? why : "", out);
}

static void add_found_verdict(const struct selfcheck *s, struct buf *out)
{
	const struct selfcheck_injection *inj = target(s);
	char text[TEXT_LABEL], why[512], took[TEXT_SHORT] = "";

	if (!isnan(s->try_s))
		snprintf(took, sizeof(took), ", each in %.1f s", s->try_s);
	if (inj)
		snprintf(why, sizeof(why),
			 "%s of the tries found %d %% more arithmetic in L0%s; target: 9 in 10 "
			 "within %d s each (fewer than %d decide nothing)",
			 rate_text(&inj->found, text), SELFCHECK_TARGET_SLOW, took,
			 SELFCHECK_TARGET_S, SELFCHECK_MIN_TRIES);
	add_verdict(s->found_verdict, "finding 3 %", inj ? why : "", out);
}

static void add_verdicts(const struct selfcheck *s, struct buf *out)
{
	buf_addstr(out, "\nTargets\n");
	add_alarms_verdict(s, out);
	add_found_verdict(s, out);
	add_verdict(
		s->size_verdict, "its size",
		s->size_verdict == SELFCHECK_NOT_MADE
			? ""
			: "the 95 % intervals of arithmetic in L0 should cover the true size as "
			  "often as they claim",
		out);
}

void selfcheck_format(const struct selfcheck *s, struct buf *out)
{
	buf_addf(out, "Self-check of the instrument: %zu %s of %u rounds", s->tries,
		 s->tries == 1 ? "try" : "tries", s->rounds);
	if (s->summary.suspect)
		buf_addf(out, ", %" PRIu64 " of %" PRIu64 " rows suspect", s->summary.suspect,
			 s->summary.rows);
	buf_addstr(out, "\n");
	add_alarms(s, out);
	add_injections(s, out);
	add_floors(s, out);
	add_verdicts(s, out);
}

/* ---- JSON ---- */

static json_t *rate(const struct selfcheck_rate *r)
{
	const struct estimate share = {(double)r->hits / (double)r->n, r->low, r->high};

	return json_pack("{s:I, s:I, s:o}", "hits", (json_int_t)r->hits, "tries", (json_int_t)r->n,
			 "share", estimate_json(&share));
}

static json_t *layer_json(const struct selfcheck *s, uint32_t layer)
{
	return json_text(summary_layer_name(&s->summary, layer));
}

static json_t *alarms_json(const struct selfcheck *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->works; i++) {
		const struct selfcheck_alarms *a = &s->alarms[i];

		list = json_and(
			list, json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:b}", "layer",
					layer_json(s, a->layer), "workload", json_text(a->workload),
					"params", json_text(a->params), "threads", (int)a->threads,
					"different", rate(&a->different), "beyond_threshold",
					rate(&a->beyond), "half_width_share",
					json_real_or_null(a->width), "too_many", a->too_many));
	}
	return list;
}

static json_t *injections_json(const struct selfcheck *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->injections; i++) {
		const struct selfcheck_injection *inj = &s->injection[i];

		list = json_and(
			list, json_pack("{s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:b}", "layer",
					layer_json(s, inj->layer), "kind", json_text(inj->kind),
					"true_ratio", 1 + inj->slow / 100.0, "different",
					rate(&inj->different), "found", rate(&inj->found),
					"interval_holds_truth", rate(&inj->holds), "ratio",
					estimate_json(&inj->size), "wrong_size", inj->wrong_size));
	}
	return list;
}

static json_t *floors_json(const struct selfcheck *s)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->summary.layers; i++) {
		const struct selfcheck_floor *f = &s->floor[i];

		if (has_floor(f))
			list = json_and(list,
					json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "layer",
						  layer_json(s, i), "accel",
						  s->summary.layer[i].accel, "loop_turn_ns",
						  estimate_json(&f->turn), "clock_reading_ns",
						  estimate_json(&f->clock), "empty_batch_ns",
						  estimate_json(&f->batch), "exchange_ns",
						  json_real_or_null(f->exchange), "exchange_p99_ns",
						  json_real_or_null(f->exchange_p99)));
	}
	return list;
}

int selfcheck_format_json(const struct selfcheck *s, struct buf *out, struct err *err)
{
	return json_write_answer(
		"selfcheck", 1,
		json_pack("{s:o, s:I, s:i, s:o, s:I, s:I, s:f, s:f, s:f, s:s, s:{s:s, s:s, s:s}, "
			  "s:o, s:o, s:o, s:o, s:o}",
			  "run", json_text(s->summary.manifest.run), "tries", (json_int_t)s->tries,
			  "rounds", (int)s->rounds, "try_s", json_real_or_null(s->try_s), "rows",
			  (json_int_t)s->summary.rows, "suspect_rows",
			  (json_int_t)s->summary.suspect, "threshold_share", SELFCHECK_THRESHOLD,
			  "nominal_share", SELFCHECK_NOMINAL, "attained_share", s->attained,
			  "verdict", selfcheck_verdict_name(selfcheck_verdict(s)), "targets",
			  "false_alarms", selfcheck_verdict_name(s->alarms_verdict), "found",
			  selfcheck_verdict_name(s->found_verdict), "size",
			  selfcheck_verdict_name(s->size_verdict), "different", rate(&s->different),
			  "beyond_threshold", rate(&s->beyond), "false_alarms", alarms_json(s),
			  "injection", injections_json(s), "floor", floors_json(s)),
		out, err);
}
