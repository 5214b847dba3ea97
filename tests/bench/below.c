/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent makes of the channel of a guest: whole messages, halves of them, and garbage. */
#include "tests/check.h"

#include <sys/socket.h>
#include <unistd.h>

#include "bench/agent/agent_parts.h"

/* As bench/agent/agent_below.c has it. */
enum { GARBLED_MAX = 20 };

static struct agent a;
static struct channel host; /* the layer above */
static int guest = -1;	    /* the other end of the guest's channel */
static int stops;

static void stop(struct layer *layer)
{
	close(layer->fd);
	stops++;
}

static const struct driver fake = {.name = "fake", .stop = stop};

static int calls; /* of the guest, on its network */

int __wrap_net_server_start(struct child *c, const char *address, struct err *err);

/* It has to be a process that can be ended. */
int __wrap_net_server_start(struct child *c, const char *address, struct err *err)
{
	static const char *const argv[] = {"cat", NULL};

	assert_string_equal(address, "127.0.0.1:5001");
	calls++;
	return child_start(c, argv, NULL, err);
}

static int begin(void **state)
{
	int up[2], below[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, up), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, below), 0);
	a = (struct agent){.up = CHANNEL_INIT};
	channel_open(&a.up, up[0], up[0]);
	host = (struct channel)CHANNEL_INIT;
	channel_open(&host, up[1], up[1]);
	a.guest[0] = calloc(1, sizeof(*a.guest[0]));
	assert_non_null(a.guest[0]);
	a.guest[0]->layer = (struct layer)LAYER_INIT;
	a.guest[0]->layer.driver = &fake;
	a.guest[0]->layer.spec.layer = 1;
	a.route[1] = 1;
	a.guest[0]->layer.fd = below[0];
	a.guest[0]->channel = (struct channel)CHANNEL_INIT;
	a.guest[0]->assignment = (struct assignment)ASSIGNMENT_NONE;
	channel_open(&a.guest[0]->channel, below[0], below[0]);
	guest = below[1];
	stops = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	agent_guests_stop(&a);
	if (guest >= 0)
		close(guest);
	close(a.up.fd_in);
	close(host.fd_in);
	channel_release(&a.up);
	channel_release(&host);
	return 0;
}

/* The guest sends this, which is looked at. */
static void send_up(const char *text)
{
	assert_int_equal(write(guest, text, strlen(text)), (ssize_t)strlen(text));
	agent_from_below(&a, 0);
}

static void hang_up(void)
{
	close(guest);
	guest = -1;
	agent_from_below(&a, 0);
}

/* The next message that came up, without signs of life; NULL: none. */
static json_t *next(void)
{
	struct err err;
	json_t *m;

	channel_fill(&host, &err);
	while ((m = channel_take(&host, &err))) {
		const char *is = json_string_value(json_object_get(m, "is"));

		if (!is || strcmp(is, "busy") != 0)
			return m;
		json_decref(m);
	}
	assert_string_equal(err.text, "");
	return NULL;
}

static void assert_nothing(void)
{
	assert_null(next());
}

static void assert_row(const char *line)
{
	json_t *m = next();

	assert_non_null(m);
	assert_string_equal(json_string_value(json_object_get(m, "is")), "row");
	assert_string_equal(json_string_value(json_object_get(m, "line")), line);
	assert_int_equal(json_integer_value(json_object_get(m, "guest")), 0);
	assert_true(json_is_integer(json_object_get(m, "guest")));
	json_decref(m);
}

/* The guest is given up, once, for this reason, and nothing else is said. */
static void assert_gone(const char *why)
{
	json_t *m = next();

	assert_non_null(m);
	assert_string_equal(json_string_value(json_object_get(m, "is")), "gone");
	assert_string_equal(json_string_value(json_object_get(m, "text")), why);
	assert_int_equal(json_integer_value(json_object_get(m, "id")), 0);
	assert_int_equal(json_integer_value(json_object_get(m, "from")), 1);
	assert_true(json_is_integer(json_object_get(m, "guest")));
	json_decref(m);
	assert_nothing();
	assert_null(a.guest[0]);
	assert_int_equal(stops, 1);
	assert_false(a.stopping);
}

#define HUNG_UP "its agent hung up (the layer went down)"
#define GARBAGE "its agent sends malformed messages"

/* Whatever is left of the message, none is made of it. */
static void cut_within_a_line(void **state)
{
	static const char row[] = "{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"a\"}\n";
	char part[sizeof(row)];

	for (size_t len = 1; len < sizeof(row) - 1; len++) {
		strcpy(part, row);
		part[len] = '\0';
		send_up(row);
		send_up(part);
		assert_row("a");
		assert_nothing();
		assert_int_equal(stops, 0);
		hang_up();
		assert_gone(HUNG_UP);
		end(state);
		begin(state);
	}
}

/* Behind a pause of any length a line goes on. */
static void a_line_in_two(void **state)
{
	(void)state;
	send_up("{\"id\":1,\"from\":1,\"is\":\"row\",\"li");
	agent_from_below(&a, 0);
	assert_nothing();
	send_up("ne\":\"b\"}\n{\"id\"");
	assert_row("b");
	assert_nothing();
	hang_up();
	assert_gone(HUNG_UP);
}

/* Some is borne, as a guest's kernel may print into the port; without end it is not. */
static void garbage(void **state)
{
	(void)state;
	for (int i = 0; i < GARBLED_MAX; i++)
		send_up(i % 2 ? "[    1.000000] random: crng init done\n" : "{\"id\":1,\n");
	assert_nothing();
	send_up("{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"c\"}\n");
	assert_row("c");
	assert_int_equal(stops, 0);
	/* What comes behind the last is not even looked at. */
	send_up("one more\n{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"d\"}\n");
	assert_gone(GARBAGE);
}

/* No more is kept of it than of a message, and it counts as garbage. */
static void an_endless_line(void **state)
{
	static char text[65536];
	size_t sent = 0, limit = (size_t)(GARBLED_MAX + 2) * (MESSAGE_LIMIT + sizeof(text));

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (; a.guest[0] && sent < limit; sent += sizeof(text) - 1) {
		send_up(text);
		if (a.guest[0])
			assert_true(a.guest[0]->channel.in.len <= MESSAGE_LIMIT + sizeof(text));
	}
	assert_gone(GARBAGE);
	assert_true(sent > MESSAGE_LIMIT);
}

/* A guest speaks for itself and what is below it. */
static void in_the_name_of_others(void **state)
{
	(void)state;
	send_up("{\"id\":1,\"from\":0,\"is\":\"done\"}\n{\"id\":1,\"is\":\"done\"}\n"
		"{\"id\":1,\"from\":9,\"is\":\"done\"}\n{\"id\":1,\"from\":\"1\",\"is\":\"done\"}"
		"\n");
	assert_nothing();
	assert_int_equal(stops, 0);
}

/* A call that comes too early is lost, and the next may be long in coming. */
static void called_once_it_listens(void **state)
{
	static const char listening[] = "{\"id\":0,\"from\":1,\"is\":\"listening\"}\n",
			  below[] = "{\"id\":0,\"from\":2,\"is\":\"listening\"}\n",
			  row[] = "{\"id\":1,\"from\":1,\"is\":\"row\",\"line\":\"a\"}\n";

	(void)state;
	calls = 0;
	send_up(listening);
	assert_int_equal(calls, 0); /* it has no network */
	facts_set(&a.guest[0]->layer.facts, "net_dial", "127.0.0.1:5001");
	send_up(row);
	assert_row("a");
	send_up(below);
	json_decref(next()); /* another's is handed up */
	assert_int_equal(calls, 0);
	send_up(listening);
	send_up(listening);
	assert_int_equal(calls, 1);
	assert_nothing();
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(called_once_it_listens), CASE(cut_within_a_line),
		CASE(a_line_in_two),	      CASE(garbage),
		CASE(an_endless_line),	      CASE(in_the_name_of_others)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
