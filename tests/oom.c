/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/oom.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
json_t *__real_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);
char *__real_json_dumps(const json_t *value, size_t flags);
char *__wrap_json_dumps(const json_t *value, size_t flags);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
int __wrap_vasprintf(char **out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static uint64_t count, fails_at;
static bool stays;
static int64_t live;

static bool in_jansson;

static bool fails(void)
{
	if (in_jansson)
		return false;
	count++;
	if (!fails_at || (stays ? count < fails_at : count != fails_at))
		return false;
	errno = ENOMEM;
	return true;
}

static void *lives(void *block)
{
	live += block != NULL;
	return block;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : lives(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : lives(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	return old ? __real_realloc(old, size) : lives(__real_malloc(size));
}

void __wrap_free(void *old)
{
	live -= old != NULL;
	__real_free(old);
}

char *__wrap_strndup(const char *text, size_t most)
{
	size_t len = strnlen(text, most);
	char *copy = __wrap_malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, SIZE_MAX / 2);
}

int __wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	*out = len < 0 ? NULL : __wrap_malloc((size_t)len + 1);
	return *out ? vsnprintf(*out, (size_t)len + 1, fmt, ap) : -1;
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = __wrap_vasprintf(out, fmt, ap);
	va_end(ap);
	return len;
}

/*
 * jansson 2.14's parser writes past a block when its string buffer cannot grow, so it fails as a
 * whole here.
 */
json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
	json_t *value;

	if (fails()) {
		*error = (json_error_t){.line = -1};
		error->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_out_of_memory;
		return NULL;
	}
	in_jansson = true;
	value = __real_json_loadb(text, len, flags, error);
	in_jansson = false;
	return value;
}

/* Its printer drops what does not fit into its buffer when that cannot grow. */
char *__wrap_json_dumps(const json_t *value, size_t flags)
{
	char *text;

	if (fails())
		return NULL;
	in_jansson = true;
	text = __real_json_dumps(value, flags);
	in_jansson = false;
	return text;
}

void oom_start(void)
{
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

void oom_arm(uint64_t nth, bool for_ever)
{
	count = 0;
	fails_at = nth;
	stays = for_ever;
}

uint64_t oom_disarm(void)
{
	fails_at = 0;
	return count;
}

int64_t oom_live(void)
{
	return live;
}
