/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare/gate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printable.h"
#include "lib/str.h"
#include "results/compare/compare_parts.h"
#include "results/rundir/csvfile.h"

static const char *const state_names[] = {
	[GATE_REGRESSION] = "regression", [GATE_ALLOWED] = "allowed", [GATE_MISSING] = "missing",
	[GATE_SUSPICIOUS] = "suspicious", [GATE_BLIND] = "blind",     [GATE_PASS] = "pass",
};

const char *gate_state_name(enum gate_state s)
{
	return state_names[s];
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
	return check == GATE_CHECK_ALL || (item->over == item->layer) == (check == GATE_CHECK_COST);
}

static int compare_findings(const void *left, const void *right)
{
	const struct gate_finding *a = left, *b = right;

	if (a->state != b->state)
		return (int)a->state - (int)b->state;
	/* Both lie in the same list of the comparison. */
	if (a->item && b->item)
		return (a->item > b->item) - (a->item < b->item);
	return (a->missing > b->missing) - (a->missing < b->missing);
}

bool gate_is_inconclusive(const struct gate_finding *f)
{
	return !f->policy.pass_inconclusive && !f->policy.allow &&
	       (f->state == GATE_MISSING || f->state == GATE_SUSPICIOUS || f->state == GATE_BLIND);
}

bool gate_is_empty(const struct gate *g, const struct summary *run)
{
	const struct comparison *c = g->comparison;

	for (size_t i = 0; i < c->items; i++) {
		const struct summary_entry *e = compare_find(run, &c->item[i], c->item[i].layer);

		if (e && summary_has_cost(e))
			return false;
	}
	return true;
}

static bool any_empty(const struct gate *g, const struct compare_side *side)
{
	for (size_t i = 0; i < side->runs; i++)
		if (gate_is_empty(g, &side->run[i]))
			return true;
	return false;
}

static void sum_up(struct gate *g)
{
	bool inconclusive = g->findings == 0 || any_empty(g, &g->comparison->base) ||
			    any_empty(g, &g->comparison->new);

	for (size_t i = 0; i < g->findings; i++) {
		g->count[g->finding[i].state]++;
		inconclusive |= gate_is_inconclusive(&g->finding[i]);
	}
	g->code = g->count[GATE_REGRESSION] ? EXIT_REGRESSION
		  : inconclusive	    ? EXIT_INCONCLUSIVE
					    : EXIT_FINE;
}

int gate_judge(const struct comparison *c, const struct gate_rules *rules, struct gate *g,
	       struct err *err)
{
	double level = 1 - c->options.confidence;

	*g = (struct gate){.comparison = c, .rules = rules};
	g->finding = calloc(c->items + c->missings + 1, sizeof(*g->finding));
	if (!g->finding)
		return err_set(err, EXIT_INTERNAL, "out of memory for the gate");
	for (size_t i = 0; i < c->items; i++) {
		const struct compare_item *item = &c->item[i];
		struct gate_policy policy =
			gate_policy_of(rules, item->workload, item->class, item->params);

		if (is_checked(item, policy.check))
			g->finding[g->findings++] =
				(struct gate_finding){.item = item,
						      .state = judge(item, &policy, level),
						      .policy = policy};
	}
	for (size_t i = 0; i < c->missings; i++) {
		const struct compare_missing *m = &c->missing[i];

		if (m->in_base)
			g->finding[g->findings++] = (struct gate_finding){
				.missing = m,
				.state = GATE_MISSING,
				.policy = gate_policy_of(rules, m->workload, m->class, m->params)};
	}
	qsort(g->finding, g->findings, sizeof(*g->finding), compare_findings);
	sum_up(g);
	return 0;
}

static void add_missing(const struct compare_missing *m, struct buf *out)
{
	char text[256];

	buf_addf(out, "missing: %s", csv_printable(m->workload, text, sizeof(text)));
	if (m->params[0])
		buf_addf(out, " %s", csv_printable(m->params, text, sizeof(text)));
	buf_addf(out, " L%" PRIu32 ": BASE has figures, NEW %s", m->layer,
		 m->failed ? "failed" : "has none");
	if (m->reason)
		buf_addf(out, " (%s)", csv_printable(m->reason, text, sizeof(text)));
	buf_addstr(out, "\n");
}

static void add_finding(const struct gate_finding *f, struct buf *out)
{
	const struct compare_item *item = f->item;
	char base[COMPARE_TEXT], new[COMPARE_TEXT], change[COMPARE_TEXT], p[COMPARE_TEXT], what[32];

	buf_addf(out, "%s: ", gate_state_name(f->state));
	compare_label(item, out);
	buf_addf(out, " %s: %s -> %s, %s, threshold %.3g %%, p %s%s\n", compare_what(item, what),
		 compare_level(item, item->base, base), compare_level(item, item->new, new),
		 compare_change(item, change), 100 * f->policy.threshold, compare_p(item, p),
		 item->one_boot ? ", one boot on each side" : "");
}

static void add_verdict(const struct gate *g, struct buf *out)
{
	const char *word = g->code == EXIT_REGRESSION	  ? "REGRESSION"
			   : g->code == EXIT_INCONCLUSIVE ? "INCONCLUSIVE"
							  : "PASS";

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

static void add_runs(const struct gate *g, const struct compare_side *side, struct buf *out)
{
	for (size_t i = 0; i < side->runs; i++) {
		const struct summary *s = &side->run[i];

		char dir[RUNDIR_PATH];

		damage_format(s->dir, &s->damage, out);
		if (gate_is_empty(g, s))
			buf_addf(out, "%s: no figure to compare\n",
				 printable(str_copy(dir, sizeof(dir), s->dir)));
	}
}

static bool is_idle(const struct gate_rule *rule, const struct comparison *c)
{
	bool fits = rule->scope == GATE_FOR_ALL;

	for (size_t i = 0; i < c->items && !fits; i++)
		fits = gate_rule_fits(rule, c->item[i].workload, c->item[i].class,
				      c->item[i].params);
	for (size_t i = 0; i < c->missings && !fits; i++)
		fits = gate_rule_fits(rule, c->missing[i].workload, c->missing[i].class,
				      c->missing[i].params);
	return !fits;
}

static void add_idle_rules(const struct gate *g, struct buf *out)
{
	char name[GATE_NAME];

	for (size_t i = 0; i < g->rules->count; i++) {
		const struct gate_rule *rule = &g->rules->rule[i];

		if (is_idle(rule, g->comparison))
			buf_addf(out, "%s:%d: [%s %s] fits no check\n", g->rules->file, rule->line,
				 rule->scope == GATE_FOR_CLASS ? "class" : "workload",
				 csv_printable(rule->name, name, sizeof(name)));
	}
}

void gate_format(const struct gate *g, bool all, struct buf *out)
{
	add_runs(g, &g->comparison->base, out);
	add_runs(g, &g->comparison->new, out);
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
	add_verdict(g, out);
}

void gate_release(struct gate *g)
{
	free(g->finding);
	*g = (struct gate)GATE_INIT;
}
