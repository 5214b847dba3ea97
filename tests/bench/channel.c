/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "bench/link/channel.h"

struct pair {
	int fd[2];
	struct channel c;
};

static void pair_open(struct pair *p)
{
	assert_int_equal(pipe(p->fd), 0);
	channel_open(&p->c, p->fd[0], p->fd[1]);
}

static void pair_close(struct pair *p)
{
	channel_release(&p->c);
	close(p->fd[0]);
	if (p->fd[1] >= 0)
		close(p->fd[1]);
}

static void put(struct pair *p, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(p->fd[1], data, len < 32768 ? len : 32768);
		struct err err;

		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
		while (channel_fill(&p->c, &err) == 1 && n < 0)
			n = 0;
	}
}

/* Messages arrive whole however the stream is cut. */
static void test_every_chunk_size(void **state)
{
	static const char text[] = "{\"id\":1}\n{\"id\":2,\"x\":\"a\\nb\"}\n{\"id\":3}\n";

	(void)state;
	for (size_t chunk = 1; chunk <= sizeof(text); chunk++) {
		struct pair p;
		struct err err;
		json_int_t next = 1;

		pair_open(&p);
		for (size_t at = 0; at < sizeof(text) - 1; at += chunk) {
			size_t left = sizeof(text) - 1 - at;
			json_t *m;

			put(&p, text + at, chunk < left ? chunk : left);
			channel_fill(&p.c, &err);
			while ((m = channel_take(&p.c, &err))) {
				assert_int_equal(json_integer_value(json_object_get(m, "id")),
						 next++);
				json_decref(m);
			}
			assert_string_equal(err.text, "");
		}
		assert_int_equal(next, 4);
		pair_close(&p);
	}
}

/* Nonsense is reported once and the stream goes on behind it. */
static void test_nonsense(void **state)
{
	static const char *const bad[] = {"hello",	   "[1]", "{\"a\":1,\"a\":2}",	"{", "1",
					  "{\"a\":1e999}", " ",	  "{\"a\":\"\\u0000\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pair p;
		struct err err;
		json_t *m;

		pair_open(&p);
		put(&p, bad[i], strlen(bad[i]));
		put(&p, "\n{\"id\":9}\n", 10);
		channel_fill(&p.c, &err);
		assert_null(channel_take(&p.c, &err));
		assert_true(err.text[0] != '\0');
		m = channel_take(&p.c, &err);
		assert_non_null(m);
		json_decref(m);
		pair_close(&p);
	}
}

/* Signs of life are no messages, before, between and behind them. */
static void test_empty_lines(void **state)
{
	struct pair p;
	struct err err;

	(void)state;
	pair_open(&p);
	put(&p, "\n\n{\"id\":1}\n\n{\"id\":2}\n\n", 21);
	channel_fill(&p.c, &err);
	for (json_int_t next = 1; next <= 2; next++) {
		json_t *m = channel_take(&p.c, &err);

		assert_non_null(m);
		assert_int_equal(json_integer_value(json_object_get(m, "id")), next);
		json_decref(m);
	}
	assert_null(channel_take(&p.c, &err));
	assert_string_equal(err.text, "");
	for (int i = 0; i < 1000; i++) {
		put(&p, "\n", 1);
		channel_fill(&p.c, &err);
		assert_null(channel_take(&p.c, &err));
		assert_string_equal(err.text, "");
	}
	assert_true(p.c.in.cap <= 4096);
	pair_close(&p);
}

/* An endless line is cut off at the limit; memory stays bounded. */
static void test_endless_line(void **state)
{
	struct pair p;
	struct err err;
	char *junk = malloc(4096);
	int reports = 0;

	(void)state;
	memset(junk, 'x', 4096);
	pair_open(&p);
	for (int i = 0; i < 3 * MESSAGE_LIMIT / 4096; i++) {
		put(&p, junk, 4096);
		channel_fill(&p.c, &err);
		while (channel_take(&p.c, &err) || err.text[0])
			reports++;
		assert_true(p.c.in.cap <= 4 * MESSAGE_LIMIT);
	}
	assert_true(reports >= 2);
	free(junk);
	pair_close(&p);
}

static void test_send_and_close(void **state)
{
	struct pair p;
	struct err err;
	json_t *m;

	(void)state;
	pair_open(&p);
	assert_works(channel_send(&p.c, json_pack("{s:s}", "a", "x\ny\xc3\xa4"), &err), err);
	assert_int_equal(channel_fill(&p.c, &err), 1);
	m = channel_take(&p.c, &err);
	assert_string_equal(json_string_value(json_object_get(m, "a")), "x\ny\xc3\xa4");
	json_decref(m);
	assert_fails(channel_send(&p.c, NULL, &err), err, EXIT_INTERNAL, "out of memory");
	close(p.fd[1]);
	p.fd[1] = -1;
	assert_int_equal(channel_fill(&p.c, &err), 0);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chunk_size), cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_empty_lines),	 cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_send_and_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
