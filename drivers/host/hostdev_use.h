/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine uses a PCI device for; for root see hostdev.h. */
#ifndef NB_HOSTDEV_USE_H
#define NB_HOSTDEV_USE_H

#include <stdbool.h>

enum { HOSTDEV_USER = 300 };

/* Whether a disk on it is mounted, swapped to, or part of another device; user is the disk. */
bool hostdev_is_disk_in_use(const char *root, const char *address, char user[HOSTDEV_USER]);

/* Whether a default route goes out through it, also below a bridge or a bond; user is the card. */
bool hostdev_is_default_route(const char *root, const char *address, char user[HOSTDEV_USER]);

#endif
