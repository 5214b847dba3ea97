/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/history/history_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/user_dir.h"

enum { BUSY_MS = 60000, DATABASE_FORMAT = 4 };

/* measured, reason and source tell apart exits per operation; reason is "" for all others. */
#define FIGURES(table)                                                                             \
	"CREATE TABLE IF NOT EXISTS " table                                                        \
	" (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"                                \
	" workload TEXT NOT NULL, params TEXT NOT NULL, threads INTEGER NOT NULL,"                 \
	" layer INTEGER NOT NULL, over INTEGER NOT NULL, unit TEXT NOT NULL, mid REAL NOT NULL,"   \
	" low REAL, high REAL, measured INTEGER NOT NULL, reason TEXT NOT NULL,"                   \
	" source TEXT NOT NULL, PRIMARY KEY (run, workload, params, threads, layer, over,"         \
	" measured, reason, source));"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE,"
	" machine TEXT NOT NULL, stack TEXT NOT NULL, started TEXT NOT NULL, state TEXT NOT NULL,"
	" boots INTEGER, rounds INTEGER, place TEXT, versions TEXT NOT NULL DEFAULT '',"
	" rows INTEGER, rows_hash TEXT);" FIGURES(
		"figures") "CREATE TABLE IF NOT EXISTS facts (run INTEGER NOT NULL REFERENCES runs "
			   "ON DELETE CASCADE,"
			   " layer INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
			   " PRIMARY KEY (run, layer, key));"
			   "PRAGMA user_version = 4;";

/* Format 1 kept neither versions nor the program in its keys. The memory of its VMs is not known,
 * so its runs with VMs form series of their own. */
static const char from_format_1[] =
	"ALTER TABLE runs ADD COLUMN versions TEXT NOT NULL DEFAULT '';"
	"UPDATE runs SET stack = stack || coalesce((SELECT ', nestkernel ' || substr(value, 1, 12) "
	"FROM facts WHERE facts.run = runs.id AND layer = 0 AND key = 'nestkernel_sha256'), '');"
	"PRAGMA user_version = 2;";

/* Format 2 did not keep the hash of a run's rows. */
static const char from_format_2[] = "ALTER TABLE runs ADD COLUMN rows INTEGER;"
				    "ALTER TABLE runs ADD COLUMN rows_hash TEXT;"
				    "PRAGMA user_version = 3;";

/* Format 3 did not keep exits per operation. */
static const char from_format_3[] =
	FIGURES("more_figures") "INSERT INTO more_figures SELECT run, workload, params, threads, "
				"layer, over, unit, mid, "
				"low, high, layer, '', '' FROM figures;"
				"DROP TABLE figures;"
				"ALTER TABLE more_figures RENAME TO figures;"
				"PRAGMA user_version = 4;";

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

int history_run(struct history *h, const char *sql, struct err *err)
{
	if (sqlite3_exec(h->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return history_fail(h, "write the history", err);
	return 0;
}

/* The default path of the database. */
static char *default_path(bool make, struct err *err)
{
	struct buf dir = BUF_INIT;
	char *path = NULL;

	user_dir_add(&dir, USER_STATE);
	if (dir.len == 0)
		err_set(err, EXIT_USAGE,
			"neither XDG_STATE_HOME nor HOME is set: name the history with --db "
			"FILE");
	else if (buf_check(&dir, err) == 0 && (!make || file_make_dirs(buf_str(&dir), err) == 0)) {
		buf_addstr(&dir, "/history.db");
		path = buf_take(&dir);
		if (!path)
			err_set(err, EXIT_INTERNAL, "out of memory for a path");
	}
	buf_release(&dir);
	return path;
}

static int read_number(struct history *h, const char *sql, struct err *err)
{
	sqlite3_stmt *st = history_prepare(h, sql, err);
	int number = -1;

	if (!st)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		number = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return number < 0 ? history_fail(h, "read the history", err) : number;
}

/* The format of the database; 0: it is empty. Refuses a database of another program. */
static int read_format(struct history *h, struct err *err)
{
	int format = read_number(h, "PRAGMA user_version", err), tables, ours;

	if (format > DATABASE_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "%s: its format is %d, and this nestbench knows %d: use a newer one",
			       h->path, format, DATABASE_FORMAT);
	tables = format < 0 ? -1 : read_number(h, "SELECT count(*) FROM sqlite_master", err);
	ours = tables < 0 ? -1
			  : read_number(h,
					"SELECT count(*) FROM sqlite_master WHERE type = 'table' "
					"AND name IN ('runs', 'figures', 'facts')",
					err);
	if (ours < 0)
		return -1;
	if ((format > 0 || tables > 0) && ours != 3)
		return err_set(err, EXIT_USAGE, "%s: a database of another program, not a history",
			       h->path);
	return format;
}

/* Checked under the lock: another process may have been first. */
static int update_tables(struct history *h, struct err *err)
{
	int format;

	if (history_run(h, "BEGIN IMMEDIATE", err) < 0 || (format = read_format(h, err)) < 0)
		return -1;
	if (format == 0 && history_run(h, schema, err) < 0)
		return -1;
	if (format == 1 && history_run(h, from_format_1, err) < 0)
		return -1;
	if ((format == 1 || format == 2) && history_run(h, from_format_2, err) < 0)
		return -1;
	if (format >= 1 && format <= 3 && history_run(h, from_format_3, err) < 0)
		return -1;
	return history_run(h, "COMMIT", err);
}

/* The first process makes the tables, or brings them up to date. */
static int prepare_tables(struct history *h, bool make, struct err *err)
{
	int format;

	sqlite3_busy_timeout(h->db, BUSY_MS);
	if (history_run(h, "PRAGMA foreign_keys = ON", err) < 0)
		return -1;
	format = read_format(h, err);
	if (format < 0 || format == DATABASE_FORMAT)
		return format < 0 ? -1 : 0;
	if (format == 0 && !make)
		return err_set(err, EXIT_USAGE, "%s: no run was added yet", h->path);
	return update_tables(h, err);
}

/* SQLite takes "" and ":memory:" for temporary databases. */
static char *path_of(const char *path, bool make, struct err *err)
{
	struct buf text = BUF_INIT;
	char *result;

	if (!path)
		return default_path(make, err);
	if (!path[0]) {
		err_set(err, EXIT_USAGE, "--db: expected a file, not \"\"");
		return NULL;
	}
	buf_addf(&text, "%s%s", path[0] == ':' ? "./" : "", path);
	result = buf_take(&text);
	if (!result)
		err_set(err, EXIT_INTERNAL, "out of memory for the history");
	return result;
}

struct history *history_open(const char *path, bool make, struct err *err)
{
	struct history *h = calloc(1, sizeof(*h));
	int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0);

	if (!h) {
		err_set(err, EXIT_INTERNAL, "out of memory for the history");
		return NULL;
	}
	h->path = path_of(path, make, err);
	if (!h->path)
		goto fail;
	if (!make && access(h->path, F_OK) < 0 && errno == ENOENT) {
		err_set(err, EXIT_USAGE,
			"there is no history in %s (nestbench history add makes one)", h->path);
		goto fail;
	}
	if (sqlite3_open_v2(h->path, &h->db, flags, NULL) != SQLITE_OK) {
		history_fail(h, "open the history", err);
		goto fail;
	}
	if (prepare_tables(h, make, err) == 0)
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
