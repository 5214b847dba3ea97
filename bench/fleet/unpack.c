/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/unpack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Fields of a header, as make_header of payload.c writes them. */
enum { SIZE_AT = 124, SIZE_LEN = 12, SUM_AT = 148, SUM_LEN = 8, TYPE_AT = 156, MAGIC_AT = 257 };
enum { END_BLOCKS = 2 };

static bool part_fits(const char *part, size_t len)
{
	if (!len || !isalnum((unsigned char)part[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)part[i]) && !strchr("._-+:", part[i]))
			return false;
	return true;
}

bool unpack_name_fits(const char *name)
{
	size_t len = strcspn(name, "/");
	const char *below = name[len] ? name + len + 1 : NULL;

	return strlen(name) < PAYLOAD_NAME && part_fits(name, len) &&
	       (!below || part_fits(below, strlen(below)));
}

/* Octal digits up to the end of the field, or a NUL in it. */
static bool read_octal(const char *field, size_t size, uint64_t *number)
{
	size_t i = 0;

	for (*number = 0; i < size && field[i] && field[i] != ' '; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		*number = *number << 3 | (uint64_t)(field[i] - '0');
	}
	return i > 0;
}

static bool sum_is_right(const char *header)
{
	uint64_t said, sum = 0;

	for (size_t i = 0; i < UNPACK_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : (unsigned char)header[i];
	return read_octal(header + SUM_AT, SUM_LEN, &said) && said == sum;
}

static bool is_empty(const char *block)
{
	for (size_t i = 0; i < UNPACK_BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

static int check_header(const struct unpack *u, char name[PAYLOAD_NAME + 1], uint64_t *size,
			struct err *err)
{
	const char *header = u->block;

	memcpy(name, header, PAYLOAD_NAME);
	name[PAYLOAD_NAME] = '\0';
	if (!sum_is_right(header) || memcmp(header + MAGIC_AT, "ustar", 5) != 0 ||
	    !read_octal(header + SIZE_AT, SIZE_LEN, size))
		return err_set(err, EXIT_MACHINE, "what it sent is no tar stream");
	if (header[TYPE_AT] != '0' || !unpack_name_fits(name))
		return err_set(err, EXIT_MACHINE,
			       "it sent \"%.80s\", which is no file of a run directory", name);
	if (u->files == UNPACK_FILES || *size > UNPACK_BYTES - u->bytes)
		return err_set(err, EXIT_MACHINE,
			       "it sent more than a run can hold: %d files of 8 GiB together",
			       UNPACK_FILES);
	return 0;
}

/* Nothing comes behind the end. */
static int take_header(struct unpack *u, struct err *err)
{
	char name[PAYLOAD_NAME + 1];
	uint64_t size;

	if (u->empty_blocks < END_BLOCKS && is_empty(u->block)) {
		u->empty_blocks++;
		return 0;
	}
	if (u->empty_blocks)
		return err_set(err, EXIT_MACHINE, "it sent more behind the end of its files");
	if (check_header(u, name, &size, err) < 0 || u->sink->begin(u->ctx, name, size, err) < 0)
		return -1;
	u->files++;
	u->bytes += size;
	u->left = size;
	u->padding = (UNPACK_BLOCK - size % UNPACK_BLOCK) % UNPACK_BLOCK;
	return size ? 0 : u->sink->end(u->ctx, err);
}

static size_t least(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

int unpack_take(struct unpack *u, const void *data, size_t len, struct err *err)
{
	const char *at = data;
	size_t n;

	for (; len; at += n, len -= n) {
		if (u->left) {
			n = least(u->left, len);
			if (u->sink->data(u->ctx, at, n, err) < 0)
				return -1;
			u->left -= n;
			if (!u->left && u->sink->end(u->ctx, err) < 0)
				return -1;
		} else if (u->padding) {
			n = least(u->padding, len);
			u->padding -= n;
		} else {
			n = least(UNPACK_BLOCK - u->filled, len);
			memcpy(u->block + u->filled, at, n);
			u->filled = (u->filled + n) % UNPACK_BLOCK;
			if (!u->filled && take_header(u, err) < 0)
				return -1;
		}
	}
	return 0;
}

bool unpack_is_whole(const struct unpack *u)
{
	return u->empty_blocks == END_BLOCKS && !u->filled;
}
