/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/summary/summary_parts.h"

static const double LEVEL = 0.05, PRACTICAL = 1.01;

static const struct {
	const char *name, *workloads[3]; /* prefixes */
} uses[] = {
	[KINDS_DATABASE] = {"a database", {"app.sqlite", "app.postgres"}},
	[KINDS_WEB] = {"a web service", {"app.http"}},
	[KINDS_GPU] = {"GPU work", {"gpu."}},
};

const char *kinds_use_name(enum kinds_use u)
{
	return uses[u].name;
}

static bool has_bit(uint64_t bits, uint32_t layer)
{
	return bits >> layer & 1;
}

/* In the words of the field; what is not known is left out. */
static const char *isolation_words(const char *isolation)
{
	static const struct {
		const char *name, *words;
	} known[] = {{"none", ", not isolated"},
		     {"container", ", OS-level virtualization"},
		     {"paravirtual", ", paravirtualization"},
		     {"full", ", full virtualization"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(isolation, known[i].name) == 0)
			return known[i].words;
	return "";
}

const char *kinds_text(const struct summary *s, uint32_t layer, char text[KINDS_TEXT])
{
	const struct summary_layer *l = &s->layer[layer];

	snprintf(text, KINDS_TEXT, "%s%s", l->kind[0] ? l->kind : summary_layer_name(s, layer),
		 isolation_words(l->isolation));
	return text;
}

/* What is compared: the workloads of a class or of a use. */
struct contest {
	const struct summary *s;
	struct family *work;
	size_t count;
	uint64_t layers; /* those that have all of the workloads */
};

static bool has_work(const struct family *f, uint32_t layer)
{
	const struct summary_entry *e = family_layer(f, layer);

	return e && e->cost.mid > 0 && !(e->flags & FLAG_DIGEST);
}

/* Drops layers without any of the workloads, and then workloads that some of the others lack. */
static void settle(struct contest *c, uint64_t layers)
{
	size_t kept = 0;

	c->layers = 0;
	for (uint32_t k = 0; k < c->s->layers; k++)
		for (size_t i = 0; i < c->count; i++)
			if (has_bit(layers, k) && has_work(&c->work[i], k))
				c->layers |= UINT64_C(1) << k;
	for (size_t i = 0; i < c->count; i++) {
		bool everywhere = true;

		for (uint32_t k = 0; k < c->s->layers; k++)
			everywhere &= !has_bit(c->layers, k) || has_work(&c->work[i], k);
		if (everywhere)
			c->work[kept++] = c->work[i];
	}
	c->count = kept;
}

/* The mean log ratio of a layer over another in each round. */
static int collect_ratios(const struct contest *c, uint32_t layer, uint32_t over,
			  struct series *values, struct err *err)
{
	const struct summary_entry *guide = c->count ? family_layer(&c->work[0], layer) : NULL;

	series_clear(values);
	for (size_t n = 0; guide && n < guide->cells; n++) {
		uint32_t boot = guide->cell[n].boot, round = guide->cell[n].round;
		double sum = 0;

		for (size_t i = 0; i < c->count; i++) {
			const struct summary_entry *a = family_layer(&c->work[i], layer),
						   *b = family_layer(&c->work[i], over);
			double x = a ? cell_cost(a, boot, round) : 0,
			       y = b ? cell_cost(b, boot, round) : 0;

			sum += x > 0 && y > 0 ? log_ratio(a, x, y) / (double)c->count : NAN;
		}
		if (!isnan(sum) && series_add(values, boot, sum, err) < 0)
			return -1;
	}
	return 0;
}

static int measure(const struct contest *c, uint32_t layer, uint32_t over, struct series *values,
		   struct estimator *est, struct estimate *ratio, struct err *err)
{
	if (collect_ratios(c, layer, over, values, err) < 0 ||
	    estimate_median(est, values, ratio, err) < 0)
		return -1;
	*ratio = estimate_exp(*ratio);
	return 0;
}

/* Adds a pair for each two layers of a contest. */
static int add_pairs(struct kinds *kinds, const struct contest *c, bool is_class,
		     struct estimator *est, struct err *err)
{
	struct series values = {0};
	int rc = 0;

	for (uint32_t a = 0; a < c->s->layers && c->count && rc == 0; a++)
		for (uint32_t b = a + 1; b < c->s->layers && rc == 0; b++) {
			struct kinds_pair *p;

			if (!has_bit(c->layers, a) || !has_bit(c->layers, b))
				continue;
			p = array_grow(kinds->pair, kinds->pairs, sizeof(*p));
			if (!p) {
				rc = err_set(err, EXIT_INTERNAL, "out of memory for the kinds");
				break;
			}
			kinds->pair = p;
			p += kinds->pairs++;
			*p = (struct kinds_pair){.class = c->work[0].first->class,
						 .work = is_class ? NULL : c->work[0].first,
						 .layer = a,
						 .over = b,
						 .workloads = c->count};
			rc = measure(c, a, b, &values, est, &p->ratio, err);
			p->n = values.n;
		}
	series_release(&values);
	return rc;
}

/* One class in a group: the whole of it, and then each workload. c->work has room for all. */
static int compare_class(struct kinds *kinds, struct contest *c, size_t first, uint64_t layers,
			 struct estimator *est, struct err *err)
{
	const struct summary *s = c->s;
	const char *class = s->entry[first].class;

	c->count = 0;
	for (size_t i = first; i < s->entries && strcmp(s->entry[i].class, class) == 0;) {
		struct family f = family_at(s, i);

		if (class_counts(s, f.first))
			c->work[c->count++] = f;
		i += f.count;
	}
	settle(c, layers);
	if (add_pairs(kinds, c, true, est, err) < 0)
		return -1;
	for (size_t i = first; i < s->entries && strcmp(s->entry[i].class, class) == 0;) {
		c->work[0] = family_at(s, i);
		c->count = 1;
		i += c->work[0].count;
		settle(c, layers);
		if (add_pairs(kinds, c, false, est, err) < 0)
			return -1;
	}
	return 0;
}

/* Sizes are results in mode share only. */
static bool is_compared_class(const struct summary *s, const char *class)
{
	return strcmp(class, "control") != 0 && strcmp(class, "boot") != 0 &&
	       (strcmp(class, "capacity") != 0 || strcmp(s->manifest.mode, "share") == 0);
}

static int compare_group(struct kinds *kinds, struct contest *c, uint64_t layers,
			 struct estimator *est, struct err *err)
{
	const struct summary *s = c->s;

	for (size_t i = 0; i < s->entries; i++)
		if ((i == 0 || strcmp(s->entry[i].class, s->entry[i - 1].class) != 0) &&
		    is_compared_class(s, s->entry[i].class) &&
		    compare_class(kinds, c, i, layers, est, err) < 0)
			return -1;
	return 0;
}

/* Uses */

static bool is_of_use(const struct summary_entry *e, enum kinds_use use)
{
	for (const char *const *prefix = uses[use].workloads; *prefix; prefix++)
		if (strncmp(e->workload, *prefix, strlen(*prefix)) == 0)
			return true;
	return false;
}

static void find_contest(struct contest *c, enum kinds_use use, uint64_t layers)
{
	const struct summary *s = c->s;

	c->count = 0;
	for (size_t i = 0; i < s->entries;) {
		struct family f = family_at(s, i);

		if (is_of_use(f.first, use) && class_counts(s, f.first))
			c->work[c->count++] = f;
		i += f.count;
	}
	settle(c, layers);
}

static int compare_candidates(const void *left, const void *right)
{
	const struct kinds_candidate *a = left, *b = right;
	double x = a->ratio_l0.mid, y = b->ratio_l0.mid;

	if (x != y && !isnan(x) && !isnan(y))
		return x < y ? -1 : 1;
	return (a->layer > b->layer) - (a->layer < b->layer);
}

static int describe_answer(struct kinds_answer *a, const struct contest *c, struct estimator *est,
			   struct series *values, struct err *err)
{
	a->workloads = c->count;
	for (size_t i = 0; i < c->count; i++)
		if (i == 0 || strcmp(c->work[i].first->workload, c->work[i - 1].first->workload))
			str_addf(a->names, sizeof(a->names), "%s%s", i ? ", " : "",
				 c->work[i].first->workload);
	csv_printable(a->names, a->names, sizeof(a->names));
	for (uint32_t k = 0; k < c->s->layers && c->count; k++) {
		struct kinds_candidate *to = &a->candidate[a->candidates];

		if (!has_bit(c->layers, k))
			continue;
		*to = (struct kinds_candidate){.layer = k};
		if (measure(c, k, 0, values, est, &to->ratio_l0, err) < 0)
			return -1;
		a->candidates++;
	}
	qsort(a->candidate, a->candidates, sizeof(*a->candidate), compare_candidates);
	return 0;
}

/* Whether a layer costs less than each other one. */
static int is_cheapest(const struct kinds_answer *a, const struct contest *c, uint32_t layer,
		       double level, struct estimator *est, struct series *values, bool *cheapest,
		       struct err *err)
{
	*cheapest = true;
	for (size_t i = 0; i < a->candidates && *cheapest; i++) {
		uint32_t other = a->candidate[i].layer;
		int side;

		if (other == layer)
			continue;
		if (collect_ratios(c, layer, other, values, err) < 0 ||
		    estimate_side(est, values, -log(PRACTICAL), level, &side, err) < 0)
			return -1;
		*cheapest = side < 0;
	}
	return 0;
}

static int decide(struct kinds_answer *a, const struct contest *c, double level,
		  struct estimator *est, struct series *values, struct err *err)
{
	a->best = LAYER_NO_PARENT;
	for (size_t i = 0; i < a->candidates && a->best == LAYER_NO_PARENT; i++) {
		bool cheapest;

		if (is_cheapest(a, c, a->candidate[i].layer, level, est, values, &cheapest, err) <
		    0)
			return -1;
		if (cheapest)
			a->best = a->candidate[i].layer;
	}
	if (collect_ratios(c, a->candidate[0].layer, a->candidate[1].layer, values, err) < 0)
		return -1;
	a->rounds = values->n;
	/* The sign test's least p is 2^-n. */
	a->needed = series_boots(values) == 1 ? (size_t)ceil(-log2(level)) : 0;
	return 0;
}

static int add_answer(struct kinds *kinds, const struct contest *c, enum kinds_use use,
		      uint32_t depth, struct estimator *est, struct series *values, struct err *err)
{
	struct kinds_answer *a = array_grow(kinds->answer, kinds->answers, sizeof(*a));

	if (!a)
		return err_set(err, EXIT_INTERNAL, "out of memory for the kinds");
	kinds->answer = a;
	a += kinds->answers;
	*a = (struct kinds_answer){.use = use, .depth = depth, .best = LAYER_NO_PARENT};
	if (describe_answer(a, c, est, values, err) < 0)
		return -1;
	kinds->answers += a->candidates > 1;
	return 0;
}

/* The level counts all comparisons, so the answers are listed before any is decided. */
static int answer_uses(struct kinds *kinds, struct contest *c, struct estimator *est,
		       struct err *err)
{
	struct series values = {0};
	size_t tests = 0;
	int rc = 0;

	for (size_t g = 0; g < kinds->groups && rc == 0; g++)
		for (int use = 0; use < KINDS_USES && rc == 0; use++) {
			find_contest(c, (enum kinds_use)use, kinds->group[g].layers);
			rc = add_answer(kinds, c, (enum kinds_use)use, kinds->group[g].depth, est,
					&values, err);
		}
	for (size_t i = 0; i < kinds->answers; i++)
		tests += kinds->answer[i].candidates * (kinds->answer[i].candidates - 1);
	for (size_t i = 0; i < kinds->answers && rc == 0; i++) {
		struct kinds_answer *a = &kinds->answer[i];
		uint64_t layers = 0;

		for (size_t k = 0; k < a->candidates; k++)
			layers |= UINT64_C(1) << a->candidate[k].layer;
		find_contest(c, a->use, layers);
		rc = decide(a, c, LEVEL / (double)tests, est, &values, err);
	}
	series_release(&values);
	return rc;
}

/* Groups */

static bool is_in_group(const struct summary *s, uint32_t layer, uint32_t depth)
{
	return s->tree.layer[layer].depth == depth && s->layer[layer].seen &&
	       layer_tree_is_in(&s->tree, layer, 0);
}

static bool of_several_kinds(const struct summary *s, uint64_t layers)
{
	char first[KINDS_TEXT] = "", text[KINDS_TEXT];

	for (uint32_t k = 0; k < s->layers; k++) {
		if (!has_bit(layers, k))
			continue;
		kinds_text(s, k, text);
		if (first[0] && strcmp(first, text) != 0)
			return true;
		str_copy(first, sizeof(first), text);
	}
	return false;
}

static int find_groups(const struct summary *s, struct kinds *kinds, struct err *err)
{
	for (uint32_t depth = 1; depth <= layer_tree_depth(&s->tree); depth++) {
		struct kinds_group *g;
		uint64_t layers = 0;

		for (uint32_t k = 1; k < s->layers; k++)
			if (is_in_group(s, k, depth))
				layers |= UINT64_C(1) << k;
		if (!of_several_kinds(s, layers))
			continue;
		g = array_grow(kinds->group, kinds->groups, sizeof(*g));
		if (!g)
			return err_set(err, EXIT_INTERNAL, "out of memory for the kinds");
		kinds->group = g;
		kinds->group[kinds->groups++] = (struct kinds_group){depth, layers};
	}
	return 0;
}

int kinds_make(const struct summary *s, struct estimator *est, struct kinds **k, struct err *err)
{
	struct kinds *kinds = s->is_tree ? calloc(1, sizeof(*kinds)) : NULL;
	struct contest c = {.s = s};
	int rc = -1;

	if (!s->is_tree)
		return 0;
	c.work = calloc(s->entries + 1, sizeof(*c.work));
	if (!kinds || !c.work) {
		err_set(err, EXIT_INTERNAL, "out of memory for the kinds");
		goto cleanup;
	}
	if (find_groups(s, kinds, err) < 0)
		goto cleanup;
	for (size_t g = 0; g < kinds->groups; g++)
		if (compare_group(kinds, &c, kinds->group[g].layers, est, err) < 0)
			goto cleanup;
	rc = answer_uses(kinds, &c, est, err);
	if (rc == 0 && kinds->pairs) {
		*k = kinds;
		kinds = NULL;
	}
cleanup:
	free(c.work);
	kinds_free(kinds);
	return rc;
}

void kinds_free(struct kinds *k)
{
	if (!k)
		return;
	free(k->group);
	free(k->pair);
	free(k->answer);
	free(k);
}

static bool is_same_work(const struct summary_entry *a, const struct summary_entry *b)
{
	if (!a || !b)
		return a == b;
	return a->threads == b->threads && strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->params, b->params) == 0;
}

bool kinds_has(const struct kinds *k, const char *class, const struct summary_entry *work,
	       const struct kinds_group *g)
{
	for (size_t i = 0; i < k->pairs; i++)
		if (strcmp(k->pair[i].class, class) == 0 && is_same_work(k->pair[i].work, work) &&
		    g->layers >> k->pair[i].layer & 1)
			return true;
	return false;
}

const struct kinds_pair *kinds_find(const struct kinds *k, const char *class,
				    const struct summary_entry *work, uint32_t layer, uint32_t over)
{
	for (size_t i = 0; i < k->pairs; i++) {
		const struct kinds_pair *p = &k->pair[i];

		if (p->layer == layer && p->over == over && strcmp(p->class, class) == 0 &&
		    is_same_work(p->work, work))
			return p;
	}
	return NULL;
}
