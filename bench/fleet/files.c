/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "drivers/ssh/files.h"
#include "lib/file.h"
#include "lib/str.h"

enum { SUMS_LIMIT = 64 << 10 };

static int add_image(struct payload *p, const char *dir, struct err *err)
{
	static const char *const parts[] = {"image.json", "kernel", "initramfs", "root.img",
					    IMAGE_HYPERVISOR};
	char path[PATH_MAX], name[PAYLOAD_NAME];
	int done = 0;

	for (size_t i = 0; done == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!file_exists("%s/%s", dir, parts[i]))
			continue;
		snprintf(name, sizeof(name), FLEET_IMAGE "/%s", parts[i]);
		if (snprintf(path, sizeof(path), "%s/%s", dir, parts[i]) >= (int)sizeof(path))
			return err_set(err, EXIT_USAGE, "the path of the image is too long: %s",
				       dir);
		done = payload_add(p, path, name, err);
	}
	return done;
}

int fleet_files_choose(struct fleet_files *f, const struct image *image, struct err *err)
{
	struct payload *p = &f->payload;

	if (files_add_full(p, NULL, NULL, NULL, err) < 0 ||
	    (image && add_image(p, image->dir, err) < 0))
		return -1;
	str_copy(f->image, sizeof(f->image), image ? image->hash : "");
	for (size_t i = 0; i < p->count; i++)
		if (file_sha256(p->file[i].path, f->sha256[i], err) < 0)
			return -1;
	return 0;
}

void fleet_files_sums(const struct fleet_files *f, struct buf *out)
{
	for (size_t i = 0; i < f->payload.count; i++)
		buf_addf(out, "%s  %s\n", f->sha256[i], f->payload.file[i].name);
}

int fleet_files_hash(const struct fleet_files *f, char hash[SHA256_HEX], struct err *err)
{
	struct buf sums = BUF_INIT;
	int done;

	fleet_files_sums(f, &sums);
	sha256_of(buf_str(&sums), sums.len, hash);
	done = buf_check(&sums, err);
	buf_release(&sums);
	return done;
}

int fleet_files_facts(const struct fleet_files *f, struct facts *hashes, struct err *err)
{
	char sha[SHA256_HEX];
	struct err none;

	/* It comes first of what files_add_full adds. */
	facts_set(hashes, "nestbench_sha256", "%s", f->sha256[0]);
	if (program_hash("nestkernel", sha, err) < 0)
		return -1;
	facts_set(hashes, "nestkernel_sha256", "%s", sha);
	if (program_hash("nestkernel-dl", sha, &none) == 0)
		facts_set(hashes, "nestkernel_dl_sha256", "%s", sha);
	if (f->image[0])
		facts_set(hashes, "image", "%s", f->image);
	return 0;
}

/* ---- copies ---- */

static int copy_content(int from, int to, uint64_t size)
{
	for (uint64_t left = size; left;) {
		ssize_t sent = sendfile(to, from, NULL, left);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent == 0)
			errno = EIO;
		if (sent <= 0)
			return -1;
		left -= (uint64_t)sent;
	}
	return 0;
}

/* Beside, then renamed: a program that runs on a node meanwhile keeps its file. */
static int copy(const struct payload_file *f, const char *path, struct err *err)
{
	char aside[PATH_MAX];
	int from = -1, to = -1, done = -1;

	if (file_beside(path, aside, err) < 0)
		return -1;
	from = open(f->path, O_RDONLY | O_CLOEXEC);
	to = open(aside, O_WRONLY | O_CLOEXEC);
	if (from < 0 || to < 0 || copy_content(from, to, f->size) < 0 || fchmod(to, f->mode) < 0 ||
	    rename(aside, path) < 0)
		err_errno(err, EXIT_INTERNAL, "cannot copy %s to %s", f->path, path);
	else
		done = 0;
	if (done < 0)
		unlink(aside);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return done;
}

static int place(const struct payload_file *f, const char *dir, struct err *err)
{
	char path[PATH_MAX], parent[PATH_MAX];
	const char *slash = strrchr(f->name, '/');

	if (snprintf(path, sizeof(path), "%s/%s", dir, f->name) >= (int)sizeof(path))
		return err_set(err, EXIT_USAGE, "the path is too long: %s", dir);
	snprintf(parent, sizeof(parent), "%.*s", (int)(strlen(path) - (slash ? strlen(slash) : 0)),
		 path);
	if (slash && file_make_dirs(parent, err) < 0)
		return -1;
	return copy(f, path, err);
}

int fleet_files_place(const struct fleet_files *f, const char *dir, struct err *err)
{
	struct buf sums = BUF_INIT, there = BUF_INIT;
	char path[PATH_MAX];
	struct err none;
	int done = file_make_dirs(dir, err);

	fleet_files_sums(f, &sums);
	if (done == 0 && snprintf(path, sizeof(path), "%s/" FLEET_SUMS, dir) >= (int)sizeof(path))
		done = err_set(err, EXIT_USAGE, "the path is too long: %s", dir);
	if (done == 0)
		done = buf_check(&sums, err);
	if (done < 0 || (file_read(path, SUMS_LIMIT, &there, &none) == 0 &&
			 strcmp(buf_str(&there), buf_str(&sums)) == 0))
		goto cleanup;
	for (size_t i = 0; done == 0 && i < f->payload.count; i++)
		done = place(&f->payload.file[i], dir, err);
	if (done == 0)
		done = file_write_whole(path, sums.data, sums.len, err);
cleanup:
	buf_release(&sums);
	buf_release(&there);
	return done;
}
