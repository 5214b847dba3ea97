/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each node in each figure, against the others of its class. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/fleet/compare_parts.h"
#include "results/summary/estimate.h"

/* The nodes of one class in one figure. */
struct peers {
	struct compared_figure **figure;
	struct odd_value *value;
	size_t n;
};

/* Calls what there is to do for the peers of each figure. */
typedef int (*peers_fn)(struct fleet_comparison *c, const struct peers *p, struct err *err);

static int each_class(struct fleet_comparison *c, struct compared_figure *first, size_t count,
		      struct peers *p, peers_fn visit, struct err *err)
{
	for (size_t m = 0; m < c->machines; m++) {
		p->n = 0;
		for (size_t i = 0; i < count; i++)
			if (c->node[first[i].node].machine == m)
				p->figure[p->n++] = &first[i];
		if (p->n >= FLEET_LEAST && visit(c, p, err) < 0)
			return -1;
	}
	return 0;
}

static int each_figure(struct fleet_comparison *c, peers_fn visit, struct err *err)
{
	struct peers p = {.figure = calloc(c->nodes + 1, sizeof(*p.figure)),
			  .value = calloc(c->nodes + 1, sizeof(*p.value))};
	int rc = p.figure && p.value
			 ? 0
			 : err_set(err, EXIT_INTERNAL, "out of memory for %zu nodes", c->nodes);

	for (size_t i = 0, end; i < c->figures && rc == 0; i = end) {
		for (end = i; end < c->figures && c->figure[end].work == c->figure[i].work &&
			      c->figure[end].kind == c->figure[i].kind;)
			end++;
		rc = each_class(c, &c->figure[i], end - i, &p, visit, err);
	}
	free(p.figure);
	free(p.value);
	return rc;
}

static int count_peers(struct fleet_comparison *c, const struct peers *p, struct err *err)
{
	c->compared += p->n;
	return 0;
}

/*
 * The variance of each node's own figure: of few boots a small one is luck, so that it is taken for
 * at least what the pooled one of all makes of as many.
 */
static void own_errors(const struct peers *p)
{
	double sum = 0, freedom = 0, pooled;

	for (size_t i = 0; i < p->n; i++) {
		const struct compared_figure *f = p->figure[i];

		if (!isfinite(f->value.variance) || f->units < 2)
			continue;
		sum += f->value.variance * f->units * (f->units - 1);
		freedom += f->units - 1;
	}
	pooled = freedom > 0 ? sum / freedom : 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct compared_figure *f = p->figure[i];
		double least = pooled / fmax(1, f->units);

		p->value[i] = f->value;
		p->value[i].variance =
			isfinite(f->value.variance) ? fmax(f->value.variance, least) : least;
	}
}

/* Back from logarithms. */
static void conclude(struct fleet_comparison *c, struct compared_figure *f)
{
	const struct odd_value *v = &f->value;
	struct compared_node *node = &c->node[f->node];
	const struct estimate e = {v->deviation, v->deviation - v->half, v->deviation + v->half};

	f->ratio = estimate_exp(e);
	f->usual = c->work[f->work].is_size ? exp(-v->usual) : exp(v->usual);
	f->p = fmin(1, v->p * (double)c->compared);
	f->odd = v->odd && fabs(v->deviation) > log1p(c->same);
	node->figures++;
	node->odd += f->odd;
}

static int judge_peers(struct fleet_comparison *c, const struct peers *p, struct err *err)
{
	double level = (1 - FLEET_SURE) / (double)c->compared;

	own_errors(p);
	if (odd_find(p->value, p->n, level, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		p->figure[i]->value = p->value[i];
		conclude(c, p->figure[i]);
	}
	return 0;
}

int fleet_find_odd(struct fleet_comparison *c, struct err *err)
{
	for (size_t i = 0; i < c->figures; i++) {
		c->figure[i].ratio = ESTIMATE_NONE;
		c->figure[i].usual = NAN;
		c->figure[i].p = 1;
	}
	if (each_figure(c, count_peers, err) < 0)
		return -1;
	return each_figure(c, judge_peers, err);
}
