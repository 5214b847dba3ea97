/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root directory of the embedded QEMU driver: its configuration, and the cache of what libvirt
 * found out about QEMU (caps_cache.h).
 */
#ifndef NB_LIBVIRT_ROOT_H
#define NB_LIBVIRT_ROOT_H

#include "drivers/libvirt/session.h"
#include "lib/err.h"

enum { LIBVIRT_ROOT = 128 };

struct libvirt_root {
	char path[LIBVIRT_ROOT];    /* absolute; "" until the first use */
	char topmost[LIBVIRT_ROOT]; /* the highest directory that was made for it */
	char **dirs;		    /* what libvirt made below it when it first opened it */
	int dir_count;
	int users;
};

/* The absolute path of work_dir, which a daemon needs. EXIT_USAGE where it cannot be used. */
int libvirt_work_dir(const char *work_dir, char dir[LIBVIRT_WORK_DIR_MAX + 1], struct err *err);

/* Makes the root, at the first call in work_dir, and counts one more user. */
int libvirt_root_acquire(struct libvirt_root *r, const char *work_dir, struct err *err);

/*
 * To be called when libvirt has opened the root: libvirt makes its directories only once, so that
 * they have to be made again when the root comes back after it was removed.
 */
void libvirt_root_learn(struct libvirt_root *r);

/* One user less; the last one saves the cache and removes everything that was made. */
void libvirt_root_release(struct libvirt_root *r);

#endif
