/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root disk's file system. ext4 because the kernel has it built in and mke2fs, which is on
 * every Debian machine, fills it without root rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"

#define MKE2FS "/usr/sbin/mke2fs"
#define FS_ID                                                                                      \
	"6e657374-6265-6e63-6821-000000000001" /* fixed: the same inputs give the same bytes */
#define TOOL_LIMIT (300 * NS_PER_S)

enum { BLOCK = 4096, BLOCKS_PER_GROUP = 8 * BLOCK, INODE = 256 };

/* Where things lie; see the kernel's Documentation/filesystems/ext4. */
enum {
	SUPER_INODES = 0x0,
	SUPER_INODES_PER_GROUP = 0x28,
	GROUP_DESCRIPTOR = 32,
	GROUP_INODE_TABLE = 0x8,
	INODE_CTIME = 0xc,
	INODE_CTIME_EXTRA = 0x84,
};

int space_check(const char *dir, uint64_t need, struct err *err)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot look at %s", dir);
	if ((uint64_t)fs.f_bavail * fs.f_frsize >= need)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "building the image needs %llu MiB of disk space and %s has %llu MiB left: "
		       "make room, "
		       "or point XDG_CACHE_HOME elsewhere",
		       (unsigned long long)(need >> 20), dir,
		       (unsigned long long)((uint64_t)fs.f_bavail * fs.f_frsize >> 20));
}

/* Size in blocks: contents, inode tables, two bitmaps a group, and what mke2fs makes for itself. */
static uint64_t fs_blocks(uint64_t contents, uint64_t inodes)
{
	uint64_t blocks = contents + inodes * INODE / BLOCK + 64;
	uint64_t groups = blocks / BLOCKS_PER_GROUP + 1;

	return blocks + blocks / 200 + groups * 8;
}

static int make_fs(const char *tree_dir, uint64_t blocks, uint64_t inodes, const char *to,
		   struct err *err)
{
	char block_text[32], inode_text[32];
	/* No journal: nobody ever writes. The rest as ext4 has it, whatever mke2fs.conf says. */
	static const char features[] =
		"none,dir_index,dir_nlink,ext_attr,extent,extra_isize,filetype,flex_bg,huge_file,"
		"large_file,sparse_super";
	static const char extended[] = "hash_seed=" FS_ID ",root_owner=0:0,lazy_itable_init=0";
	const char *const argv[] = {"env",	 "E2FSPROGS_FAKE_TIME=1577836800",
				    MKE2FS,	 "-q",
				    "-F",	 "-t",
				    "ext4",	 "-O",
				    features,	 "-E",
				    extended,	 "-U",
				    FS_ID,	 "-L",
				    "nestbench", "-m",
				    "0",	 "-b",
				    "4096",	 "-I",
				    "256",	 "-N",
				    inode_text,	 "-d",
				    tree_dir,	 to,
				    block_text,	 NULL};
	struct buf out = BUF_INIT;
	int result;

	if (access(MKE2FS, X_OK) < 0)
		return err_set(err, EXIT_MACHINE,
			       MKE2FS " is missing: install the package e2fsprogs");
	snprintf(block_text, sizeof(block_text), "%llu", (unsigned long long)blocks);
	snprintf(inode_text, sizeof(inode_text), "%llu", (unsigned long long)inodes);
	result = child_run(argv, NULL, NULL, TOOL_LIMIT, &out, err);
	buf_release(&out);
	if (result == 0 && chmod(to, 0644) < 0)
		result = err_errno(err, EXIT_INTERNAL, "cannot make %s readable", to);
	return result;
}

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* All of it, or false with errno; a file that ends before is damaged. */
static bool get_at(int fd, void *to, size_t len, off_t at)
{
	ssize_t got = pread(fd, to, len, at);

	if (got >= 0 && got != (ssize_t)len)
		errno = EIO;
	return got == (ssize_t)len;
}

static bool put_at(int fd, const void *from, size_t len, off_t at)
{
	return lseek(fd, at, SEEK_SET) >= 0 && file_write_all(fd, from, len) == 0;
}

/* Puts one time into all inodes of a table. */
static int settle_table(int fd, off_t at, uint32_t inodes)
{
	static const uint8_t time[4] = {IMAGE_TIME & 255, IMAGE_TIME >> 8 & 255,
					IMAGE_TIME >> 16 & 255, IMAGE_TIME >> 24};
	size_t size = (size_t)inodes * INODE;
	uint8_t *table = malloc(size);
	int failed = !table || !get_at(fd, table, size, at);

	for (uint32_t i = 0; i < inodes && !failed; i++) {
		uint8_t *inode = table + (size_t)i * INODE;

		if (inode[0] == 0 && inode[1] == 0) /* no mode: not in use */
			continue;
		memcpy(inode + INODE_CTIME, time, sizeof(time));
		memset(inode + INODE_CTIME_EXTRA, 0, sizeof(time));
	}
	failed = failed || !put_at(fd, table, size, at);
	free(table);
	return failed ? -1 : 0;
}

/*
 * mke2fs copies when a file's inode was last changed, which nobody can set, and which would make
 * every image another one. There are no checksums over inodes to keep right (see make_fs).
 */
static int settle_times(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), failed = fd < 0;
	uint8_t super[1024], group[GROUP_DESCRIPTOR];
	uint32_t inodes = 0, per_group = 1;

	failed = failed || !get_at(fd, super, sizeof(super), 1024);
	if (!failed) {
		inodes = get32(super + SUPER_INODES);
		per_group = get32(super + SUPER_INODES_PER_GROUP);
		failed = per_group == 0 || per_group > BLOCKS_PER_GROUP;
		errno = EIO;
	}
	for (uint32_t i = 0; i < (failed ? 0 : inodes / per_group) && !failed; i++) {
		off_t at = BLOCK + (off_t)i * GROUP_DESCRIPTOR; /* block 0 holds the superblock */

		failed = !get_at(fd, group, sizeof(group), at) ||
			 settle_table(fd, (off_t)get32(group + GROUP_INODE_TABLE) * BLOCK,
				      per_group) < 0;
	}
	if (failed)
		err_errno(err, EXIT_INTERNAL, "cannot settle the times in %s", path);
	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

int ext4_make(const struct tree *t, const char *work, const char *to, struct err *err)
{
	char *dir = NULL;
	uint64_t contents = 0, blocks, inodes = t->count + 32;
	int result = -1;

	if (asprintf(&dir, "%s/root", work) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (tree_blocks(t, &contents, err) < 0)
		goto cleanup;
	blocks = fs_blocks(contents, inodes);
	if (space_check(work, (contents + blocks) * BLOCK, err) < 0 ||
	    file_make_dirs(dir, err) < 0 || tree_write(t, dir, err) < 0)
		goto cleanup;
	result = make_fs(dir, blocks, inodes, to, err);
	if (result == 0)
		result = settle_times(to, err);
cleanup:
	free(dir);
	return result;
}
