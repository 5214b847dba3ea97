/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/session/progress.h"
#include "lib/wrap.h"

static uint64_t now_ns;

static uint64_t scripted_now(void *ctx)
{
	(void)ctx;
	return now_ns;
}

static const struct clock scripted = {.now_ns = scripted_now};

/* Stands in for standard error: a terminal of so many columns, 0: a pipe. */
static struct {
	int from, was, end;
} out;

static void open_out(unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};
	int pair[2];

	if (columns)
		assert_int_equal(openpty(&pair[0], &pair[1], NULL, NULL, &size), 0);
	else
		assert_int_equal(pipe(pair), 0);
	out.from = pair[0];
	out.was = dup(2);
	out.end = pair[1];
	dup2(out.end, 2);
	setenv("TERM", "xterm", 1);
	now_ns = 0;
}

static void resize(unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};

	assert_int_equal(ioctl(out.from, TIOCSWINSZ, &size), 0);
}

/* What came since the last time. A terminal passes it on a while after it was written: what we say
 * behind it comes last. */
static const char *said(void)
{
	static const char last = '\1';
	static char text[4096];
	size_t len = 0;

	fflush(stderr);
	assert_int_equal(write(out.end, &last, 1), 1);
	do {
		ssize_t got = read(out.from, text + len, sizeof(text) - len);

		assert_true(got > 0);
		len += (size_t)got;
	} while (text[len - 1] != last);
	text[len - 1] = '\0';
	return text;
}

static void close_out(void)
{
	fflush(stderr);
	dup2(out.was, 2);
	close(out.was);
	close(out.end);
	close(out.from);
}

static void test_phase_passes_time(void **state)
{
	struct progress p;

	(void)state;
	open_out(80);
	progress_init(&p, &scripted, false);
	progress_tick(&p); /* nothing goes on yet */
	assert_string_equal(said(), "");
	progress_phase(&p, "starting L%d", 1);
	assert_string_equal(said(), "\rstarting L1  0 s\033[J\r");
	now_ns += 500 * NS_PER_MS;
	progress_tick(&p);
	assert_string_equal(said(), "");
	now_ns += 11 * NS_PER_S;
	progress_tick(&p);
	assert_string_equal(said(), "\rstarting L1  11 s\033[J\r");
	progress_note(&p, "L1 is up");
	assert_string_equal(said(), "\r\033[JL1 is up\r\n");
	progress_end(&p);
	now_ns += 5 * NS_PER_S;
	progress_tick(&p);
	assert_string_equal(said(), "");
	close_out();
}

/* The columns of the one line that was drawn. */
static size_t drawn(const char *text)
{
	char line[256];
	const char *end = strstr(text, "\033[J\r");

	assert_true(text[0] == '\r' && end && !strchr(text, '\n'));
	snprintf(line, sizeof(line), "%.*s", (int)(end - text - 1), text + 1);
	return text_columns(line);
}

static void test_fits_any_width(void **state)
{
	struct progress p;

	(void)state;
	open_out(80);
	progress_init(&p, &scripted, false);
	progress_start(&p, 100);
	for (int i = 0; i < 50; i++)
		progress_done(&p);
	now_ns += 100 * NS_PER_S;
	progress_job(&p, 3, 6, "L2", "cpu.syscall");
	assert_string_equal(said(), "\rround 3/6  L2 cpu.syscall         50 %  100 s left\033[J\r");
	for (unsigned short columns = 1; columns < 120; columns++) {
		resize(columns);
		now_ns += NS_PER_S;
		progress_tick(&p);
		assert_true(drawn(said()) < columns || columns == 1);
	}
	/* The narrow one begins with what tells most; a name is cut between characters. */
	resize(20);
	progress_start(&p, 100);
	now_ns += NS_PER_S;
	progress_job(&p, 1, 2, "Lä", "mäh.mäh.mäh.mäh");
	assert_string_equal(said(), "\r0 % ?  Lä mäh.mäh.m\033[J\r");
	progress_phase(&p, "counting what L1 makes its parent layer do");
	assert_string_equal(said(), "\r0 s  counting what \033[J\r");
	close_out();
}

static void test_time_left_runs_down(void **state)
{
	struct progress p;

	(void)state;
	open_out(80);
	progress_init(&p, &scripted, false);
	progress_start(&p, 10);
	for (int i = 0; i < 5; i++)
		progress_done(&p);
	now_ns += 50 * NS_PER_S;
	progress_job(&p, 1, 1, "L0", "nop");
	assert_non_null(strstr(said(), "50 %  50.0 s left"));
	now_ns += 8 * NS_PER_S;
	progress_tick(&p);
	assert_non_null(strstr(said(), "50 %  42.0 s left"));
	/* One that takes longer than all of them should. */
	now_ns += 100 * NS_PER_S;
	progress_tick(&p);
	assert_non_null(strstr(said(), "50 %  0 s left"));
	close_out();
}

static void use_all(struct progress *p)
{
	progress_phase(p, "starting L1");
	now_ns += 2 * NS_PER_S;
	progress_tick(p);
	progress_note(p, "L1 is up");
	progress_start(p, 4);
	for (uint32_t round = 1; round <= 2; round++)
		for (int i = 0; i < 2; i++) {
			progress_job(p, round, 2, "L1", "nop");
			now_ns += 2 * NS_PER_S;
			progress_tick(p);
			progress_done(p);
		}
	progress_say(p, "L1 is lost");
	progress_end(p);
}

static void test_plain(void **state)
{
	static const char expected[] =
		"starting L1\nL1 is up\nround 1 of 2, 0 of 4 jobs done, ? left\n"
		"round 2 of 2, 2 of 4 jobs done, ? left\nL1 is lost\n";
	struct progress p;

	(void)state;
	open_out(0);
	progress_init(&p, &scripted, false);
	use_all(&p);
	assert_string_equal(said(), expected);
	close_out();
	/* A terminal that cannot redraw gets the same. */
	open_out(20);
	setenv("TERM", "dumb", 1);
	progress_init(&p, &scripted, false);
	use_all(&p);
	assert_null(strchr(said(), '\033'));
	close_out();
}

static void test_quiet(void **state)
{
	struct progress p;

	(void)state;
	for (unsigned short columns = 0; columns <= 80; columns += 80) {
		open_out(columns);
		progress_init(&p, &scripted, true);
		use_all(&p);
		assert_string_equal(said(), columns ? "L1 is lost\r\n" : "L1 is lost\n");
		close_out();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phase_passes_time),
		cmocka_unit_test(test_fits_any_width),
		cmocka_unit_test(test_time_left_runs_down),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
