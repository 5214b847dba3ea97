/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a working set fits into a cache, as far as the layer shows its caches: a kernel that is
 * meant to measure memory must not measure a last-level cache unnoticed, and their sizes differ by
 * a factor of fifty between machines.
 */
#ifndef NB_CACHE_H
#define NB_CACHE_H

#include <stdint.h>

#include "workloads/workload.h"

/* The size of the last level in a directory like sysfs's; NULL: of CPU 0. 0: it is not shown. */
uint64_t cache_last_level_bytes(const char *dir);

/*
 * Adds the note "within the last-level cache (105MiB)" where the working sets of all threads and
 * copies fit into it together; bytes is the size of one.
 */
void cache_note(uint64_t bytes, const struct workload_env *env);

#endif
