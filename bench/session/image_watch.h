/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is the guest image still what it was when the run began? Nothing has a reason to write to it, but
 * caches are cleared by hand, disks fail and fill up: then VMs would run unknown bytes, or one
 * boot something else than the next. Looking costs a few system calls on the machine itself.
 */
#ifndef NB_IMAGEWATCH_H
#define NB_IMAGEWATCH_H

#include <sys/stat.h>

#include "lib/err.h"

enum { IMAGE_FILES = 3 };

struct image_watch {
	struct {
		const char *path; /* borrowed */
		int fd;		  /* -1: not watched */
		struct stat was;
	} file[IMAGE_FILES];
};

#define IMAGE_WATCH_NONE                                                                           \
	{                                                                                          \
		.file = { {.fd = -1}, {.fd = -1}, {.fd = -1} }                                     \
	}

/*
 * Remembers these files; NULL: there is none. One that cannot be opened is not watched: the layer
 * that is to boot from it says why it cannot.
 */
void image_watch_begin(struct image_watch *w, const char *kernel, const char *initrd,
		       const char *disk);
void image_watch_end(struct image_watch *w);

/* For VMs that run: their files have not been written to. EXIT_MACHINE says which one has. */
int image_watch_unwritten(const struct image_watch *w, struct err *err);

/* For VMs that are to be started: likewise, and the files are still found where they were. */
int image_watch_same(const struct image_watch *w, struct err *err);

#endif
