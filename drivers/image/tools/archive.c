/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include "drivers/image/tools.h"

/* ---- packed bytes ---- */

static struct archive *open_bytes(const void *data, size_t len)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;

	if (!a)
		return NULL;
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, data, len) == ARCHIVE_OK)
		archive_read_next_header(a, &e);
	return a;
}

int unpack_bytes(const void *data, size_t len, size_t limit, struct buf *out, struct err *err)
{
	struct archive *a = open_bytes(data, len);
	size_t end = out->len + limit;
	char part[65536];
	la_ssize_t got = -1;
	int result;

	if (!a)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	while (out->len <= end && (got = archive_read_data(a, part, sizeof(part))) > 0)
		buf_add(out, part, (size_t)got);
	/* The filter that reads from memory counts as one. */
	result = archive_filter_count(a) > 1;
	if (got < 0)
		result = err_set(err, EXIT_USAGE, "the packed data are damaged: %s",
				 archive_error_string(a));
	else if (out->len > end)
		result =
			err_set(err, EXIT_USAGE, "the packed data hold more than %zu bytes", limit);
	if (buf_check(out, err) < 0)
		result = -1;
	archive_read_free(a);
	return result;
}

/* ---- the initramfs ---- */

/* The other fields keep their values. */
static int put(struct archive *a, struct archive_entry *e, const char *path, mode_t mode,
	       const struct buf *bytes, struct err *err)
{
	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, mode);
	archive_entry_set_nlink(e, 1);
	archive_entry_set_size(e, (la_int64_t)bytes->len);
	if (archive_write_header(a, e) == ARCHIVE_OK &&
	    archive_write_data(a, bytes->data, bytes->len) == (la_ssize_t)bytes->len)
		return 0;
	return err_set(err, EXIT_MACHINE, "cannot write %s into the initramfs: %s", path,
		       archive_error_string(a));
}

static int put_tree(struct archive *a, struct archive_entry *e, const struct tree *t,
		    struct err *err)
{
	struct buf bytes = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < t->count && result == 0; i++) {
		const struct tree_entry *from = &t->entry[i];
		mode_t kind = from->kind == TREE_DIR ? S_IFDIR : S_IFREG;

		result = tree_read(from, &bytes, err);
		if (result == 0)
			result = put(a, e, from->path, kind | from->mode, &bytes, err);
	}
	buf_clear(&bytes);
	/* For the first process's input and output, before it can mount anything. */
	archive_entry_set_rdevmajor(e, 5);
	archive_entry_set_rdevminor(e, 1);
	if (result == 0)
		result = put(a, e, "dev/console", S_IFCHR | 0600, &bytes, err);
	buf_release(&bytes);
	return result;
}

int cpio_make(const struct tree *t, const char *to, struct err *err)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	int result = a && e && !t->failed ? 0 : err_set(err, EXIT_INTERNAL, "out of memory");

	if (result == 0) {
		archive_write_set_format_cpio_newc(a);
		archive_write_set_bytes_in_last_block(a, 1);
		if (archive_write_open_filename(a, to) != ARCHIVE_OK)
			result = err_set(err, EXIT_MACHINE, "%s", archive_error_string(a));
	}
	if (result == 0)
		result = put_tree(a, e, t, err);
	if (result == 0 && archive_write_close(a) != ARCHIVE_OK)
		result = err_set(err, EXIT_MACHINE, "cannot write %s: %s", to,
				 archive_error_string(a));
	archive_entry_free(e);
	archive_write_free(a);
	return result;
}
