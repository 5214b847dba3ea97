/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program without a C library needs: system calls, and a little text. For init.c only. */
#ifndef NB_GUEST_BARE_H
#define NB_GUEST_BARE_H

#include <asm/unistd.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { STEP_MS = 5 }; /* what wait_step() waits */

/* ---- system calls ---- */

static long call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

#define CALL1(n, a) call(__NR_##n, (long)(a), 0, 0, 0, 0)
#define CALL2(n, a, b) call(__NR_##n, (long)(a), (long)(b), 0, 0, 0)
#define CALL3(n, a, b, c) call(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL4(n, a, b, c, d) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0)
#define CALL5(n, a, b, c, d, e)                                                                    \
	call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

/* What the compiler expects to exist. */
void *memset(void *to, int value, size_t len);
void *memcpy(void *restrict to, const void *restrict from, size_t len);

void *memset(void *to, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile char *)to)[i] = (char)value;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile char *)to)[i] = ((const char *)from)[i];
	return to;
}

/* ---- text ---- */

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static bool starts(const char *s, const char *with)
{
	while (*with)
		if (*s++ != *with++)
			return false;
	return true;
}

static bool same(const char *a, const char *b)
{
	return starts(a, b) && length(a) == length(b);
}

/* Joins three strings; what does not fit is cut. Returns to. */
static const char *join(char *to, size_t size, const char *a, const char *b, const char *c)
{
	const char *const part[] = {a, b, c};
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		for (const char *s = part[i]; *s && n < size - 1; s++)
			to[n++] = *s;
	to[n] = '\0';
	return to;
}

/* A number that is not negative, at the end of a buffer of 16. */
static const char *decimal(long number, char text[16])
{
	char *at = text + 15;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) && at > text);
	return at;
}

static void say(const char *a, const char *b, const char *c)
{
	char line[512];

	join(line, sizeof(line), a, b, c);
	CALL3(write, 2, line, length(line));
}

static void wait_step(void)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	CALL2(nanosleep, &step, 0);
}

/* Reads a small file as a string; "" when it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	long fd = CALL3(open, path, O_RDONLY | O_CLOEXEC, 0), got;
	size_t n = 0;

	while (fd >= 0 && n < size - 1 && (got = CALL3(read, fd, text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	if (fd >= 0)
		CALL1(close, fd);
	return fd >= 0;
}

#endif
