/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number in a flood of lines: found wherever it stands, in pieces of any size.
 */
#include "tests/check.h"

#include "workloads/command/output.h"

static struct output output; /* too large for a stack */

/* Feeds the text in pieces of `piece` bytes. */
static void feed(const struct metric *m, const struct buf *text, size_t piece)
{
	struct err err;

	output_begin(&output, m);
	for (size_t at = 0; at < text->len; at += piece) {
		size_t len = text->len - at < piece ? text->len - at : piece;

		assert_works(output_add(&output, text->data + at, len, &err), err);
	}
	assert_int_equal(output.bytes, text->len);
}

static void add_many(struct buf *text, const char *line, size_t bytes)
{
	for (size_t end = text->len + bytes; text->len < end;)
		buf_addstr(text, line);
}

/* Noise before it and behind it, so that it comes to stand at every place of the window. */
static void test_found_anywhere(void **state)
{
	static const size_t pieces[] = {1, 7, 4096, OUTPUT_WINDOW, 10 * OUTPUT_WINDOW};
	struct metric m = {0};
	struct err err;

	(void)state;
	assert_works(metric_compile(&m, "^rate=([0-9]+)", &err), err);
	for (size_t before = 0; before < 3 * OUTPUT_WINDOW; before += 4099)
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			struct buf text = BUF_INIT;
			double value = 0;

			if (pieces[i] < 4096 && before % 3)
				continue;
			add_many(&text, "a rate=1, but not at the start of its line\n", before);
			buf_addstr(&text, "rate=123456k/s\nrate=7\n");
			add_many(&text, "rate=8 comes later\n", before % 5 ? 2 * OUTPUT_WINDOW : 0);
			feed(&m, &text, pieces[i]);
			assert_works(output_metric(&output, &value, &err), err);
			assert_close(value, 123456000, 0);
			buf_release(&text);
		}
	metric_release(&m);
}

/* One line without an end, as progress is shown: the last half of the window is sure to be seen. */
static void test_long_line(void **state)
{
	struct buf text = BUF_INIT;
	struct metric m = {0}, start = {0};
	double value = 0;
	struct err err;

	(void)state;
	assert_works(metric_compile(&m, "([0-9]+) in all", &err), err);
	add_many(&text, "123 and on and on\r", 5 * OUTPUT_WINDOW + 11);
	buf_addstr(&text, "456789 in all");
	for (size_t piece = 1; piece < 2 * OUTPUT_WINDOW; piece = piece * 3 + 1) {
		feed(&m, &text, piece);
		assert_works(output_metric(&output, &value, &err), err);
		assert_close(value, 456789, 0);
	}
	/* The window does not begin where the line does. */
	assert_works(metric_compile(&start, "^.*([0-9]) in all", &err), err);
	feed(&start, &text, 1000);
	assert_fails(output_metric(&output, &value, &err), err, EXIT_USAGE, "is not found in: ");
	metric_release(&start);
	metric_release(&m);
	buf_release(&text);
}

static void test_not_found(void **state)
{
	struct buf text = BUF_INIT;
	struct metric m = {0};
	double value = 0;
	struct err err;

	(void)state;
	assert_works(metric_compile(&m, "x=([-0-9]+)", &err), err);
	feed(&m, &text, 1);
	assert_fails(output_metric(&output, &value, &err), err, EXIT_USAGE, "is not found in: ");
	add_many(&text, "nothing of interest\n", 3 * OUTPUT_WINDOW);
	buf_addstr(&text, "the end\n\n");
	feed(&m, &text, 999);
	assert_fails(output_metric(&output, &value, &err), err, EXIT_USAGE,
		     "\"x=([-0-9]+)\" is not found in: the end");
	/* What the pattern fits first counts, though a good one comes later. */
	buf_addstr(&text, "x=-5\n");
	add_many(&text, "nothing of interest\n", 3 * OUTPUT_WINDOW);
	buf_addstr(&text, "x=5\n");
	feed(&m, &text, 999);
	assert_fails(output_metric(&output, &value, &err), err, EXIT_USAGE,
		     "\"-5\" is not a number above 0");
	assert_close(value, 0, 0);
	/* A NUL ends nothing. */
	buf_clear(&text);
	buf_add(&text, "a\0x=6", 5);
	feed(&m, &text, 2);
	assert_works(output_metric(&output, &value, &err), err);
	assert_close(value, 6, 0);
	metric_release(&m);
	buf_release(&text);
}

static void test_last_line(void **state)
{
	struct buf text = BUF_INIT;
	struct output_line last;

	(void)state;
	output_begin(&output, NULL);
	assert_int_equal(output_last_line(&output).len, 0);
	/* The window is full exactly behind a line. */
	while (text.len < OUTPUT_WINDOW - 1)
		buf_addstr(&text, text.len % 2 ? "x" : "\n");
	feed(NULL, &text, 64);
	last = output_last_line(&output);
	assert_int_equal(last.len, 1);
	add_many(&text, "y", 300);
	feed(NULL, &text, 64);
	last = output_last_line(&output);
	assert_int_equal(last.len, 100);
	assert_memory_equal(last.text, "yyyy", 4);
	buf_release(&text);
}

static void test_limit(void **state)
{
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	add_many(&text, "y\n", 1 << 20);
	output_begin(&output, NULL);
	for (size_t i = 0; i < OUTPUT_LIMIT_BYTES / text.len; i++)
		assert_works(output_add(&output, text.data, text.len, &err), err);
	assert_fails(output_add(&output, "y", 1, &err), err, EXIT_USAGE,
		     "the command printed more than 16 MiB");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_anywhere), cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_not_found),      cmocka_unit_test(test_last_line),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
