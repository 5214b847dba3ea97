/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small file server, HTTP/1.1: "GET /FILE/SIZE" is the first SIZE bytes of a file. The files are
 * parts of one block in memory, as of a web server that caches what it serves. Clients may be
 * guests: a request is bounded, and reaches nothing but these files.
 */
#ifndef NB_NET_HTTP_H
#define NB_NET_HTTP_H

#include <stddef.h>
#include <stdint.h>

enum { HTTP_FILES = 16, HTTP_SIZE_MAX = 1 << 20, HTTP_HEAD = 1024 };

/* The 64-bit word number i of a file, in the machine's byte order. */
uint64_t http_word(unsigned file, uint64_t i);

/*
 * Serves a connection of which the first bytes were received already (len, less than HTTP_HEAD),
 * until its client closes it, asks for that or sends what cannot be answered. The caller closes it.
 */
void http_serve(int fd, const char *first, size_t len);

#endif
