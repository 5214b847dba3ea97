/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cache: CACHE/HASH/ is an image, CACHE/packages/ what was downloaded, CACHE/lock is held by
 * the process that builds in CACHE/.building. An image in use has a shared lock on its image.json;
 * the modification time of its directory is the time of its last use.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/user_dir.h"
#include "lib/utf8.h"

enum { HASH_LEN = 16, KEEP = 3, JSON_LIMIT = 1 << 20, LOCK_STEP_MS = 50 };
/* Every step of a build has a timeout of its own; together they take no longer than this. */
#define BUILD_LIMIT_NS (1800 * NS_PER_S)
#define REMOVE_LIMIT_NS (60 * NS_PER_S)

int cache_default_dir(char dir[PATH_MAX], struct err *err)
{
	struct buf base = BUF_INIT;
	struct passwd *pw;
	int rc;

	user_dir_add(&base, USER_CACHE);
	if (base.len == 0) {
		pw = getpwuid(getuid());
		buf_addf(&base, "%s/.cache/nestbench", pw ? pw->pw_dir : "/tmp");
	}
	rc = buf_check(&base, err);
	if (rc == 0)
		rc = path_make(dir, err, "%s/images", buf_str(&base));
	buf_release(&base);
	return rc;
}

int cache_lock(const char *cache, void (*say)(void *ctx, const char *line), void *ctx,
	       struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + BUILD_LIMIT_NS;
	char path[PATH_MAX];
	bool said = false;
	int fd;

	if (path_make(path, err, "%s/lock", cache) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		err_errno(err, EXIT_USAGE,
			  "cannot write into the image cache (XDG_CACHE_HOME names "
			  "another place): %s",
			  path);
	/* In small steps, so that the user can interrupt the wait. */
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (!said && say)
			say(ctx, "waiting for another nestbench that builds an image");
		said = true;
		if (interrupt_check(err) == 0 && clock_now(&clock_machine) < end) {
			poll(NULL, 0, LOCK_STEP_MS);
			continue;
		}
		if (!interrupt_pending())
			err_set(err, EXIT_MACHINE,
				"another nestbench has been building an image for %.0f minutes: "
				"end it (it holds %s) and try again",
				(double)BUILD_LIMIT_NS / 60e9, path);
		close(fd);
		return -1;
	}
	return fd;
}

int image_clean(bool dry_run, bool *found, struct err *err)
{
	char cache[PATH_MAX], aside[PATH_MAX], lock[PATH_MAX];
	int fd, done = 0;

	*found = false;
	if (cache_default_dir(cache, err) < 0 || path_make(aside, err, "%s/.building", cache) < 0 ||
	    path_make(lock, err, "%s/lock", cache) < 0)
		return -1;
	/* Without a lock file nothing was ever built. */
	fd = open(lock, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && access(aside, F_OK) == 0) {
		*found = true;
		done = dry_run ? 0 : file_remove_tree(aside, err);
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static bool is_hash(const char *name)
{
	return strlen(name) == HASH_LEN && strspn(name, "0123456789abcdef") == HASH_LEN;
}

static int take_json(struct image *image, struct err *err)
{
	struct buf text = BUF_INIT;
	json_int_t size = 0, build = 0;
	const char *hash = "";
	json_error_t where;
	json_t *root = NULL;
	char path[PATH_MAX];
	int result = path_make(path, err, "%s/image.json", image->dir);

	if (result == 0)
		result = file_read(path, JSON_LIMIT, &text, err);
	if (result == 0)
		root = json_loads(buf_str(&text), 0, &where);
	if (result == 0 && (!root ||
			    json_unpack(root, "{s:s, s:I, s:I}", "hash", &hash, "size_bytes", &size,
					"build_ns", &build) < 0 ||
			    !is_hash(hash) || size < 0 || build < 0))
		result = err_set(err, EXIT_MACHINE,
				 "%s is damaged: remove the directory and build again", path);
	if (result == 0)
		snprintf(image->hash, sizeof(image->hash), "%s", hash);
	image->size_bytes = (uint64_t)size;
	image->build_ns = (uint64_t)build;
	json_decref(root);
	buf_release(&text);
	return result;
}

/* Takes the shared lock of the entry. 1: it exists; 0: it does not. */
static int lock_entry(struct image *image, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + REMOVE_LIMIT_NS;
	char path[PATH_MAX];
	struct stat st;

	if (path_make(path, err, "%s/image.json", image->dir) < 0)
		return -1;
	image->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image->lock_fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, EXIT_MACHINE, "cannot open the image %s",
					   image->dir);
	/* Only a process that removes it holds an exclusive lock. */
	while (flock(image->lock_fd, LOCK_SH | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return 0;
		if (clock_now(&clock_machine) > end)
			return err_set(
				err, EXIT_MACHINE,
				"the image %s is being removed, and still exists after %.0f s",
				image->dir, (double)REMOVE_LIMIT_NS / 1e9);
		poll(NULL, 0, LOCK_STEP_MS);
	}
	/* It may have been removed between open and lock. */
	if (fstat(image->lock_fd, &st) < 0 || st.st_nlink == 0)
		return 0;
	return 1;
}

/* An image in a directory. 1: it is there; 0: there is none. */
static int take(const char *dir, struct image *out, struct err *err)
{
	struct image image = IMAGE_NONE;
	int result = -1;

	image.dir = strdup(dir);
	if (!image.dir || asprintf(&image.kernel, "%s/kernel", dir) < 0 ||
	    asprintf(&image.initrd, "%s/initramfs", dir) < 0 ||
	    asprintf(&image.disk, "%s/root.img", dir) < 0)
		err_set(err, EXIT_INTERNAL, "out of memory");
	else
		result = lock_entry(&image, err);
	if (result == 1 && take_json(&image, err) < 0)
		result = -1;
	if (result == 1)
		*out = image;
	else
		image_release(&image);
	return result;
}

int cache_look(const char *cache, const char *hash, struct image *out, struct err *err)
{
	char dir[PATH_MAX];

	return path_make(dir, err, "%s/%s", cache, hash) < 0 ? -1 : take(dir, out, err);
}

/* A copy may have been cut short. */
static int check_whole(const struct image *image, struct err *err)
{
	const char *const part[] = {image->kernel, image->initrd, image->disk};
	char xen[PATH_MAX];
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = 0; i < COUNT(part); i++) {
		if (stat(part[i], &st) < 0)
			return err_errno(err, EXIT_USAGE, "the image lacks %s", part[i]);
		bytes += (uint64_t)st.st_size;
	}
	if (path_make(xen, err, "%s/" IMAGE_HYPERVISOR, image->dir) < 0)
		return -1;
	if (stat(xen, &st) == 0)
		bytes += (uint64_t)st.st_size;
	if (bytes == image->size_bytes)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "the files of the image %s have %" PRIu64
		       " bytes, and were made with %" PRIu64 ": copy the directory again",
		       image->dir, bytes, image->size_bytes);
}

int image_open(const char *dir, struct image *out, struct err *err)
{
	char *real = realpath(dir, NULL);
	int found = 0;

	/* libvirt puts the path into XML. */
	if (real && utf8_check(real, "the path of the image", err) < 0)
		found = -1;
	else if (real)
		found = take(real, out, err);
	free(real);
	if (found == 0)
		return err_set(err, EXIT_USAGE,
			       "%s is no guest image: expected a directory that nestbench image "
			       "printed, or a copy of it",
			       dir);
	if (found == 1 && check_whole(out, err) < 0) {
		image_release(out);
		found = -1;
	}
	return found < 0 ? -1 : 0;
}

void image_release(struct image *image)
{
	if (image->lock_fd >= 0)
		close(image->lock_fd);
	free(image->dir);
	free(image->kernel);
	free(image->initrd);
	free(image->disk);
	*image = (struct image)IMAGE_NONE;
}

/* ---- old entries ---- */

static int newest_first(const FTSENT **a, const FTSENT **b)
{
	const struct timespec *x = &(*a)->fts_statp->st_mtim, *y = &(*b)->fts_statp->st_mtim;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

/* Removes a partial entry, and one that is neither among the first nor in use; a failure only costs
 * space. */
static void prune_entry(const char *cache, const char *hash, int *seen)
{
	char dir[PATH_MAX], json[PATH_MAX];
	struct err ignored;
	int fd;

	if (path_make(dir, &ignored, "%s/%s", cache, hash) < 0 ||
	    path_make(json, &ignored, "%s/image.json", dir) < 0)
		return;
	fd = open(json, O_RDONLY | O_CLOEXEC);
	if (fd < 0 ? errno == ENOENT : ++*seen > KEEP && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		/* Removed first, because without it the entry is invalid, however far the removal
		 * gets. */
		unlink(json);
		file_remove_tree(dir, &ignored);
	}
	if (fd >= 0)
		close(fd);
}

void cache_prune(const char *cache)
{
	char *const roots[] = {(char *)cache, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, newest_first);
	int seen = 0;

	if (!walk)
		return;
	for (FTSENT *f = fts_read(walk) ? fts_children(walk, 0) : NULL; f; f = f->fts_link)
		if (is_hash(f->fts_name))
			prune_entry(cache, f->fts_name, &seen);
	fts_close(walk);
}
