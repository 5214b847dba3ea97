/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of image making that need libarchive and libext2fs. They are in a module of their own
 * (lib/program.h): the same nestbench is the agent in every guest, where the libraries would only
 * take time to load.
 */
#ifndef NB_IMAGE_TOOLS_H
#define NB_IMAGE_TOOLS_H

#include "drivers/image/parts.h"

#define IMAGE_MODULE "nestbench_image"

/* The time of every file (2020-01-01), so that the same inputs give the same file system. */
enum { IMAGE_TIME = 1577836800 };

struct image_tools {
	/*
	 * Unpacks gzip, bzip2, lzma, xz, lz4 or zstd data, at least a byte, and appends them to
	 * *out. 1: unpacked; 0: the data are of none of these formats, and were appended as they
	 * are; -1: damaged, or more than limit bytes.
	 */
	int (*unpack)(const void *data, size_t len, size_t limit, struct buf *out, struct err *err);
	/* Makes the initramfs archive (cpio's "newc" format) from the directories and files of a
	 * tree, and a console. */
	int (*make_cpio)(const struct tree *t, const char *to, struct err *err);
	/* Makes the root disk. */
	int (*make_ext4)(const struct tree *t, const char *to, struct err *err);
};

int unpack_bytes(const void *data, size_t len, size_t limit, struct buf *out, struct err *err);
int cpio_make(const struct tree *t, const char *to, struct err *err);
int ext4_make(const struct tree *t, const char *to, struct err *err);

/* NULL with EXIT_MACHINE. */
const struct image_tools *image_tools_load(struct err *err);

#endif
