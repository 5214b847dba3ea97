/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An agent says hello first, with which its layer counts as booted: what not all need comes later.
 */
#include "tests/check.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/agent.h"
#include "bench/agent/guest_net.h"
#include "lib/file.h"

#define SET_UP "the network is set up\n"

int __wrap_net_guest_setup(const char *cmdline, struct net_guest *g, struct err *err);

/* Tells the layer above when it is called. */
int __wrap_net_guest_setup(const char *cmdline, struct net_guest *g, struct err *err)
{
	*g = (struct net_guest){.listener = dup(STDIN_FILENO)};
	assert_string_equal(cmdline, "/proc/cmdline");
	return file_write_all(STDOUT_FILENO, SET_UP, strlen(SET_UP)) == 0
		       ? 0
		       : err_errno(err, EXIT_INTERNAL, "cannot write");
}

/* All that an agent of this depth says, whose layer above hangs up at once. */
static void serve(uint64_t depth, struct buf *said)
{
	const struct agent_options opt = {.depth = depth, .port = "-", .work_dir = "/tmp"};
	char chunk[256];
	int pair[2], status;
	struct err err;
	ssize_t got;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pair[1], STDIN_FILENO);
		dup2(pair[1], STDOUT_FILENO);
		close(pair[0]);
		close(pair[1]);
		_exit(agent_serve(&opt, &err) < 0);
	}
	close(pair[1]);
	shutdown(pair[0], SHUT_WR);
	while ((got = read(pair[0], chunk, sizeof(chunk))) > 0)
		buf_add(said, chunk, (size_t)got);
	assert_int_equal(got, 0);
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void network_comes_behind_hello(void **state)
{
	(void)state;
	for (uint64_t depth = 0; depth <= 3; depth++) {
		struct buf said = BUF_INIT;
		const char *hello, *set_up, *listening;

		serve(depth, &said);
		hello = strstr(buf_str(&said), "\"hello\"");
		set_up = strstr(buf_str(&said), SET_UP);
		listening = strstr(buf_str(&said), "\"listening\"");
		assert_non_null(hello);
		if (depth == 0) {
			assert_null(set_up);
			assert_null(listening);
		} else {
			assert_true(set_up > hello);
			assert_true(listening > set_up);
		}
		buf_release(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_comes_behind_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
