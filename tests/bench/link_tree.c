/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orchestrator's end where layers are a tree: who goes with whom, and what answers are whose.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/link/link.h"
#include "bench/plan/stack.h"

struct world {
	struct stack stack;
	struct link link;
	int agent; /* the other end of the stream */
};

static void open_world(struct world *w, const char *const *chains, size_t count)
{
	struct text_list list = {.count = count};
	uint32_t via[LAYERS_MAX];
	struct err err;
	int pair[2];

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < count; i++)
		list.item[i] = chains[i];
	if (stack_parse(&w->stack, &list, &err) < 0)
		fail_msg("%s", err.text);
	for (uint32_t i = 0; i < w->stack.tree.count; i++)
		via[i] = stack_via(&w->stack, i);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w->agent = pair[0];
	link_open(&w->link, pair[1], &clock_machine, -1);
	link_layers(&w->link, &w->stack.tree, via);
}

static void close_world(struct world *w)
{
	close(w->link.channel.fd_in);
	close(w->agent);
	link_release(&w->link);
	stack_release(&w->stack);
}

static void say(struct world *w, const char *line)
{
	assert_int_equal(write(w->agent, line, strlen(line)), (ssize_t)strlen(line));
}

static void all_up(struct world *w)
{
	for (uint32_t i = 0; i < w->stack.tree.count; i++)
		link_up(&w->link, (int)i);
}

static void a_branch_is_lost_alone(void **state)
{
	static const char *const chains[] = {"fake:a/fake", "fake:b/fake"};
	struct world w;

	(void)state;
	open_world(&w, chains, 2);
	assert_int_equal(link_alive(&w.link), 1);
	all_up(&w);
	assert_int_equal(link_alive(&w.link), 5);
	link_lose(&w.link, 1, "it went");
	assert_int_equal(link_alive(&w.link), 3);
	assert_false(w.link.up[1] || w.link.up[2]);
	assert_true(w.link.up[0] && w.link.up[3] && w.link.up[4]);
	assert_string_equal(link_gone(&w.link), "L1:fake=a is gone: it went");
	link_lost_more(&w.link, ", while ", "it slept");
	assert_string_equal(w.link.why[2], "L1:fake=a is gone: it went, while it slept");
	assert_string_equal(w.link.why[4], "");
	/* What is in it is gone with it; once more is no further loss. */
	link_lose(&w.link, 2, "it went too");
	assert_int_equal(w.link.losses, 1);
	link_up(&w.link, 1);
	assert_string_equal(w.link.why[1], "");
	link_lose(&w.link, 0, "its agent ended");
	assert_int_equal(link_alive(&w.link), 0);
	assert_string_equal(w.link.why[4], "L0 is gone: its agent ended");
	close_world(&w);
}

/* An error counts from a layer on the way, not from one beside it. */
static void answers_come_from_the_way(void **state)
{
	static const char *const chains[] = {"fake:a/fake", "fake:b/fake"};
	struct world w;
	struct err err;
	json_t *m;
	json_int_t id;

	(void)state;
	open_world(&w, chains, 2);
	all_up(&w);
	id = link_ask(&w.link, 4, "ping", NULL, &err);
	assert_int_equal(id, 1);
	say(&w,
	    "{\"id\":1,\"from\":2,\"is\":\"done\"}\n{\"id\":1,\"from\":2,\"is\":\"error\","
	    "\"text\":\"not mine\"}\n{\"id\":1,\"from\":3,\"is\":\"error\",\"text\":\"no way\"}\n");
	assert_int_equal(link_wait(&w.link, id, 4, NS_PER_S, &m, &err), LINK_ERROR);
	assert_string_equal(err.text, "no way");
	/* Another branch that goes away does not end the wait. */
	id = link_ask(&w.link, 4, "ping", NULL, &err);
	say(&w, "{\"id\":0,\"from\":1,\"is\":\"gone\",\"text\":\"it fell\"}\n"
		"{\"id\":2,\"from\":4,\"is\":\"done\"}\n");
	assert_int_equal(link_wait(&w.link, id, 4, NS_PER_S, &m, &err), LINK_DONE);
	json_decref(m);
	assert_false(w.link.up[2]);
	assert_int_equal(link_ask(&w.link, 2, "ping", NULL, &err), -1);
	assert_string_equal(err.text, "L1:fake=a is gone: it fell");
	/* One on its way does. */
	id = link_ask(&w.link, 4, "ping", NULL, &err);
	say(&w, "{\"id\":0,\"from\":3,\"is\":\"gone\",\"text\":\"it fell too\"}\n");
	assert_int_equal(link_wait(&w.link, id, 4, NS_PER_S, &m, &err), LINK_GONE);
	assert_string_equal(err.text, "L1:fake=b is gone: it fell too");
	/* Out of range is nobody. */
	id = link_ask(&w.link, 0, "ping", NULL, &err);
	say(&w, "{\"id\":0,\"from\":65,\"is\":\"gone\",\"text\":\"x\"}\n"
		"{\"id\":0,\"from\":-1,\"is\":\"gone\",\"text\":\"x\"}\n");
	close(w.agent);
	w.agent = -1;
	assert_int_equal(link_wait(&w.link, id, 0, NS_PER_S, &m, &err), LINK_GONE);
	assert_string_equal(err.text, "L0 is gone: its agent ended");
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_branch_is_lost_alone),
		cmocka_unit_test(answers_come_from_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
