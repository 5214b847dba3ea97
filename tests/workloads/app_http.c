/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app.http and the file server behind it. */
#include "tests/check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/net/http.h"
#include "workloads/net/peer.h"
#include "workloads/net/socket.h"

static char peer[NET_ADDRESS];

static int make(void **state)
{
	struct err err;

	(void)state;
	assert_works(net_serve("127.0.0.1:0", peer, &err), err);
	return 0;
}

/* The same work over one connection and over many, alone and with the peer of a parent layer. */
static void test_all_ways_agree(void **state)
{
	const struct workload *w = workload_find("app.http");
	struct workload_env env = {.seed = 9};
	uint64_t whole;

	(void)state;
	whole = drive(w, "size=1KiB", &env, 1, 60);
	assert_true(drive(w, "size=1KiB connection=each", &env, 6, 10) == whole);
	assert_true(drive(w, "size=1KiB path=link", &env, 2, 30) == whole);
	env.net_peer = peer;
	assert_true(drive(w, "size=1KiB path=link", &env, 2, 30) == whole);
	assert_true(drive(w, "size=1KiB path=link connection=each", &env, 2, 30) == whole);
	assert_true(drive(w, "size=1KiB", &env, 1, 59) != whole);
	assert_true(drive(w, "size=2KiB", &env, 1, 60) != whole);
	env.seed = 10;
	assert_true(drive(w, "size=1KiB", &env, 1, 60) != whole);
	drive(w, "size=1MiB", &env, 1, 20);
	drive(w, "size=8", &env, 1, 20);
}

/* A guest waits for the parent layer, which opens every connection. */
static void test_called_by_the_peer(void **state)
{
	const struct workload *w = workload_find("app.http");
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct workload_env env = {.seed = 9};
	char address[NET_ADDRESS], name[NET_ADDRESS];
	uint64_t alone = drive(w, NULL, &env, 1, 40);
	int listener = net_listen(&at, 4);
	struct err err;

	(void)state;
	assert_true(listener > 2);
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(name, sizeof(name), "user@%d", listener);
	assert_works(net_call(address, &err), err);
	env.net_peer = name;
	assert_true(drive(w, "path=link", &env, 4, 10) == alone);
	assert_true(drive(w, "path=link connection=each", &env, 4, 10) == alone);
	drive_end(w, drive_begin(w, "path=link", &env));
	assert_string_equal(drive_note, "user link to the parent layer");
	drive_end(w, drive_begin(w, NULL, &env));
	assert_string_equal(drive_note, "loopback: the peer is a thread of the same process");
	close(listener);
}

static void test_no_way(void **state)
{
	const struct workload *w = workload_find("app.http");
	struct workload_env env = {.seed = 1, .net_peer = "none"};
	struct err err;

	(void)state;
	assert_fails(drive_try(w, "path=link", &env, 1, &err), err, EXIT_MACHINE,
		     "no network to its parent layer");
	assert_works(drive_try(w, "path=loopback", &env, 1, &err), err);
	env.net_peer = "127.0.0.1:1";
	assert_fails(drive_try(w, "path=link connection=each", &env, 1, &err), err, EXIT_MACHINE,
		     "cannot reach the parent layer at 127.0.0.1:1");
}

/* Receives until the server closes the connection, or until len bytes are there. */
static size_t receive(int fd, char *text, size_t len)
{
	size_t at = 0;
	ssize_t got;

	while (at < len && (got = recv(fd, text + at, len - at, 0)) > 0)
		at += (size_t)got;
	return at;
}

static int ask(const char *request, size_t len)
{
	struct err err;
	int fd = net_dial(peer, &err);

	assert_true(fd >= 0);
	assert_works(net_limit_receive(fd), err);
	assert_true(net_put(fd, request, len));
	return fd;
}

/* What the server sends until it closes the connection. */
static const char *said(const char *request, size_t len)
{
	static char text[2 * HTTP_HEAD];
	int fd = ask(request, len);

	text[receive(fd, text, sizeof(text) - 1)] = '\0';
	close(fd);
	return text;
}

static void test_server(void **state)
{
	static const struct {
		const char *request, *answer;
	} asked[] = {
		{"GET /0/8 HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		{"GET /16/8 HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
		{"GET /0/1048577 HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
		{"GET /../etc/passwd HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
		{"GET /0/-1 HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
		{"GET /0/8 HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
		{"GARBAGE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	};
	char endless[HTTP_HEAD + 1] = "GET /0/8 HTTP/1.1\r\nX: ";

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const char *answer = said(asked[i].request, strlen(asked[i].request));

		assert_memory_equal(answer, asked[i].answer, strlen(asked[i].answer));
	}
	memset(endless + strlen(endless), 'x', sizeof(endless) - strlen(endless));
	assert_memory_equal(said(endless, HTTP_HEAD), "HTTP/1.1 400 ", 13);
}

/* Two requests at once, one of them in pieces: two answers, with the files' own words. */
static void test_pipelined(void **state)
{
	static const char two[] = "GET /3/16 HTTP/1.1\r\n\r\nGET /4/8 HTTP/1.1\r\nConnection: ";
	const uint64_t want[] = {http_word(3, 0), http_word(3, 1), http_word(4, 0)};
	int fd = ask(two, strlen(two));
	char text[HTTP_HEAD];
	const char *body;
	size_t len;

	(void)state;
	usleep(20000);
	assert_true(net_put(fd, "close\r\n\r\n", 9));
	len = receive(fd, text, sizeof(text));
	close(fd);
	body = memmem(text, len, "\r\n\r\n", 4);
	assert_non_null(body);
	assert_memory_equal(body + 4, want, 16);
	assert_memory_equal(text + len - 8, want + 2, 8);
}

/* A server that answers one request with this text. */
static void *answer_once(void *arg)
{
	const char **text = arg;
	int fd = accept((int)strtol(text[0], NULL, 10), NULL, NULL);
	char request[HTTP_HEAD];

	if (fd >= 0 && recv(fd, request, sizeof(request), 0) > 0)
		net_put(fd, text[1], strlen(text[1]));
	close(fd);
	return NULL;
}

static void refuses(const char *answer, const char *complaint)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = net_listen(&at, 4);
	char address[NET_ADDRESS], number[16];
	const char *text[] = {number, answer};
	const struct workload_env env = {.seed = 1, .net_peer = address};
	const struct workload *w = workload_find("app.http");
	pthread_t thread;
	struct err err;
	void *s;

	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(number, sizeof(number), "%d", listener);
	assert_int_equal(pthread_create(&thread, NULL, answer_once, text), 0);
	s = drive_begin(w, "path=link size=8", &env);
	assert_fails(w->run(s, 1, &err), err, EXIT_MACHINE, complaint);
	pthread_join(thread, NULL);
	drive_end(w, s);
	close(listener);
}

static void test_bad_answers(void **state)
{
	char endless[2 * HTTP_HEAD];

	(void)state;
	refuses("", "the server closed the connection");
	refuses("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
		"the server answers \"HTTP/1.1 404 Not Found\", not a file of 8 bytes");
	refuses("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", "not a file of 8 bytes");
	refuses("HTTP/1.1 200 OK\r\n\r\n12345678", "not a file of 8 bytes");
	refuses("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n1234",
		"the server closed the connection");
	refuses("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678",
		"the server sent another file");
	refuses("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n123456789",
		"the server sent more than a file");
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	refuses(endless, "not a file of 8 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ways_agree), cmocka_unit_test(test_called_by_the_peer),
		cmocka_unit_test(test_no_way),	       cmocka_unit_test(test_server),
		cmocka_unit_test(test_pipelined),      cmocka_unit_test(test_bad_answers),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
