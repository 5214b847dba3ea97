/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest prints without end: the test writes in QEMU's place, libvirt's event loop is real.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "drivers/libvirt/console.h"
#include "drivers/libvirt/session.h"
#include "lib/clock.h"

enum { LINE = 64, SETTLE_MS = 10000 };

static char *dir, path[128];
static struct libvirt_session session = LIBVIRT_SESSION_NONE;

static int begin(void **state)
{
	struct err err;

	(void)state;
	dir = test_dir_make();
	snprintf(path, sizeof(path), "%s/console-1.log", dir);
	assert_works(libvirt_session_open(&session, "test:///default", NULL, &err), err);
	return 0;
}

static int end(void **state)
{
	(void)state;
	libvirt_session_close(&session);
	test_dir_remove(dir);
	return 0;
}

static off_t size_now(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Lines that count, at most `bytes` of them, as QEMU does: one after the other, appended. */
static void print(int qemu, int *line, off_t bytes)
{
	char text[LINE + 1];

	for (off_t i = 0; i < bytes; i += LINE) {
		snprintf(text, sizeof(text), "%0*d\n", LINE - 1, (*line)++);
		assert_int_equal(write(qemu, text, LINE), LINE);
	}
}

/* It is empty for a moment while it is cut. */
static bool settles_below(off_t limit)
{
	off_t size = size_now();

	for (int ms = 0; ms < SETTLE_MS && (size > limit || size == 0); ms++) {
		usleep(1000);
		size = size_now();
	}
	return size > 0 && size <= limit;
}

/* However much is printed, the file is cut, and what was printed last is there. */
static void endless_output_is_cut(void **state)
{
	struct err err;
	struct libvirt_console *c = libvirt_console_open(path, &err);
	struct buf text = BUF_INIT;
	char last[LINE + 1];
	off_t most = 0;
	int line = 0, qemu;

	(void)state;
	if (!c)
		fail_msg("%s", err.text);
	qemu = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(qemu >= 0);
	for (int mib = 0; mib < 16; mib++) {
		for (int i = 0; i < 16; i++) {
			print(qemu, &line, LIBVIRT_CONSOLE_MAX / 16);
			most = size_now() > most ? size_now() : most;
			usleep(2000); /* a serial port is not faster */
		}
		assert_true(settles_below(LIBVIRT_CONSOLE_MAX));
	}
	assert_true(most < 2 * LIBVIRT_CONSOLE_MAX);
	snprintf(last, sizeof(last), "%0*d\n", LINE - 1, line - 1);
	assert_works(file_read(path, 2 * LIBVIRT_CONSOLE_MAX, &text, &err), err);
	assert_string_equal(buf_str(&text) + text.len - LINE, last);
	buf_release(&text);
	libvirt_console_clear(c);
	assert_int_equal(size_now(), 0);
	close(qemu);
	libvirt_console_close(c);
	assert_int_equal(access(path, F_OK), -1);
}

/* What fits is left as it is, to the byte. */
static void little_is_kept(void **state)
{
	struct err err;
	struct libvirt_console *c = libvirt_console_open(path, &err);
	int line = 0, qemu = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	(void)state;
	assert_non_null(c);
	print(qemu, &line, LIBVIRT_CONSOLE_MAX);
	usleep(200000);
	assert_int_equal(size_now(), LIBVIRT_CONSOLE_MAX);
	assert_int_equal(write(qemu, "x", 1), 1);
	assert_true(settles_below(LIBVIRT_CONSOLE_KEEP));
	assert_int_equal(size_now(), LIBVIRT_CONSOLE_KEEP);
	close(qemu);
	libvirt_console_close(c);
}

/* A guest that prints nothing wakes nobody: this process uses no CPU meanwhile. */
static void silence_costs_nothing(void **state)
{
	struct err err;
	struct libvirt_console *c = libvirt_console_open(path, &err);
	struct timespec before, after;

	(void)state;
	assert_non_null(c);
	usleep(100000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	usleep(1000000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true((after.tv_sec - before.tv_sec) * (long)NS_PER_S + after.tv_nsec -
			    before.tv_nsec <
		    (long)(2 * NS_PER_MS));
	libvirt_console_close(c);
	libvirt_console_close(NULL);
}

static void cannot_be_made(void **state)
{
	struct err err;

	(void)state;
	assert_null(libvirt_console_open("/nosuch/console-1.log", &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "/nosuch/console-1.log"));
}

/* However a text comes, in parts, across what is read at once, or behind a cut, it is found; and
 * what was read is not read again. */
static void text_is_found_once_it_stands_there(void **state)
{
	static const char word[] = "nestbench-probe-ok";
	struct libvirt_console_search s = {.path = path, .text = word};
	char filler[8192];
	int fd;

	(void)state;
	memset(filler, 'n', sizeof(filler)); /* may always be the beginning of it */
	unlink(path);
	assert_false(libvirt_console_holds(&s));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_false(libvirt_console_holds(&s));
	for (int i = 1; i <= 20; i++) {
		assert_int_equal(write(fd, filler, 1000), 1000);
		assert_false(libvirt_console_holds(&s));
		assert_int_equal(s.next, 1000 * i - (int)strlen(word) + 1);
	}
	/* Byte by byte. */
	for (const char *c = word; *c; c++) {
		assert_false(libvirt_console_holds(&s));
		assert_int_equal(write(fd, c, 1), 1);
	}
	assert_true(libvirt_console_holds(&s));
	/* Wherever it lies to the chunks. */
	for (size_t before = sizeof(filler) - sizeof(word) - 1; before <= sizeof(filler);
	     before++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(write(fd, filler, before), before);
		assert_int_equal(write(fd, word, strlen(word)), strlen(word));
		s.next = 0;
		assert_true(libvirt_console_holds(&s));
	}
	/* The file is cut to its end, and the text stands in front of where was read to. */
	assert_int_equal(ftruncate(fd, 0), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(write(fd, filler, sizeof(filler)), sizeof(filler));
	assert_false(libvirt_console_holds(&s));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, word, strlen(word)), strlen(word));
	assert_int_equal(write(fd, filler, 100), 100);
	assert_true(libvirt_console_holds(&s));
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endless_output_is_cut),
		cmocka_unit_test(little_is_kept),
		cmocka_unit_test(silence_costs_nothing),
		cmocka_unit_test(cannot_be_made),
		cmocka_unit_test(text_is_found_once_it_stands_there),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
