/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Classes and the verdict on the claim "the usable share shrinks with every nested layer".
 *
 * A class is compared over the same workloads in every layer: those with a ratio in each layer down
 * to the deepest that has any, without those that ran in several copies or guests at once. Per
 * (boot, round) in which all of them were measured, the class value is the mean of their log
 * ratios; estimates and tests are over these values, so that they are joint.
 *
 * The claim is about every step from one layer to the next: the share must shrink by more than 1 %.
 * With s steps each is tested one-sided at the level 0.05/s (Bonferroni), so that all hold together
 * at 95 %. The claim is refuted when some step is shown, at the same level, not to shrink by more
 * than 1 %.
 */
#include "results/summary/summary_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/rundir/params.h"

static const double PRACTICAL = 0.99; /* a smaller shrinking does not count */
static const double LEVEL = 0.05;

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_NOT_JUDGED:
		return "not judged";
	case VERDICT_NOT_RESOLVED:
		return "not resolved";
	case VERDICT_SHRINKS:
		return "shrinks";
	case VERDICT_STAYS:
		return "does not shrink";
	}
	return "unknown";
}

/* The workloads of one class. */
struct members {
	const struct summary *s;
	struct family *family; /* those that count come first */
	size_t count, counted;
	uint32_t depth; /* of the deepest layer in which they count; 0: they do not */
};

static bool usable_down_to(const struct family *f, uint32_t depth)
{
	for (uint32_t layer = 1; layer <= depth; layer++) {
		const struct summary_entry *e = family_layer(f, layer);

		if (!e || isnan(e->ratio_l0.mid))
			return false;
	}
	return true;
}

/* Finds the depth and moves the workloads that count to the front. */
static void choose(struct members *m)
{
	for (m->depth = m->s->layers - 1; m->depth; m->depth--) {
		m->counted = 0;
		for (size_t i = 0; i < m->count; i++)
			if (usable_down_to(&m->family[i], m->depth)) {
				struct family f = m->family[i];

				m->family[i] = m->family[m->counted];
				m->family[m->counted++] = f;
			}
		if (m->counted)
			return;
	}
}

/* The class value of a layer in one round: false when some workload lacks it in some layer above.
 */
static bool class_value(const struct members *m, uint32_t layer, uint32_t boot, uint32_t round,
			double *to_l0, double *to_up)
{
	*to_l0 = *to_up = 0;
	for (size_t i = 0; i < m->counted; i++) {
		const struct family *f = &m->family[i];
		double ground = 0, above = 0, cost = 0;

		for (uint32_t k = 0; k <= layer; k++) {
			const struct summary_entry *e = family_layer(f, k);

			above = cost;
			cost = e ? cell_cost(e, boot, round) : 0;
			if (cost <= 0)
				return false;
			ground = k ? ground : cost;
		}
		*to_l0 += log_ratio(f->first, cost, ground) / (double)m->counted;
		*to_up += log_ratio(f->first, cost, above) / (double)m->counted;
	}
	return true;
}

static int collect_values(const struct members *m, uint32_t layer, struct series *to_l0,
			  struct series *to_up, struct err *err)
{
	const struct summary_entry *guide = family_layer(&m->family[0], layer);
	double l0, up;

	series_clear(to_l0);
	series_clear(to_up);
	for (size_t i = 0; i < guide->cells; i++) {
		const struct summary_cell *cell = &guide->cell[i];

		if (class_value(m, layer, cell->boot, cell->round, &l0, &up) &&
		    (series_add(to_l0, cell->boot, l0, err) < 0 ||
		     series_add(to_up, cell->boot, up, err) < 0))
			return -1;
	}
	return 0;
}

static struct summary_class *add_class(struct summary *s, const struct members *m, uint32_t layer,
				       struct err *err)
{
	struct summary_class *c = realloc(s->class, (s->classes + 1) * sizeof(*c));
	char *name = strdup(m->family[0].first->class);

	if (c)
		s->class = c;
	if (!c || !name) {
		free(name);
		err_set(err, EXIT_INTERNAL, "out of memory for the summary");
		return NULL;
	}
	c += s->classes++;
	*c = (struct summary_class){
		.class = name,
		.layer = layer,
		.workloads = m->counted,
		.left_out = m->count - m->counted,
		.verdict = VERDICT_NOT_RESOLVED,
	};
	return c;
}

/* Whether the claim is about this class: not about the controls, nor about sizes that were asked
 * for. */
static bool is_judged(const struct summary *s, const char *class)
{
	if (strcmp(class, "control") == 0 || strcmp(class, "boot") == 0)
		return false;
	return strcmp(class, "capacity") != 0 || strcmp(s->manifest.mode, "share") == 0;
}

/* What the steps say together: each holds (1), some is refuted (-1), else not resolved. */
static enum verdict judge(const int *side, uint32_t steps)
{
	enum verdict verdict = VERDICT_SHRINKS;

	for (uint32_t k = 0; k < steps; k++) {
		if (side[k] < 0)
			return VERDICT_STAYS;
		if (side[k] == 0)
			verdict = VERDICT_NOT_RESOLVED;
	}
	return verdict;
}

static int make_class(struct summary *s, const struct members *m, struct estimator *est,
		      struct err *err)
{
	struct series to_l0 = SERIES_INIT, to_up = SERIES_INIT;
	size_t first = s->classes;
	int side[LAYERS_MAX], rc = -1;

	for (uint32_t layer = 1; layer <= m->depth; layer++) {
		struct summary_class *c = add_class(s, m, layer, err);

		if (!c || collect_values(m, layer, &to_l0, &to_up, err) < 0)
			goto cleanup;
		c->n = to_l0.n;
		if (estimate_median(est, &to_l0, &c->ratio_l0, err) < 0 ||
		    estimate_median(est, &to_up, &c->ratio_up, err) < 0 ||
		    estimate_side(est, &to_up, -log(PRACTICAL), LEVEL / m->depth, &side[layer - 1],
				  err) < 0)
			goto cleanup;
		c->ratio_l0 = estimate_exp(c->ratio_l0);
		c->ratio_up = estimate_exp(c->ratio_up);
		c->share = estimate_inverse(c->ratio_l0);
	}
	for (size_t i = first; i < s->classes; i++)
		s->class[i].verdict = is_judged(s, s->class[i].class) ? judge(side, m->depth)
								      : VERDICT_NOT_JUDGED;
	rc = 0;
cleanup:
	series_release(&to_l0);
	series_release(&to_up);
	return rc;
}

/* What copies and guests lose to one another is no cost of a layer. */
static bool runs_alone(const struct family *f)
{
	return params_number(f->first->params, "copies", 1) == 1 &&
	       params_number(f->first->params, "guests", 1) == 1;
}

static int measure_class(const struct members *m, struct estimator *est, struct estimate *to_l0,
			 struct estimate *to_up, struct err *err)
{
	struct series l0 = SERIES_INIT, up = SERIES_INIT;
	int rc = 0;

	for (uint32_t layer = 1; layer <= m->depth && rc == 0; layer++) {
		if (collect_values(m, layer, &l0, &up, err) < 0 ||
		    estimate_median(est, &l0, &to_l0[layer], err) < 0 ||
		    estimate_median(est, &up, &to_up[layer], err) < 0)
			rc = -1;
		to_l0[layer] = estimate_exp(to_l0[layer]);
		to_up[layer] = estimate_exp(to_up[layer]);
	}
	series_release(&l0);
	series_release(&up);
	return rc;
}

int class_ratios(const struct summary *s, const char *class,
		 bool (*counts)(const struct summary_entry *e), struct estimator *est,
		 struct estimate to_l0[LAYERS_MAX], struct estimate to_up[LAYERS_MAX],
		 struct err *err)
{
	struct members m = {.s = s};
	int rc = 0;

	for (uint32_t k = 0; k < LAYERS_MAX; k++)
		to_l0[k] = to_up[k] = ESTIMATE_NONE;
	m.family = calloc(s->entries ? s->entries : 1, sizeof(*m.family));
	if (!m.family)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	for (size_t i = 0; i < s->entries;) {
		m.family[m.count] = family_at(s, i);
		i += m.family[m.count].count;
		m.count += strcmp(m.family[m.count].first->class, class) == 0 &&
			   runs_alone(&m.family[m.count]) && counts(m.family[m.count].first);
	}
	choose(&m);
	if (m.depth)
		rc = measure_class(&m, est, to_l0, to_up, err);
	free(m.family);
	return rc;
}

/*
 * What a layer leaves over beside its VMs does not say what reached it, where sizes are results:
 * results/summary/tax.h compares memory in another way.
 */
static bool is_comparable(const struct summary *s, const struct family *f)
{
	return runs_alone(f) && !(strcmp(s->manifest.mode, "share") == 0 &&
				  strcmp(f->first->workload, "capacity.memory") == 0);
}

int make_classes(struct summary *s, struct estimator *est, struct err *err)
{
	struct members m = {.s = s};
	int rc = 0;

	m.family = calloc(s->entries ? s->entries : 1, sizeof(*m.family));
	if (!m.family)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	for (size_t i = 0; i < s->entries && rc == 0;) {
		const char *class = s->entry[i].class;

		for (m.count = 0; i < s->entries && strcmp(s->entry[i].class, class) == 0;) {
			m.family[m.count] = family_at(s, i);
			i += m.family[m.count].count;
			m.count += is_comparable(s, &m.family[m.count]);
		}
		choose(&m);
		if (m.depth)
			rc = make_class(s, &m, est, err);
	}
	free(m.family);
	return rc;
}
