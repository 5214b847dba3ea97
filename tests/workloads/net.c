/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/net/peer.h"

static char peer[NET_ADDRESS];

static int make(void **state)
{
	struct err err;

	(void)state;
	assert_works(net_serve("127.0.0.1:0", peer, &err), err);
	return 0;
}

/* Over loopback or to a peer elsewhere: the same bytes. */
static void test_peer_and_loopback_agree(void **state)
{
	static const char *const names[] = {"net.rr", "net.stream"};
	struct workload_env env = {.seed = 9};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct workload *w = workload_find(names[i]);
		uint64_t alone;

		env.net_peer = NULL;
		alone = drive(w, NULL, &env, 1, 50);
		env.net_peer = peer;
		assert_true(drive(w, NULL, &env, 5, 10) == alone);
	}
}

static void test_note_says_where(void **state)
{
	const struct workload *w = workload_find("net.rr");
	const struct workload_env env = {.seed = 1, .net_peer = peer};
	char want[NET_ADDRESS + 8];

	(void)state;
	snprintf(want, sizeof(want), "peer %s", peer);
	drive_end(w, drive_begin(w, NULL, &env));
	assert_string_equal(drive_note, want);
}

static void test_no_way(void **state)
{
	const struct workload *w = workload_find("net.stream");
	struct workload_env env = {.seed = 1, .net_peer = "none"};
	char name[NET_ADDRESS];
	struct err err;

	(void)state;
	assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
		     "no network to its parent layer");
	env.net_peer = "127.0.0.1:1";
	assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
		     "cannot reach the parent layer at 127.0.0.1:1: Connection refused");
	env.net_peer = "localhost";
	assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_USAGE,
		     "\"localhost\" is not an address of the form 127.0.0.1:5000");
	assert_fails(net_serve("127.0.0.1:70000", name, &err), err, EXIT_USAGE, "port");
	assert_fails(net_serve("192.0.2.1:5000", name, &err), err, EXIT_MACHINE,
		     "cannot serve on 192.0.2.1:5000");
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_port = htons((uint16_t)strtoul(strchr(peer, ':') + 1, NULL, 10));
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* A malformed request ends a connection, excess connections are refused, and then all works
 * again. */
static void test_bad_clients(void **state)
{
	static const char *const malformed[] = {"x", "s\xff\xff\xff\xff\xff\xff\xff\xff"};
	const struct workload_env env = {.seed = 1, .net_peer = peer};
	int many[NET_CLIENTS + 4];
	char byte;

	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd = dial();

		assert_true(send(fd, malformed[i], strlen(malformed[i]), 0) > 0);
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
		close(fd);
	}
	for (int i = 0; i < NET_CLIENTS + 4; i++)
		many[i] = dial();
	assert_int_equal(recv(many[NET_CLIENTS + 3], &byte, 1, 0), 0);
	for (int i = 0; i < NET_CLIENTS + 4; i++)
		close(many[i]);
	/* Its threads need a moment to notice. */
	usleep(200000);
	drive(workload_find("net.rr"), NULL, &env, 1, 10);
}

/* A listening socket of loopback, and its address. */
static int listen_here(char address[NET_ADDRESS])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(at);

	assert_true(fd > 2);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(address, NET_ADDRESS, "127.0.0.1:%d", ntohs(at.sin_port));
	return fd;
}

/* As in a guest, which waits for a connection: the same bytes, with one caller for all. */
static void test_called_by_the_peer(void **state)
{
	static const char *const names[] = {"net.rr", "net.stream", "net.rr"};
	char address[NET_ADDRESS], name[NET_ADDRESS];
	int listener = listen_here(address);
	struct workload_env env = {.seed = 9};
	struct err err;

	(void)state;
	assert_works(net_call(address, &err), err);
	snprintf(name, sizeof(name), "tap+vhost@%d", listener);
	for (int i = 0; i < 3; i++) {
		const struct workload *w = workload_find(names[i]);
		uint64_t alone;

		env.net_peer = NULL;
		alone = drive(w, NULL, &env, 1, 50);
		env.net_peer = name;
		assert_true(drive(w, NULL, &env, 5, 10) == alone);
	}
	/* Several at once. */
	env.net_peer = name;
	for (int i = 0; i < 5; i++) {
		assert_works(net_probe(&env, NULL, &err), err);
		drive(workload_find("net.rr"), NULL, &env, 1, 10);
	}
	drive_end(workload_find("net.rr"), drive_begin(workload_find("net.rr"), NULL, &env));
	assert_string_equal(drive_note, "tap+vhost link to the parent layer");
	/* From here on the caller gets no answer, and retries. */
	close(listener);
}

static void test_no_caller(void **state)
{
	struct workload_env env = {.seed = 1, .net_peer = "user@x"};
	struct err err;

	(void)state;
	assert_fails(drive_try(workload_find("net.rr"), NULL, &env, 1, &err), err, EXIT_USAGE,
		     "listening socket");
	env.net_peer = "user@999";
	assert_fails(drive_try(workload_find("net.rr"), NULL, &env, 1, &err), err, EXIT_MACHINE,
		     "cannot accept the connection of the parent layer");
	assert_fails(net_call("nowhere", &err), err, EXIT_USAGE, "is not an address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peer_and_loopback_agree),
		cmocka_unit_test(test_note_says_where),
		cmocka_unit_test(test_no_way),
		cmocka_unit_test(test_bad_clients),
		cmocka_unit_test(test_called_by_the_peer),
		cmocka_unit_test(test_no_caller),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
