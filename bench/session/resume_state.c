/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/resume_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/session/session.h"
#include "lib/array.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

#define START_OF_LAYER UINT32_MAX /* in place of a workload */

/* What is there of one job. */
struct entry {
	uint32_t boot, round, layer, workload;
	uint64_t batches;
	bool closed;	  /* a row says why there is no more */
	uint32_t repeats; /* the round that its round measures again; 0: none */
};

struct resume_state {
	const struct work_list *works; /* while it is read */
	struct entry *entry;	       /* sorted and merged once it is read */
	size_t entries;
	uint32_t last_work;
	const char *run; /* while it is read */
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	if (x->round != y->round)
		return x->round < y->round ? -1 : 1;
	if (x->workload != y->workload)
		return x->workload < y->workload ? -1 : 1;
	return (x->layer > y->layer) - (x->layer < y->layer);
}

static bool is_work(const struct work *w, const struct row *row)
{
	return strcmp(w->workload->name, row->workload) == 0 &&
	       strcmp(w->label, row->params) == 0 && w->threads == row->threads;
}

static int find_work(struct resume_state *r, const struct row *row, uint32_t *found,
		     struct err *err)
{
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0) {
		*found = START_OF_LAYER;
		return 0;
	}
	/* Mostly as in the row before. */
	for (uint32_t i = 0; i < r->works->count; i++) {
		uint32_t at = (r->last_work + i) % r->works->count;

		if (is_work(&r->works->item[at], row)) {
			*found = r->last_work = at;
			return 0;
		}
	}
	return err_set(err, EXIT_USAGE, "there are rows of \"%s %s\", which is not in the plan",
		       row->workload, row->params);
}

static struct entry *add_entry(struct resume_state *r, const struct entry *where, struct err *err)
{
	struct entry *last = r->entries ? &r->entry[r->entries - 1] : NULL, *more;

	if (last && compare(last, where) == 0)
		return last;
	more = array_grow(r->entry, r->entries, sizeof(*more));
	if (!more) {
		err_set(err, EXIT_INTERNAL, "out of memory for the rows that are there");
		return NULL;
	}
	r->entry = more;
	r->entry[r->entries] = *where;
	return &r->entry[r->entries++];
}

static int take_row(void *ctx, const struct row *row, struct err *err)
{
	struct entry where = {.boot = row->boot, .round = row->round, .layer = row->layer}, *entry;
	const struct sample *s = &row->sample;
	struct resume_state *r = ctx;

	if (row_is_of(row->run, r->run, err) < 0)
		return err_context(err, ROWS_FILE ":%" PRIu64, row->line);
	if (find_work(r, row, &where.workload, err) < 0)
		return -1;
	entry = add_entry(r, &where, err);
	if (!entry)
		return -1;
	if (s->batch > entry->batches)
		entry->batches = s->batch;
	entry->closed |= s->status != SAMPLE_OK && s->status != SAMPLE_SUSPECT;
	entry->repeats = row->repeats;
	return 0;
}

/* A job that was resumed before has its rows in two places. */
static void merge(struct resume_state *r)
{
	size_t kept = 0;

	qsort(r->entry, r->entries, sizeof(*r->entry), compare);
	for (size_t i = 1; i < r->entries; i++) {
		struct entry *to = &r->entry[kept], *from = &r->entry[i];

		if (compare(to, from) != 0) {
			r->entry[++kept] = *from;
			continue;
		}
		to->batches = from->batches > to->batches ? from->batches : to->batches;
		to->closed |= from->closed;
	}
	r->entries = r->entries ? kept + 1 : 0;
}

struct resume_state *resume_state_read(const char *dir, const char *run,
				       const struct work_list *works, struct err *err)
{
	struct resume_state *r = calloc(1, sizeof(*r));
	struct damage damage = {0};
	char path[RUNDIR_PATH];
	int begun;

	if (!r) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	r->works = works;
	r->run = run;
	begun = rundir_path(dir, ROWS_FILE, path, err) < 0
			? -1
			: csv_append_check(path, ROWS_HEADER, err);
	/* A run that was killed before it wrote the header has no rows. */
	if (begun < 0 || (begun && rows_read(dir, take_row, r, &damage, err) < 0)) {
		resume_state_free(r);
		return NULL;
	}
	if (r->entries)
		merge(r);
	return r;
}

void resume_state_free(struct resume_state *r)
{
	if (r)
		free(r->entry);
	free(r);
}

int resume_state_same(const char *what, const char *before, const char *now, struct err *err)
{
	if (before && now && strcmp(before, now) == 0)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%s has changed since (it was \"%.200s\", and is \"%.200s\" now): the rows "
		       "would not go together; measure anew with `nestbench rerun`",
		       what, before ? before : "not recorded", now ? now : "unknown");
}

/* The first entry that is not before `where`. */
static const struct entry *seek(const struct resume_state *r, const struct entry *where)
{
	size_t low = 0, high = r->entries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&r->entry[mid], where) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->entries ? &r->entry[low] : NULL;
}

static const struct entry *find(const struct resume_state *r, const struct entry *where)
{
	const struct entry *e = r ? seek(r, where) : NULL;

	return e && compare(e, where) == 0 ? e : NULL;
}

static struct entry of_job(const struct job *job)
{
	return (struct entry){.boot = job->boot,
			      .round = job->round,
			      .layer = job->layer,
			      .workload = job->workload};
}

uint64_t resume_state_batches(const struct resume_state *r, const struct job *job)
{
	const struct entry where = of_job(job), *e = find(r, &where);

	return e ? e->batches : 0;
}

bool resume_state_done(const struct resume_state *r, const struct job *job, uint64_t batches)
{
	const struct entry where = of_job(job), *e = find(r, &where);

	return e && (e->closed || e->batches >= batches);
}

bool resume_state_has_partner(const struct resume_state *r, const struct job *job)
{
	struct entry where = of_job(job);
	const struct entry *e;

	where.layer = 0;
	e = r ? seek(r, &where) : NULL;
	return e && e->boot == where.boot && e->round == where.round &&
	       e->workload == where.workload;
}

bool resume_state_has_start(const struct resume_state *r, uint32_t boot, uint32_t layer)
{
	const struct entry where = {
		.boot = boot, .round = 1, .layer = layer, .workload = START_OF_LAYER};

	return find(r, &where) != NULL;
}

bool resume_state_has_boot(const struct resume_state *r, uint32_t boot)
{
	return resume_state_last_round(r, boot) > 0;
}

uint32_t resume_state_last_round(const struct resume_state *r, uint32_t boot)
{
	const struct entry behind = {.boot = boot + 1}, *end = r ? seek(r, &behind) : NULL;

	if (r && r->entries && !end)
		end = r->entry + r->entries;
	return end && end > r->entry && end[-1].boot == boot ? end[-1].round : 0;
}

uint32_t resume_state_remeasure(const struct resume_state *r, uint32_t boot, uint32_t round)
{
	const struct entry where = {.boot = boot, .round = round + 1},
			   *e = r ? seek(r, &where) : NULL;

	for (; e && e < r->entry + r->entries && e->boot == boot; e++)
		if (e->repeats == round)
			return e->round;
	return 0;
}
