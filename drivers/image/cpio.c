/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The archive that the kernel unpacks into its first root file system: cpio's "newc" format (see
 * the kernel's Documentation/driver-api/early-userspace/buffer-format.rst). Each entry is a header
 * of 13 numbers in 8 hexadecimal digits, the name, the data; names and data end on multiples of 4.
 */
#include <string.h>
#include <sys/stat.h>

#include "drivers/image/parts.h"
#include "lib/file.h"

enum { FILE_LIMIT = 64 << 20 };

static void pad(struct buf *b)
{
	static const char zero[4];

	buf_add(b, zero, -b->len & 3);
}

static void header(struct cpio *c, const char *path, mode_t mode, size_t len, unsigned int major,
		   unsigned int minor)
{
	/* inode, mode, uid, gid, links, mtime, size, device (2), special device (2), name, checksum
	 */
	buf_addf(&c->data, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
		 ++c->entries, (unsigned int)mode, 0, 0, 1, 0, len, 0, 0, major, minor,
		 strlen(path) + 1, 0);
	buf_add(&c->data, path, strlen(path) + 1);
	pad(&c->data);
}

void cpio_add(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len)
{
	header(c, path, mode, len, 0, 0);
	if (len)
		buf_add(&c->data, data, len);
	pad(&c->data);
}

void cpio_add_device(struct cpio *c, const char *path, mode_t mode, unsigned int major,
		     unsigned int minor)
{
	header(c, path, mode, 0, major, minor);
}

int cpio_add_file(struct cpio *c, const char *path, mode_t mode, const char *source,
		  struct err *err)
{
	struct buf content = BUF_INIT;
	int result = file_read(source, FILE_LIMIT, &content, err);

	if (result == 0)
		cpio_add(c, path, S_IFREG | mode, content.data, content.len);
	buf_release(&content);
	return result;
}

int cpio_finish(struct cpio *c, struct err *err)
{
	cpio_add(c, "TRAILER!!!", 0, NULL, 0);
	return buf_check(&c->data, err);
}

void cpio_release(struct cpio *c)
{
	buf_release(&c->data);
	*c = (struct cpio){0};
}
