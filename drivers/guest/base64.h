/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in JSON: base64 with padding (RFC 4648, section 4). */
#ifndef NB_BASE64_H
#define NB_BASE64_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"

/* Appends the text. */
void base64_encode(const void *data, size_t len, struct buf *out);

/* Appends the bytes. Strict: EXIT_INTERNAL for what no encoder writes. */
int base64_decode(const char *text, struct buf *out, struct err *err);

#endif
