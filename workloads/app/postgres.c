/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures transactions of a database server: those of pgbench's TPC-B, seven statements one after
 * another, of one client of a PostgreSQL that is started for it, on the same CPUs. Client and
 * server are two processes that talk over a Unix-domain socket: what is measured is switching
 * between them, the server's system calls and its computing. The cluster is in memory, where a
 * flush costs nothing, so that the disk is left to app.sqlite and io.*. Layers compare only with
 * the same version, which the note names. The digest is a query over all tables.
 *
 * Not measured: the start of the server and its first transactions, commits that wait for a disk,
 * several clients.
 *
 * Source: pgbench, its default script, with its simple protocol.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/app/postgres_client.h"
#include "workloads/app/postgres_server.h"
#include "workloads/lib/state.h"

enum { TELLERS = 10 };
/* Transactions before the first that counts: a new backend reads its catalogue with the first ones,
 * which take ten times as long, also where a batch is of one transaction only. */
enum { FIRST = 50 };

struct state {
	struct pg_server server;
	struct pg_client *client;
	uint64_t rows, seed, done;
};

enum { ROWS };
static const struct param params[] = {
	[ROWS] = {"rows", PARAM_COUNT, 10000, 1, 1000000, .help = "accounts, about 120 bytes each"},
	{0},
};

static const char schema[] =
	"CREATE TABLE account (id int PRIMARY KEY, branch int, balance int, filler char(84)) "
	"WITH (fillfactor = 100);"
	"CREATE TABLE teller (id int PRIMARY KEY, branch int, balance int, filler char(84));"
	"CREATE TABLE branch (id int PRIMARY KEY, balance int, filler char(88));"
	"CREATE TABLE history (teller int, branch int, account int, amount int, at timestamp, "
	"filler char(22));"
	"INSERT INTO branch VALUES (0, 0, '');"
	"INSERT INTO teller SELECT i, 0, 0, '' FROM generate_series(0, %d) i;"
	"INSERT INTO account SELECT i, 0, 0, '' FROM generate_series(0, %" PRIu64 ") i;"
	"ANALYZE;";

static const char checksum[] =
	"SELECT (SELECT sum(balance::numeric * (id + 1)) FROM account) * 7 + "
	"(SELECT sum(balance::numeric * (id + 1)) FROM teller) * 5 + "
	"(SELECT sum(balance) FROM branch) * 3 + "
	"(SELECT coalesce(sum(amount::numeric * (account + 1)), 0) FROM history)";

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return pg_server_probe(err);
}

static int __attribute__((format(printf, 3, 4)))
query(struct state *s, struct err *err, const char *fmt, ...)
{
	char sql[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	return pg_query(s->client, sql, err);
}

static int transact(struct state *s, uint64_t op, struct err *err)
{
	uint64_t random = mix64(s->seed + op);
	unsigned account = (unsigned)(random % s->rows),
		 teller = (unsigned)(random >> 48) % TELLERS;
	int amount = (int)(random >> 32 & 0xffff) % 10001 - 5000;

	if (query(s, err, "BEGIN;") < 0 ||
	    query(s, err, "UPDATE account SET balance = balance + %d WHERE id = %u;", amount,
		  account) < 0 ||
	    query(s, err, "SELECT balance FROM account WHERE id = %u;", account) < 0)
		return -1;
	if (s->client->rows != 1)
		return err_set(err, EXIT_MACHINE, "PostgreSQL finds %u accounts of the number %u",
			       s->client->rows, account);
	if (query(s, err, "UPDATE teller SET balance = balance + %d WHERE id = %u;", amount,
		  teller) < 0 ||
	    query(s, err, "UPDATE branch SET balance = balance + %d WHERE id = 0;", amount) < 0 ||
	    query(s, err,
		  "INSERT INTO history (teller, branch, account, amount, at) VALUES (%u, 0, %u, "
		  "%d, CURRENT_TIMESTAMP);",
		  teller, account, amount) < 0)
		return -1;
	return query(s, err, "END;");
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	char sql[sizeof(schema) + 40];

	s->rows = arg[ROWS];
	s->seed = mix64(env->seed);
	s->client = calloc(1, sizeof(*s->client));
	if (!s->client)
		return err_set(err, EXIT_MACHINE, "no memory for a client of PostgreSQL");
	snprintf(sql, sizeof(sql), schema, TELLERS - 1, s->rows - 1);
	if (pg_server_start(&s->server, s->client, err) < 0 || pg_query(s->client, sql, err) < 0)
		return -1;
	for (uint64_t i = 1; i <= FIRST; i++)
		if (transact(s, -i, err) < 0)
			return -1;
	note_add(env, "PostgreSQL %.*s", (int)strcspn(s->client->version, " "), s->client->version);
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
	struct err ignored;

	if (pg_query(s->client, checksum, &ignored) < 0 || s->client->rows != 1)
		return 0;
	return mix64(s->done ^ mix64(strtoull(s->client->value, NULL, 10)));
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->client)
		pg_close(s->client);
	free(s->client);
	s->client = NULL;
	pg_server_stop(&s->server);
}

const struct workload workload_app_postgres = {
	.name = "app.postgres",
	.summary = "transactions of a bank in PostgreSQL, in memory",
	.op = "one transaction of pgbench's TPC-B: seven statements",
	.source = "pgbench -c 1",
	.class = CLASS_APP,
	.traits = SAMPLE_LATENCY,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_params = "rows=100",
	.known_ops = 50,
	.known_digest = UINT64_C(0xcff539267c4906c8),
};
