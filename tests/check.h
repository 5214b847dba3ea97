/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What cmocka lacks. Included by every test first.
 */
#ifndef NB_TEST_CHECK_H
#define NB_TEST_CHECK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"

/* |a - b| <= tolerance, as doubles (cmocka's assert_float_equal casts to float). */
#define assert_close(a, b, tolerance)                                                              \
	do {                                                                                       \
		double a_ = (a), b_ = (b), t_ = (tolerance);                                       \
		if (!(fabs(a_ - b_) <= t_))                                                        \
			fail_msg("%s = %.17g, expected %.17g within %g", #a, a_, b_, t_);          \
	} while (0)

/* The call must succeed; its err is shown when it does not. */
#define assert_works(call, err)                                                                    \
	do {                                                                                       \
		if ((call) != 0)                                                                   \
			fail_msg("%s: %s", #call, (err).text);                                     \
	} while (0)

/* The call must fail with this exit code and a text that holds `part`. */
#define assert_fails(call, err, exit, part)                                                        \
	do {                                                                                       \
		(err).text[0] = '\0';                                                              \
		assert_int_equal((call), -1);                                                      \
		assert_int_equal((err).code, (exit));                                              \
		if (!strstr((err).text, (part)))                                                   \
			fail_msg("\"%s\" does not hold \"%s\"", (err).text, (part));               \
	} while (0)

/* The condition must hold within 10 s: what another process does takes as long as the machine lets
 * it. */
#define assert_soon(condition)                                                                     \
	do {                                                                                       \
		for (int ms_ = 0; !(condition); ms_++) {                                           \
			if (ms_ == 10000)                                                          \
				fail_msg("%s does not come true", #condition);                     \
			usleep(1000);                                                              \
		}                                                                                  \
	} while (0)

/* Whether AddressSanitizer is in: slow, and it keeps what was freed for a while. */
#if defined(__SANITIZE_ADDRESS__)
#define TEST_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_SANITIZED true
#endif
#endif
#ifndef TEST_SANITIZED
#define TEST_SANITIZED false
#endif

/* Compares text with the golden file tests/NAME; UPDATE_GOLDEN=1 writes it instead. */
static inline void assert_golden(const char *name, const char *text)
{
	struct buf path = BUF_INIT, want = BUF_INIT;
	struct err err = {0};

	buf_addf(&path, "%s/%s", TEST_SOURCE_DIR, name);
	if (getenv("UPDATE_GOLDEN")) {
		assert_works(file_write_whole(buf_str(&path), text, strlen(text), &err), err);
	} else {
		assert_works(file_read(buf_str(&path), 1 << 20, &want, &err), err);
		assert_string_equal(text, buf_str(&want));
	}
	buf_release(&path);
	buf_release(&want);
}

/* A fresh directory below the build tree's tests; free() the name. Removed by test_dir_remove. */
static inline char *test_dir_make(void)
{
	char *dir = NULL;

	assert_true(asprintf(&dir, "%s/test-XXXXXX", TEST_BINARY_DIR) > 0);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline void test_dir_remove(char *dir)
{
	struct err err = {0};

	assert_works(file_remove_tree(dir, &err), err);
	free(dir);
}

#endif
