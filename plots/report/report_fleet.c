/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a fleet. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/report/report_parts.h"
#include "results/fleet/compare.h"

static const struct plot plot_fleet = {
	.name = "fleet",
	.title = "Nodes by kinds of work and layers",
	.summary = "How far each node is from the median node: by its usable share, in L0 by its "
		   "speed.",
};

static bool is_read(const struct compared_node *node)
{
	return node->outcome == FLEET_COMPARED || node->outcome == FLEET_ALONE;
}

/* ---- nodes ---- */

static void add_machines(struct doc *d, const struct fleet_comparison *c)
{
	struct grid g = {0};

	grid_begin(&g, 4);
	grid_add(&g, "class");
	grid_add(&g, "CPU");
	grid_add(&g, "virtualization");
	grid_add(&g, "nodes");
	for (size_t m = 0; m < c->machines; m++) {
		grid_add(&g, c->machine[m].letter);
		grid_add(&g, c->machine[m].class.cpu);
		grid_add(&g, c->machine[m].class.settings);
		grid_addf(&g, "%zu%s", c->machine[m].nodes,
			  c->machine[m].nodes < FLEET_LEAST ? " (too few to compare)" : "");
	}
	doc_grid(d, &g, "Classes of machines", true);
}

static void add_left_out(struct doc *d, const struct fleet_comparison *c)
{
	struct grid g = {0};

	grid_begin(&g, 3);
	grid_add(&g, "node");
	grid_add(&g, "what");
	grid_add(&g, "why");
	for (size_t i = 0; i < c->nodes; i++) {
		if (is_read(&c->node[i]))
			continue;
		grid_add(&g, c->node[i].name);
		grid_add(&g, fleet_outcome_name(c->node[i].outcome));
		grid_add(&g, c->node[i].reason);
	}
	doc_grid(d, &g, "Nodes that were not compared", true);
}

static void add_nodes(struct doc *d, const struct fleet_comparison *c)
{
	add_machines(d, c);
	add_left_out(d, c);
}

/* ---- odd nodes ---- */

static void add_figures(struct doc *d, const struct fleet_comparison *c, size_t node)
{
	struct grid g = {0};
	struct buf label = BUF_INIT;
	char here[TEXT_SHORT], usual[TEXT_SHORT];

	grid_begin(&g, 6);
	grid_add(&g, "workload");
	grid_add(&g, "layer");
	grid_add(&g, "figure");
	grid_add(&g, "worse by");
	grid_add(&g, "here");
	grid_add(&g, "usual");
	for (size_t i = 0; i < c->figures; i++) {
		const struct compared_figure *f = &c->figure[i];
		const struct compared_work *w = &c->work[f->work];

		if (f->node != node || !f->odd)
			continue;
		buf_clear(&label);
		fleet_work_label(w, &label);
		grid_add(&g, buf_str(&label));
		grid_add(&g, w->layer);
		grid_add(&g, fleet_kind_name(f->kind));
		grid_addf(&g, "%+.1f %% [%+.1f, %+.1f]", 100 * (f->ratio.mid - 1),
			  100 * (f->ratio.low - 1), 100 * (f->ratio.high - 1));
		grid_add(&g, text_figure(w->unit, f->level, here));
		grid_add(&g, text_figure(w->unit, f->usual, usual));
	}
	buf_done(&label, &d->out);
	doc_fold_begin(d, "The figures in which it is odd");
	doc_grid(d, &g, "Figures in which it is odd", false);
	doc_fold_end(d);
}

static void add_differences(struct doc *d, const struct fleet_comparison *c, size_t node)
{
	struct grid g = {0};

	grid_begin(&g, 5);
	grid_add(&g, "where");
	grid_add(&g, "what");
	grid_add(&g, "this node");
	grid_add(&g, "most of its class");
	grid_add(&g, "what it can do");
	for (size_t i = 0; i < c->differences; i++) {
		const struct node_difference *n = &c->difference[i];

		if (n->node != node)
			continue;
		grid_add(&g, n->place);
		grid_add(&g, n->key);
		grid_add(&g, *n->value ? n->value : "not said");
		grid_addf(&g, "%s (%zu)", n->common, n->nodes);
		grid_add(&g, n->why);
	}
	if (!doc_grid(d, &g, "What differs in its environment", true))
		doc_text(d, NULL,
			 "Its environment does not differ from that of its class in what "
			 "is known.");
}

static void add_odd(struct doc *d, const struct fleet_comparison *c)
{
	char title[FLEET_LETTER + 320];

	if (c->compared == 0)
		doc_textf(d, "note warnish",
			  "No class of machines has %d nodes, so that it is not known what is "
			  "usual: no node is called odd.",
			  FLEET_LEAST);
	else if (fleet_count_odd(c) == 0)
		doc_text(d, NULL, "No node is odd in any figure.");
	for (size_t i = 0; i < c->nodes; i++) {
		const struct compared_node *node = &c->node[i];

		if (node->odd == 0)
			continue;
		snprintf(title, sizeof(title), "%.255s, class %s: odd in %zu of %zu figures",
			 node->name, fleet_node_letter(c, i), node->odd, node->figures);
		doc_heading(d, 3, NULL, title);
		add_differences(d, c, i);
		add_figures(d, c, i);
	}
}

/* ---- rankings ---- */

static void add_ranking(struct doc *d, const struct fleet_comparison *c, const struct ranking *r)
{
	char title[LAYER_NAME + ROW_CLASS + 64], share[TEXT_SHORT];
	struct grid g = {0};

	snprintf(title, sizeof(title), "%s in %s: %s", r->class, r->layer,
		 r->is_speed ? "speed against the median node" : "usable share of its L0");
	grid_begin(&g, 4);
	grid_add(&g, "node");
	grid_add(&g, "class");
	grid_add(&g, r->is_speed ? "speed" : "share");
	grid_add(&g, "rank, and those that it may have");
	for (size_t i = 0; i < r->nodes; i++) {
		const struct ranked_node *node = &r->node[i];

		grid_add(&g, c->node[node->node].name);
		if (c->node[node->node].odd)
			grid_mark(&g);
		grid_add(&g, fleet_node_letter(c, node->node));
		grid_add(&g, text_share(&node->share, share));
		grid_addf(&g, "%zu (%zu to %zu)", node->rank, node->best, node->worst);
	}
	doc_fold_begin(d, title);
	doc_grid(d, &g, title, false);
	doc_fold_end(d);
}

static void add_rankings(struct doc *d, const struct fleet_comparison *c)
{
	for (size_t i = 0; i < c->rankings; i++)
		add_ranking(d, c, &c->ranking[i]);
}

static void add_picture(struct doc *d, const struct fleet_comparison *c, const char *pictures,
			const char *missing)
{
	struct picture picture = {0};
	struct err why;

	if (missing)
		doc_text(d, "note warnish", missing);
	if (fleet_make(c, &picture, &why) == 0) {
		doc_tag(d, "<figure>");
		if (pictures)
			report_picture(d, pictures, &plot_fleet);
		doc_tag(d, "<figcaption>");
		if (d->form == DOC_HTML)
			doc_escape(d, plot_fleet.summary);
		doc_tag(d, "</figcaption>");
		doc_fold_begin(d, "The figures of this picture");
		doc_grid(d, &picture.table, plot_fleet.title, false);
		doc_fold_end(d);
		doc_tag(d, "</figure>\n");
	} else if (why.code == EXIT_INCONCLUSIVE) {
		doc_text(d, NULL, why.text);
	} else {
		d->out.failed = true;
	}
	picture_release(&picture);
}

static void add_method(struct doc *d, const struct fleet_comparison *c)
{
	doc_textf(d, NULL,
		  "Each node is set against the median of the other nodes of its class, which "
		  "takes %d of them, in each figure that they have: of each workload in each layer "
		  "its cost, the median over rounds, and its tail, the 95th percentile over "
		  "batches, where work that is stopped now and then shows first.",
		  FLEET_LEAST);
	doc_textf(d, NULL,
		  "The intervals hold for all %zu figures of all nodes together, at %.3g %%, and "
		  "cover the spread that is usual from node to node as well as the node's own "
		  "error. A node is odd in a figure when its interval excludes no difference, and "
		  "the difference exceeds %.3g %%. That no node is odd does not say that all are "
		  "equal.",
		  c->compared, 100 * FLEET_SURE, 100 * c->same);
	doc_text(d, NULL,
		 "Ranks: nodes whose intervals overlap, at 95 % for all nodes of a ranking "
		 "together, may stand in either order.");
}

static void add_title(struct doc *d, const struct fleet_comparison *c)
{
	size_t emulated = 0, read = 0;

	for (size_t i = 0; i < c->nodes; i++) {
		read += is_read(&c->node[i]);
		emulated += c->node[i].emulated;
	}
	doc_heading(d, 1, NULL, "A fleet, node by node");
	doc_textf(d, "meta", "%s · %zu nodes, %zu read, %zu odd", c->dir, c->nodes, read,
		  fleet_count_odd(c));
	if (emulated)
		doc_textf(d, "warn",
			  "The CPU was EMULATED in some layer of %zu nodes. The figures show the "
			  "shape of the cost, not what hardware virtualization would give.",
			  emulated);
}

int report_fleet(const struct fleet_comparison *c, const char *pictures, const char *missing,
		 struct buf *out, struct err *err)
{
	struct doc d = {.form = DOC_HTML};
	int rc = report_begin_page(&d, "a fleet", err);

	if (rc == 0) {
		add_title(&d, c);
		doc_tag(&d, "</header>\n<section>\n");
		doc_heading(&d, 2, "nodes", "The nodes");
		add_nodes(&d, c);
		add_picture(&d, c, pictures, missing);
		doc_tag(&d, "</section>\n<section>\n");
		doc_heading(&d, 2, "odd", "Odd nodes");
		add_odd(&d, c);
		doc_tag(&d, "</section>\n<section>\n");
		doc_heading(&d, 2, "ranking", "Ranking");
		add_rankings(&d, c);
		doc_tag(&d, "</section>\n<section>\n");
		doc_heading(&d, 2, "method", "How they were compared");
		add_method(&d, c);
		doc_tag(&d, "</section>\n</main>\n</body>\n</html>\n");
		buf_add(out, d.out.data, d.out.len);
		rc = buf_check(d.out.failed ? &d.out : out, err);
	}
	buf_release(&d.out);
	return rc;
}
