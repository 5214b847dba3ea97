/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the rows of a pilot to components of variance. */
#include "results/budget/replication.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/rundir/rundir.h"
#include "results/stats/stats.h"
#include "results/summary/remeasured.h"
#include "results/summary/summary.h"

/* The logs of the batches of one round in one layer. */
struct cell {
	uint32_t boot, round;
	size_t batches;
	double mean, squares; /* sum of squares about the mean */
	double seconds;	      /* that a batch took, median, by the host's clock */
};

struct cells {
	struct cell *cell;
	size_t count;
};

static bool is_per_round(const struct group *g)
{
	return strcmp(g->class, "capacity") != 0 && strcmp(g->class, "boot") != 0;
}

static bool counts(const struct record *r)
{
	return r->measured && r->cost > 0;
}

static void fill_cell(struct cell *c, const struct record *record, size_t n, double *work)
{
	*c = (struct cell){.boot = record->boot, .round = record->round};
	for (size_t i = 0; i < n; i++)
		if (counts(&record[i])) {
			c->mean += log(record[i].cost);
			work[c->batches++] = record[i].seconds;
		}
	if (c->batches == 0)
		return;
	c->mean /= (double)c->batches;
	c->seconds = stats_median_of(work, c->batches);
	for (size_t i = 0; i < n; i++)
		if (counts(&record[i]))
			c->squares += pow(log(record[i].cost) - c->mean, 2);
}

static int make_cells(const struct group *g, struct cells *out, struct err *err)
{
	double *work = calloc(g->records + 1, sizeof(*work));

	*out = (struct cells){.cell = calloc(g->records + 1, sizeof(*out->cell))};
	if (!work || !out->cell) {
		free(work);
		return err_set(err, EXIT_INTERNAL, "out of memory for the cells of a workload");
	}
	for (size_t i = 0, end; i < g->records; i = end) {
		end = end_of_round(g, i);
		fill_cell(&out->cell[out->count], &g->record[i], end - i, work);
		out->count += out->cell[out->count].batches > 0;
	}
	free(work);
	return 0;
}

/* Variance of one batch about its round. */
static double batch_variance(const struct cells *c)
{
	double squares = 0, freedom = 0;

	for (size_t i = 0; i < c->count; i++) {
		squares += c->cell[i].squares;
		freedom += (double)(c->cell[i].batches - 1);
	}
	return freedom > 0 ? squares / freedom : 0;
}

/* Pairs the rounds of a layer with those of L0 (base NULL: unpaired). Returns their number. */
static size_t pair_cells(const struct cells *layer, const struct cells *base,
			 struct variance_cell *out)
{
	double s2 = batch_variance(layer), base_s2 = base ? batch_variance(base) : 0;
	size_t n = 0;

	for (size_t i = 0, k = 0; i < layer->count; i++) {
		const struct cell *c = &layer->cell[i], *b = NULL;

		while (base && k < base->count &&
		       (base->cell[k].boot < c->boot ||
			(base->cell[k].boot == c->boot && base->cell[k].round < c->round)))
			k++;
		if (base && k < base->count)
			b = &base->cell[k];
		if (base && (!b || b->boot != c->boot || b->round != c->round))
			continue;
		out[n++] = (struct variance_cell){
			.boot = c->boot,
			.value = c->mean - (b ? b->mean : 0),
			.batch_var =
				s2 / (double)c->batches + (b ? base_s2 / (double)b->batches : 0),
		};
	}
	return n;
}

static int add_item(struct replication *r, const struct group *g, const struct variance *v,
		    struct err *err)
{
	struct replication_item *item = array_grow(r->item, r->items, sizeof(*item));

	if (!item)
		return err_set(err, EXIT_INTERNAL, "out of memory for a plan");
	r->item = item;
	item += r->items++;
	*item = (struct replication_item){.workload = strdup(g->workload),
					  .params = strdup(g->params),
					  .threads = g->threads,
					  .layer = g->layer,
					  .variance = *v};
	return item->workload && item->params
		       ? 0
		       : err_set(err, EXIT_INTERNAL, "out of memory for a plan");
}

static int make_item(struct replication *r, const struct group *g, const struct cells *layer,
		     const struct cells *base, struct err *err)
{
	struct variance_cell *pairs = calloc(layer->count + 1, sizeof(*pairs));
	struct variance v;
	size_t n;
	int rc = 0;

	if (!pairs)
		return err_set(err, EXIT_INTERNAL, "out of memory for a plan");
	n = pair_cells(layer, base, pairs);
	if (n) {
		variance_of_cells(pairs, n,
				  batch_variance(layer) + (base ? batch_variance(base) : 0), &v);
		if (v.rounds > v.boots)
			rc = add_item(r, g, &v, err);
	}
	free(pairs);
	return rc;
}

/* The size of the pilot and the time of a batch, from the cells. */
static int take_size(struct replication *r, const struct cells *c, struct err *err)
{
	double *work = calloc(c->count + 1, sizeof(*work));
	size_t boots = 0, run = 0;
	double batches = 0;

	if (!work)
		return err_set(err, EXIT_INTERNAL, "out of memory for a plan");
	for (size_t i = 0; i < c->count; i++) {
		bool same = i && c->cell[i].boot == c->cell[i - 1].boot;

		boots += !same;
		run = same ? run + 1 : 1;
		if (run > r->size.rounds)
			r->size.rounds = (uint32_t)run;
		work[i] = c->cell[i].seconds;
	}
	if (c->count > r->all_rounds)
		r->all_rounds = (uint32_t)c->count;
	if (boots > r->size.boots)
		r->size.boots = (uint32_t)boots;
	if (c->count)
		r->batch_s += stats_median_of(work, c->count);
	for (size_t i = 0; i < c->count; i++)
		batches += (double)c->cell[i].batches / (double)c->count;
	r->mean_batches = fmax(r->mean_batches, batches);
	r->size.batches = (uint32_t)lround(r->mean_batches);
	free(work);
	return 0;
}

/* All layers of one workload: groups [0, n), sorted by layer. */
static int make_items(struct replication *r, const struct group *g, size_t n, bool alone,
		      struct err *err)
{
	struct cells base = {0}, layer = {0};
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = make_cells(&g[i], &layer, err);
		if (rc == 0)
			rc = take_size(r, &layer, err);
		if (rc == 0 && i == 0 && g[i].layer == 0) {
			if (alone)
				rc = make_item(r, &g[i], &layer, NULL, err);
			base = layer;
			layer = (struct cells){0};
		} else if (rc == 0 && base.count) {
			rc = make_item(r, &g[i], &layer, &base, err);
		}
		free(layer.cell);
		layer = (struct cells){0};
	}
	free(base.cell);
	return rc;
}

/* The names of layers; numbers do where there are none. */
static int read_layers(const char *dir, struct layer_tree *layers, struct err *err)
{
	struct manifest m = {0};
	char trouble[SUMMARY_TROUBLE];

	if (summary_load_manifest(dir, &m, trouble, err) < 0)
		return -1;
	*layers = m.layers;
	for (uint32_t k = 0; k < layers->count; k++)
		csv_printable(m.layers.layer[k].name, layers->layer[k].name, LAYER_NAME);
	manifest_release(&m);
	return 0;
}

int replication_read(const char *dir, struct replication *r, struct err *err)
{
	struct collection c = COLLECTION_INIT;
	bool alone = true; /* only L0 was measured */
	int rc = -1;

	*r = (struct replication){0};
	if (rundir_open(dir, err) < 0)
		return -1;
	if (read_layers(dir, &r->layers, err) < 0 ||
	    collect(dir, NULL, NULL, &c, &r->damage, err) < 0)
		goto cleanup;
	for (size_t i = 0; i < c.groups; i++)
		alone &= c.group[i].layer == 0 || c.group[i].records == 0;
	for (size_t i = 0, end; i < c.groups; i = end) {
		end = i + groups_of_work(&c, i);
		if (is_per_round(&c.group[i]) &&
		    make_items(r, &c.group[i], end - i, alone, err) < 0)
			goto cleanup;
	}
	if (r->items == 0) {
		err_set(err, EXIT_USAGE,
			"%s: no workload has two rounds in one boot, so no plan can be made", dir);
		goto cleanup;
	}
	rc = 0;
cleanup:
	collection_release(&c);
	if (rc < 0)
		replication_release(r);
	return rc;
}

void replication_release(struct replication *r)
{
	for (size_t i = 0; i < r->items; i++) {
		free(r->item[i].workload);
		free(r->item[i].params);
	}
	free(r->item);
	*r = (struct replication){0};
}
