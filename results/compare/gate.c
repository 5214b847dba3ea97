/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare/compare_parts.h"
#include "results/compare/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/csvfile.h"

static const char *const state_names[] = {
	[GATE_REGRESSION] = "regression", [GATE_ALLOWED] = "allowed", [GATE_MISSING] = "missing",
	[GATE_SUSPICIOUS] = "suspicious", [GATE_BLIND] = "blind",     [GATE_PASS] = "pass",
};

const char *gate_state_name(enum gate_state s)
{
	return state_names[s];
}

const char *gate_verdict_name(const struct gate *g)
{
	return g->code == EXIT_REGRESSION     ? "REGRESSION"
	       : g->code == EXIT_INCONCLUSIVE ? "INCONCLUSIVE"
					      : "PASS";
}

static enum gate_state judge(const struct compare_item *item, const struct gate_policy *policy,
			     double level)
{
	double limit = 1 + policy->threshold;

	if (item->ratio.mid > limit && item->ratio.low > 1) {
		if (item->one_boot || item->p > level)
			return GATE_SUSPICIOUS;
		return policy->allow ? GATE_ALLOWED : GATE_REGRESSION;
	}
	return item->ratio.high <= limit ? GATE_PASS : GATE_BLIND;
}

static bool is_checked(const struct compare_item *item, enum gate_check check)
{
	if (item->reason || check == GATE_CHECK_EXITS)
		return check == GATE_CHECK_ALL || (item->reason && check == GATE_CHECK_EXITS);
	return check == GATE_CHECK_ALL || (item->over == item->layer) == (check == GATE_CHECK_COST);
}

static int compare_findings(const void *left, const void *right)
{
	const struct gate_finding *a = left, *b = right;

	if (a->state != b->state)
		return (int)a->state - (int)b->state;
	if (!a->item->reason != !b->item->reason)
		return a->item->reason ? 1 : -1;
	/* Both are in the same list of the comparison. */
	return (a->item > b->item) - (a->item < b->item);
}

bool gate_is_inconclusive(const struct gate_finding *f)
{
	return !f->policy.pass_inconclusive && !f->policy.allow &&
	       (f->state == GATE_MISSING || f->state == GATE_SUSPICIOUS || f->state == GATE_BLIND);
}

/* Whether a run has no figure that was compared. */
static bool is_empty(const struct comparison *c, const struct summary *run)
{
	for (size_t i = 0; i < c->items; i++) {
		const struct compare_item *item = &c->item[i];
		const struct summary_entry *e =
			summary_find(run, item->workload, item->params, item->threads,
				     summary_layer_like(item->run, item->layer, run));

		if (e && summary_has_cost(e))
			return false;
	}
	return true;
}

static void take_runs(struct gate *g, const struct compare_side *side)
{
	for (size_t i = 0; i < side->runs; i++) {
		bool empty = is_empty(g->comparison, &side->run[i]);

		g->run[g->runs++] = (struct gate_run){&side->run[i], empty};
		g->empty += empty;
	}
}

static void take_finding(struct gate *g, const struct compare_item *item,
			 const struct compare_missing *missing)
{
	struct gate_policy policy = gate_policy_of(g->rules, item);
	enum gate_state state =
		missing ? GATE_MISSING : judge(item, &policy, 1 - COMPARE_CONFIDENCE);

	if (missing || is_checked(item, policy.check)) {
		g->finding[g->findings++] = (struct gate_finding){item, missing, state, policy};
		g->count[state]++;
	}
}

/* A finding only where the counts decide. */
static void take_exits(struct gate *g, const struct compare_item *item)
{
	struct gate_policy policy = gate_policy_of(g->rules, item);
	double limit = 1 + policy.threshold;
	bool worse = item->ratio.mid > limit && item->p <= COMPARE_EXITS_LEVEL;
	enum gate_state state = GATE_PASS;

	if (!is_checked(item, policy.check))
		return;
	if (!item->exact) {
		g->exits.varied++;
		return;
	}
	if (!worse && !(item->ratio.high <= limit)) {
		g->exits.coarse++;
		return;
	}
	if (worse)
		state = policy.allow ? GATE_ALLOWED : GATE_REGRESSION;
	g->finding[g->findings++] = (struct gate_finding){item, NULL, state, policy};
	g->count[state]++;
}

/* A rule that names one reason, no pattern, which in these runs only follows time. */
static int check_rule(const struct comparison *c, const struct gate_rules *rules,
		      const struct gate_rule *rule, struct err *err)
{
	const struct compare_refused *refused = NULL;
	char what[COMPARE_WHAT];

	if (rule->scope != GATE_FOR_EXITS || strpbrk(rule->name, "*?["))
		return 0;
	for (size_t i = 0; i < c->exits; i++)
		if (gate_rule_fits(rule, &c->exit[i]))
			return 0;
	for (size_t i = 0; i < c->refuseds && !refused; i++)
		if (gate_rule_fits(rule, &c->refused[i].item))
			refused = &c->refused[i];
	if (!refused)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "%s:%d: [exits %s] cannot be a gate: in these runs it follows time, as with "
		       "%.64s, %s (%.3g a second): %s",
		       rules->file, rule->line, rule->name, refused->item.workload,
		       compare_what(&refused->item, what), refused->per_second, refused->why);
}

int gate_judge(const struct comparison *c, const struct gate_rules *rules, struct gate *g,
	       struct err *err)
{
	bool inconclusive;

	*g = (struct gate){.comparison = c, .rules = rules};
	for (size_t i = 0; i < rules->count; i++)
		if (check_rule(c, rules, &rules->rule[i], err) < 0)
			return -1;
	g->finding = calloc(c->items + c->missings + c->exits + 1, sizeof(*g->finding));
	g->run = calloc(c->base.runs + c->new.runs + 1, sizeof(*g->run));
	if (!g->finding || !g->run) {
		gate_release(g);
		return err_set(err, EXIT_INTERNAL, "out of memory for the gate");
	}
	take_runs(g, &c->base);
	take_runs(g, &c->new);
	for (size_t i = 0; i < c->items; i++)
		take_finding(g, &c->item[i], NULL);
	for (size_t i = 0; i < c->missings; i++)
		if (c->missing[i].in_base)
			take_finding(g, &c->missing[i].item, &c->missing[i]);
	for (size_t i = 0; i < c->exits; i++)
		take_exits(g, &c->exit[i]);
	qsort(g->finding, g->findings, sizeof(*g->finding), compare_findings);
	inconclusive = g->findings == 0 || g->empty;
	for (size_t i = 0; i < g->findings; i++)
		inconclusive |= gate_is_inconclusive(&g->finding[i]);
	g->code = g->count[GATE_REGRESSION] ? EXIT_REGRESSION
		  : inconclusive	    ? EXIT_INCONCLUSIVE
					    : EXIT_FINE;
	return 0;
}

static void add_missing(const struct compare_missing *m, struct buf *out)
{
	char text[256], layer[COMPARE_WHAT];

	buf_addstr(out, "missing: ");
	compare_label(&m->item, out);
	buf_addf(out, " %s: BASE has figures, NEW %s", compare_layer(&m->item, layer),
		 m->failed ? "failed" : "has none");
	if (m->reason)
		buf_addf(out, " (%s)", csv_printable(m->reason, text, sizeof(text)));
	buf_addstr(out, "\n");
}

static void add_finding(const struct gate_finding *f, struct buf *out)
{
	const struct compare_item *item = f->item;
	char base[COMPARE_TEXT], new[COMPARE_TEXT], change[COMPARE_TEXT], p[COMPARE_TEXT];
	char what[COMPARE_WHAT];

	buf_addf(out, "%s: ", gate_state_name(f->state));
	compare_label(item, out);
	buf_addf(out, " %s: %s -> %s, %s, threshold %.3g %%, p %s%s\n", compare_what(item, what),
		 compare_level(item, item->base, base), compare_level(item, item->new, new),
		 compare_change(item, change), 100 * f->policy.threshold, compare_p(item, p),
		 item->one_boot ? ", one boot on each side" : "");
}

static void add_verdict(const struct gate *g, struct buf *out)
{
	const char *word = gate_verdict_name(g);

	if (g->findings == 0) {
		buf_addf(out, "%s: nothing was compared\n", word);
		return;
	}
	buf_addf(out, "%s: of %zu checks", word, g->findings);
	for (int s = 0; s < GATE_STATES; s++)
		if (g->count[s])
			buf_addf(out, ", %zu %s", g->count[s], state_names[s]);
	buf_addstr(out, "\n");
}

static void add_runs(const struct gate *g, struct buf *out)
{
	char dir[RUNDIR_PATH];

	for (size_t i = 0; i < g->runs; i++) {
		const struct summary *s = g->run[i].run;

		damage_format(s->dir, &s->damage, out);
		if (g->run[i].empty)
			buf_addf(out, "%s: no figure to compare\n",
				 printable(str_copy(dir, sizeof(dir), s->dir)));
	}
}

bool gate_rule_is_idle(const struct gate_rule *rule, const struct comparison *c)
{
	bool fits = rule->scope == GATE_FOR_ALL;

	for (size_t i = 0; i < c->items && !fits; i++)
		fits = gate_rule_fits(rule, &c->item[i]);
	for (size_t i = 0; i < c->missings && !fits; i++)
		fits = gate_rule_fits(rule, &c->missing[i].item);
	for (size_t i = 0; i < c->exits && !fits; i++)
		fits = gate_rule_fits(rule, &c->exit[i]);
	return !fits;
}

const char *const gate_scope_names[] = {[GATE_FOR_ALL] = "default",
					[GATE_FOR_CLASS] = "class",
					[GATE_FOR_WORKLOAD] = "workload",
					[GATE_FOR_EXITS] = "exits"};

static void add_idle_rules(const struct gate *g, struct buf *out)
{
	char name[GATE_NAME];

	for (size_t i = 0; i < g->rules->count; i++) {
		const struct gate_rule *rule = &g->rules->rule[i];

		if (gate_rule_is_idle(rule, g->comparison))
			buf_addf(out, "%s:%d: [%s %s] matches no check\n", g->rules->file,
				 rule->line, gate_scope_names[rule->scope],
				 csv_printable(rule->name, name, sizeof(name)));
	}
}

/* What of the counts is no check. */
static void add_exits(const struct gate *g, struct buf *out)
{
	const struct comparison *c = g->comparison;

	if (!c->base.counted && !c->new.counted)
		return;
	compare_exits_damage(c, out);
	if (!c->base.counted || !c->new.counted) {
		buf_addf(out, "exits: not checked, as %s has no counts\n",
			 c->base.counted ? "NEW" : "BASE");
		return;
	}
	if (g->exits.varied + g->exits.coarse + c->refuseds)
		buf_addf(out,
			 "exits: not checked are %zu counts that follow time, %zu that vary from "
			 "batch to batch, and %zu that are too few to tell a change by their "
			 "threshold: more counted batches (run --count) or longer ones would "
			 "decide the latter\n",
			 c->refuseds, g->exits.varied, g->exits.coarse);
}

void gate_format(const struct gate *g, bool all, struct buf *out)
{
	add_runs(g, out);
	add_idle_rules(g, out);
	for (size_t i = 0; i < g->findings; i++) {
		const struct gate_finding *f = &g->finding[i];

		if (f->missing)
			add_missing(f->missing, out);
		else if (f->state <= GATE_SUSPICIOUS || (all && f->state == GATE_BLIND))
			add_finding(f, out);
	}
	if (g->count[GATE_BLIND])
		buf_addf(out,
			 "blind: %zu checks cannot exclude a change beyond their threshold: more "
			 "boots, a quieter machine or a higher threshold would decide%s\n",
			 g->count[GATE_BLIND], all ? "" : " (--all lists them)");
	add_exits(g, out);
	add_verdict(g, out);
}

void gate_release(struct gate *g)
{
	free(g->finding);
	free(g->run);
	*g = (struct gate){0};
}
