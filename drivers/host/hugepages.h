/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Huge pages of a layer's kernel, for the memory of the VM that it starts. root is put in front of
 * /sys and /proc: "" for this machine; tests bring their own files.
 */
#ifndef NB_HUGEPAGES_H
#define NB_HUGEPAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * The largest size of huge page that divides memory_bytes and of which enough are free: 1 GiB or 2
 * MiB. EXIT_MACHINE when there are too few, with the commands that reserve them and put the machine
 * back; nothing is changed here. EXIT_USAGE when the memory is not a multiple of 2 MiB.
 */
int hugepages_find(const char *root, uint64_t memory_bytes, uint64_t *page_bytes, struct err *err);

/* What hugepages_reserve changed. */
struct hugepages_change {
	bool changed;
	uint64_t before; /* pages of 2 MiB that were reserved */
};

/*
 * Makes this kernel reserve as many pages of 2 MiB as are missing, after compacting its memory;
 * only for kernels of guests. On failure nothing is changed.
 */
int hugepages_reserve(const char *root, uint64_t memory_bytes, struct hugepages_change *change,
		      struct err *err);

/* Releases them; nothing changed is fine. */
void hugepages_put_back(const char *root, struct hugepages_change *change);

#endif
