/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files an attached machine needs. */
#ifndef NB_SSH_FILES_H
#define NB_SSH_FILES_H

#include "drivers/ssh/payload.h"

/* The static agent and the measured programs: all that a machine needs which starts no layers. */
int files_add_small(struct payload *p, struct err *err);

/*
 * The whole program with its modules; below FILES_SPARE the libraries that it uses here and
 * that may be lacking there, not those of C, which are the machine's; and the guest image (NULL:
 * none) under the names below.
 */
#define FILES_SPARE "spare/"
#define FILES_KERNEL "kernel"
#define FILES_INITRD "initrd"
#define FILES_DISK "disk"
int files_add_full(struct payload *p, const char *kernel, const char *initrd, const char *disk,
		   struct err *err);

#endif
