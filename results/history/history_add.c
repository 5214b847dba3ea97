/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds runs to the history. */
#include "results/history/history_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "results/summary/summary.h"

enum { PROGRAM_DIGITS = 12, HASH_TEXT = 17 };

static const char *fact(const struct layers *layers, uint32_t layer, const char *key)
{
	const char *value = layers_first(layers, layer, key);

	return value ? value : "?";
}

/* The layers of a tree with their accelerators and sizes, in the order of their numbers. */
static void describe_tree(const struct summary *s, struct buf *stack)
{
	for (uint32_t n = 1; n < s->layers; n++)
		for (uint32_t k = 1; k < s->layers; k++)
			if (history_number_of(s, k) == (int)n)
				buf_addf(stack, ", %s: %s, %s vCPUs, %s bytes",
					 summary_layer_name(s, k), s->layer[k].accel,
					 fact(&s->facts, k, "vcpus"),
					 fact(&s->facts, k, "vm_memory_bytes"));
}

/* What must be equal for figures to be in one series. */
static void describe_keys(const struct summary *s, struct buf *machine, struct buf *stack)
{
	const struct layers *layers = &s->facts;
	uint32_t deepest = s->layers ? s->layers - 1 : 0;
	char memory[SIZE_TEXT];
	struct err ignored;
	uint64_t bytes;

	buf_addf(machine, "%s, %s, %s CPUs", s->manifest.host, fact(layers, 0, "cpu_model"),
		 fact(layers, 0, "vcpus"));
	buf_addstr(stack, s->manifest.mode);
	for (uint32_t k = 0; k < s->layers && !s->is_tree; k++)
		buf_addf(stack, " %s", s->layer[k].accel);
	if (s->is_tree) {
		describe_tree(s, stack);
	} else if (deepest) {
		/* The VM's size: how much of it is left differs from kernel to kernel. */
		const char *text = fact(layers, deepest, "vm_memory_bytes");

		buf_addf(stack, ", L%" PRIu32 ": %s vCPUs", deepest,
			 fact(layers, deepest, "vcpus"));
		if (parse_u64(text, "vm_memory_bytes", 0, UINT64_MAX, &bytes, &ignored) == 0)
			buf_addf(stack, ", %s", format_size(bytes, memory));
	}
	buf_addf(stack, ", nestkernel %.*s", PROGRAM_DIGITS, fact(layers, 0, "nestkernel_sha256"));
}

/* What is under test, so it does not split series. */
static void describe_versions(const struct summary *s, struct buf *out)
{
	static const char *const keys[] = {"kernel", "qemu", "libvirt"};
	const char *nestbench = facts_get(&s->manifest.versions, "nestbench");

	buf_addf(out, "nestbench %s", nestbench ? nestbench : "?");
	for (uint32_t k = 0; k < s->layers; k++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			const char *value = layers_first(&s->facts, k, keys[i]);

			if (value)
				buf_addf(out, ", %s %s %s", summary_layer_name(s, k), keys[i],
					 value);
		}
}

/* What the history already holds of the run. */
struct known {
	bool there, hashed; /* not hashed: added by an earlier nestbench */
	uint64_t rows;
	char hash[HASH_TEXT], place[256];
};

static const char *hash_text(uint64_t hash, char text[HASH_TEXT])
{
	snprintf(text, HASH_TEXT, "%016" PRIx64, hash);
	return text;
}

static int find_known(struct history *h, const char *run, struct known *k, struct err *err)
{
	sqlite3_stmt *st =
		history_prepare(h, "SELECT rows, rows_hash, place FROM runs WHERE run = ?", err);

	*k = (struct known){.there = false};
	if (!st)
		return -1;
	history_bind_text(st, 1, run);
	if (sqlite3_step(st) == SQLITE_ROW) {
		k->there = true;
		k->hashed = sqlite3_column_type(st, 1) != SQLITE_NULL;
		k->rows = (uint64_t)sqlite3_column_int64(st, 0);
		snprintf(k->hash, sizeof(k->hash), "%s", history_text(st, 1));
		csv_printable(history_text(st, 2), k->place, sizeof(k->place));
	}
	sqlite3_finalize(st);
	return 0;
}

/* The hash of the first rows. */
struct beginning {
	uint64_t left, hash;
	const char *run;
};

static int take_row(void *ctx, const struct row *row, struct err *err)
{
	struct beginning *b = ctx;

	if (b->left && strcmp(row->run, b->run) == 0) {
		b->left--;
		b->hash = row_hash(b->hash, row);
	}
	return 0;
}

/* Whether a known run only has more rows: it was resumed. */
static int has_grown(const struct summary *s, const struct known *k, bool *grown, struct err *err)
{
	struct beginning b = {.left = k->rows, .hash = HASH_START, .run = s->manifest.run};
	struct damage ignored = {0};
	char text[HASH_TEXT];

	if (rows_read(s->dir, take_row, &b, &ignored, err) < 0)
		return -1;
	*grown = b.left == 0 && strcmp(hash_text(b.hash, text), k->hash) == 0;
	return 0;
}

/* Fills in the outcome for the run that the history may hold under this id. */
static int meet_known(const struct summary *s, const struct known *k, bool force,
		      struct history_added *added, struct err *err)
{
	char text[HASH_TEXT];
	bool grown;

	added->outcome = !k->there ? HISTORY_ADDED : HISTORY_RENEWED;
	if (!k->there || !k->hashed)
		return 0;
	added->outcome = HISTORY_SAME;
	if (k->rows == s->rows && strcmp(hash_text(s->rows_hash, text), k->hash) == 0)
		return 0;
	if (has_grown(s, k, &grown, err) < 0)
		return -1;
	if (!grown && !force)
		return err_set(err, EXIT_USAGE,
			       "%s: the history holds other rows under its id %s, from %s; --force "
			       "replaces them",
			       s->dir, s->manifest.run, k->place);
	added->outcome = grown ? HISTORY_GREW : HISTORY_REPLACED;
	added->rows_before = k->rows;
	return 0;
}

static int add_run(struct history *h, const struct summary *s, sqlite3_int64 *id, struct err *err)
{
	const struct manifest *m = &s->manifest;
	struct buf machine = BUF_INIT, stack = BUF_INIT, versions = BUF_INIT;
	sqlite3_stmt *st, *old = history_prepare(h, "DELETE FROM runs WHERE run = ?", err);
	char hash[HASH_TEXT];
	int rc = -1;

	st = old ? history_prepare(h,
				   "INSERT INTO runs (run, machine, stack, started, state, place, "
				   "versions, rows_hash, boots, rounds, rows) "
				   "VALUES (?,?,?,?,?,?,?,?,?,?,?)",
				   err)
		 : NULL;
	describe_keys(s, &machine, &stack);
	describe_versions(s, &versions);
	if (st && buf_check(&machine, err) == 0 && buf_check(&stack, err) == 0 &&
	    buf_check(&versions, err) == 0) {
		const char *const texts[] = {m->run,
					     buf_str(&machine),
					     buf_str(&stack),
					     m->started,
					     run_state_name(m->state),
					     s->dir,
					     buf_str(&versions),
					     hash_text(s->rows_hash, hash)};
		const uint64_t numbers[] = {s->boots, s->rounds, s->rows};
		int at = 1;

		history_bind_text(old, 1, m->run);
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			history_bind_text(st, at++, texts[i]);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			sqlite3_bind_int64(st, at++, (sqlite3_int64)numbers[i]);
		if (history_step(h, old, err) == 0)
			rc = history_step(h, st, err);
		*id = sqlite3_last_insert_rowid(h->db);
	}
	sqlite3_finalize(old);
	sqlite3_finalize(st);
	buf_release(&machine);
	buf_release(&stack);
	buf_release(&versions);
	return rc;
}

static int add_list(struct history *h, sqlite3_stmt *st, int layer, const struct facts *facts,
		    struct err *err)
{
	int rc = 0;

	sqlite3_bind_int(st, 2, layer);
	for (size_t i = 0; i < facts->count && rc == 0; i++) {
		history_bind_text(st, 3, facts->item[i].key);
		history_bind_text(st, 4, facts->item[i].value);
		rc = history_step(h, st, err);
	}
	return rc;
}

static int add_name(struct history *h, sqlite3_stmt *st, int layer, const char *name,
		    struct err *err)
{
	struct facts facts = FACTS_INIT;
	int rc;

	facts_set(&facts, HISTORY_LAYER_NAME, "%s", name);
	rc = facts.failed ? err_set(err, EXIT_INTERNAL, "out of memory for the history")
			  : add_list(h, st, layer, &facts, err);
	facts_release(&facts);
	return rc;
}

static int add_facts(struct history *h, const struct summary *s, sqlite3_int64 id, struct err *err)
{
	const struct layers *layers = &s->facts;
	sqlite3_stmt *st = history_prepare(h, "INSERT OR REPLACE INTO facts VALUES (?,?,?,?)", err);
	int rc = -1;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, id);
	if (add_list(h, st, -1, &s->manifest.versions, err) == 0)
		rc = add_list(h, st, -1, &s->manifest.hashes, err);
	for (size_t i = 0; i < layers->count && rc == 0; i++)
		rc = add_list(h, st, history_number_of(s, layers->item[i].layer),
			      &layers->item[i].facts, err);
	for (uint32_t k = 0; k < s->layers && s->is_tree && rc == 0; k++)
		rc = add_name(h, st, history_number_of(s, k), summary_layer_name(s, k), err);
	sqlite3_finalize(st);
	return rc;
}

static bool has_figure(const struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++)
		if (summary_has_cost(&s->entry[i]))
			return true;
	return false;
}

/* Whether the run has what a series needs: a name, a time and a figure. */
static int check_run(const struct summary *s, bool force, struct err *err)
{
	struct err why;

	if (s->manifest_trouble[0] || !s->manifest.run[0] || !s->manifest.started[0])
		return err_set(err, EXIT_USAGE,
			       "%s: without its name and start a run has no place in the history: "
			       "%s",
			       s->dir, s->manifest_trouble);
	if (force || has_figure(s))
		return 0;
	if (unmeasured_check(s, true, &why) == 0)
		err_set(&why, EXIT_INCONCLUSIVE, "no row holds one");
	return err_set(err, EXIT_INCONCLUSIVE, "%s: no figure to keep: %s (--force adds it)",
		       s->dir, why.text);
}

static int add_all(struct history *h, const struct summary *s, bool force,
		   struct history_added *added, struct err *err)
{
	struct known known;
	sqlite3_int64 id;

	if (find_known(h, s->manifest.run, &known, err) < 0 ||
	    meet_known(s, &known, force, added, err) < 0)
		return -1;
	return add_run(h, s, &id, err) < 0 || history_add_figures(h, s, id, err) < 0
		       ? -1
		       : add_facts(h, s, id, err);
}

int history_add(struct history *h, const char *dir, bool force, struct history_added *added,
		struct err *err)
{
	struct summary s = {0};
	struct err ignored;
	int rc = -1;

	*added = (struct history_added){0};
	if (summary_build(dir, &s, err) < 0)
		return -1;
	if (check_run(&s, force, err) < 0 || history_run(h, "BEGIN IMMEDIATE", err) < 0)
		goto cleanup;
	if (add_all(h, &s, force, added, err) == 0)
		rc = history_run(h, "COMMIT", err);
	if (rc < 0)
		(void)history_run(h, "ROLLBACK", &ignored);
	printable(str_copy(added->directory, sizeof(added->directory), s.dir));
	printable(str_copy(added->run, sizeof(added->run), s.manifest.run));
	added->rows = s.rows;
	added->damage = s.damage;
cleanup:
	summary_release(&s);
	return rc;
}

void history_added_format(const struct history_added *a, struct buf *out)
{
	switch (a->outcome) {
	case HISTORY_ADDED:
		buf_addf(out, "added %s\n", a->directory);
		break;
	case HISTORY_SAME:
		buf_addf(out, "%s was added before, with the same rows\n", a->directory);
		break;
	case HISTORY_RENEWED:
		buf_addf(out, "replaced %s, added by an earlier nestbench, by %s\n", a->run,
			 a->directory);
		break;
	case HISTORY_GREW:
	case HISTORY_REPLACED:
		buf_addf(out, "replaced %s (%" PRIu64 " rows) by %s (%" PRIu64 " rows%s)\n", a->run,
			 a->rows_before, a->directory, a->rows,
			 a->outcome == HISTORY_GREW ? ": it has grown" : "");
	}
	damage_format(a->directory, &a->damage, out);
}
