/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file system of two files for SQLite: the database and its rollback journal, each in a region of
 * the upper half of the scratch, so that a commit reaches the device of this layer whether the
 * scratch is a file or a bare disk. Lengths live in memory: the database starts empty, and is gone
 * when its connection is closed.
 */
#ifndef NB_SQLITE_VFS_H
#define NB_SQLITE_VFS_H

#include <sqlite3.h>

#include "workloads/workload.h"

struct sqlite_disk {
	sqlite3_vfs vfs;
	int fd; /* 0: none */
	struct sqlite_region {
		uint64_t start, room, length; /* bytes */
	} database, journal;
};

/* Opens the scratch and registers the file system; its name for sqlite3_open_v2 is SQLITE_DISK. */
#define SQLITE_DISK "nestbench-scratch"
int sqlite_disk_open(struct sqlite_disk *d, const struct workload_env *env, struct err *err);

/* To be called after the connection was closed. Nothing open is fine. */
void sqlite_disk_close(struct sqlite_disk *d);

#endif
