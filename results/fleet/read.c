/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One node: from its run directory to its figures, each with its own error. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/fleet/compare_parts.h"
#include "results/fleet/nodes.h"
#include "results/stats/twosample.h"
#include "results/summary/summary_parts.h"

/* A tail from fewer batches is the largest of them. */
enum { TAIL_BATCHES = 10 };

int fleet_own_error(const struct series *s, double *variance, double *units, struct err *err)
{
	double *median = NULL, *block;
	size_t count;

	*variance = NAN;
	*units = 0;
	if (series_boot_medians(s, &median, &count, err) < 0)
		return -1;
	if (count == 1) {
		block = realloc(median, (s->n + 1) * sizeof(*median));
		if (!block) {
			free(median);
			return err_set(err, EXIT_INTERNAL, "out of memory for a series of values");
		}
		median = block;
		count = block_medians(s->value, s->n, median);
	}
	*units = (double)count;
	if (count > 1)
		*variance = gsl_stats_variance(median, 1, count) / (double)count;
	free(median);
	return 0;
}

/* ---- works ---- */

static int add_work(struct fleet_comparison *c, const struct summary *s,
		    const struct summary_entry *e, struct err *err)
{
	struct compared_work *w = array_grow(c->work, c->works, sizeof(*w));

	if (!w)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu workloads", c->works);
	c->work = w;
	w += c->works++;
	*w = (struct compared_work){.workload = strdup(e->workload),
				    .class = strdup(e->class),
				    .params = strdup(e->params),
				    .layer = strdup(summary_layer_name(s, e->layer)),
				    .threads = e->threads,
				    .layer_number = e->layer,
				    .unit = e->unit,
				    .is_size = summary_is_size(e)};
	if (!w->workload || !w->class || !w->params || !w->layer)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu workloads", c->works);
	csv_printable(w->workload, w->workload, strlen(w->workload) + 1);
	csv_printable(w->class, w->class, strlen(w->class) + 1);
	csv_printable(w->params, w->params, strlen(w->params) + 1);
	return 0;
}

/* The index of the work; -1 with an err, EXIT_USAGE where there are too many. */
static int find_work(struct fleet_reader *r, const struct summary *s, const struct summary_entry *e,
		     uint32_t *work, struct err *err)
{
	struct buf key = BUF_INIT;
	int rc;

	buf_addf(&key, "%s\n%s\n%u\n%s\n%s\n%s", e->workload, e->params, e->threads, e->class,
		 e->unit, summary_layer_name(s, e->layer));
	*work = key.failed ? UINT32_MAX : fleet_texts_find(&r->works, buf_str(&key));
	if (*work == UINT32_MAX && r->works.count >= FLEET_WORKS_MAX)
		rc = err_set(err, EXIT_USAGE, "the fleet has more than %d different workloads",
			     FLEET_WORKS_MAX);
	else if (*work == UINT32_MAX)
		rc = buf_check(&key, err) < 0 ||
				     fleet_texts_add(&r->works, buf_str(&key), work, err) < 0 ||
				     add_work(r->c, s, e, err) < 0
			     ? -1
			     : 0;
	else
		rc = 0;
	buf_release(&key);
	return rc;
}

/* ---- figures ---- */

static int add_figure(struct fleet_comparison *c, const struct compared_figure *figure,
		      struct err *err)
{
	struct compared_figure *grown = array_grow(c->figure, c->figures, sizeof(*grown));

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu figures", c->figures);
	c->figure = grown;
	c->figure[c->figures++] = *figure;
	return 0;
}

static int add_cost(struct fleet_comparison *c, size_t node, uint32_t work,
		    const struct summary_entry *e, struct err *err)
{
	struct compared_figure f = {.node = node,
				    .work = work,
				    .kind = FLEET_COST,
				    .level = e->cost.mid,
				    .value = {.y = log_ratio(e, e->cost.mid, 1)}};
	struct series series = {0};
	int rc = 0;

	for (size_t i = 0; i < e->cells && rc == 0; i++)
		if (e->cell[i].cost > 0)
			rc = series_add(&series, e->cell[i].boot, log_ratio(e, e->cell[i].cost, 1),
					err);
	if (rc == 0)
		rc = fleet_own_error(&series, &f.value.variance, &f.units, err);
	series_release(&series);
	return rc == 0 ? add_figure(c, &f, err) : rc;
}

static int add_tail(struct fleet_reader *r, size_t node, uint32_t work,
		    const struct summary_entry *e, struct err *err)
{
	struct compared_figure f = {.node = node,
				    .work = work,
				    .kind = FLEET_TAIL,
				    .level = e->p95,
				    .value = {.y = log(e->p95)},
				    .units = (double)e->batches};
	double *y;
	int rc;

	if (summary_is_size(e) || e->batches < TAIL_BATCHES || e->batch[0] <= 0)
		return 0;
	y = calloc(e->batches, sizeof(*y));
	if (!y)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu batches", e->batches);
	for (size_t i = 0; i < e->batches; i++)
		y[i] = log(e->batch[i]);
	rc = quantile_variance(&r->weights, y, e->batches, &f.value.variance, err);
	free(y);
	return rc == 0 ? add_figure(r->c, &f, err) : rc;
}

static int add_figures(struct fleet_reader *r, size_t node, const struct summary *s,
		       struct err *err)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		uint32_t work;

		if (!str_fits_any(e->workload, r->options->workloads))
			continue;
		if (!summary_has_cost(e) || e->cost.mid <= 0) {
			r->c->node[node].skipped++;
			continue;
		}
		if (find_work(r, s, e, &work, err) < 0 || add_cost(r->c, node, work, e, err) < 0 ||
		    add_tail(r, node, work, e, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- shares ---- */

static struct ranking *find_ranking(struct fleet_comparison *c, const char *class,
				    const char *layer, uint32_t number, struct err *err)
{
	struct ranking *ranking;

	for (size_t i = 0; i < c->rankings; i++)
		if (strcmp(c->ranking[i].class, class) == 0 &&
		    strcmp(c->ranking[i].layer, layer) == 0)
			return &c->ranking[i];
	ranking = array_grow(c->ranking, c->rankings, sizeof(*ranking));
	if (ranking) {
		c->ranking = ranking;
		ranking += c->rankings++;
		*ranking = (struct ranking){.class = strdup(class),
					    .layer = strdup(layer),
					    .layer_number = number,
					    .is_speed = number == 0};
	}
	if (ranking && ranking->class && ranking->layer)
		return ranking;
	err_set(err, EXIT_INTERNAL, "out of memory for the rankings");
	return NULL;
}

int fleet_add_rank(struct fleet_comparison *c, const char *class, const char *layer,
		   uint32_t number, const struct ranked_node *node, struct err *err)
{
	struct ranking *ranking = find_ranking(c, class, layer, number, err);
	struct ranked_node *grown;

	if (!ranking)
		return -1;
	grown = array_grow(ranking->node, ranking->nodes, sizeof(*grown));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the rankings");
	ranking->node = grown;
	ranking->node[ranking->nodes++] = *node;
	return 0;
}

static int add_shares(struct fleet_reader *r, size_t node, const struct summary *s, struct err *err)
{
	struct series series = {0};
	int rc = 0;

	for (size_t i = 0; i < s->classes && rc == 0; i++) {
		const struct summary_class *class = &s->class[i];
		struct ranked_node ranked = {.node = node, .share = class->share};
		char name[ROW_CLASS];

		if (isnan(class->share.mid) || strcmp(class->class, "control") == 0)
			continue;
		ranked.value = -log(class->share.mid);
		rc = class_values(s, class, &series, err);
		if (rc == 0)
			rc = fleet_own_error(&series, &ranked.error, &ranked.freedom, err);
		ranked.error = sqrt(ranked.error);
		ranked.freedom--;
		if (rc == 0)
			rc = fleet_add_rank(r->c, csv_printable(class->class, name, sizeof(name)),
					    summary_layer_name(s, class->layer), class->layer,
					    &ranked, err);
	}
	series_release(&series);
	return rc;
}

/* ---- the directory ---- */

static int take_node(struct fleet_reader *r, size_t index, const struct summary *s, struct err *err)
{
	struct compared_node *node = &r->c->node[index];
	char host[MANIFEST_NAME];

	node->damaged = s->damage.count;
	node->rows = s->rows;
	node->rows_hash = s->rows_hash;
	node->emulated = summary_first_cpu(s, CPU_EMULATED) < s->layers;
	node->host = strdup(csv_printable(s->manifest.host, host, sizeof(host)));
	if (!node->host)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	if (fleet_keep_environment(r->c, node, s, err) < 0 || add_figures(r, index, s, err) < 0)
		return -1;
	return add_shares(r, index, s, err);
}

/* Takes back what a node brought before it was found to be no good. */
static void forget_node(struct fleet_comparison *c, size_t index)
{
	while (c->figures && c->figure[c->figures - 1].node == index)
		c->figures--;
	for (size_t i = 0; i < c->rankings; i++) {
		struct ranking *ranking = &c->ranking[i];

		ranking->nodes -= ranking->nodes && ranking->node[ranking->nodes - 1].node == index;
	}
}

int fleet_read_node(struct fleet_reader *r, size_t index, struct err *err)
{
	struct compared_node *node = &r->c->node[index];
	struct summary s;
	size_t before = r->c->figures;
	int rc = 0;

	if (fleet_node_check(node->dir, err) < 0)
		return err->code != EXIT_USAGE
			       ? -1
			       : fleet_leave_out(node, FLEET_UNREADABLE, err, "%s", err->text);
	if (summary_build_figures(node->dir, &s, err) < 0)
		return err->code != EXIT_USAGE
			       ? -1
			       : fleet_leave_out(node, FLEET_UNREADABLE, err, "%s", err->text);
	fleet_class_of_run(&s, &node->class);
	if (fleet_classes_add(&r->c->classes, &node->class, err) < 0)
		rc = -1;
	else if (s.manifest_trouble[0])
		rc = fleet_leave_out(node, FLEET_UNREADABLE, err, "%s", s.manifest_trouble);
	else if (fleet_node_own(node->expected, s.manifest.run, err) < 0)
		rc = fleet_leave_out(node, FLEET_FOREIGN, err, "%s", err->text);
	else
		rc = take_node(r, index, &s, err);
	if (rc < 0 && err->code == EXIT_USAGE) {
		forget_node(r->c, index);
		rc = fleet_leave_out(node, FLEET_UNREADABLE, err, "%s", err->text);
	} else if (rc == 0 && fleet_is_read(node) && r->c->figures == before) {
		rc = fleet_leave_out(node, FLEET_UNREADABLE, err, "no figure%s%s",
				     s.damage.count ? ": " : "",
				     s.damage.count ? s.damage.text[0] : "");
	}
	summary_release(&s);
	return rc;
}
