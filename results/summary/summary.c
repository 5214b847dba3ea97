/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/disturbed.h"
#include "results/summary/kinds.h"
#include "results/summary/summary_parts.h"

static int make_entries(struct summary *s, struct collection *c, struct estimator *est,
			struct err *err)
{
	s->entry = calloc(c->groups ? c->groups : 1, sizeof(*s->entry));
	if (!s->entry)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	for (; s->entries < c->groups; s->entries++)
		if (entry_from_group(&s->entry[s->entries], &c->group[s->entries], est, err) < 0) {
			s->entries++;
			return -1;
		}
	check_digests(s, c);
	return 0;
}

static size_t most_rounds(const struct summary_entry *e)
{
	size_t most = 0, run = 0;

	for (size_t i = 0; i < e->cells; i++) {
		run = i && e->cell[i].boot == e->cell[i - 1].boot ? run + 1 : 1;
		most = run > most ? run : most;
	}
	return most;
}

static void count_rows(struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		size_t rounds = most_rounds(e);

		s->failed += e->failed;
		s->skipped += e->skipped;
		s->timed_out += e->timed_out;
		s->suspect += e->suspect;
		s->boots = e->boots > s->boots ? e->boots : s->boots;
		s->rounds = rounds > s->rounds ? rounds : s->rounds;
		s->all_rounds = e->cells > s->all_rounds ? e->cells : s->all_rounds;
		s->layer[e->layer].seen = true;
	}
}

/* Libraries choose their code by these. */
static void find_lacks(struct summary *s, uint32_t layer)
{
	const struct layers *layers = &s->facts;
	static const char *const sets[] = {"avx", "avx2",   "fma",  "avx512f",
					   "aes", "sha_ni", "bmi2", "erms"};
	const char *here = layers_first(layers, layer, "cpu_flags"),
		   *above = layers_first(layers, summary_parent(s, layer), "cpu_flags");
	struct summary_layer *l = &s->layer[layer];

	if (!here || !above)
		return;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (parse_has_word(above, NULL, sets[i]) && !parse_has_word(here, NULL, sets[i]))
			str_addf(l->lacks, sizeof(l->lacks), "%s%s", l->lacks[0] ? ", " : "",
				 sets[i]);
}

/* The layer's accelerator over all boots; "mixed" when they differ. */
static void describe_layer(struct summary *s, uint32_t layer)
{
	const struct layers *layers = &s->facts;
	struct layers placed = *layers;
	struct summary_layer *l = &s->layer[layer];

	placed.tree = &s->tree;
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *item = &layers->item[i];
		const char *accel = facts_get(&item->facts, "accel");
		char text[sizeof(l->accel)];

		if (item->layer != layer || !accel)
			continue;
		csv_printable(accel, text, sizeof(text));
		if (l->accel[0] && strcmp(l->accel, text) != 0)
			str_copy(l->accel, sizeof(l->accel), "mixed");
		else
			str_copy(l->accel, sizeof(l->accel), text);
	}
	if (!l->accel[0])
		str_copy(l->accel, sizeof(l->accel), "unknown");
	l->cpu = layers_cpu(&placed, layer);
	l->emulated = layers_are_emulated(layers, layer);
}

/* The median over its boots; boots without the time do not count. */
static double boot_time(const struct layers *layers, uint32_t layer)
{
	double time[64];
	size_t n = 0;

	for (size_t i = 0; i < layers->count && n < sizeof(time) / sizeof(time[0]); i++) {
		const char *text = facts_get(&layers->item[i].facts, "boot_ns");
		struct err err;

		if (layers->item[i].layer == layer && text &&
		    parse_double(text, "boot_ns", 1, 1e18, &time[n], &err) == 0)
			n++;
	}
	if (n == 0)
		return NAN;
	return stats_median_of(time, n);
}

static struct summary_event find_event(const struct layers *layers, const char *key)
{
	struct summary_event event = {0};

	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *item = &layers->item[i];
		const char *why = item->layer ? NULL : facts_get(&item->facts, key);

		if (why && event.boots++ == 0) {
			event.first = item->boot;
			csv_printable(why, event.why, sizeof(event.why));
		}
	}
	return event;
}

static void describe_layers(struct summary *s)
{
	const struct layers *layers = &s->facts;
	static const unsigned cpu_flag[] = {
		[CPU_UNKNOWN] = FLAG_CPU_UNKNOWN, [CPU_EMULATED] = FLAG_EMULATED};
	bool resumed = false;

	s->started_again = find_event(layers, LAYERS_STARTED_AGAIN);
	s->calibrated_without = find_event(layers, LAYERS_CALIBRATED_WITHOUT);
	s->restarted = find_event(layers, LAYERS_RESTARTED);
	for (size_t i = 0; i < layers->count; i++)
		resumed |= facts_get(&layers->item[i].facts, "resumed") != NULL;
	for (uint32_t k = 0; k < s->layers; k++) {
		describe_layer(s, k);
		find_lacks(s, k);
		if (layers_first(layers, k, "warning"))
			csv_printable(layers_first(layers, k, "warning"), s->layer[k].warning,
				      sizeof(s->layer[k].warning));
		s->layer[k].boot_ns = boot_time(layers, k);
		s->layer[k].vcpus = layers_number(layers, k, "vcpus");
		s->layer[k].memory_bytes = layers_number(layers, k, "memory_bytes");
		s->layer[k].vm_memory_bytes = layers_number(layers, k, "vm_memory_bytes");
	}
	for (size_t i = 0; i < s->entries; i++) {
		s->entry[i].flags |= cpu_flag[s->layer[s->entry[i].layer].cpu];
		if (!layer_tree_is_in(&s->tree, s->entry[i].layer, 0))
			s->entry[i].flags |= FLAG_NO_HOST;
		if (resumed)
			s->entry[i].flags |= FLAG_RESUMED;
	}
}

static void mark_cells(struct summary *s, const struct disturbed_rounds *d)
{
	for (size_t i = 0; i < s->entries && d->count; i++) {
		struct summary_entry *e = &s->entry[i];

		for (size_t k = 0; k < e->cells; k++) {
			struct summary_cell *cell = &e->cell[k];

			cell->disturbed = disturbed_why(d, cell->boot, cell->by) != NULL;
			e->disturbed += cell->disturbed;
		}
	}
}

static const struct remeasured *find_remeasured(const struct collection *c,
						const struct disturbed_round *d, bool is_new)
{
	for (size_t i = 0; i < c->remeasured_count; i++) {
		const struct remeasured *r = &c->remeasured[i];

		if (r->boot == d->boot && (is_new ? r->by : r->round) == d->round)
			return r;
	}
	return NULL;
}

/* Describes the disturbed rounds; which of them count was decided by their rows alone. */
static int describe_disturbances(struct summary *s, const struct collection *c, struct err *err)
{
	struct disturbed_rounds d;
	int rc = disturbed_list(&s->facts, &d, err);

	for (size_t i = 0; i < d.count && rc == 0; i++) {
		const struct disturbed_round *one = &d.item[i];
		const struct remeasured *remeasured = find_remeasured(c, one, true);
		char why[160];

		if (remeasured) {
			s->disturbed.again += remeasured->counts;
			continue;
		}
		remeasured = find_remeasured(c, one, false);
		s->disturbed.rounds++;
		s->disturbed.remeasured += remeasured && remeasured->counts;
		if (!s->disturbed.why[0])
			snprintf(s->disturbed.why, sizeof(s->disturbed.why),
				 "round %" PRIu32 " of boot %" PRIu32 ": %s", one->round, one->boot,
				 csv_printable(one->why, why, sizeof(why)));
	}
	if (rc == 0)
		mark_cells(s, &d);
	disturbed_release(&d);
	return rc;
}

int summary_load_manifest(const char *dir, struct manifest *m, char trouble[SUMMARY_TROUBLE],
			  struct err *err)
{
	struct err why;

	if (manifest_load(dir, m, &why) == 0)
		return 0;
	csv_printable(why.text, trouble, SUMMARY_TROUBLE);
	if (why.code == EXIT_USAGE)
		return 0;
	*err = why;
	return -1;
}

static int build(const char *dir, bool figures_only, struct summary *s, struct err *err)
{
	struct collection rows = COLLECTION_INIT;
	struct estimator est = {.mids_only = figures_only};
	int rc = -1;

	*s = (struct summary){0};
	if (rundir_open(dir, err) < 0)
		return -1;
	s->dir = strdup(dir);
	if (!s->dir) {
		err_set(err, EXIT_INTERNAL, "out of memory for the summary");
		goto cleanup;
	}
	if (summary_load_manifest(dir, &s->manifest, s->manifest_trouble, err) < 0)
		goto cleanup;
	est.seed = s->manifest.seed;
	str_copy(s->facts.run, sizeof(s->facts.run), s->manifest.run);
	if (layers_read(dir, &s->facts, &s->damage, err) < 0 ||
	    collect(dir, s->manifest.run, &s->facts, &rows, &s->damage, err) < 0 ||
	    make_entries(s, &rows, &est, err) < 0)
		goto cleanup;
	s->rows = rows.rows;
	s->rows_hash = rows.hash;
	count_rows(s);
	arrange_layers(s);
	describe_layers(s);
	if (describe_disturbances(s, &rows, err) == 0 && pair_layers(s, &est, err) == 0 &&
	    make_classes(s, &est, err) == 0)
		rc = figures_only ? 0 : kinds_make(s, &est, &s->kinds, err);
cleanup:
	collection_release(&rows);
	estimator_release(&est);
	if (rc < 0)
		summary_release(s);
	return rc;
}

int summary_build(const char *dir, struct summary *s, struct err *err)
{
	return build(dir, false, s, err);
}

int summary_build_figures(const char *dir, struct summary *s, struct err *err)
{
	return build(dir, true, s, err);
}

int summary_distinct(const struct summary *first, size_t count, const struct summary *second,
		     struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (second->rows && first[i].rows == second->rows &&
		    first[i].rows_hash == second->rows_hash)
			return err_set(err, EXIT_USAGE, "%s and %s are one run, row by row",
				       first[i].dir, second->dir);
	return 0;
}

void summary_release(struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++) {
		free(s->entry[i].workload);
		free(s->entry[i].class);
		free(s->entry[i].params);
		free(s->entry[i].cell);
		free(s->entry[i].batch);
		free(s->entry[i].reason);
		free(s->entry[i].remark);
	}
	free(s->entry);
	for (size_t i = 0; i < s->classes; i++)
		free(s->class[i].class);
	free(s->class);
	kinds_free(s->kinds);
	free(s->dir);
	manifest_release(&s->manifest);
	layers_release(&s->facts);
	*s = (struct summary){0};
}
