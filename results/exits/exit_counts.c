/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/exits/exit_counts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/exits/exit_parts.h"

/* Of a series, and of a run: what comes from guests is bounded. */
enum { REASONS_MAX = 512, REMARKS_MAX = 256 };

#define STATE_SOURCE "kvm_state"
#define SUM_REASON "exits"

static bool is_empty_batch(const struct exit_row *row)
{
	return row->ops == EXITS_EMPTY_OPS * row->batches &&
	       strcmp(row->workload, EXITS_EMPTY) == 0;
}

static bool belongs(const struct exit_series *s, const struct exit_row *row)
{
	return s->measured == row->measured && s->layer == row->layer &&
	       s->counted_in == row->counted_in && s->threads == row->threads &&
	       s->is_empty == is_empty_batch(row) && strcmp(s->source, row->source) == 0 &&
	       strcmp(s->workload, row->workload) == 0 && strcmp(s->params, row->params) == 0;
}

static struct exit_series *add_series(struct exit_counts *c, const struct exit_row *row)
{
	struct exit_series *s = array_grow(c->series, c->count, sizeof(*s));

	if (!s)
		return NULL;
	c->series = s;
	s += c->count++;
	*s = (struct exit_series){.threads = row->threads,
				  .measured = row->measured,
				  .layer = row->layer,
				  .counted_in = row->counted_in,
				  .is_empty = is_empty_batch(row)};
	str_copy(s->source, sizeof(s->source), row->source);
	s->workload = strdup(row->workload);
	s->params = strdup(row->params);
	return s->workload && s->params ? s : NULL;
}

/* Rows come in runs: the latest series is looked at first. */
static struct exit_series *series_of(struct exit_counts *c, const struct exit_row *row)
{
	for (size_t i = c->count; i-- > 0;)
		if (belongs(&c->series[i], row))
			return &c->series[i];
	return add_series(c, row);
}

static bool add_batch(struct exit_series *s, const struct exit_row *row)
{
	const struct exit_batch *last = s->batches ? &s->batch[s->batches - 1] : NULL;
	struct exit_batch *batch;

	/* The background is measured in the same rounds as the workload of its name. */
	if (last && last->boot == row->boot && last->round == row->round &&
	    last->batch == row->batch && last->ops == row->ops &&
	    last->interval_ns == row->interval_ns)
		return true;
	batch = array_grow(s->batch, s->batches, sizeof(*batch));
	if (!batch)
		return false;
	s->batch = batch;
	s->batch[s->batches++] = (struct exit_batch){.boot = row->boot,
						     .round = row->round,
						     .batch = row->batch,
						     .batches = row->batches,
						     .ops = row->ops,
						     .interval_ns = row->interval_ns};
	return true;
}

static bool add_count(struct exit_metric *m, uint64_t n)
{
	uint64_t *count = array_grow(m->count, m->counts, sizeof(*count));

	if (!count)
		return false;
	m->count = count;
	m->count[m->counts++] = n;
	m->total += n;
	return true;
}

/* Batches in which the counter did not move have no row. */
static bool fill_up(struct exit_metric *m, size_t counts)
{
	while (m->counts < counts)
		if (!add_count(m, 0))
			return false;
	return true;
}

static struct exit_metric *metric_of(struct exit_series *s, const char *reason)
{
	size_t i = exit_series_index(s, reason);
	struct exit_metric *m;

	if (i < s->metrics)
		return &s->metric[i];
	m = array_grow(s->metric, s->metrics, sizeof(*m));
	if (!m)
		return NULL;
	s->metric = m;
	m += s->metrics++;
	*m = (struct exit_metric){.is_sum = strcmp(reason, SUM_REASON) == 0};
	str_copy(m->reason, sizeof(m->reason), reason);
	return m;
}

static bool add_remark(struct exit_counts *c, const struct exit_row *row)
{
	struct exit_remark *r;

	for (size_t i = 0; i < c->remarks; i++) {
		r = &c->remark[i];
		if (r->layer == row->layer && r->counted_in == row->counted_in &&
		    strcmp(r->source, row->source) == 0 && strcmp(r->text, row->remark) == 0) {
			r->rows++;
			return true;
		}
	}
	if (c->remarks == REMARKS_MAX) {
		damage_note(&c->damage, EXITS_FILE ": more than %d different remarks", REMARKS_MAX);
		return true;
	}
	r = array_grow(c->remark, c->remarks, sizeof(*r));
	if (!r)
		return false;
	c->remark = r;
	r += c->remarks++;
	*r = (struct exit_remark){
		.boot = row->boot, .layer = row->layer, .counted_in = row->counted_in, .rows = 1};
	str_copy(r->source, sizeof(r->source), row->source);
	str_copy(r->text, sizeof(r->text), row->remark);
	return true;
}

/* False: no memory. */
static bool take_count(struct exit_counts *c, const struct exit_row *row)
{
	struct exit_series *s = series_of(c, row);
	struct exit_metric *m;

	if (!s || !add_batch(s, row))
		return false;
	if (s->metrics == REASONS_MAX && !exit_series_find(s, row->reason)) {
		damage_note(&c->damage, EXITS_FILE ": more than %d reasons of %s", REASONS_MAX,
			    row->workload);
		return true;
	}
	m = metric_of(s, row->reason);
	if (!m || !fill_up(m, s->batches - 1))
		return false;
	if (m->counts == s->batches) {
		damage_note(&c->damage, EXITS_FILE ": batch %" PRIu64 " of %s has %s twice",
			    row->batch, row->workload, row->reason);
		return true;
	}
	return add_count(m, row->count);
}

static int take_row(void *ctx, const struct exit_row *row, struct err *err)
{
	struct exit_counts *c = ctx;
	bool done = true;

	if (row->remark[0])
		done = add_remark(c, row);
	if (done && row->reason[0] && strcmp(row->source, STATE_SOURCE) != 0)
		done = take_count(c, row);
	return done ? 0 : err_set(err, EXIT_INTERNAL, "out of memory for " EXITS_FILE);
}

static int complete(struct exit_counts *c, struct err *err)
{
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->series[i].metrics; k++)
			if (!fill_up(&c->series[i].metric[k], c->series[i].batches))
				return err_set(err, EXIT_INTERNAL, "out of memory for " EXITS_FILE);
	return exit_counts_judge(c, err);
}

int exit_counts_load(const char *dir, const char *run, struct exit_counts *c, struct err *err)
{
	if (exits_read(dir, run, take_row, c, &c->damage, err) == 0 && complete(c, err) == 0)
		return 0;
	exit_counts_release(c);
	return -1;
}

void exit_counts_release(struct exit_counts *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct exit_series *s = &c->series[i];

		for (size_t k = 0; k < s->metrics; k++)
			free(s->metric[k].count);
		free(s->metric);
		free(s->batch);
		free(s->workload);
		free(s->params);
	}
	free(c->series);
	free(c->remark);
	*c = (struct exit_counts){0};
}
