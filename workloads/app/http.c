/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures a web service: a request for a static file, HTTP/1.1 over TCP, and its complete answer,
 * every byte of which goes into a checksum. Which of 16 files is asked for changes with each
 * request. connection=kept sends all requests over one connection; with connection=each every
 * request has its own, made and closed. path=loopback needs no network: client and server are two
 * threads of this process, and what is measured is the layer's TCP, its scheduler and its CPUs.
 * With path=link the server is the nestkernel of the parent layer, as for net.rr, so that every
 * request crosses the network card; L0, which has no parent layer, takes the loopback. The files
 * are in the server's memory and sent from there.
 *
 * Not measured: TLS, names, a disk, many clients at once; over the link, who opens a connection:
 * there it is the parent layer, since a guest cannot, and it has the next one ready.
 *
 * Source: wrk, ab (with and without -k), for one client.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/net/http.h"
#include "workloads/net/peer.h"
#include "workloads/net/socket.h"

/* A server of this process; its thread answers one connection after another. */
struct server {
	int listener; /* 0: none */
	pthread_t thread;
	char address[NET_ADDRESS];
};

struct state {
	struct net_client client;
	struct server server;
	const char *peer; /* of net_reach(); NULL: our own server */
	bool each;
	size_t size;
	uint64_t seed;
	uint64_t sum[HTTP_FILES]; /* the checksum of every file */
	char *answer;		  /* room for a head and a body */
};

enum { LOOPBACK, LINK };
static const char *const paths[] = {[LOOPBACK] = "loopback", [LINK] = "link", NULL};
enum { KEPT, EACH };
static const char *const connections[] = {[KEPT] = "kept", [EACH] = "each", NULL};

enum { PATH, CONNECTION, SIZE };
static const struct param params[] = {
	[PATH] = {"path", PARAM_CHOICE, .choices = paths,
		  .help = "to a thread of the same process, or to the parent layer"},
	[CONNECTION] = {"connection", PARAM_CHOICE, .choices = connections,
			.help = "one that is kept for all requests, or one for each"},
	[SIZE] = {"size", PARAM_SIZE, 16 << 10, 8, HTTP_SIZE_MAX, 8, .help = "of a file"},
	{0},
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return arg[PATH] == LINK && env->net_peer ? net_probe(env, arg, err) : 0;
}

static void *serve(void *arg)
{
	const struct server *s = arg;

	for (;;) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return NULL; /* server_stop() shut it down */
		if (net_set_up(fd) == 0)
			http_serve(fd, "", 0);
		close(fd);
	}
}

static int server_start(struct server *s, struct err *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	s->listener = net_listen(&at, 1);
	if (s->listener < 0) {
		s->listener = 0;
		return err_errno(err, EXIT_MACHINE, "cannot listen on loopback");
	}
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d", ntohs(at.sin_port));
	if (pthread_create(&s->thread, NULL, serve, s) == 0)
		return 0;
	close_fd(&s->listener);
	return err_set(err, EXIT_MACHINE, "cannot start a thread");
}

static void server_stop(struct server *s)
{
	if (s->listener == 0)
		return;
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close_fd(&s->listener);
}

/* Of 64-bit words in the machine's byte order. */
static uint64_t add_word(uint64_t sum, uint64_t i, uint64_t word)
{
	return sum + word * (2 * i + 1);
}

static void sum_files(struct state *s)
{
	for (unsigned file = 0; file < HTTP_FILES; file++)
		for (uint64_t i = 0; i < s->size / 8; i++)
			s->sum[file] = add_word(s->sum[file], i, http_word(file, i));
}

static int connect_client(struct state *s, struct err *err)
{
	int fd = net_reach(s->peer ? s->peer : s->server.address, err);

	if (fd < 0)
		return -1;
	s->client.fd = fd;
	return 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	struct workload_env where = *env;

	s->each = arg[CONNECTION] == EACH;
	s->size = arg[SIZE];
	s->seed = mix64(env->seed);
	s->answer = malloc(HTTP_HEAD + s->size);
	if (!s->answer)
		return err_set(err, EXIT_MACHINE, "no memory for an answer of %zu bytes", s->size);
	sum_files(s);
	if (arg[PATH] == LOOPBACK)
		where.net_peer = NULL;
	s->peer = where.net_peer;
	if (!s->peer && server_start(&s->server, err) < 0)
		return -1;
	net_say_where(&where);
	return s->each ? 0 : connect_client(s, err);
}

static int malformed(const struct state *s, size_t len, struct err *err)
{
	size_t line = 0;

	while (line < len && line < 60 && s->answer[line] >= ' ' && s->answer[line] <= '~')
		line++;
	return err_set(err, EXIT_MACHINE, "the server answers \"%.*s\", not a file of %zu bytes",
		       (int)line, s->answer, s->size);
}

/* The length of a head that is complete and as expected; 0: more is to come; or -1. */
static ssize_t check_head(const struct state *s, size_t len, struct err *err)
{
	static const char length[] = "\r\nContent-Length: ";
	const char *end = memmem(s->answer, len, "\r\n\r\n", 4);
	size_t head = end ? (size_t)(end - s->answer) + 4 : len;
	const char *found = memmem(s->answer, head, length, sizeof(length) - 1);

	if (!end)
		return len < HTTP_HEAD ? 0 : malformed(s, len, err);
	if (strncmp(s->answer, "HTTP/1.1 200 ", 13) != 0 || !found || head > HTTP_HEAD ||
	    strtoul(found + sizeof(length) - 1, NULL, 10) != s->size)
		return malformed(s, len, err);
	return (ssize_t)head;
}

/* Receives a head and a body; where the body begins, or -1. */
static ssize_t receive_answer(struct state *s, struct err *err)
{
	ssize_t head = 0;

	for (size_t len = 0; head == 0 || len < (size_t)head + s->size;) {
		size_t room = head ? (size_t)head + s->size - len : HTTP_HEAD + s->size - len;
		ssize_t got = recv(s->client.fd, s->answer + len, room, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return err_set(err, EXIT_MACHINE, "the server closed the connection");
		if (got < 0)
			return err_errno(err, EXIT_MACHINE, "the server does not answer");
		len += (size_t)got;
		head = head ? head : check_head(s, len, err);
		if (head < 0)
			return -1;
		if (head && len > (size_t)head + s->size)
			return err_set(err, EXIT_MACHINE, "the server sent more than a file");
	}
	return head;
}

static int check_body(struct state *s, const char *body, unsigned file, struct err *err)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < s->size / 8; i++) {
		uint64_t word;

		memcpy(&word, body + 8 * i, sizeof(word));
		sum = add_word(sum, i, word);
	}
	if (sum != s->sum[file])
		return err_set(err, EXIT_MACHINE, "the server sent another file");
	s->client.tally.sum = s->client.tally.sum * 31 + sum;
	return 0;
}

static int request(struct state *s, struct err *err)
{
	unsigned file = (unsigned)(mix64(s->seed + s->client.tally.done) % HTTP_FILES);
	char text[128];
	ssize_t body;
	int len = snprintf(text, sizeof(text),
			   "GET /%u/%zu HTTP/1.1\r\nHost: nestbench\r\nAccept: */*\r\n%s\r\n", file,
			   s->size, s->each ? "Connection: close\r\n" : "");

	if (net_send(&s->client, text, (size_t)len, err) < 0)
		return -1;
	body = receive_answer(s, err);
	return body < 0 ? -1 : check_body(s, s->answer + body, file, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->client.tally.done++) {
		if (s->each && connect_client(s, err) < 0)
			return -1;
		if (request(s, err) < 0)
			return -1;
		if (s->each)
			close_fd(&s->client.fd);
	}
	return 0;
}

/* The client first: the server's thread waits for its end. */
static void teardown(void *state)
{
	struct state *s = state;

	net_teardown(&s->client);
	server_stop(&s->server);
	free(s->answer);
	s->answer = NULL;
}

const struct workload workload_app_http = {
	.name = "app.http",
	.summary = "requests for static files, over loopback or the link to the parent layer",
	.op = "one request and its complete answer",
	.source = "wrk, ab -k, for one client",
	.class = CLASS_APP,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.needs = NEEDS_NET,
	.threads_max = NET_CLIENTS,
	.params = params,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS("", "connection=each", "path=link"),
	.profiles[PROFILE_KINDS] = ITEMS("", "path=link"),
	.known_params = "size=1KiB",
	.known_ops = 100,
	.known_digest = UINT64_C(0x7bd083ce91e80da2),
};
