/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/net/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "workloads/net/socket.h"
#include "workloads/workload.h"

/* Bytes from the beginning of one file to that of the next, which overlaps it. */
enum { STEP = 4096, BLOCK = HTTP_SIZE_MAX + HTTP_FILES * STEP };

#define END_OF_HEAD "\r\n\r\n"

static uint64_t block[BLOCK / 8];

uint64_t http_word(unsigned file, uint64_t i)
{
	return mix64(UINT64_C(0x68747470) + file * (STEP / 8) + i);
}

static void fill_block(void)
{
	for (uint64_t i = 0; i < BLOCK / 8; i++)
		block[i] = http_word(0, i);
}

struct request {
	unsigned file;
	size_t size;
	bool close; /* the client asks that the connection be closed after the answer */
};

/* 200, or what is wrong with it. */
static int parse(const char *head, struct request *r)
{
	char file[4], size[8];
	int end = 0;

	if (sscanf(head, "GET /%3[0-9]/%7[0-9] HTTP/1.1\r\n%n", file, size, &end) != 2 || !end)
		return strncmp(head, "GET /", 5) == 0 ? 404 : 400;
	r->file = (unsigned)strtoul(file, NULL, 10);
	r->size = strtoul(size, NULL, 10);
	r->close = strcasestr(head, "\r\nConnection: close\r\n");
	return r->file < HTTP_FILES && r->size <= HTTP_SIZE_MAX ? 200 : 404;
}

static bool refuse(int fd, int code)
{
	char text[128];
	int len = snprintf(text, sizeof(text),
			   "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", code,
			   code == 404 ? "Not Found" : "Bad Request");

	net_put(fd, text, (size_t)len);
	return false;
}

/* False: the connection is over. */
static bool answer(int fd, const struct request *r)
{
	char head[256];
	int len =
		snprintf(head, sizeof(head),
			 "HTTP/1.1 200 OK\r\nServer: nestkernel\r\n"
			 "Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n%s\r\n",
			 r->size, r->close ? "Connection: close\r\n" : "");

	if (send(fd, head, (size_t)len, MSG_NOSIGNAL | (r->size ? MSG_MORE : 0)) != len)
		return false;
	return net_put(fd, (const char *)block + r->file * STEP, r->size) && !r->close;
}

/* Receives until there is a whole head; its length, or 0: none came. */
static size_t receive_head(int fd, char head[HTTP_HEAD + 1], size_t *len)
{
	const char *end;

	while (head[*len] = '\0', !(end = strstr(head, END_OF_HEAD))) {
		ssize_t got = *len < HTTP_HEAD ? recv(fd, head + *len, HTTP_HEAD - *len, 0) : 0;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		*len += (size_t)got;
	}
	return (size_t)(end - head) + strlen(END_OF_HEAD);
}

static bool serve_next(int fd, char head[HTTP_HEAD + 1], size_t *len)
{
	size_t used = receive_head(fd, head, len);
	struct request r;
	int code;

	if (used == 0)
		return *len == HTTP_HEAD ? refuse(fd, 400) : false;
	code = parse(head, &r);
	*len -= used;
	memmove(head, head + used, *len);
	return code == 200 ? answer(fd, &r) : refuse(fd, code);
}

void http_serve(int fd, const char *first, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char head[HTTP_HEAD + 1];

	pthread_once(&once, fill_block);
	memcpy(head, first, len);
	while (serve_next(fd, head, &len))
		;
}
