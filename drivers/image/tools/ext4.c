/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root disk's file system, made by libext2fs. ext4 because most kernels have it built in,
 * custom ones too. Without a journal and without checksums: it is never written.
 */
#include <ext2fs/ext2fs.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/image.h"
#include "drivers/image/tools.h"

enum { BLOCK = IMAGE_BLOCK_BYTES, BLOCKS_PER_GROUP = 8 * BLOCK, INODE = 256 };

/* Fixed ids of the file system and of its hashes: the same inputs give the same bytes. */
static const char id[] = "nestbench!\0\0\0\0\0\1";

/* The runs of blocks of a file that are not zero; the others become holes. */
static size_t next_run(const struct buf *b, size_t *at)
{
	static const char zero[BLOCK];
	size_t end = *at, part = 0;

	for (; end < b->len; end += part) {
		part = b->len - end < BLOCK ? b->len - end : BLOCK;
		if (memcmp(b->data + end, zero, part) != 0)
			continue;
		if (end > *at)
			break;
		*at = end + part;
	}
	return end - *at;
}

static int count_blocks(const struct tree *t, uint64_t *blocks, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int result = 0;

	*blocks = t->count / 50; /* a name takes about 40 bytes in its directory */
	for (size_t i = 0; i < t->count && result == 0; i++) {
		*blocks += 1; /* a directory, a long link, or the extents of a file with holes */
		result = tree_read(&t->entry[i], &bytes, err);
		for (size_t at = 0, len; result == 0 && (len = next_run(&bytes, &at)); at += len)
			*blocks += (len + BLOCK - 1) / BLOCK;
	}
	buf_release(&bytes);
	return result;
}

/* Contents, inode tables, two bitmaps a group, and a reserve. */
static uint64_t fs_blocks(uint64_t contents, uint64_t inodes)
{
	uint64_t blocks = contents + inodes * INODE / BLOCK + 64;

	return blocks + blocks / 200 + (blocks / BLOCKS_PER_GROUP + 1) * 8;
}

/* An empty file system with a root directory. */
static errcode_t make_empty(const char *to, uint64_t blocks, uint64_t inodes, ext2_filsys *fs)
{
	struct ext2_super_block super = {
		.s_rev_level = EXT2_DYNAMIC_REV,
		.s_log_block_size = 2,
		.s_log_cluster_size = 2,
		.s_inode_size = INODE,
		.s_inodes_count = (uint32_t)inodes,
		.s_log_groups_per_flex = 4,
		.s_feature_incompat = EXT2_FEATURE_INCOMPAT_FILETYPE |
				      EXT3_FEATURE_INCOMPAT_EXTENTS | EXT4_FEATURE_INCOMPAT_FLEX_BG,
		.s_feature_ro_compat =
			EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE |
			EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE | EXT4_FEATURE_RO_COMPAT_DIR_NLINK,
	};
	errcode_t bad;

	ext2fs_blocks_count_set(&super, blocks);
	bad = ext2fs_initialize(to, EXT2_FLAG_64BITS, &super, unix_io_manager, fs);
	if (bad)
		return bad;
	(*fs)->now = IMAGE_TIME;
	(*fs)->umask = 022;
	(*fs)->super->s_mkfs_time = (*fs)->super->s_lastcheck = IMAGE_TIME;
	(*fs)->super->s_max_mnt_count = -1;
	memcpy((*fs)->super->s_uuid, id, 16);
	memcpy((*fs)->super->s_hash_seed, id, 16);
	memcpy((*fs)->super->s_volume_name, id, 9);
	bad = ext2fs_allocate_tables(*fs);
	if (!bad)
		bad = ext2fs_mkdir(*fs, EXT2_ROOT_INO, EXT2_ROOT_INO, NULL);
	for (ext2_ino_t i = EXT2_BAD_INO; i < EXT2_FIRST_INODE((*fs)->super) && !bad; i++)
		if (i != EXT2_ROOT_INO)
			ext2fs_inode_alloc_stats2(*fs, i, 1, 0);
	return bad;
}

static errcode_t write_data(ext2_filsys fs, ext2_ino_t ino, const struct buf *b)
{
	ext2_file_t file;
	errcode_t bad = ext2fs_file_open(fs, ino, EXT2_FILE_WRITE, &file), closed;

	if (bad)
		return bad;
	for (size_t at = 0, len; !bad && (len = next_run(b, &at)); at += len) {
		bad = ext2fs_file_llseek(file, at, EXT2_SEEK_SET, NULL);
		if (!bad)
			bad = ext2fs_file_write(file, b->data + at, (unsigned int)len, NULL);
	}
	closed = ext2fs_file_close(file);
	return bad ? bad : closed;
}

static errcode_t add_file(ext2_filsys fs, ext2_ino_t dir, const char *name, mode_t mode,
			  const struct buf *b)
{
	struct ext2_inode inode = {.i_mode = LINUX_S_IFREG | (uint16_t)mode, .i_links_count = 1};
	ext2_extent_handle_t extents;
	ext2_ino_t ino;
	errcode_t bad = ext2fs_new_inode(fs, dir, inode.i_mode, NULL, &ino);

	if (!bad)
		bad = ext2fs_link(fs, dir, name, ino, EXT2_FT_REG_FILE);
	if (bad)
		return bad;
	ext2fs_inode_alloc_stats2(fs, ino, 1, 0);
	bad = ext2fs_inode_size_set(fs, &inode, b->len);
	/* Makes an empty tree of extents. */
	if (!bad)
		bad = ext2fs_extent_open2(fs, ino, &inode, &extents);
	if (bad)
		return bad;
	ext2fs_extent_free(extents);
	bad = ext2fs_write_new_inode(fs, ino, &inode);
	return bad ? bad : write_data(fs, ino, b);
}

static errcode_t add_entry(ext2_filsys fs, ext2_ino_t dir, const struct tree_entry *e,
			   const struct buf *b)
{
	const char *name = strrchr(e->path, '/') ? strrchr(e->path, '/') + 1 : e->path;

	switch (e->kind) {
	case TREE_DIR:
		return ext2fs_mkdir(fs, dir, 0, name);
	case TREE_LINK:
		return ext2fs_symlink(fs, dir, 0, name, e->from);
	default:
		return add_file(fs, dir, name, e->mode, b);
	}
}

/* The directory of a path, which exists: parents are made first. */
static errcode_t find_dir(ext2_filsys fs, const char *path, ext2_ino_t *dir)
{
	const char *end = strrchr(path, '/');
	char *parent = end ? strndup(path, (size_t)(end - path)) : NULL;
	errcode_t bad;

	*dir = EXT2_ROOT_INO;
	if (!end)
		return 0;
	bad = parent ? ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, parent, dir) : ENOMEM;
	free(parent);
	return bad;
}

static errcode_t add(ext2_filsys fs, const struct tree_entry *e, const struct buf *b)
{
	ext2_ino_t dir;
	errcode_t bad = find_dir(fs, e->path, &dir);

	if (!bad)
		bad = add_entry(fs, dir, e, b);
	if (bad == EXT2_ET_DIR_NO_SPACE && !(bad = ext2fs_expand_dir(fs, dir)))
		bad = add_entry(fs, dir, e, b);
	return bad;
}

/* The tree's directories, or all else. */
static int add_part(ext2_filsys fs, const struct tree *t, bool directories, struct err *err)
{
	struct buf bytes = BUF_INIT;
	errcode_t bad;
	int result = 0;

	for (size_t i = 0; i < t->count && result == 0; i++) {
		if ((t->entry[i].kind == TREE_DIR) != directories)
			continue;
		result = tree_read(&t->entry[i], &bytes, err);
		bad = result == 0 ? add(fs, &t->entry[i], &bytes) : 0;
		if (bad)
			result = err_set(err, EXIT_MACHINE, "cannot write %s to the root disk: %s",
					 t->entry[i].path, error_message(bad));
	}
	buf_release(&bytes);
	return result;
}

/*
 * First the directories: so they lie beside the inodes at the disk's start, which a guest reads in
 * one piece (IMAGE_INDEX_BYTES).
 */
static int add_tree(ext2_filsys fs, const struct tree *t, struct err *err)
{
	return add_part(fs, t, true, err) < 0 ? -1 : add_part(fs, t, false, err);
}

/* Makes a file of this size. */
static int make_file(const char *to, uint64_t size, struct err *err)
{
	int fd = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), result = 0;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		result = err_errno(err, EXIT_MACHINE, "cannot write %s", to);
	if (fd >= 0)
		close(fd);
	return result;
}

int ext4_make(const struct tree *t, const char *to, struct err *err)
{
	uint64_t contents, inodes = t->count + 32, blocks;
	ext2_filsys fs = NULL;
	errcode_t bad;
	int result = 0;

	initialize_ext2_error_table();
	if (t->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (count_blocks(t, &contents, err) < 0)
		return -1;
	blocks = fs_blocks(contents, inodes);
	if (make_file(to, blocks * BLOCK, err) < 0 || space_check(to, blocks * BLOCK, err) < 0)
		return -1;
	bad = make_empty(to, blocks, inodes, &fs);
	if (!bad)
		result = add_tree(fs, t, err);
	if (!bad && result == 0)
		bad = ext2fs_close_free(&fs);
	else if (fs)
		ext2fs_free(fs);
	return bad ? err_set(err, EXIT_MACHINE, "cannot make the root disk %s: %s", to,
			     error_message(bad))
		   : result;
}
