/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What SQLite asks of a file system is described at https://www.sqlite.org/vfs.html. */
#include "workloads/app/sqlite_vfs.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "workloads/lib/scratch.h"
#include "workloads/lib/state.h"

struct file {
	sqlite3_file base;
	struct sqlite_disk *disk;
	struct sqlite_region *region;
};

static struct file *of(sqlite3_file *f)
{
	return (struct file *)(void *)f;
}

static int file_close(sqlite3_file *f)
{
	return SQLITE_OK;
}

static int file_pread(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	const struct sqlite_region *r = of(f)->region;
	int there = len;

	/* A read past the end gives zeros, and SQLite must be told that it was short. */
	if ((uint64_t)at + (uint64_t)len > r->length)
		there = (uint64_t)at < r->length ? (int)(r->length - (uint64_t)at) : 0;
	memset((char *)to + there, 0, (size_t)(len - there));
	if (there &&
	    pread(of(f)->disk->fd, to, (size_t)there, (off_t)(r->start + (uint64_t)at)) != there)
		return SQLITE_IOERR_READ;
	return there == len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_pwrite(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	struct sqlite_region *r = of(f)->region;
	uint64_t end = (uint64_t)at + (uint64_t)len;

	if (end > r->room)
		return SQLITE_FULL;
	if (pwrite(of(f)->disk->fd, from, (size_t)len, (off_t)(r->start + (uint64_t)at)) != len)
		return SQLITE_IOERR_WRITE;
	if (end > r->length)
		r->length = end;
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 length)
{
	if ((uint64_t)length < of(f)->region->length)
		of(f)->region->length = (uint64_t)length;
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *f, int flags)
{
	return fdatasync(of(f)->disk->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_length(sqlite3_file *f, sqlite3_int64 *length)
{
	*length = (sqlite3_int64)of(f)->region->length;
	return SQLITE_OK;
}

/* There is one connection, so locks do nothing. */
static int file_lock(sqlite3_file *f, int level)
{
	return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *f, int *reserved)
{
	*reserved = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	return SCRATCH_BLOCK;
}

static int file_traits(sqlite3_file *f)
{
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_pread,
	.xWrite = file_pwrite,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_length,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_is_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
};

static int disk_open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct sqlite_disk *d = v->pAppData;

	if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL)))
		return SQLITE_CANTOPEN;
	*of(f) = (struct file){
		.base.pMethods = &methods,
		.disk = d,
		.region = flags & SQLITE_OPEN_MAIN_DB ? &d->database : &d->journal,
	};
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static struct sqlite_region *region_of(struct sqlite_disk *d, const char *name)
{
	size_t len = strlen(name);

	return len > 8 && strcmp(name + len - 8, "-journal") == 0 ? &d->journal : &d->database;
}

static int disk_delete(sqlite3_vfs *v, const char *name, int sync)
{
	region_of(v->pAppData, name)->length = 0;
	return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *v, const char *name, int flags, int *there)
{
	*there = region_of(v->pAppData, name)->length > 0;
	return SQLITE_OK;
}

static int disk_full_name(sqlite3_vfs *v, const char *name, int size, char *out)
{
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

/* What does not concern files is left to SQLite's own file system. */
static int disk_random(sqlite3_vfs *v, int len, char *out)
{
	sqlite3_vfs *own = sqlite3_vfs_find(NULL);

	return own->xRandomness(own, len, out);
}

static int disk_sleep(sqlite3_vfs *v, int us)
{
	sqlite3_vfs *own = sqlite3_vfs_find(NULL);

	return own->xSleep(own, us);
}

static int disk_time(sqlite3_vfs *v, double *now)
{
	sqlite3_vfs *own = sqlite3_vfs_find(NULL);

	return own->xCurrentTime(own, now);
}

int sqlite_disk_open(struct sqlite_disk *d, const struct workload_env *env, struct err *err)
{
	struct scratch scratch;
	uint64_t half;

	if (scratch_open(env, O_RDWR, &scratch, err) < 0)
		return -1;
	d->fd = scratch.fd;
	half = scratch.room;
	/* The journal holds at most what one transaction changes. */
	d->journal.room = half / 4 / SCRATCH_BLOCK * SCRATCH_BLOCK;
	d->journal.start = scratch.write_start;
	d->database.start = scratch.write_start + d->journal.room;
	d->database.room = half - d->journal.room;
	d->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct file),
		.mxPathname = 64,
		.zName = SQLITE_DISK,
		.pAppData = d,
		.xOpen = disk_open_file,
		.xDelete = disk_delete,
		.xAccess = disk_access,
		.xFullPathname = disk_full_name,
		.xRandomness = disk_random,
		.xSleep = disk_sleep,
		.xCurrentTime = disk_time,
	};
	if (sqlite3_vfs_register(&d->vfs, 0) != SQLITE_OK)
		return err_set(err, EXIT_INTERNAL, "SQLite does not accept another file system");
	return 0;
}

void sqlite_disk_close(struct sqlite_disk *d)
{
	if (d->vfs.zName)
		sqlite3_vfs_unregister(&d->vfs);
	close_fd(&d->fd);
	*d = (struct sqlite_disk){0};
}
