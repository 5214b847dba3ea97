/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/fleet/compare_parts.h"
#include "results/stats/stats.h"

/* Without `all`. */
enum { FIGURES_SHOWN = 4, DIFFERENCES_SHOWN = 6 };

static void add_machines(const struct fleet_comparison *c, struct buf *out)
{
	char name[FLEET_CLASS_TEXT];

	for (size_t m = 0; m < c->machines; m++) {
		const struct compared_machine *machine = &c->machine[m];

		buf_addf(out, "  class %s  %zu node%s  %s%s\n", machine->letter, machine->nodes,
			 machine->nodes == 1 ? "" : "s", fleet_class_name(&machine->class, name),
			 machine->nodes < FLEET_LEAST ? "  (too few to compare)" : "");
	}
}

static void add_left_out(const struct fleet_comparison *c, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < c->nodes; i++) {
		const struct compared_node *node = &c->node[i];

		if (fleet_is_read(node))
			continue;
		if (!any)
			buf_addstr(out, "\nNot compared\n");
		any = true;
		buf_addf(out, "  %s: %s\n", node->name, node->reason);
	}
}

static void add_damage(const struct fleet_comparison *c, struct buf *out)
{
	for (size_t i = 0; i < c->nodes; i++)
		if (fleet_is_read(&c->node[i]) && c->node[i].damaged)
			buf_addf(out, "  %s: %" PRIu64 " damaged line%s left out\n",
				 c->node[i].name, c->node[i].damaged,
				 c->node[i].damaged == 1 ? "" : "s");
}

/* ---- odd nodes ---- */

/* Most certain first: by the end of the interval that is nearer to no difference. */
static int compare_odd(const void *left, const void *right)
{
	const struct compared_figure *a = *(const struct compared_figure *const *)left,
				     *b = *(const struct compared_figure *const *)right;
	double x = fabs(a->value.deviation) - a->value.half,
	       y = fabs(b->value.deviation) - b->value.half;

	if (x != y)
		return x > y ? -1 : 1;
	return (a > b) - (a < b);
}

static void add_figure(const struct fleet_comparison *c, const struct compared_figure *f,
		       struct text_table *t)
{
	const struct compared_work *w = &c->work[f->work];
	char level[TEXT_SHORT], usual[TEXT_SHORT];
	struct buf label = BUF_INIT;

	fleet_work_label(w, &label);
	text_cell(t, "%s", buf_str(&label));
	text_cell(t, "%s", w->layer);
	text_cell(t, "%s", fleet_kind_name(f->kind));
	text_cell(t, "%+.1f %%", 100 * (f->ratio.mid - 1));
	text_cell(t, "[%+.1f, %+.1f]", 100 * (f->ratio.low - 1), 100 * (f->ratio.high - 1));
	text_cell(t, "%s", text_figure(w->unit, f->level, level));
	text_cell(t, "%s", text_figure(w->unit, f->usual, usual));
	buf_done(&label, t->out);
}

static void add_odd_figures(const struct fleet_comparison *c, size_t node, bool all,
			    struct buf *out)
{
	static const struct text_column columns[] = {
		{"", -32, 1},	    {"", -10, 1},   {"", -4, 1},    {"worse by", 9, 1},
		{"jointly", 18, 1}, {"here", 9, 1}, {"usual", 9, 0}};
	struct text_table t = TEXT_TABLE(out, columns);
	size_t count = 0, shown;
	const struct compared_figure **odd = calloc(c->node[node].odd + 1, sizeof(*odd));

	for (size_t i = 0; i < c->figures && odd; i++)
		if (c->figure[i].node == node && c->figure[i].odd)
			odd[count++] = &c->figure[i];
	if (!odd) {
		out->failed = true;
		return;
	}
	qsort(odd, count, sizeof(*odd), compare_odd);
	shown = all || count <= FIGURES_SHOWN ? count : FIGURES_SHOWN;
	text_titles(&t);
	for (size_t i = 0; i < shown; i++)
		add_figure(c, odd[i], &t);
	if (shown < count)
		buf_addf(out, "  and in %zu more (--all)\n", count - shown);
	free(odd);
}

static void add_differences(const struct fleet_comparison *c, size_t node, bool all,
			    struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < c->differences; i++) {
		const struct node_difference *d = &c->difference[i];

		if (d->node != node)
			continue;
		if (all || count < DIFFERENCES_SHOWN)
			buf_addf(
				out,
				"  differs: %s %s is %.60s%s; %zu of its class have %.60s%s (%s)\n",
				d->place, d->key, d->value, *d->value ? "" : "not said", d->nodes,
				d->common, *d->common ? "" : "none", d->why);
		count++;
	}
	if (count == 0)
		buf_addstr(out, "  its environment does not differ from that of its class in what "
				"is known\n");
	else if (!all && count > DIFFERENCES_SHOWN)
		buf_addf(out, "  and %zu more differences (--all)\n", count - DIFFERENCES_SHOWN);
}

/* The median over figures of the least difference that would have been found. */
static double find_least(const struct fleet_comparison *c, struct buf *out)
{
	double *half = calloc(c->figures + 1, sizeof(*half)), median = NAN;
	size_t n = 0;

	out->failed |= !half;
	for (size_t i = 0; i < c->figures && half; i++)
		if (isfinite(c->figure[i].value.half))
			half[n++] = c->figure[i].value.half;
	if (n)
		median = expm1(stats_median_of(half, n));
	free(half);
	return median;
}

static void add_least(const struct fleet_comparison *c, struct buf *out)
{
	double least = find_least(c, out);
	char percent[TEXT_SHORT];

	if (least > 1)
		buf_addf(out, "In half of the\nfigures a difference of 100 %% would be missed: "
			      "measure more nodes, or longer.\n");
	else
		buf_addf(out,
			 "A difference of\n%s %% would be found in half of the figures; below %.3g "
			 "%% none counts.\n",
			 text_percent(least, percent), 100 * c->same);
}

static void add_odd(const struct fleet_comparison *c, bool all, struct buf *out)
{
	size_t odd = fleet_count_odd(c);

	if (c->compared == 0) {
		buf_addf(out,
			 "\nNo class has %d nodes, so that it is not known what is usual: no "
			 "node is called odd.\n",
			 FLEET_LEAST);
		return;
	}
	buf_addf(out,
		 "\nOdd nodes: %zu. Each against the median of the others of its class; %.3g %% "
		 "intervals that hold\nfor all %zu figures of all nodes together, with the spread "
		 "from node to node. ",
		 odd, 100 * FLEET_SURE, c->compared);
	add_least(c, out);
	for (size_t i = 0; i < c->nodes; i++) {
		const struct compared_node *node = &c->node[i];

		if (node->odd == 0)
			continue;
		buf_addf(out, "\n%s (class %s): odd in %zu of %zu figures\n", node->name,
			 fleet_node_letter(c, i), node->odd, node->figures);
		add_odd_figures(c, i, all, out);
		add_differences(c, i, all, out);
	}
}

/* ---- rankings ---- */

static void add_rank(const struct fleet_comparison *c, const struct ranked_node *node,
		     struct text_table *t)
{
	char share[TEXT_SHORT];

	text_cell(t, "%zu", node->rank);
	if (node->best == node->worst)
		text_cell(t, "%s", "");
	else
		text_cell(t, "(%zu-%zu)", node->best, node->worst);
	text_cell(t, "%s", fleet_node_letter(c, node->node));
	text_cell(t, "%s%s", c->node[node->node].name, c->node[node->node].odd ? " (odd)" : "");
	text_cell(t, "%s", text_share(&node->share, share));
}

/* Every node. */
static void add_ranking(const struct fleet_comparison *c, const struct ranking *r, struct buf *out)
{
	static const struct text_column columns[] = {
		{"", 5, 1}, {"", -11, 1}, {"", -2, 1}, {"", -40, 1}, {"", -30, 0}};
	struct text_table t = TEXT_TABLE(out, columns);

	buf_addf(out, "\n%s, %s: %s\n", r->class, r->layer,
		 r->is_speed ? "speed, against the median node" : "usable share of its L0");
	for (size_t i = 0; i < r->nodes; i++)
		add_rank(c, &r->node[i], &t);
}

static void add_end(const struct fleet_comparison *c, const struct ranked_node *node,
		    struct text_table *t)
{
	char share[TEXT_SHORT];

	text_cell(t, "%s", text_percent(node->share.mid, share));
	text_cell(t, "%s (%zu-%zu)", c->node[node->node].name, node->best, node->worst);
}

/* The ends of each ranking. */
static void add_ends(const struct fleet_comparison *c, struct buf *out)
{
	static const struct text_column columns[] = {
		{"", -9, 1},  {"", -12, 1},	 {"", -6, 1}, {"best %", 7, 1},
		{"", -26, 1}, {"worst %", 7, 1}, {"", -26, 0}};
	struct text_table t = TEXT_TABLE(out, columns);

	text_titles(&t);
	for (size_t i = 0; i < c->rankings; i++) {
		const struct ranking *r = &c->ranking[i];

		text_cell(&t, "%s", r->class);
		text_cell(&t, "%s", r->layer);
		text_cell(&t, "%s", r->is_speed ? "speed" : "share");
		add_end(c, &r->node[0], &t);
		add_end(c, &r->node[r->nodes - 1], &t);
	}
}

static void add_rankings(const struct fleet_comparison *c, bool all, struct buf *out)
{
	if (!c->rankings)
		return;
	buf_addf(out,
		 "\nRanking of all %zu nodes by the usable share of their L0, and of L0 by speed, "
		 "against the median\nnode; in parentheses the ranks that a node may have%s.\n",
		 fleet_count(c, FLEET_COMPARED) + fleet_count(c, FLEET_ALONE),
		 all ? "" : " (--all: every node)");
	for (size_t i = 0; i < c->rankings && all; i++)
		add_ranking(c, &c->ranking[i], out);
	if (!all)
		add_ends(c, out);
}

static void add_emulated(const struct fleet_comparison *c, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nodes; i++)
		count += fleet_is_read(&c->node[i]) && c->node[i].emulated;
	if (count)
		buf_addf(out,
			 "  EMULATED CPU in some layer of %zu node%s: the shape of the cost, not "
			 "what hardware would give\n",
			 count, count == 1 ? "" : "s");
}

void fleet_compare_text(const struct fleet_comparison *c, bool all, struct buf *out)
{
	size_t read = fleet_count(c, FLEET_COMPARED) + fleet_count(c, FLEET_ALONE);

	buf_addf(out, "Fleet %s: %zu node%s, %zu read, %zu class%s of machines\n", c->dir, c->nodes,
		 c->nodes == 1 ? "" : "s", read, c->machines, c->machines == 1 ? "" : "es");
	add_machines(c, out);
	add_emulated(c, out);
	add_damage(c, out);
	add_left_out(c, out);
	add_odd(c, all, out);
	add_rankings(c, all, out);
}
