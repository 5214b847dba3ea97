/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/str.h"

enum { BLOCK = 512, END = 2 * BLOCK, CHUNK = 128 * BLOCK };

int payload_add(struct payload *p, const char *path, const char *name, struct err *err)
{
	struct payload_file *f = &p->file[p->count];
	struct stat st;

	if (p->count == PAYLOAD_MAX || strlen(name) >= sizeof(f->name) ||
	    strlen(path) >= sizeof(f->path))
		return err_set(err, EXIT_INTERNAL, "too much to send: %s", path);
	if (stat(path, &st) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot send %s", path);
	str_copy(f->path, sizeof(f->path), path);
	str_copy(f->name, sizeof(f->name), name);
	f->size = (uint64_t)st.st_size;
	f->mode = st.st_mode & 0111 ? 0700 : 0600;
	p->count++;
	return 0;
}

static uint64_t padded(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

uint64_t payload_bytes(const struct payload *p)
{
	uint64_t bytes = END;

	for (size_t i = 0; i < p->count; i++)
		bytes += BLOCK + padded(p->file[i].size);
	return bytes;
}

/* Fields are octal texts at fixed places; the sum counts its own field as blanks. */
static void make_header(const struct payload_file *f, char header[BLOCK])
{
	unsigned sum = 0;

	memset(header, 0, BLOCK);
	snprintf(header, PAYLOAD_NAME, "%s", f->name);
	snprintf(header + 100, 8, "%07o", (unsigned)f->mode);
	snprintf(header + 108, 8, "%07o", 0U);
	snprintf(header + 116, 8, "%07o", 0U);
	snprintf(header + 124, 12, "%011" PRIo64, f->size);
	snprintf(header + 136, 12, "%011o", 0U);
	memset(header + 148, ' ', 8);
	header[156] = '0';
	memcpy(header + 257, "ustar\00000", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
}

static int send_content(int fd, const struct payload_file *f, payload_put put, void *ctx,
			struct err *err)
{
	char chunk[CHUNK];

	for (uint64_t left = f->size; left;) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t got = read(fd, chunk, want);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(err, EXIT_MACHINE,
				       "%s became shorter while it was sent: try again", f->path);
		if (put(ctx, chunk, (size_t)got, err) < 0)
			return -1;
		left -= (uint64_t)got;
	}
	memset(chunk, 0, BLOCK);
	return put(ctx, chunk, (size_t)(padded(f->size) - f->size), err);
}

int payload_send_file(const struct payload_file *f, payload_put put, void *ctx, struct err *err)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC), done;
	char header[BLOCK];

	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot send %s", f->path);
	make_header(f, header);
	done = put(ctx, header, BLOCK, err);
	if (done == 0)
		done = send_content(fd, f, put, ctx, err);
	close(fd);
	return done;
}

int payload_send_end(payload_put put, void *ctx, struct err *err)
{
	static const char end[END];

	return put(ctx, end, END, err);
}

int payload_send(const struct payload *p, payload_put put, void *ctx, struct err *err)
{
	for (size_t i = 0; i < p->count; i++)
		if (payload_send_file(&p->file[i], put, ctx, err) < 0)
			return -1;
	return payload_send_end(put, ctx, err);
}
