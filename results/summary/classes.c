/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Classes and the verdict on the claim "the usable share shrinks with every nested layer".
 *
 * A class is compared over the same workloads in every layer: those with a ratio in each layer that
 * has any on its whole way from L0, without those that ran in several copies or guests at once.
 * Where the branches of a tree share none, those with the fewest are left out. Per
 * (boot, round) in which all of them were measured, the class value is the mean of their log
 * ratios; estimates and tests are over these values, so that they are joint.
 *
 * The claim is about every step from a layer to one that stands in it: the share must shrink by
 * more than 1 %. With s steps, in a tree those of all its branches, each is tested one-sided at the
 * level 0.05/s (Bonferroni), so that all hold together at 95 %. The claim is refuted on a way from
 * L0 when some step of it is shown, at the same level, not to shrink by more than 1 %.
 */
#include "results/summary/summary_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/rundir/params.h"

static const double PRACTICAL = 0.99; /* a smaller decrease does not count */
static const double LEVEL = 0.05;

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_NOT_JUDGED] = "not judged",
		[VERDICT_NOT_RESOLVED] = "not resolved",
		[VERDICT_SHRINKS] = "shrinks",
		[VERDICT_STAYS] = "does not shrink",
	};

	return names[v];
}

bool summary_is_shown(const struct summary_class *c)
{
	return c->first && strcmp(c->class, "control") != 0;
}

const struct summary_class *summary_find_class(const struct summary *s, const char *class,
					       uint32_t layer)
{
	for (size_t i = 0; i < s->classes; i++)
		if (s->class[i].layer == layer && strcmp(s->class[i].class, class) == 0)
			return &s->class[i];
	return NULL;
}

const struct summary_class *summary_class_towards(const struct summary *s, const char *class,
						  uint32_t layer)
{
	const struct summary_class *c = NULL;

	for (; layer < s->layers && !c; layer = summary_parent(s, layer))
		c = summary_find_class(s, class, layer);
	return c;
}

const struct summary_class *summary_judged(const struct summary *s, size_t i, uint32_t layer)
{
	return summary_is_shown(&s->class[i]) ? summary_class_towards(s, s->class[i].class, layer)
					      : NULL;
}

bool summary_is_end(const struct summary *s, uint32_t layer)
{
	return layer_tree_is_leaf(&s->tree, layer) && layer_tree_is_in(&s->tree, layer, 0);
}

enum verdict summary_way_verdict(const struct summary *s, uint32_t end)
{
	bool seen[VERDICT_STAYS + 1] = {false};
	const struct summary_class *c;

	for (size_t i = 0; i < s->classes; i++)
		if ((c = summary_judged(s, i, end)))
			seen[c->verdict] = true;
	return seen[VERDICT_STAYS]	    ? VERDICT_STAYS
	       : seen[VERDICT_NOT_RESOLVED] ? VERDICT_NOT_RESOLVED
	       : seen[VERDICT_SHRINKS]	    ? VERDICT_SHRINKS
					    : VERDICT_NOT_JUDGED;
}

/* The workloads of one class. */
struct members {
	const struct summary *s;
	struct family *family; /* those that count are first */
	size_t count, counted;
	uint64_t layers; /* in which they count, as bits; not L0 */
};

static bool has_bit(uint64_t bits, uint32_t layer)
{
	return bits >> layer & 1;
}

/* The layers on the way from L0 to this one, without L0; none where it does not lead there. */
static uint64_t way_from_l0(const struct summary *s, uint32_t layer)
{
	uint64_t way = layer_tree_way(&s->tree, layer);

	return way & 1 ? way ^ 1 : 0;
}

static bool usable_in(const struct family *f, uint64_t layers)
{
	size_t usable = 0;

	for (size_t i = 0; i < f->count; i++)
		usable += has_bit(layers, f->first[i].layer) && !isnan(f->first[i].ratio_l0.mid);
	return usable == (size_t)__builtin_popcountll(layers);
}

static size_t count_usable(const struct members *m, uint64_t layers)
{
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++)
		count += usable_in(&m->family[i], layers);
	return count;
}

/* Leaves out the layers without a workload; when there are none, the one with the fewest and those
 * in it. */
static void drop_poorest(struct members *m)
{
	uint64_t empty = 0;
	size_t fewest = SIZE_MAX;
	uint32_t poorest = 0;

	for (uint32_t k = 1; k < m->s->layers; k++) {
		size_t count;

		if (!has_bit(m->layers, k))
			continue;
		count = count_usable(m, way_from_l0(m->s, k));
		if (count == 0)
			empty |= UINT64_C(1) << k;
		if (count <= fewest) {
			fewest = count;
			poorest = k;
		}
	}
	for (uint32_t k = 1; k < m->s->layers && !empty; k++)
		if (layer_tree_is_in(&m->s->tree, k, poorest))
			empty |= UINT64_C(1) << k;
	m->layers &= ~empty;
}

/* Finds the layers and moves the workloads that count to the front. */
static void choose(struct members *m)
{
	m->layers = m->counted = 0;
	for (uint32_t k = 1; k < m->s->layers; k++)
		m->layers |= way_from_l0(m->s, k);
	while (m->layers && count_usable(m, m->layers) == 0)
		drop_poorest(m);
	for (size_t i = 0; i < m->count && m->layers; i++)
		if (usable_in(&m->family[i], m->layers)) {
			struct family f = m->family[i];

			m->family[i] = m->family[m->counted];
			m->family[m->counted++] = f;
		}
}

/* The class value of a layer in one round: false when some workload lacks it in that layer or an
 * outer one. */
static bool class_value(const struct members *m, uint32_t layer, uint32_t boot, uint32_t round,
			double *to_l0, double *to_up)
{
	*to_l0 = *to_up = 0;
	for (size_t i = 0; i < m->counted; i++) {
		const struct family *f = &m->family[i];
		double ground = 0, above = 0, here = 0;

		for (uint32_t k = layer; k < m->s->layers; k = summary_parent(m->s, k)) {
			const struct summary_entry *e = family_layer(f, k);

			ground = e ? cell_cost(e, boot, round) : 0;
			if (ground <= 0)
				return false;
			here = k == layer ? ground : here;
			above = k == summary_parent(m->s, layer) ? ground : above;
		}
		*to_l0 += log_ratio(f->first, here, ground) / (double)m->counted;
		*to_up += log_ratio(f->first, here, above) / (double)m->counted;
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

/* Whether the claim is about this class: not about controls, nor about requested sizes. */
static bool judges(const struct summary *s, const char *class)
{
	return strcmp(class, "control") != 0 && strcmp(class, "boot") != 0 &&
	       (strcmp(class, "capacity") != 0 || strcmp(s->manifest.mode, "share") == 0);
}

/* The verdict over some steps: each holds (1), some is refuted (-1), else not resolved. */
static enum verdict judge(const int *side, uint64_t steps)
{
	enum verdict verdict = VERDICT_SHRINKS;

	for (uint32_t k = 0; k < LAYERS_MAX; k++) {
		if (!has_bit(steps, k))
			continue;
		if (side[k] < 0)
			return VERDICT_STAYS;
		if (side[k] == 0)
			verdict = VERDICT_NOT_RESOLVED;
	}
	return verdict;
}

static int measure_layer(const struct members *m, uint32_t layer, struct series *l0,
			 struct series *up, struct estimator *est, struct class_figures *f,
			 struct err *err)
{
	double level = LEVEL / __builtin_popcountll(m->layers);

	if (collect_values(m, layer, l0, up, err) < 0 ||
	    estimate_median(est, l0, &f->to_l0[layer], err) < 0 ||
	    estimate_median(est, up, &f->to_up[layer], err) < 0 ||
	    estimate_side(est, up, -log(PRACTICAL), level, &f->side[layer], err) < 0)
		return -1;
	f->n[layer] = l0->n;
	f->to_l0[layer] = estimate_exp(f->to_l0[layer]);
	f->to_up[layer] = estimate_exp(f->to_up[layer]);
	return 0;
}

static int measure(const struct members *m, struct estimator *est, struct class_figures *f,
		   struct err *err)
{
	struct series l0 = {0}, up = {0};
	int rc = 0;

	for (uint32_t k = 0; k < LAYERS_MAX; k++)
		f->to_l0[k] = f->to_up[k] = ESTIMATE_NONE;
	for (uint32_t k = 1; k < m->s->layers && rc == 0; k++)
		if (has_bit(m->layers, k))
			rc = measure_layer(m, k, &l0, &up, est, f, err);
	series_release(&l0);
	series_release(&up);
	return rc;
}

/*
 * Excludes the contention of copies and guests, which is no cost of a layer; and, where sizes are
 * results, the memory that a layer has left besides its VMs, which does not say what it was given:
 * results/summary/tax.h compares memory in another way.
 */
bool class_counts(const struct summary *s, const struct summary_entry *e)
{
	return params_number(e->params, "copies", 1) == 1 &&
	       params_number(e->params, "guests", 1) == 1 &&
	       !(strcmp(s->manifest.mode, "share") == 0 &&
		 strcmp(e->workload, "capacity.memory") == 0);
}

/* Collects the workloads of a class that count (NULL: all). m has room for all. */
static void find_members(struct members *m, const char *class,
			 bool (*counts)(const struct summary_entry *e))
{
	m->count = 0;
	for (size_t i = 0; i < m->s->entries;) {
		struct family work = family_at(m->s, i);

		if (strcmp(work.first->class, class) == 0 && class_counts(m->s, work.first) &&
		    (!counts || counts(work.first)))
			m->family[m->count++] = work;
		i += work.count;
	}
	choose(m);
}

static int members_init(struct members *m, const struct summary *s, struct err *err)
{
	*m = (struct members){.s = s, .family = calloc(s->entries + 1, sizeof(*m->family))};
	return m->family ? 0 : err_set(err, EXIT_INTERNAL, "out of memory for the summary");
}

int class_measure(const struct summary *s, const char *class,
		  bool (*counts)(const struct summary_entry *e), struct estimator *est,
		  struct class_figures *f, struct err *err)
{
	struct members m;
	int rc = members_init(&m, s, err);

	if (rc == 0) {
		find_members(&m, class, counts);
		rc = measure(&m, est, f, err);
	}
	free(m.family);
	return rc;
}

int class_values(const struct summary *s, const struct summary_class *c, struct series *to_l0,
		 struct err *err)
{
	struct series to_up = {0};
	struct members m;
	int rc = members_init(&m, s, err);

	series_clear(to_l0);
	if (rc == 0) {
		find_members(&m, c->class, NULL);
		rc = collect_values(&m, c->layer, to_l0, &to_up, err);
	}
	series_release(&to_up);
	free(m.family);
	return rc;
}

static int add_class(struct summary *s, const struct members *m, const struct class_figures *f,
		     uint32_t layer, struct err *err)
{
	const char *name = m->family[0].first->class;
	struct summary_class *c = array_grow(s->class, s->classes, sizeof(*c));
	bool is_judged = judges(s, name);

	if (!c)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	s->class = c;
	c += s->classes;
	*c = (struct summary_class){
		.class = strdup(name),
		.layer = layer,
		.workloads = m->counted,
		.left_out = m->count - m->counted,
		.n = f->n[layer],
		.ratio_l0 = f->to_l0[layer],
		.ratio_up = f->to_up[layer],
		.share = estimate_inverse(f->to_l0[layer]),
		.step = is_judged ? judge(f->side, UINT64_C(1) << layer) : VERDICT_NOT_JUDGED,
		.verdict = is_judged
				   ? judge(f->side, s->is_tree ? way_from_l0(s, layer) : m->layers)
				   : VERDICT_NOT_JUDGED,
		.first = !s->classes || strcmp(c[-1].class, name) != 0,
	};
	if (!c->class)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	s->classes++;
	return 0;
}

int make_classes(struct summary *s, struct estimator *est, struct err *err)
{
	struct class_figures f;
	struct members m;
	int rc = members_init(&m, s, err);

	for (size_t i = 0; i < s->entries && rc == 0; i++) {
		const char *class = s->entry[i].class;

		if (i && strcmp(class, s->entry[i - 1].class) == 0)
			continue;
		find_members(&m, class, NULL);
		rc = measure(&m, est, &f, err);
		for (uint32_t layer = 1; layer < s->layers && rc == 0; layer++)
			if (has_bit(m.layers, layer))
				rc = add_class(s, &m, &f, layer, err);
	}
	free(m.family);
	return rc;
}
