/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/guest/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *data, size_t len, struct buf *out)
{
	const unsigned char *in = data;

	for (size_t at = 0; at < len; at += 3) {
		size_t have = len - at < 3 ? len - at : 3;
		unsigned bits = (unsigned)in[at] << 16;
		char four[4];

		if (have > 1)
			bits |= (unsigned)in[at + 1] << 8;
		if (have > 2)
			bits |= in[at + 2];
		for (size_t i = 0; i < 4; i++)
			four[i] = i <= have ? digits[bits >> (18 - 6 * i) & 63] : '=';
		buf_add(out, four, sizeof(four));
	}
}

/* Four characters, of which the last two may be padding. How many bytes they stand for; 0: none. */
static size_t decode_four(const char *four, unsigned char bytes[3])
{
	size_t pad = four[3] != '=' ? 0 : four[2] != '=' ? 1 : 2;
	unsigned bits = 0;

	for (size_t i = 0; i < 4; i++) {
		const char *digit = i < 4 - pad ? memchr(digits, four[i], 64) : digits;

		if (!digit)
			return 0;
		bits = bits << 6 | (unsigned)(digit - digits);
	}
	/* The bits that padding cuts off are 0. */
	if (bits & ((1U << 8 * pad) - 1))
		return 0;
	bytes[0] = (unsigned char)(bits >> 16);
	bytes[1] = (unsigned char)(bits >> 8);
	bytes[2] = (unsigned char)bits;
	return 3 - pad;
}

int base64_decode(const char *text, struct buf *out, struct err *err)
{
	size_t len = strlen(text);
	unsigned char bytes[3];

	for (size_t at = 0; at < len; at += 4) {
		size_t got = len - at < 4 ? 0 : decode_four(text + at, bytes);

		if (got == 0 || (got < 3 && at + 4 != len))
			return err_set(err, EXIT_INTERNAL, "this is no base64: \"%.40s\"",
				       text + at);
		buf_add(out, (const char *)bytes, got);
	}
	return buf_check(out, err);
}
