/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a working set lies in a cache, as far as the layer shows its caches: what is meant to
 * measure memory must not measure a last-level cache in silence, and how large those are differs by
 * a factor of fifty between machines.
 */
#ifndef NB_CACHE_H
#define NB_CACHE_H

#include <stdint.h>

#include "workloads/workload.h"

/* The size of the last level in a directory as of sysfs; NULL: of CPU 0. 0: it is not shown. */
uint64_t cache_last_level_bytes(const char *dir);

/*
 * Remarks "within the last-level cache (105MiB)" where so many bytes in each of all threads and
 * copies together fit into it.
 */
void cache_note(uint64_t bytes, const struct workload_env *env);

#endif
