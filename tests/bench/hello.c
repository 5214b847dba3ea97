/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An agent says hello first, with which its layer counts as booted: what not all need comes later.
 */
#include "tests/check.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/agent.h"
#include "bench/agent/guest_net.h"
#include "bench/agent/layer_message.h"
#include "lib/file.h"

#define CARD "user,10.0.2.15/24"
#define SET_UP "the network is set up\n"

int __wrap_net_guest_setup(const char *card, struct net_guest *g, struct err *err);

/* Tells the layer above when it is called. */
int __wrap_net_guest_setup(const char *card, struct net_guest *g, struct err *err)
{
	*g = (struct net_guest){.listener = dup(STDIN_FILENO)};
	assert_string_equal(card, CARD);
	return file_write_all(STDOUT_FILENO, SET_UP, strlen(SET_UP)) == 0
		       ? 0
		       : err_errno(err, EXIT_INTERNAL, "cannot write");
}

/* All that an agent says that is told this, and whose parent layer hangs up then. */
static void serve(const char *told, struct buf *said)
{
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
		_exit(agent_serve("-", 0, &err) < 0);
	}
	close(pair[1]);
	assert_works(file_write_all(pair[0], told, strlen(told)), err);
	shutdown(pair[0], SHUT_WR);
	while ((got = read(pair[0], chunk, sizeof(chunk))) > 0)
		buf_add(said, chunk, (size_t)got);
	assert_int_equal(got, 0);
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What an agent is told of its layer; the text is the caller's. */
static char *told_of(int depth, const char *card)
{
	struct layer_inside inside = {.work_dir = "/tmp"};
	char *line, *told;
	json_t *m;

	strcpy(inside.net, card);
	m = configure_message(depth, depth, &inside);
	line = json_dumps(m, JSON_COMPACT);
	json_decref(m);
	assert_true(asprintf(&told, "%s\n", line) > 0);
	free(line);
	return told;
}

static void network_comes_behind_hello(void **state)
{
	(void)state;
	for (int depth = 0; depth <= 3; depth++) {
		char *told = told_of(depth, depth ? CARD : "");
		struct buf said = BUF_INIT;
		const char *hello, *set_up, *listening;

		serve(told, &said);
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
		free(told);
	}
}

/* It does not know yet what it is to do, and says so. */
static void wants_to_be_configured_first(void **state)
{
	static const char *const bad[] = {
		"{\"id\":7,\"to\":0,\"do\":\"ping\"}\n",
		("{\"id\":7,\"to\":0,\"do\":\"configure\",\"depth\":99,\"work_dir\":\"/tmp\","
		 "\"net\":\"\",\"own_kernel\":false}\n"),
		"{\"id\":7,\"to\":0,\"do\":\"configure\",\"depth\":0}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf said = BUF_INIT;

		serve(bad[i], &said);
		assert_non_null(strstr(buf_str(&said), "\"error\""));
		assert_non_null(strstr(buf_str(&said), "configure: "));
		buf_release(&said);
	}
}

/* What an agent of L0 says that is told who it is, then this, and is asked for a sign of life. */
static void serve_configured(const char *told, struct buf *said)
{
	char *first = told_of(0, ""), *all;

	assert_true(asprintf(&all, "%s%s\n{\"id\":9,\"to\":0,\"do\":\"ping\"}\n", first, told) > 0);
	serve(all, said);
	assert_non_null(strstr(buf_str(said), "\"now_ns\""));
	free(all);
	free(first);
}

/* The second time is refused, and changes nothing. */
static void is_configured_once(void **state)
{
	struct buf said = BUF_INIT;
	char *again = told_of(3, CARD);

	(void)state;
	serve_configured(again, &said);
	assert_non_null(strstr(buf_str(&said), "is configured already"));
	assert_null(strstr(buf_str(&said), SET_UP));
	buf_release(&said);
	free(again);
}

/* A request for a layer that cannot be, with one member replaced: an error, and it lives on. */
static void starts_no_layer_that_cannot_be(void **state)
{
	static const struct {
		const char *key, *value, *says;
	} bad[] = {
		{"driver", "\"nope\"", "there is no kind of layer"},
		{"driver", "7", "start_child: "},
		{"driver", "\"bare\"", "it can only stand first"},
		{"driver", "\"kvm\"", "no guest image"},
		{"options", "[\"x=1\"]", "it has the options name"},
		{"options", "{}", "options is no list"},
		{"options", "[7]", "an option is no text"},
		{"depth", "2", "L0 cannot start L2"},
		{"depth", "-1", "out of range"},
		{"layer", "64", "out of range"},
		{"depth", "\"1\"", "start_child: "},
		{"below", "-1", "out of range"},
		{"siblings", "0", "out of range"},
		{"siblings", "1000000", "out of range"},
		{"sibling", "1", "out of range"},
		{"sibling", "-1", "out of range"},
		{"vcpus", "0", "out of range"},
		{"vcpus", "100000", "out of range"},
		{"measured_vcpus", "3", "out of range"},
		{"memory_bytes", "-1", "out of range"},
		{"boot_limit_ns", "-1", "out of range"},
		{"run", "\"0123456789012345678901234567890123456789012345678\"", "out of range"},
		{"run", "null", "start_child: "},
		{"hostdev", "\"0000:00:01.0\"", "hostdev is no list"},
		{"hostdev", "[7]", "PCI address"},
		{"net", "7", "start_child: "},
		{"net", "\"bridge\"", "bridge"},
		{"hugepages", "\"no\"", "start_child: "},
	};
	const struct layer_spec spec = {.layer = 1,
					.depth = 1,
					.siblings = 1,
					.vcpus = 2,
					.measured_vcpus = 2,
					.memory_bytes = 1 << 20,
					.run = "r"};
	const struct device_request wish = {.hugepages = false};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *m = start_message(driver_find("fake", &err), &spec, &wish);
		struct buf said = BUF_INIT;
		char *told;

		json_object_set_new(m, "id", json_integer(8));
		json_object_set_new(m, "to", json_integer(0));
		json_object_set_new(m, "do", json_string("start_child"));
		json_object_set_new(m, bad[i].key, json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		told = json_dumps(m, JSON_COMPACT);
		serve_configured(told, &said);
		if (!strstr(buf_str(&said), bad[i].says))
			fail_msg("%s: %s: %s", bad[i].key, bad[i].value, buf_str(&said));
		free(told);
		json_decref(m);
		buf_release(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_comes_behind_hello),
		cmocka_unit_test(wants_to_be_configured_first),
		cmocka_unit_test(is_configured_once),
		cmocka_unit_test(starts_no_layer_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
