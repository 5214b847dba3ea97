/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cache: CACHE/HASH/ is an image, CACHE/packages/ what was downloaded, CACHE/lock is held by
 * whoever builds, CACHE/.building is where. An image that somebody uses has a shared lock on its
 * image.json.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

enum { HASH_LEN = 16, KEEP = 3, JSON_LIMIT = 1 << 20, LOCK_STEP_MS = 50 };
/* Every step of a build has a limit of its own; together they take no longer. */
#define BUILD_LIMIT_NS (1800 * NS_PER_S)
#define REMOVE_LIMIT_NS (60 * NS_PER_S)

char *cache_default_dir(struct err *err)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct passwd *pw;
	char *dir = NULL;
	int len;

	if (xdg && xdg[0] == '/') {
		len = asprintf(&dir, "%s/nestbench/images", xdg);
	} else {
		if (!home || home[0] != '/') {
			pw = getpwuid(getuid());
			home = pw ? pw->pw_dir : "/tmp";
		}
		len = asprintf(&dir, "%s/.cache/nestbench/images", home);
	}
	if (len < 0) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	return dir;
}

int cache_lock(const char *cache, void (*say)(void *ctx, const char *line), void *ctx,
	       struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + BUILD_LIMIT_NS;
	char *path = NULL;
	bool said = false;
	int fd;

	if (asprintf(&path, "%s/lock", cache) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		err_errno(err, EXIT_USAGE,
			  "cannot write into the image cache (XDG_CACHE_HOME names "
			  "another place): %s",
			  path);
	free(path);
	/* In small steps, so that the user can stop the waiting. */
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
				"end it "
				"(it holds %s/lock) and try again",
				(double)BUILD_LIMIT_NS / 60e9, cache);
		close(fd);
		return -1;
	}
	return fd;
}

int image_clean(bool dry_run, bool *found, struct err *err)
{
	char *cache = cache_default_dir(err), *aside = NULL, *lock = NULL;
	int fd = -1, done = 0;

	*found = false;
	if (!cache)
		return -1;
	if (asprintf(&aside, "%s/.building", cache) < 0 || asprintf(&lock, "%s/lock", cache) < 0)
		done = err_set(err, EXIT_INTERNAL, "out of memory");
	else
		fd = open(lock, O_RDWR | O_CLOEXEC);
	/* No lock file: nobody has ever built. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && access(aside, F_OK) == 0) {
		*found = true;
		done = dry_run ? 0 : file_remove_tree(aside, err);
	}
	if (fd >= 0)
		close(fd);
	free(cache);
	free(aside);
	free(lock);
	return done;
}

static int take_json(struct image *image, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	json_int_t size = 0, build = 0;
	json_error_t where;
	json_t *root = NULL;
	int result;

	buf_addf(&path, "%s/image.json", image->dir);
	result = buf_check(&path, err);
	if (result == 0)
		result = file_read(buf_str(&path), JSON_LIMIT, &text, err);
	if (result == 0)
		root = json_loads(buf_str(&text), 0, &where);
	if (result == 0 &&
	    (!root ||
	     json_unpack(root, "{s:I, s:I}", "size_bytes", &size, "build_ns", &build) < 0 ||
	     size < 0 || build < 0))
		result = err_set(err, EXIT_MACHINE,
				 "%s is damaged: remove the directory and build again",
				 buf_str(&path));
	image->size_bytes = (uint64_t)size;
	image->build_ns = (uint64_t)build;
	json_decref(root);
	buf_release(&path);
	buf_release(&text);
	return result;
}

/* Locks the entry as used. 1: it is there; 0: it is not. */
static int lock_entry(struct image *image, struct err *err)
{
	char *path = NULL;
	uint64_t end = clock_now(&clock_machine) + REMOVE_LIMIT_NS;
	struct stat st;

	if (asprintf(&path, "%s/image.json", image->dir) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	image->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (image->lock_fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, EXIT_MACHINE, "cannot open the image %s",
					   image->dir);
	/* Only who removes it is alone with it. */
	while (flock(image->lock_fd, LOCK_SH | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return 0;
		if (clock_now(&clock_machine) > end)
			return err_set(err, EXIT_MACHINE,
				       "the image %s is being removed, and still after %.0f s",
				       image->dir, (double)REMOVE_LIMIT_NS / 1e9);
		poll(NULL, 0, LOCK_STEP_MS);
	}
	/* It may have been removed between open and lock. */
	if (fstat(image->lock_fd, &st) < 0 || st.st_nlink == 0)
		return 0;
	return 1;
}

int cache_look(const char *cache, const char *hash, struct image *out, struct err *err)
{
	struct image image = IMAGE_NONE;
	int result = -1;

	snprintf(image.hash, sizeof(image.hash), "%s", hash);
	if (asprintf(&image.dir, "%s/%s", cache, hash) < 0)
		image.dir = NULL;
	if (!image.dir || asprintf(&image.kernel, "%s/kernel", image.dir) < 0 ||
	    asprintf(&image.initrd, "%s/initramfs", image.dir) < 0 ||
	    asprintf(&image.disk, "%s/root.img", image.dir) < 0)
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

struct old_entry {
	char *json;
	struct timespec used;
};

static int newest_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct old_entry *)a)->used;
	const struct timespec *y = &((const struct old_entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

static bool is_hash(const char *name)
{
	return strlen(name) == HASH_LEN && strspn(name, "0123456789abcdef") == HASH_LEN;
}

/* Removes an entry unless somebody uses it; a failure only costs space. */
static void remove_unused(char *json)
{
	struct err ignored;
	int fd = open(json, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		/* First, because without it the entry is none, however far the removing gets. */
		unlink(json);
		*strrchr(json, '/') = '\0';
		file_remove_tree(json, &ignored);
	}
	if (fd >= 0)
		close(fd);
}

void cache_prune(const char *cache)
{
	struct old_entry *entry = NULL;
	size_t count = 0;
	struct dirent *e;
	DIR *d = opendir(cache);

	while (d && (e = readdir(d))) {
		struct old_entry *more, one = {0};
		struct stat st;

		if (!is_hash(e->d_name) ||
		    asprintf(&one.json, "%s/%s/image.json", cache, e->d_name) < 0)
			continue;
		more = stat(one.json, &st) == 0 ? realloc(entry, (count + 1) * sizeof(*entry))
						: NULL;
		if (!more) {
			free(one.json);
			continue;
		}
		one.used = st.st_mtim;
		entry = more;
		entry[count++] = one;
	}
	if (d)
		closedir(d);
	if (count)
		qsort(entry, count, sizeof(*entry), newest_first);
	for (size_t i = 0; i < count; i++) {
		if (i >= KEEP)
			remove_unused(entry[i].json);
		free(entry[i].json);
	}
	free(entry);
}
