/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/buf.h"

#include <stdlib.h>
#include <string.h>

#include "lib/streams.h"

static bool reserve(struct buf *b, size_t extra)
{
	size_t want = b->len + extra + 1, cap = b->cap ? b->cap : 64;
	char *data;

	if (b->failed)
		return false;
	if (want <= b->cap)
		return true;
	while (cap < want)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int need;

	va_copy(again, ap);
	need = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (need < 0 || !reserve(b, (size_t)need))
		return;
	vsnprintf(b->data + b->len, (size_t)need + 1, fmt, ap);
	b->len += (size_t)need;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

int buf_check(const struct buf *b, struct err *err)
{
	return b->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

int buf_print(const struct buf *b, FILE *to, struct err *err)
{
	if (buf_check(b, err) < 0)
		return -1;
	streams_put(to, buf_str(b), b->len);
	return 0;
}

char *buf_take(struct buf *b)
{
	char *data;

	buf_add(b, "", 0);
	if (b->failed) {
		buf_release(b);
		return NULL;
	}
	data = b->data;
	*b = (struct buf)BUF_INIT;
	return data;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT;
}

void buf_done(struct buf *part, struct buf *whole)
{
	whole->failed |= part->failed;
	buf_release(part);
}
