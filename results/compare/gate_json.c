/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate as JSON. */
#include "lib/json.h"
#include "results/compare/compare_parts.h"
#include "results/compare/gate.h"

static json_t *finding_json(const struct gate_finding *f)
{
	const struct compare_missing *m = f->missing;
	bool blocks = f->state == GATE_REGRESSION || gate_is_inconclusive(f);
	json_t *o = compare_item_json(f->item, !m);

	o = json_with(o, "state", json_string(gate_state_name(f->state)));
	o = json_with(o, "blocks", json_boolean(blocks));
	o = json_with(o, "threshold_share", json_real(f->policy.threshold));
	o = json_with(o, "new_failed", m ? json_boolean(m->failed) : json_null());
	return json_with(o, "why", json_text(m ? m->reason : NULL));
}

static json_t *counts_json(const struct gate *g)
{
	json_t *o = json_object();

	for (int s = 0; s < GATE_STATES; s++)
		o = json_with(o, gate_state_name((enum gate_state)s),
			      json_integer((json_int_t)g->count[s]));
	return o;
}

/* Directories of runs without a figure that was compared. */
static json_t *empty_json(const struct gate *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->runs; i++)
		if (g->run[i].empty)
			list = json_and(list, json_text(g->run[i].run->dir));
	return list;
}

static json_t *idle_json(const struct gate *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->rules->count; i++) {
		const struct gate_rule *rule = &g->rules->rule[i];

		if (gate_rule_is_idle(rule, g->comparison))
			list = json_and(list, json_pack("{s:s, s:o, s:i}", "scope",
							gate_scope_names[rule->scope], "name",
							json_text(rule->name), "line", rule->line));
	}
	return list;
}

int gate_format_json(const struct gate *g, struct buf *out, struct err *err)
{
	const struct comparison *c = g->comparison;
	json_t *findings = json_array(), *o = json_object();

	for (size_t i = 0; i < g->findings; i++)
		findings = json_and(findings, finding_json(&g->finding[i]));
	o = json_with(o, "verdict", json_string(gate_verdict_name(g)));
	o = json_with(o, "exit_code", json_integer(g->code));
	o = json_with(o, "checks", json_integer((json_int_t)g->findings));
	o = json_with(o, "states", counts_json(g));
	o = json_with(o, "base", compare_side_json(&c->base));
	o = json_with(o, "new", compare_side_json(&c->new));
	o = json_with(o, "without_figures", empty_json(g));
	o = json_with(o, "environment", env_json(&c->env));
	o = json_with(o, "rules_file", json_text(g->rules->file[0] ? g->rules->file : NULL));
	o = json_with(o, "idle_rules", idle_json(g));
	o = json_with(o, "findings", findings);
	o = json_with(o, "exits_not_checked",
		      json_pack("{s:I, s:I, s:I}", "follow_time", (json_int_t)c->refuseds, "vary",
				(json_int_t)g->exits.varied, "too_few",
				(json_int_t)g->exits.coarse));
	return json_write_answer("gate", 1, o, out, err);
}
