/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app.postgres, its server, and its client against a server that says something else. */
#include "tests/check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "tests/workloads/drive.h"
#include "workloads/app/postgres_client.h"
#include "workloads/app/postgres_server.h"

static void test_transactions(void **state)
{
	const struct workload *w = workload_find("app.postgres");
	struct workload_env env = {.seed = 3};
	uint64_t whole;

	(void)state;
	if (!drive_can(w, NULL, &env))
		skip();
	whole = drive(w, "rows=50", &env, 1, 12);
	assert_true(whole != 0);
	assert_true(drive(w, "rows=50", &env, 3, 4) == whole);
	assert_true(drive(w, "rows=50", &env, 1, 11) != whole);
	env.seed = 4;
	assert_true(drive(w, "rows=50", &env, 1, 12) != whole);
	drive_end(w, drive_begin(w, "rows=1", &env));
	assert_memory_equal(drive_note, "PostgreSQL 1", 12);
}

/* What the server refuses is said, and the connection can be used afterwards. */
static void test_server_says_why(void **state)
{
	struct pg_server server = {0};
	struct pg_client client = {0};
	struct err err;

	(void)state;
	if (pg_server_probe(&err) < 0)
		skip();
	assert_works(pg_server_start(&server, &client, &err), err);
	assert_fails(pg_query(&client, "SELECT * FROM nothing", &err), err, EXIT_MACHINE,
		     "PostgreSQL: relation \"nothing\" does not exist");
	assert_works(pg_query(&client, "SELECT 41 + 1 UNION SELECT NULL ORDER BY 1", &err), err);
	assert_int_equal(client.rows, 2);
	assert_string_equal(client.value, "");
	assert_works(pg_query(&client, "SELECT 41 + 1", &err), err);
	assert_int_equal(client.rows, 1);
	assert_string_equal(client.value, "42");
	/* It is lost, and leaves no process. */
	kill(server.child.pid, SIGKILL);
	assert_fails(pg_query(&client, "SELECT pg_sleep(60)", &err), err, EXIT_MACHINE,
		     "PostgreSQL");
	pg_close(&client);
	pg_server_stop(&server);
	assert_int_equal(server.child.pid, 0);
	pg_server_stop(&server);
}

static struct {
	int listener;
	const char *text;
	size_t len;
} fake;

static void *say(void *arg)
{
	int fd = accept(fake.listener, NULL, NULL);
	char hello[256];

	(void)arg;
	if (fd >= 0 && recv(fd, hello, sizeof(hello), 0) > 0 && fake.len)
		(void)!send(fd, fake.text, fake.len, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

/* What pg_connect() makes of a server that answers with this. */
static void hears(const char *text, size_t len, const char *complaint)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	static struct pg_client client;
	pthread_t thread;
	struct err err;

	snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/socket", drive_dir);
	unlink(at.sun_path);
	fake.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fake.text = text;
	fake.len = len;
	assert_int_equal(bind(fake.listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fake.listener, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, say, NULL), 0);
	if (complaint) {
		assert_fails(pg_connect(&client, at.sun_path, &err), err, EXIT_MACHINE, complaint);
		assert_int_equal(client.fd, 0);
	} else {
		assert_works(pg_connect(&client, at.sun_path, &err), err);
		assert_string_equal(client.version, "99.1");
	}
	pthread_join(thread, NULL);
	close(fake.listener);
	pg_close(&client);
	pg_close(&client);
}

#define HEARS(text, complaint) hears(text, sizeof(text) - 1, complaint)
#define OK "R\0\0\0\10\0\0\0\0"
#define READY "Z\0\0\0\5I"

static void test_client_is_strict(void **state)
{
	struct pg_client client;
	struct err err;

	(void)state;
	HEARS(OK "S\0\0\0\30server_version\00099.1\0" READY, NULL);
	HEARS("", "PostgreSQL closed the connection");
	HEARS(OK, "PostgreSQL closed the connection");
	HEARS("R\0\0\0\10\0\0\0\3", "PostgreSQL asks for a password");
	HEARS("R\0\0\0\3", "PostgreSQL sends what is no message");
	HEARS("R\177\0\0\0", "PostgreSQL sends a message of 2130706433 bytes");
	HEARS("E\0\0\0\14SFATAL\0\0" READY, "PostgreSQL: no reason is given");
	HEARS("E\0\0\0\17SFATAL\0Mno\0" READY, "PostgreSQL: no");
	HEARS("E\0\0\0\7Mno" READY, "PostgreSQL: no reason is given");
	/* A row that is longer than it is. */
	HEARS(OK "S\0\0\0\30server_version\00099.1\0D\0\0\0\12\0\1\177\377\377\377" READY, NULL);
	assert_fails(pg_connect(&client, "/nonexistent/socket", &err), err, EXIT_MACHINE,
		     "cannot connect to PostgreSQL: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_is_strict),
		cmocka_unit_test(test_server_says_why),
		cmocka_unit_test(test_transactions),
	};

	return cmocka_run_group_tests(tests, drive_make_dir, drive_remove_dir);
}
