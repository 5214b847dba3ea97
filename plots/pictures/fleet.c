/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fleet: nodes by kinds of work and layers as a heat map, and below it a strip for each. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/gnuplot/gnuplot.h"
#include "results/fleet/compare.h"
#include "results/stats/stats.h"

enum { COLUMNS = 40, ROWS = 64, LETTERS = 8 };

/* The nodes that are drawn, in the order of the fleet. */
struct rows {
	size_t *row; /* of each node, from 1; 0: not drawn */
	size_t count, read;
};

/* How far from the median node each is, in logarithms, above 0 is worse. */
static double median_of(const struct ranking *r, double *work)
{
	for (size_t i = 0; i < r->nodes; i++)
		work[i] = r->node[i].value;
	return stats_median_of(work, r->nodes);
}

struct far {
	double most;
	size_t node;
};

static int compare_far(const void *left, const void *right)
{
	const struct far *a = left, *b = right;

	if (a->most != b->most)
		return a->most > b->most ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* Of more nodes than there are rows: the odd ones, then those that are farthest from the median. */
static void choose(const struct fleet_comparison *c, size_t columns, struct far *far,
		   struct rows *rows, double *work)
{
	for (size_t i = 0; i < c->nodes; i++)
		far[i] = (struct far){.most = -1, .node = i};
	for (size_t k = 0; k < columns; k++) {
		const struct ranking *r = &c->ranking[k];
		double median = median_of(r, work);

		for (size_t i = 0; i < r->nodes; i++) {
			struct far *f = &far[r->node[i].node];

			f->most = fmax(f->most, fabs(r->node[i].value - median));
		}
	}
	for (size_t i = 0; i < c->nodes; i++) {
		rows->read += far[i].most >= 0;
		far[i].most += c->node[i].odd ? 1e3 : 0;
	}
	qsort(far, c->nodes, sizeof(*far), compare_far);
	for (size_t i = 0; i < c->nodes && i < ROWS && far[i].most >= 0; i++)
		rows->row[far[i].node] = 1;
	for (size_t i = 0; i < c->nodes; i++)
		if (rows->row[i])
			rows->row[i] = ++rows->count;
}

static bool is_odd_in(const struct fleet_comparison *c, size_t node, const struct ranking *r)
{
	for (size_t i = 0; i < c->figures; i++) {
		const struct compared_figure *f = &c->figure[i];

		if (f->odd && f->node == node && strcmp(c->work[f->work].class, r->class) == 0 &&
		    strcmp(c->work[f->work].layer, r->layer) == 0)
			return true;
	}
	return false;
}

static void add_notes(const struct fleet_comparison *c, size_t columns, const struct rows *rows,
		      struct picture *p)
{
	char text[LAYER_NAME + 64], key[24], name[FLEET_CLASS_TEXT];
	size_t emulated = 0;

	for (size_t i = 0; i < c->nodes; i++)
		emulated += c->node[i].emulated;
	snprintf(text, sizeof(text), "%zu nodes, %zu odd, %zu not read", c->nodes,
		 fleet_count_odd(c), c->nodes - rows->read);
	picture_note(p, "run", text);
	snprintf(text, sizeof(text),
		 "EMULATED CPU in some layer of %zu nodes: the shape of the cost", emulated);
	picture_note(p, "warning", emulated ? text : "");
	snprintf(text, sizeof(text),
		 "the %zu of %zu nodes that are odd or farthest from the median", rows->count,
		 rows->read);
	if (rows->count < rows->read)
		picture_note(p, "remark", text);
	for (size_t m = 0; m < c->machines && m < LETTERS; m++) {
		struct buf line = BUF_INIT;

		snprintf(key, sizeof(key), "L%zu", m);
		buf_addf(&line, "class %s, %zu node%s: %s", c->machine[m].letter,
			 c->machine[m].nodes, c->machine[m].nodes == 1 ? "" : "s",
			 fleet_class_name(&c->machine[m].class, name));
		picture_note(p, key, buf_str(&line));
		buf_done(&line, &p->data);
	}
	for (size_t k = 0; k < columns; k++) {
		snprintf(text, sizeof(text), "%.20s %.24s", c->ranking[k].class,
			 c->ranking[k].layer);
		picture_note(p, "name", text);
	}
}

static void add_cell(const struct fleet_comparison *c, size_t column,
		     const struct ranked_node *node, double median, const struct rows *rows,
		     struct picture *p)
{
	const struct compared_node *is = &c->node[node->node];
	const struct ranking *r = &c->ranking[column];
	const struct estimate share = {100 * expm1(median - node->value),
				       100 * (exp(median) * node->share.low - 1),
				       100 * (exp(median) * node->share.high - 1)};

	picture_row(p, (double)rows->row[node->node], (uint32_t)column, is->name);
	picture_text(p, r->class);
	picture_number(p, (double)(is->machine < LETTERS ? is->machine : LETTERS - 1));
	picture_number(p, is->odd > 0);
	picture_number(p, is_odd_in(c, node->node, r));
	picture_estimate(p, &share, 1);
	picture_number(p, 100 * exp(-median));
}

static void add_rows(const struct fleet_comparison *c, size_t columns, const struct rows *rows,
		     struct picture *p, double *work)
{
	picture_columns(p, "row", "class\tmachine\todd\tmarked\tvalue\tlow\thigh\tmedian");
	for (size_t k = 0; k < columns; k++) {
		const struct ranking *r = &c->ranking[k];
		double median = median_of(r, work);

		for (size_t i = 0; i < r->nodes; i++)
			if (rows->row[r->node[i].node])
				add_cell(c, k, &r->node[i], median, rows, p);
	}
}

/* The same figures as a table: a row for each node. */
static void add_table(const struct fleet_comparison *c, size_t columns, const struct rows *rows,
		      struct grid *g)
{
	char share[TEXT_SHORT];

	grid_begin(g, columns + 1);
	grid_add(g, "node");
	for (size_t k = 0; k < columns; k++)
		grid_addf(g, "%s %s", c->ranking[k].class, c->ranking[k].layer);
	for (size_t i = 0; i < c->nodes; i++) {
		if (!rows->row[i])
			continue;
		grid_addf(g, "%s%s", c->node[i].name, c->node[i].odd ? " (odd)" : "");
		for (size_t k = 0; k < columns; k++) {
			const struct ranking *r = &c->ranking[k];
			size_t n = 0;

			while (n < r->nodes && r->node[n].node != i)
				n++;
			if (n < r->nodes)
				grid_addf(g, "%s %%", text_percent(r->node[n].share.mid, share));
			else
				grid_add(g, "–");
			if (n < r->nodes && is_odd_in(c, i, r))
				grid_mark(g);
		}
	}
}

int fleet_make(const struct fleet_comparison *c, struct picture *p, struct err *err)
{
	size_t columns = c->rankings < COLUMNS ? c->rankings : COLUMNS;
	struct rows rows = {.row = calloc(c->nodes + 1, sizeof(*rows.row))};
	struct far *far = calloc(c->nodes + 1, sizeof(*far));
	double *work = calloc(c->nodes + 1, sizeof(*work));
	int rc = rows.row && far && work
			 ? 0
			 : err_set(err, EXIT_INTERNAL, "out of memory for a picture of a fleet");

	if (rc == 0 && columns == 0)
		rc = err_set(err, EXIT_INCONCLUSIVE,
			     "no kind of work was measured in all nodes of the fleet");
	if (rc == 0) {
		choose(c, columns, far, &rows, work);
		add_notes(c, columns, &rows, p);
		add_rows(c, columns, &rows, p, work);
		add_table(c, columns, &rows, &p->table);
		rc = buf_check(&p->data, err);
	}
	free(rows.row);
	free(far);
	free(work);
	return rc;
}

int fleet_draw(const char *dir, const struct fleet_comparison *c, struct err *err)
{
	struct picture picture = {0};
	int rc = fleet_make(c, &picture, err);

	if (rc == 0)
		rc = gnuplot_write(dir, "fleet", &picture, err);
	if (rc == 0)
		rc = gnuplot_draw(dir, "fleet", "fleet", err);
	picture_release(&picture);
	return rc;
}
