/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/exits/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/layer_tree.h"
#include "lib/str.h"
#include "results/rundir/params.h"
#include "results/summary/estimate.h"

enum { PAGES_PER_HUGE = 512 };

/* The upper limit of what was never seen, see exit_counts.h. */
#define NEVER_SEEN 3.69

#define STATS "kvm_stats"
#define BY_REASON "kvm_exit"
#define STATE "kvm_state"

static bool has_value(const struct exit_series *s, const char *name, const char *value)
{
	char text[PARAM_TEXT];

	return params_get(s->params, name, text) && strcmp(text, value) == 0;
}

static bool is_of_memory(const struct exit_series *s)
{
	char backing[PARAM_TEXT];

	/* Siblings are not counted together. */
	return s->measured == s->layer && params_get(s->params, "backing", backing) &&
	       params_number(s->params, "guests", 1) == 1 &&
	       (strcmp(s->source, STATS) == 0 || strcmp(s->source, BY_REASON) == 0);
}

static bool is_same_work(const struct exit_series *a, const struct exit_series *b)
{
	return a->layer == b->layer && a->measured == b->measured && a->threads == b->threads &&
	       strcmp(a->workload, b->workload) == 0 && strcmp(a->params, b->params) == 0;
}

static struct estimate never_seen(const struct exit_series *s)
{
	double ops = 0;

	for (size_t i = 0; i < s->batches; i++)
		ops += (double)s->batch[i].ops;
	return (struct estimate){0, 0, ops > 0 ? NEVER_SEEN / ops : NAN};
}

static struct estimate per_page(const struct exit_series *s, const char *reason, double pages)
{
	const struct exit_metric *m = exit_series_find(s, reason);
	struct estimate e = m ? m->per_op : never_seen(s);

	return (struct estimate){e.mid / pages, e.low / pages, e.high / pages};
}

static struct memory_row *row_of(struct memory_path *m, const struct exit_series *s)
{
	struct memory_row *row;

	for (size_t i = 0; i < m->rows; i++)
		if (is_same_work(m->row[i].series, s))
			return &m->row[i];
	row = array_grow(m->row, m->rows, sizeof(*row));
	if (!row)
		return NULL;
	m->row = row;
	row += m->rows++;
	*row = (struct memory_row){
		.series = s,
		.faults = ESTIMATE_NONE,
		.exits = ESTIMATE_NONE,
		.small = NAN,
		.is_huge = has_value(s, "pages", "huge"),
	};
	row->pages = row->is_huge && has_value(s, "backing", "warm") ? PAGES_PER_HUGE : 1;
	return row;
}

static bool add_series(struct memory_path *m, const struct exit_series *s)
{
	struct memory_row *row = row_of(m, s);
	const char *violation = row && exit_series_find(s, "npf") ? "npf" : "EPT_VIOLATION";

	if (!row)
		return false;
	if (strcmp(s->source, STATS) == 0)
		row->faults = per_page(s, "pf_fixed", row->pages);
	else
		row->exits = per_page(s, violation, row->pages);
	return true;
}

/* Of cold pages: one fault each where there are no huge pages, and 1/512 where all are. */
static void find_small(struct memory_row *row)
{
	double faults = isnan(row->faults.mid) ? row->exits.mid : row->faults.mid;
	double least = 1.0 / PAGES_PER_HUGE;

	if (!has_value(row->series, "backing", "warm") && !isnan(faults))
		row->small = fmin(1, fmax(0, (faults - least) / (1 - least)));
}

/* What holds behind a batch: how a layer's memory is mapped. */
struct maps {
	bool known;
	uint32_t boot, round;
	uint64_t batch, ops;
	char workload[64], params[1100];
	uint32_t threads, measured;
	uint64_t pages_4k, pages_2m;
};

struct reading {
	struct memory_path *m;
	struct maps before[LAYERS_MAX], now[LAYERS_MAX];
};

static void widen(struct memory_range *r, bool first, uint64_t value)
{
	if (first || value < r->low)
		r->low = value;
	if (first || value > r->high)
		r->high = value;
}

static bool is_of(const struct memory_row *row, const struct maps *maps, uint32_t layer)
{
	const struct exit_series *s = row->series;

	return s->layer == layer && s->measured == maps->measured && s->threads == maps->threads &&
	       strcmp(s->workload, maps->workload) == 0 && strcmp(s->params, maps->params) == 0;
}

static void take_maps(struct memory_row *row, const struct maps *before, const struct maps *now)
{
	bool first = !row->has_maps;

	row->has_maps = true;
	widen(&row->maps_4k, first, now->pages_4k);
	widen(&row->maps_2m, first, now->pages_2m);
	/* One that was taken back whole is not split. */
	if (before->known && before->boot == now->boot && now->pages_2m < before->pages_2m &&
	    now->pages_4k > before->pages_4k && !has_value(row->series, "backing", "cold-huge"))
		row->split += before->pages_2m - now->pages_2m;
}

/* All counters of the last batch of a layer are read. */
static void end_batch(struct reading *r, uint32_t layer)
{
	struct maps *now = &r->now[layer];

	if (!now->known)
		return;
	for (size_t i = 0; i < r->m->rows; i++)
		if (is_of(&r->m->row[i], now, layer))
			take_maps(&r->m->row[i], &r->before[layer], now);
	r->before[layer] = *now;
	now->known = false;
}

static bool is_same_batch(const struct maps *maps, const struct exit_row *row)
{
	return maps->known && maps->boot == row->boot && maps->round == row->round &&
	       maps->batch == row->batch && maps->ops == row->ops &&
	       maps->measured == row->measured && maps->threads == row->threads &&
	       strcmp(maps->workload, row->workload) == 0 && strcmp(maps->params, row->params) == 0;
}

static int read_state(void *ctx, const struct exit_row *row, struct err *err)
{
	struct reading *r = ctx;
	struct maps *now = &r->now[row->layer];

	if (strcmp(row->source, STATE) != 0 || !row->reason[0])
		return 0;
	if (!is_same_batch(now, row)) {
		end_batch(r, row->layer);
		*now = (struct maps){
			.known = true,
			.boot = row->boot,
			.round = row->round,
			.batch = row->batch,
			.ops = row->ops,
			.threads = row->threads,
			.measured = row->measured,
		};
		str_copy(now->workload, sizeof(now->workload), row->workload);
		str_copy(now->params, sizeof(now->params), row->params);
	}
	if (strcmp(row->reason, "pages_4k") == 0)
		now->pages_4k = row->count;
	else if (strcmp(row->reason, "pages_2m") == 0)
		now->pages_2m = row->count;
	return 0;
}

static int read_maps(const char *dir, const char *run, struct memory_path *m, struct err *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct damage ignored = {0}; /* whoever read the counts has said it */
	int rc;

	if (!r)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	r->m = m;
	rc = exits_read(dir, run, read_state, r, &ignored, err);
	for (uint32_t layer = 0; layer < LAYERS_MAX; layer++)
		end_batch(r, layer);
	free(r);
	return rc;
}

int memory_path_make(const char *dir, const char *run, const struct exit_counts *counts,
		     struct memory_path *m, struct err *err)
{
	bool ok = true;
	int rc;

	*m = (struct memory_path){0};
	for (size_t i = 0; i < counts->count && ok; i++)
		if (is_of_memory(&counts->series[i]))
			ok = add_series(m, &counts->series[i]);
	for (size_t i = 0; i < m->rows; i++)
		find_small(&m->row[i]);
	if (ok && m->rows == 0)
		return 0;
	rc = ok ? read_maps(dir, run, m, err) : err_set(err, EXIT_INTERNAL, "out of memory");
	if (rc < 0)
		memory_path_release(m);
	return rc;
}

void memory_path_release(struct memory_path *m)
{
	free(m->row);
	*m = (struct memory_path){0};
}
