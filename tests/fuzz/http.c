/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest sends to the file server of its parent layer: it is served or refused, and the
 * connection ends with what was sent. Nothing but answers comes back.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/net/http.h"

enum { SENT_MAX = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char answer[16];
	size_t first = size ? data[0] % 4 : 0;
	ssize_t got;
	int end[2];

	if (size > SENT_MAX || first > size)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, end) == 0);
	must(write(end[0], data + first, size - first) == (ssize_t)(size - first));
	must(shutdown(end[0], SHUT_WR) == 0);
	/* Answers that nobody reads must not make it wait. */
	must(fcntl(end[1], F_SETFL, O_NONBLOCK) == 0);
	http_serve(end[1], (const char *)data, first);
	close(end[1]);
	got = recv(end[0], answer, sizeof(answer), MSG_DONTWAIT);
	must(got <= 0 || (got == sizeof(answer) && memcmp(answer, "HTTP/1.1 ", 9) == 0));
	close(end[0]);
	return 0;
}
