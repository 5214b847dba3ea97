/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file system that is mounted at no path: only this process reaches it, through a descriptor, and
 * it goes away when the last descriptor is closed, however the process ends. So a kernel can use a
 * file system without leaving anything behind.
 */
#ifndef NB_DETACHED_MOUNT_H
#define NB_DETACHED_MOUNT_H

#include <stdbool.h>

#include "lib/err.h"

/*
 * Mounts a file system of a type ("tmpfs", "ext4") from a device (NULL: it has none); a descriptor
 * of its root, or -1. Needs the right to mount; may_unshare asks for a user namespace of this
 * process where that right is missing, in which such types can be mounted as have no device.
 */
int detached_mount(const char *type, const char *device, bool may_unshare, struct err *err);

#endif
