/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a container sees of its parent layer's files: all of them, read-only and under the same
 * paths, so that what is measured is the same program; places of its own for what is temporary; and
 * for writing only what it was given.
 */
#ifndef NB_CONTAINER_VIEW_H
#define NB_CONTAINER_VIEW_H

#include <limits.h>

#include "drivers/driver.h"

enum view_kind {
	VIEW_EMPTY,  /* a file system in memory */
	VIEW_READ,   /* of the parent layer, read-only */
	VIEW_WRITE,  /* of the parent layer */
	VIEW_CHARS,  /* a character device, or a directory of such */
	VIEW_BLOCKS, /* a block device */
};

enum { VIEW_MAX = 32, VIEW_PATH = 512 };

struct view {
	struct {
		enum view_kind kind;
		char path[VIEW_PATH];
	} item[VIEW_MAX]; /* a later one lies above an earlier one */
	int count;
	char work_dir[VIEW_PATH]; /* the container's own, absolute */
	char program[PATH_MAX];	  /* whose command `agent` serves it */
};

/* Everything below "/" that stands over the parent layer's own files. sub_dir is the name of the
 * container's work directory in that of the spec. */
int view_make(struct view *v, const struct layer_spec *spec, const char *sub_dir, struct err *err);

#endif
