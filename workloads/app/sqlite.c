/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures transactions of a database: each moves money to an account, its teller and the branch,
 * and writes a line of history, as TPC-B does, in SQLite, with prepared statements. With store=disk
 * a commit waits for the scratch: the rollback journal is written and flushed, then the pages, then
 * the journal is made void; what a layer adds to each of these flushes is what is measured. With
 * store=memory the same statements run without a device: almost only computing. The history wraps
 * around, so that the database does not grow. The digest is a query over all tables.
 *
 * Not measured: several writers, the write-ahead log, a database beyond the page cache.
 *
 * Source: TPC-B as in pgbench, without its SELECT.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "workloads/app/sqlite_vfs.h"
#include "workloads/lib/scratch.h"
#include "workloads/lib/state.h"

enum { TELLERS = 10, STATEMENTS = 6 };
enum { DISK, MEMORY };

struct state {
	struct sqlite_disk disk;
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENTS];
	uint64_t rows, seed, done;
};

static const char *const stores[] = {[DISK] = "disk", [MEMORY] = "memory", NULL};

enum { STORE, ROWS };
static const struct param params[] = {
	[STORE] = {"store", PARAM_CHOICE, .choices = stores,
		   .help = "where the database is: on the scratch, with a flush for every "
			   "commit, or in memory"},
	[ROWS] = {"rows", PARAM_COUNT, 1000, 1, 10000000, .help = "accounts, about 120 bytes each"},
	{0},
};

static const char schema[] =
	"PRAGMA journal_mode = PERSIST;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA locking_mode = EXCLUSIVE;"
	"CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER, filler TEXT);"
	"CREATE TABLE teller (id INTEGER PRIMARY KEY, balance INTEGER);"
	"CREATE TABLE branch (id INTEGER PRIMARY KEY, balance INTEGER);"
	"CREATE TABLE history (id INTEGER PRIMARY KEY, account INTEGER, amount INTEGER);"
	"INSERT INTO branch VALUES (0, 0);";

/* ?1: account, ?2: amount, ?3: teller, ?4: line of history */
static const char *const statements[STATEMENTS] = {
	"BEGIN",
	"UPDATE account SET balance = balance + ?2 WHERE id = ?1",
	"UPDATE teller SET balance = balance + ?2 WHERE id = ?3",
	"UPDATE branch SET balance = balance + ?2",
	"INSERT OR REPLACE INTO history VALUES (?4, ?1, ?2)",
	"COMMIT",
};

static const char fill_accounts[] =
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %llu) "
	"INSERT INTO account SELECT i, 0, printf('%%084d', i) FROM n;"
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) "
	"INSERT INTO teller SELECT i, 0 FROM n;";

static const char checksum[] =
	"SELECT (SELECT sum(balance * (id + 1)) FROM account), "
	"(SELECT sum(balance * (id + 1)) FROM teller), (SELECT sum(balance) FROM branch), "
	"(SELECT sum(amount * (account + 1) * (id + 1)) FROM history)";

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct scratch scratch;

	if (arg[STORE] == MEMORY)
		return 0;
	if (scratch_open(env, O_RDWR, &scratch, err) < 0)
		return -1;
	close(scratch.fd);
	if (scratch.room < arg[ROWS] * 256)
		return err_set(err, EXIT_MACHINE,
			       "the scratch %s is too small for %" PRIu64 " rows", env->scratch,
			       arg[ROWS]);
	return 0;
}

static int failed(const struct state *s, const char *where, struct err *err)
{
	return err_set(err, EXIT_MACHINE, "SQLite, %s: %s", where, sqlite3_errmsg(s->db));
}

static int fill(struct state *s, struct err *err)
{
	char *sql = sqlite3_mprintf(fill_accounts, (unsigned long long)s->rows, TELLERS);
	int code = sql ? sqlite3_exec(s->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return code == SQLITE_OK ? 0 : failed(s, "filling the tables", err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	bool on_disk = arg[STORE] == DISK;

	s->rows = arg[ROWS];
	s->seed = mix64(env->seed);
	if (on_disk && sqlite_disk_open(&s->disk, env, err) < 0)
		return -1;
	if (sqlite3_open_v2(on_disk ? "bank" : ":memory:", &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    on_disk ? SQLITE_DISK : NULL) != SQLITE_OK)
		return failed(s, "opening", err);
	if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return failed(s, "making the tables", err);
	if (fill(s, err) < 0)
		return -1;
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v2(s->db, statements[i], -1, &s->statement[i], NULL) !=
		    SQLITE_OK)
			return failed(s, statements[i], err);
	note_add(env, "SQLite %s", sqlite3_libversion());
	return 0;
}

static int transact(struct state *s, uint64_t op, struct err *err)
{
	uint64_t random = mix64(s->seed + op);
	const sqlite3_int64 values[] = {
		(sqlite3_int64)(random % s->rows),
		(sqlite3_int64)(random >> 32 & 0xffff) - 0x8000,
		(sqlite3_int64)(random >> 48) % TELLERS,
		(sqlite3_int64)(op % s->rows),
	};

	for (int i = 0; i < STATEMENTS; i++) {
		sqlite3_stmt *st = s->statement[i];
		int count = sqlite3_bind_parameter_count(st), code;

		for (int k = 0; k < count; k++)
			sqlite3_bind_int64(st, k + 1, values[k]);
		code = sqlite3_step(st);
		if (code != SQLITE_DONE)
			return failed(s, statements[i], err);
		sqlite3_reset(st);
	}
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->done++)
		if (transact(s, s->done, err) < 0)
			return -1;
	return 0;
}

/* 0, which no working layer gives, where the tables cannot be read. */
static uint64_t digest(const void *state)
{
	const struct state *s = state;
	uint64_t sum = 0;
	sqlite3_stmt *query;

	if (sqlite3_prepare_v2(s->db, checksum, -1, &query, NULL) != SQLITE_OK)
		return 0;
	if (sqlite3_step(query) == SQLITE_ROW) {
		sum = s->done;
		for (int i = 0; i < sqlite3_column_count(query); i++)
			sum = mix64(sum ^ (uint64_t)sqlite3_column_int64(query, i));
	}
	sqlite3_finalize(query);
	return sum;
}

static void teardown(void *state)
{
	struct state *s = state;

	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statement[i]);
	sqlite3_close(s->db);
	sqlite_disk_close(&s->disk);
	*s = (struct state){0};
}

const struct workload workload_app_sqlite = {
	.name = "app.sqlite",
	.summary = "transactions of a bank in SQLite, on a disk or in memory",
	.op = "one transaction: three updates, one insert, commit",
	.source = "TPC-B, as pgbench runs it, without its query",
	.class = CLASS_APP,
	.needs = NEEDS_SCRATCH,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS("", "store=memory"),
	.profiles[PROFILE_KINDS] = ITEMS("", "store=memory"),
	.known_params = "rows=100",
	.known_ops = 100,
	.known_digest = UINT64_C(0x83ecba9987834ae2),
};
