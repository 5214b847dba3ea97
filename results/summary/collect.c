/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/collect.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/class.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/params.h"
#include "results/summary/remeasured.h"

/* Groups are found by hash. */

static uint64_t hash_group(const char *workload, const char *params, uint32_t threads,
			   uint32_t layer)
{
	uint64_t hash = HASH_START;

	hash = hash_bytes(hash, workload, strlen(workload) + 1);
	hash = hash_bytes(hash, params, strlen(params) + 1);
	hash = hash_bytes(hash, &threads, sizeof(threads));
	return hash_bytes(hash, &layer, sizeof(layer));
}

static bool belongs(const struct group *g, const struct row *row)
{
	return g->layer == row->layer && g->threads == row->threads &&
	       strcmp(g->workload, row->workload) == 0 && strcmp(g->params, row->params) == 0;
}

static size_t *free_slot(struct collection *c, uint64_t hash)
{
	size_t i = hash % c->slots;

	while (c->slot[i])
		i = (i + 1) % c->slots;
	return &c->slot[i];
}

static bool grow_table(struct collection *c)
{
	size_t slots = c->slots ? 2 * c->slots : 256;
	size_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return false;
	free(c->slot);
	c->slot = slot;
	c->slots = slots;
	for (size_t i = 0; i < c->groups; i++) {
		const struct group *g = &c->group[i];

		*free_slot(c, hash_group(g->workload, g->params, g->threads, g->layer)) = i + 1;
	}
	return true;
}

static struct group *add_group(struct collection *c, const struct row *row, uint64_t hash)
{
	struct group *g = array_grow(c->group, c->groups, sizeof(*g));

	if (!g)
		return NULL;
	c->group = g;
	g += c->groups;
	*g = (struct group){.unit = row->unit,
			    .traits = row->sample.flags & SAMPLE_FLAGS_OF_WORKLOAD,
			    .threads = row->threads,
			    .layer = row->layer};
	g->workload = strdup(row->workload);
	g->params = strdup(row->params);
	g->class = strdup(row->class);
	c->groups++;
	if (!g->workload || !g->params || !g->class)
		return NULL;
	*free_slot(c, hash) = c->groups;
	c->last = c->groups - 1;
	return g;
}

static struct group *find_group(struct collection *c, const struct row *row)
{
	uint64_t hash;

	if (c->groups && belongs(&c->group[c->last], row))
		return &c->group[c->last];
	if (2 * (c->groups + 1) > c->slots && !grow_table(c))
		return NULL;
	hash = hash_group(row->workload, row->params, row->threads, row->layer);
	for (size_t i = hash % c->slots; c->slot[i]; i = (i + 1) % c->slots)
		if (belongs(&c->group[c->slot[i] - 1], row)) {
			c->last = c->slot[i] - 1;
			return &c->group[c->last];
		}
	return add_group(c, row, hash);
}

static bool is_warm_up(const struct sample *s)
{
	return s->flags & SAMPLE_WARM_UP;
}

static bool add_record(struct group *g, const struct row *row)
{
	const struct sample *s = &row->sample;
	bool is_plain = s->status == SAMPLE_OK && !is_warm_up(s);
	struct record *record = array_grow(g->record, g->records, sizeof(*record));

	if (!record)
		return false;
	g->record = record;
	g->record[g->records++] = (struct record){
		.boot = row->boot,
		.round = row->round,
		/* A round can remeasure only an earlier one. */
		.other = row->repeats < row->round ? row->repeats : 0,
		.batch = s->batch,
		.ops = s->ops,
		.digest = s->digest,
		.cost = sample_cost(s, g->unit),
		.seconds = (float)s->host_elapsed_ns * 1e-9F,
		.latency = is_plain ? s->latency : (struct sample_latency){0},
		.measured = !is_warm_up(s),
		.suspect = s->status == SAMPLE_SUSPECT,
		.line = row->line,
	};
	return true;
}

static void count(struct group *g, enum sample_status status)
{
	switch (status) {
	case SAMPLE_SKIP:
		g->skipped++;
		break;
	case SAMPLE_FAIL:
		g->failed++;
		break;
	case SAMPLE_TIMEOUT:
		g->timed_out++;
		break;
	case SAMPLE_SUSPECT:
		g->suspect++;
		break;
	case SAMPLE_OK:
		break;
	}
}

/* Most rows have the remark of the row before. */
static bool keep_text(char **kept, const char *text)
{
	if (*kept && strcmp(*kept, text) == 0)
		return true;
	free(*kept);
	*kept = strdup(text);
	return *kept != NULL;
}

/* Whether the next boot began with this round. */
static bool is_made_again(const struct collection *c, const struct row *row)
{
	const char *text =
		c->layers ? layers_get(c->layers, row->boot + 1, 0, LAYERS_FROM_ROUND) : NULL;
	uint64_t round;
	struct err ignored;

	return text && parse_u64(text, LAYERS_FROM_ROUND, 1, UINT32_MAX, &round, &ignored) == 0 &&
	       round == row->round;
}

/* Whether a row belongs to the run; else notes it as damage. */
static bool is_ours(struct collection *c, const struct row *row)
{
	struct err why;

	if (!c->run[0])
		str_copy(c->run, sizeof(c->run), row->run);
	if (row_is_of(row->run, c->run, &why) == 0)
		return true;
	damage_note(c->damage, ROWS_FILE ":%" PRIu64 ": %s", row->line, why.text);
	return false;
}

/* Whether a row has the class and unit of its work; else notes it as damage. */
static bool is_same_kind(struct collection *c, const struct group *g, const struct row *row)
{
	char class[ROW_CLASS], known[ROW_CLASS];

	if (g->unit == row->unit && strcmp(g->class, row->class) == 0)
		return true;
	damage_note(c->damage,
		    ROWS_FILE ":%" PRIu64
			      ": class %s, unit %s, but earlier rows of the same work have "
			      "class %s, unit %s",
		    row->line, csv_printable(row->class, class, sizeof(class)),
		    sample_unit_name(row->unit), csv_printable(g->class, known, sizeof(known)),
		    sample_unit_name(g->unit));
	return false;
}

static int take_row(void *ctx, const struct row *row, struct err *err)
{
	struct collection *c = ctx;
	const struct sample *s = &row->sample;
	char text[SAMPLE_REASON];
	struct group *g;

	if (!is_ours(c, row))
		return 0;
	g = find_group(c, row);
	if (!g)
		goto fail;
	if (!is_same_kind(c, g, row))
		return 0;
	c->rows++;
	c->hash = row_hash(c->hash, row);
	if (s->status != SAMPLE_OK && s->status != SAMPLE_SUSPECT && is_made_again(c, row))
		return 0;
	count(g, s->status);
	if (s->status != SAMPLE_OK && !g->reason &&
	    !keep_text(&g->reason, csv_printable(s->reason, text, sizeof(text))))
		goto fail;
	if (s->status == SAMPLE_OK && !is_warm_up(s) && row->remark[0] &&
	    !keep_text(&g->remark, csv_printable(row->remark, text, sizeof(text))))
		goto fail;
	g->is_short |= (s->flags & SAMPLE_SHORT) != 0;
	g->is_polled |= (s->flags & SAMPLE_POLLED) != 0;
	/* A suspect row without operations has no timing. */
	if ((s->status == SAMPLE_OK || s->status == SAMPLE_SUSPECT) && s->ops)
		if (!add_record(g, row))
			goto fail;
	return 0;
fail:
	return err_set(err, EXIT_INTERNAL, "out of memory after %zu groups of rows", c->groups);
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_records(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	if (a->boot != b->boot)
		return compare(a->boot, b->boot);
	if (a->round != b->round)
		return compare(a->round, b->round);
	if (a->batch != b->batch)
		return compare(a->batch, b->batch);
	return compare(a->line, b->line);
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int order = compare((uint64_t)class_rank(a->class), (uint64_t)class_rank(b->class));

	if (order == 0)
		order = strcmp(a->class, b->class);
	if (order == 0)
		order = strcmp(a->workload, b->workload);
	if (order == 0)
		order = params_compare(a->params, b->params);
	if (order == 0)
		order = compare(a->threads, b->threads);
	return order ? order : compare(a->layer, b->layer);
}

/* Rows come in order, unless a run was resumed. */
static void sort_records(struct group *g)
{
	for (size_t i = 1; i < g->records; i++)
		if (compare_records(&g->record[i - 1], &g->record[i]) > 0) {
			qsort(g->record, g->records, sizeof(*g->record), compare_records);
			return;
		}
}

/* Of several rows of one batch the first counts. */
static void drop_doubles(struct group *g, struct damage *damage)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->records; i++) {
		const struct record *before = kept ? &g->record[kept - 1] : NULL,
				    *r = &g->record[i];

		if (before && before->boot == r->boot && before->round == r->round &&
		    before->batch == r->batch)
			damage_note(damage,
				    ROWS_FILE ":%" PRIu64 ": the same batch as in line %" PRIu64,
				    r->line, before->line);
		else
			g->record[kept++] = *r;
	}
	g->records = kept;
}

int collect(const char *dir, const char *run, const struct layers *layers, struct collection *c,
	    struct damage *damage, struct err *err)
{
	c->layers = layers;
	c->damage = damage;
	snprintf(c->run, sizeof(c->run), "%s", run ? run : "");
	if (rows_read(dir, take_row, c, damage, err) < 0)
		return -1;
	for (size_t i = 0; i < c->groups; i++) {
		sort_records(&c->group[i]);
		drop_doubles(&c->group[i], damage);
	}
	if (c->groups)
		qsort(c->group, c->groups, sizeof(*c->group), compare_groups);
	return remeasured_settle(c, err);
}

void collection_release(struct collection *c)
{
	for (size_t i = 0; i < c->groups; i++) {
		free(c->group[i].workload);
		free(c->group[i].class);
		free(c->group[i].params);
		free(c->group[i].record);
		free(c->group[i].reason);
		free(c->group[i].remark);
	}
	free(c->group);
	free(c->slot);
	free(c->remeasured);
	*c = (struct collection)COLLECTION_INIT;
}
