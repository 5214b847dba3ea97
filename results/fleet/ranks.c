/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rankings. A node is surely better than another where their intervals do not overlap; these hold
 * for all nodes of a ranking together (Bonferroni). Nodes were measured by one plan, so the error
 * of a node is taken for at least the pooled one of all: of few boots a small one is luck.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/class.h"
#include "results/fleet/compare_parts.h"
#include "results/stats/stats.h"

/* ---- the speed of L0 ---- */

/* The median over the compared nodes of each figure of costs; NAN where some node lacks it. */
static bool is_of_class(const struct fleet_comparison *c, const struct compared_figure *f,
			const char *class)
{
	const struct compared_work *w = &c->work[f->work];

	return f->kind == FLEET_COST && w->layer_number == 0 && !w->is_size &&
	       strcmp(w->class, class) == 0;
}

struct speed {
	double sum, variance, freedom;
	size_t works;
};

/* Adds what one work says of each node; of works that all nodes have. */
static void add_speeds(const struct fleet_comparison *c, const struct compared_figure *f, size_t n,
		       struct speed *speed, double *work)
{
	double median;

	for (size_t i = 0; i < n; i++)
		work[i] = f[i].value.y;
	median = stats_median_of(work, n);
	for (size_t i = 0; i < n; i++) {
		struct speed *s = &speed[f[i].node];

		s->sum += f[i].value.y - median;
		s->variance += f[i].value.variance;
		s->freedom = f[i].units - 1;
		s->works++;
	}
}

static int rank_speed_of(struct fleet_comparison *c, const char *class, size_t read,
			 struct speed *speed, double *work, struct err *err)
{
	size_t works = 0, end;

	memset(speed, 0, c->nodes * sizeof(*speed));
	for (size_t i = 0; i < c->figures; i = end) {
		const struct compared_figure *f = &c->figure[i];

		for (end = i; end < c->figures && c->figure[end].work == f->work &&
			      c->figure[end].kind == f->kind;)
			end++;
		if (end - i != read || !is_of_class(c, f, class))
			continue;
		add_speeds(c, f, end - i, speed, work);
		works++;
	}
	for (size_t i = 0; i < c->nodes && works; i++) {
		double n = (double)works, mid = exp(-speed[i].sum / n);
		struct ranked_node node = {.node = i,
					   .share = {mid, NAN, NAN},
					   .value = speed[i].sum / n,
					   .error = sqrt(speed[i].variance) / n,
					   .freedom = speed[i].freedom};

		if (fleet_is_read(&c->node[i]) && fleet_add_rank(c, class, "L0", 0, &node, err) < 0)
			return -1;
	}
	return 0;
}

static int rank_speed(struct fleet_comparison *c, struct err *err)
{
	struct speed *speed = calloc(c->nodes + 1, sizeof(*speed));
	double *work = calloc(c->nodes + 1, sizeof(*work));
	size_t read = 0;
	int rc = speed && work ? 0 : err_set(err, EXIT_INTERNAL, "out of memory for the rankings");

	for (size_t i = 0; i < c->nodes; i++)
		read += fleet_is_read(&c->node[i]);
	for (size_t i = 0; i < c->works && rc == 0; i++) {
		const char *class = c->work[i].class;
		bool seen = strcmp(class, "control") == 0 || c->work[i].layer_number != 0;

		for (size_t k = 0; k < i && !seen; k++)
			seen = c->work[k].layer_number == 0 && strcmp(c->work[k].class, class) == 0;
		if (!seen)
			rc = rank_speed_of(c, class, read, speed, work, err);
	}
	free(speed);
	free(work);
	return rc;
}

/* ---- ranks ---- */

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked_node *a = left, *b = right;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* The pooled error of nodes and its degrees of freedom. */
static double pool(const struct ranking *r, double *freedom)
{
	double sum = 0;

	*freedom = 0;
	for (size_t i = 0; i < r->nodes; i++)
		if (isfinite(r->node[i].error) && r->node[i].freedom > 0) {
			sum += r->node[i].error * r->node[i].error * r->node[i].freedom;
			*freedom += r->node[i].freedom;
		}
	return sqrt(sum / *freedom);
}

static size_t count_below(const double *sorted, size_t n, double x)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sorted[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ends holds the upper ends of all nodes, then the lower ones, negated; each is sorted. */
static void find_range(const struct ranking *r, struct ranked_node *node, double half,
		       const double *ends)
{
	size_t better = count_below(ends, r->nodes, node->value - half),
	       worse = count_below(ends + r->nodes, r->nodes, -(node->value + half));

	node->best = 1 + better;
	node->worst = r->nodes - worse;
}

static double half_of(const struct ranked_node *node, double pooled, double quantile)
{
	return quantile * fmax(pooled, isfinite(node->error) ? node->error : 0);
}

static int rank(struct ranking *r, struct err *err)
{
	double *ends = calloc(2 * r->nodes + 1, sizeof(*ends)), freedom, pooled = pool(r, &freedom);
	double tail = (1 - FLEET_CONFIDENCE) / 2;
	bool known = freedom > 0;
	double own = known ? gsl_cdf_tdist_Qinv(tail, freedom) : NAN,
	       joint = known ? gsl_cdf_tdist_Qinv(tail / (double)r->nodes, freedom) : INFINITY;

	if (!ends)
		return err_set(err, EXIT_INTERNAL, "out of memory for the rankings");
	qsort(r->node, r->nodes, sizeof(*r->node), compare_ranked);
	for (size_t i = 0; i < r->nodes && known; i++) {
		double half = half_of(&r->node[i], pooled, joint);

		ends[i] = r->node[i].value + half;
		ends[r->nodes + i] = -(r->node[i].value - half);
	}
	stats_sort(ends, r->nodes);
	stats_sort(ends + r->nodes, r->nodes);
	for (size_t i = 0; i < r->nodes; i++) {
		struct ranked_node *node = &r->node[i];
		double half = half_of(node, pooled, own);

		node->rank = i + 1;
		node->best = 1;
		node->worst = r->nodes;
		if (!known)
			continue;
		node->share.low = exp(-(node->value + half));
		node->share.high = exp(-(node->value - half));
		find_range(r, node, half_of(node, pooled, joint), ends);
	}
	free(ends);
	return 0;
}

static int compare_rankings(const void *left, const void *right)
{
	const struct ranking *a = left, *b = right;
	int order = (int)class_rank(a->class) - (int)class_rank(b->class);

	if (order == 0)
		order = strcmp(a->class, b->class);
	if (order == 0 && a->layer_number != b->layer_number)
		order = a->layer_number < b->layer_number ? -1 : 1;
	return order ? order : strcmp(a->layer, b->layer);
}

int fleet_rank(struct fleet_comparison *c, struct err *err)
{
	size_t kept = 0;
	int rc = rank_speed(c, err);

	for (size_t i = 0; i < c->rankings && rc == 0; i++)
		rc = c->ranking[i].nodes ? rank(&c->ranking[i], err) : 0;
	if (rc == 0 && c->rankings)
		qsort(c->ranking, c->rankings, sizeof(*c->ranking), compare_rankings);
	for (size_t i = 0; i < c->rankings; i++) {
		struct ranking r = c->ranking[i];

		/* One whose only node was found to be no good. */
		c->ranking[i] = c->ranking[kept];
		c->ranking[kept] = r;
		kept += r.nodes > 0;
	}
	return rc;
}
