/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/history_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/file.h"
#include "bench/base/parse.h"
#include "results/layers.h"
#include "results/rundir.h"
#include "results/summary.h"

enum { BUSY_MS = 60000, DATABASE_FORMAT = 2, PROGRAM_DIGITS = 12 };

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE,"
	" machine TEXT NOT NULL, stack TEXT NOT NULL, started TEXT NOT NULL, state TEXT NOT NULL,"
	" boots INTEGER, rounds INTEGER, place TEXT, versions TEXT NOT NULL DEFAULT '');"
	"CREATE TABLE IF NOT EXISTS figures (run INTEGER NOT NULL REFERENCES runs ON DELETE "
	"CASCADE,"
	" workload TEXT NOT NULL, params TEXT NOT NULL, threads INTEGER NOT NULL,"
	" layer INTEGER NOT NULL, over INTEGER NOT NULL, unit TEXT NOT NULL, mid REAL NOT NULL,"
	" low REAL, high REAL, PRIMARY KEY (run, workload, params, threads, layer, over));"
	"CREATE TABLE IF NOT EXISTS facts (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
	" layer INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY (run, layer, key));"
	"PRAGMA user_version = 2;";

/* Format 1 kept neither versions nor the program in its keys. The memory of its VMs is not known,
 * so its runs of VMs make series of their own. */
static const char from_format_1[] =
	"ALTER TABLE runs ADD COLUMN versions TEXT NOT NULL DEFAULT '';"
	"UPDATE runs SET stack = stack || coalesce((SELECT ', nestkernel ' || substr(value, 1, 12) "
	"FROM facts WHERE facts.run = runs.id AND layer = 0 AND key = 'nestkernel_sha256'), '');"
	"PRAGMA user_version = 2;";

int history_fail(struct history *h, const char *doing, struct err *err)
{
	int code = h->db ? sqlite3_errcode(h->db) : SQLITE_NOMEM;
	bool theirs = code == SQLITE_NOTADB || code == SQLITE_CANTOPEN || code == SQLITE_CORRUPT ||
		      code == SQLITE_READONLY || code == SQLITE_PERM;

	return err_set(err, theirs ? EXIT_USAGE : EXIT_INTERNAL, "%s: cannot %s: %s", h->path,
		       doing, h->db ? sqlite3_errmsg(h->db) : "out of memory");
}

sqlite3_stmt *history_prepare(struct history *h, const char *sql, struct err *err)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(h->db, sql, -1, &st, NULL) != SQLITE_OK) {
		history_fail(h, "read the history", err);
		return NULL;
	}
	return st;
}

void history_bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text, -1, SQLITE_TRANSIENT);
}

void history_bind_double(sqlite3_stmt *st, int at, double x)
{
	if (isfinite(x))
		sqlite3_bind_double(st, at, x);
	else
		sqlite3_bind_null(st, at);
}

int history_step(struct history *h, sqlite3_stmt *st, struct err *err)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		return history_fail(h, "write the history", err);
	sqlite3_reset(st);
	return 0;
}

const char *history_text(sqlite3_stmt *st, int column)
{
	const unsigned char *text = sqlite3_column_text(st, column);

	return text ? (const char *)text : "";
}

double history_double(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? NAN
							      : sqlite3_column_double(st, column);
}

static int run_sql(struct history *h, const char *sql, struct err *err)
{
	if (sqlite3_exec(h->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return history_fail(h, "write the history", err);
	return 0;
}

/* Where it is kept unless said otherwise. */
static char *default_path(struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct buf dir = BUF_INIT;
	char *path = NULL;

	if (state && state[0] == '/')
		buf_addf(&dir, "%s/nestbench", state);
	else if (home && home[0] == '/')
		buf_addf(&dir, "%s/.local/state/nestbench", home);
	if (dir.len == 0)
		err_set(err, EXIT_USAGE,
			"neither XDG_STATE_HOME nor HOME is set: say where the history is by --db "
			"FILE");
	else if (buf_check(&dir, err) == 0 && file_make_dirs(buf_str(&dir), err) == 0) {
		buf_addstr(&dir, "/history.db");
		path = buf_take(&dir);
		if (!path)
			err_set(err, EXIT_INTERNAL, "out of memory for a path");
	}
	buf_release(&dir);
	return path;
}

static int read_version(struct history *h, struct err *err)
{
	sqlite3_stmt *st = history_prepare(h, "PRAGMA user_version", err);
	int version = -1;

	if (!st)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return version < 0 ? history_fail(h, "read the history", err) : version;
}

/* Tables are made, or brought up to date, by whoever comes first; a database of a later nestbench
 * is left alone. */
static int prepare_tables(struct history *h, struct err *err)
{
	int version;

	sqlite3_busy_timeout(h->db, BUSY_MS);
	if (run_sql(h, "PRAGMA foreign_keys = ON", err) < 0)
		return -1;
	version = read_version(h, err);
	if (version < 0 || version == DATABASE_FORMAT)
		return version < 0 ? -1 : 0;
	if (version > DATABASE_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "%s: its format is %d, and this nestbench knows %d: use a newer one",
			       h->path, version, DATABASE_FORMAT);
	/* Once more under the lock: another one may have come first. */
	if (run_sql(h, "BEGIN IMMEDIATE", err) < 0 || (version = read_version(h, err)) < 0)
		return -1;
	if (version == 1 && run_sql(h, from_format_1, err) < 0)
		return -1;
	if (version == 0 && run_sql(h, schema, err) < 0)
		return -1;
	return run_sql(h, "COMMIT", err);
}

struct history *history_open(const char *path, struct err *err)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h) {
		err_set(err, EXIT_INTERNAL, "out of memory for the history");
		return NULL;
	}
	h->path = path ? strdup(path) : default_path(err);
	if (!h->path) {
		if (path)
			err_set(err, EXIT_INTERNAL, "out of memory for the history");
		goto fail;
	}
	if (sqlite3_open_v2(h->path, &h->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK) {
		history_fail(h, "open the history", err);
		goto fail;
	}
	if (prepare_tables(h, err) == 0)
		return h;
fail:
	history_close(h);
	return NULL;
}

void history_close(struct history *h)
{
	if (!h)
		return;
	sqlite3_close(h->db);
	free(h->path);
	free(h);
}

/* Adding */

static const char *fact(const struct layers *layers, uint32_t layer, const char *key)
{
	const char *value = NULL;

	for (size_t i = 0; i < layers->count && !value; i++)
		if (layers->item[i].layer == layer)
			value = facts_get(&layers->item[i].facts, key);
	return value ? value : "?";
}

/* What must be the same for figures to stand in one series. */
static void describe_keys(const struct summary *s, const struct layers *layers, struct buf *machine,
			  struct buf *stack)
{
	uint32_t deepest = s->layers ? s->layers - 1 : 0;
	char memory[SIZE_TEXT];
	struct err ignored;
	uint64_t bytes;

	buf_addf(machine, "%s, %s, %s CPUs", s->manifest.host, fact(layers, 0, "cpu_model"),
		 fact(layers, 0, "vcpus"));
	buf_addstr(stack, s->manifest.mode);
	for (uint32_t k = 0; k < s->layers; k++)
		buf_addf(stack, " %s", s->layer[k].accel);
	if (deepest) {
		/* That of the VM: what its kernel has left of it differs from kernel to kernel. */
		const char *text = fact(layers, deepest, "vm_memory_bytes");

		buf_addf(stack, ", L%" PRIu32 ": %s vCPUs", deepest,
			 fact(layers, deepest, "vcpus"));
		if (parse_u64(text, "vm_memory_bytes", 0, UINT64_MAX, &bytes, &ignored) == 0)
			buf_addf(stack, ", %s", format_size(bytes, memory));
	}
	buf_addf(stack, ", nestkernel %.*s", PROGRAM_DIGITS, fact(layers, 0, "nestkernel_sha256"));
}

/* What is changed and then measured, so it does not part series. */
static void describe_versions(const struct summary *s, const struct layers *layers, struct buf *out)
{
	static const char *const keys[] = {"kernel", "qemu", "libvirt"};
	const char *nestbench = facts_get(&s->manifest.versions, "nestbench");

	buf_addf(out, "nestbench %s", nestbench ? nestbench : "?");
	for (uint32_t k = 0; k < s->layers; k++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			const char *value = fact(layers, k, keys[i]);

			if (strcmp(value, "?") != 0)
				buf_addf(out, ", L%" PRIu32 " %s %s", k, keys[i], value);
		}
}

static int add_run(struct history *h, const struct summary *s, const struct layers *layers,
		   const char *dir, sqlite3_int64 *id, struct err *err)
{
	struct buf machine = BUF_INIT, stack = BUF_INIT, versions = BUF_INIT;
	sqlite3_stmt *st, *old = history_prepare(h, "DELETE FROM runs WHERE run = ?", err);
	int rc = -1;

	st = old ? history_prepare(h,
				   "INSERT INTO runs (run, machine, stack, started, state, boots, "
				   "rounds, place, versions) VALUES (?,?,?,?,?,?,?,?,?)",
				   err)
		 : NULL;
	describe_keys(s, layers, &machine, &stack);
	describe_versions(s, layers, &versions);
	if (!st || buf_check(&machine, err) < 0 || buf_check(&stack, err) < 0 ||
	    buf_check(&versions, err) < 0)
		goto cleanup;
	history_bind_text(old, 1, s->manifest.run);
	history_bind_text(st, 1, s->manifest.run);
	history_bind_text(st, 2, buf_str(&machine));
	history_bind_text(st, 3, buf_str(&stack));
	history_bind_text(st, 4, s->manifest.started);
	history_bind_text(st, 5, run_state_name(s->manifest.state));
	sqlite3_bind_int64(st, 6, (sqlite3_int64)s->boots);
	sqlite3_bind_int64(st, 7, (sqlite3_int64)s->rounds);
	history_bind_text(st, 8, dir);
	history_bind_text(st, 9, buf_str(&versions));
	if (history_step(h, old, err) < 0 || history_step(h, st, err) < 0)
		goto cleanup;
	*id = sqlite3_last_insert_rowid(h->db);
	rc = 0;
cleanup:
	sqlite3_finalize(old);
	sqlite3_finalize(st);
	buf_release(&machine);
	buf_release(&stack);
	buf_release(&versions);
	return rc;
}

static int add_figure(struct history *h, sqlite3_stmt *st, const struct summary_entry *e,
		      uint32_t over, const struct estimate *value, struct err *err)
{
	if (!isfinite(value->mid))
		return 0;
	history_bind_text(st, 2, e->workload);
	history_bind_text(st, 3, e->params);
	sqlite3_bind_int64(st, 4, e->threads);
	sqlite3_bind_int64(st, 5, e->layer);
	sqlite3_bind_int64(st, 6, over);
	history_bind_text(st, 7, over == e->layer ? e->unit : "ratio");
	history_bind_double(st, 8, value->mid);
	history_bind_double(st, 9, value->low);
	history_bind_double(st, 10, value->high);
	return history_step(h, st, err);
}

static int add_figures(struct history *h, const struct summary *s, sqlite3_int64 id,
		       struct err *err)
{
	sqlite3_stmt *st =
		history_prepare(h, "INSERT INTO figures VALUES (?,?,?,?,?,?,?,?,?,?)", err);
	int rc = st ? 0 : -1;

	if (st)
		sqlite3_bind_int64(st, 1, id);
	for (size_t i = 0; i < s->entries && rc == 0; i++) {
		const struct summary_entry *e = &s->entry[i];

		rc = add_figure(h, st, e, e->layer, &e->cost, err);
		if (rc == 0 && e->layer)
			rc = add_figure(h, st, e, 0, &e->ratio_l0, err);
		if (rc == 0 && e->layer > 1)
			rc = add_figure(h, st, e, e->layer - 1, &e->ratio_up, err);
	}
	sqlite3_finalize(st);
	return rc;
}

static int add_fact(struct history *h, sqlite3_stmt *st, int layer, const struct fact *f,
		    struct err *err)
{
	sqlite3_bind_int(st, 2, layer);
	history_bind_text(st, 3, f->key);
	history_bind_text(st, 4, f->value);
	return history_step(h, st, err);
}

static int add_facts(struct history *h, const struct summary *s, const struct layers *layers,
		     sqlite3_int64 id, struct err *err)
{
	sqlite3_stmt *st = history_prepare(h, "INSERT OR REPLACE INTO facts VALUES (?,?,?,?)", err);
	const struct facts *of_run[] = {&s->manifest.versions, &s->manifest.hashes};
	int rc = st ? 0 : -1;

	if (st)
		sqlite3_bind_int64(st, 1, id);
	for (size_t i = 0; i < layers->count; i++)
		for (size_t k = 0; k < layers->item[i].facts.count && rc == 0; k++)
			rc = add_fact(h, st, (int)layers->item[i].layer,
				      &layers->item[i].facts.item[k], err);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < of_run[i]->count && rc == 0; k++)
			rc = add_fact(h, st, -1, &of_run[i]->item[k], err);
	sqlite3_finalize(st);
	return rc;
}

int history_add(struct history *h, const char *dir, struct err *err)
{
	struct summary s = SUMMARY_INIT;
	struct layers layers = LAYERS_INIT;
	struct damage damage = {0};
	struct err ignored;
	sqlite3_int64 id;
	int rc = -1;

	if (summary_build(dir, &s, err) < 0)
		return -1;
	if (s.manifest_trouble[0] || !s.manifest.run[0] || !s.manifest.started[0]) {
		err_set(err, EXIT_USAGE,
			"%s: without its name and start a run has no place in the "
			"history: %s",
			dir, s.manifest_trouble);
		goto cleanup;
	}
	if (layers_read(dir, &layers, &damage, err) < 0 || run_sql(h, "BEGIN IMMEDIATE", err) < 0)
		goto cleanup;
	if (add_run(h, &s, &layers, dir, &id, err) == 0 && add_figures(h, &s, id, err) == 0 &&
	    add_facts(h, &s, &layers, id, err) == 0)
		rc = run_sql(h, "COMMIT", err);
	if (rc < 0)
		(void)run_sql(h, "ROLLBACK", &ignored);
cleanup:
	layers_release(&layers);
	summary_release(&s);
	return rc;
}
