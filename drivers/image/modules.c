/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which modules must be loaded, in which order. The package has no modules.dep (that is made when a
 * kernel is installed), but every module says itself what it depends on.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"

#define UNPACK_LIMIT (60 * NS_PER_S)

enum { MODULE_LIMIT = 64 << 20, BUILTIN_LIMIT = 4 << 20, DEPTH_LIMIT = 32 };

/* How modules may be packed, and the program that unpacks a file in place. */
static const struct packing {
	const char *ending, *program, *package;
} packings[] = {
	{".xz", "xz", "xz-utils"},
	{".zst", "zstd", "zstd"},
	{".gz", "gzip", "gzip"},
};
enum { PACKINGS = sizeof(packings) / sizeof(packings[0]) };

/* The length of a module's path without what says how it is packed; 0: this is no module. */
static size_t module_length(const char *path)
{
	size_t len = strlen(path);

	for (int i = -1; i < PACKINGS; i++) {
		const char *ending = i < 0 ? "" : packings[i].ending;
		size_t tail = 3 + strlen(ending);

		if (len > tail && strncmp(path + len - tail, ".ko", 3) == 0 &&
		    strcmp(path + len - strlen(ending), ending) == 0)
			return len - strlen(ending);
	}
	return 0;
}

/* Unpacks a copy of it. */
static int unpack(const char *packed, const struct packing *how, const char *to, struct err *err)
{
	struct buf copy = BUF_INIT, data = BUF_INIT, out = BUF_INIT;
	const char *argv[] = {how->program, "-d", "-f", NULL, NULL};
	int result;

	buf_addf(&copy, "%s%s", to, how->ending);
	result = buf_check(&copy, err);
	if (result == 0)
		result = file_read(packed, MODULE_LIMIT, &data, err);
	if (result == 0)
		result = file_write_whole(buf_str(&copy), data.data, data.len, err);
	argv[3] = buf_str(&copy);
	if (result == 0 && child_run(argv, NULL, NULL, UNPACK_LIMIT, &out, err) < 0) {
		if (err->code == EXIT_INTERNAL)
			err->code = EXIT_MACHINE;
		result = err_context(err, "cannot unpack %s (package %s)", packed, how->package);
	}
	buf_release(&copy);
	buf_release(&data);
	buf_release(&out);
	return result;
}

/* Looks for the packed module and unpacks it. */
static int find_packed(const char *plain, const char *to, struct err *err)
{
	for (int i = 0; i < PACKINGS; i++) {
		struct buf packed = BUF_INIT;
		int result = 1;

		buf_addf(&packed, "%s%s", plain, packings[i].ending);
		if (buf_check(&packed, err) < 0)
			result = -1;
		else if (access(buf_str(&packed), R_OK) == 0)
			result = unpack(buf_str(&packed), &packings[i], to, err);
		buf_release(&packed);
		if (result <= 0)
			return result;
	}
	/* Why not it itself: the last look was for a packed one. */
	(void)access(plain, R_OK);
	return err_errno(err, EXIT_MACHINE, "cannot read %s", plain);
}

char *modules_file(const struct modules *m, const char *path, struct err *err)
{
	struct buf plain = BUF_INIT, unpacked = BUF_INIT, *take = &unpacked;
	char *file = NULL;

	buf_addf(&plain, "%s/%s", m->dir, path);
	buf_addf(&unpacked, "%s/%s", m->work, strrchr(path, '/') + 1);
	if (buf_check(&plain, err) == 0 && buf_check(&unpacked, err) == 0) {
		if (access(buf_str(&plain), R_OK) == 0)
			take = &plain;
		else if (access(buf_str(&unpacked), R_OK) < 0 &&
			 find_packed(buf_str(&plain), buf_str(&unpacked), err) < 0)
			take = NULL;
		file = take ? strdup(buf_str(take)) : NULL;
		if (take && !file)
			err_set(err, EXIT_INTERNAL, "out of memory");
	}
	buf_release(&plain);
	buf_release(&unpacked);
	return file;
}

const char *module_depends(const void *data, size_t len)
{
	static const char key[] = "\0depends=";
	const char *found, *end = (const char *)data + len;

	if (len < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
		return NULL;
	found = memmem(data, len, key, sizeof(key) - 1);
	if (!found)
		return NULL;
	found += sizeof(key) - 1;
	return memchr(found, '\0', (size_t)(end - found)) ? found : NULL;
}

/* "kvm-amd" and "kvm_amd" are the same module. */
static bool same_name(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

/* Whether path is …/NAME.ko for this name of len characters. */
static bool is_module(const char *path, size_t path_len, const char *name, size_t len)
{
	const char *base = memrchr(path, '/', path_len);

	base = base ? base + 1 : path;
	return path_len - (size_t)(base - path) == len + 3 && same_name(base, name, len) &&
	       memcmp(base + len, ".ko", 3) == 0;
}

static const char *find_path(const struct names *paths, const char *name, size_t len)
{
	for (size_t i = 0; i < paths->count; i++)
		if (is_module(paths->item[i], strlen(paths->item[i]), name, len))
			return paths->item[i];
	return NULL;
}

static bool is_builtin(const struct modules *m, const char *name, size_t len)
{
	const char *line = buf_str(&m->builtin);

	while (*line) {
		size_t n = strcspn(line, "\n");

		if (is_module(line, n, name, len))
			return true;
		line += n + (line[n] == '\n');
	}
	return false;
}

static int closure(const struct modules *m, const char *name, size_t len, int depth,
		   struct names *order, struct err *err)
{
	const char *path = find_path(&m->path, name, len), *depends;
	struct buf data = BUF_INIT;
	char *file = NULL;
	int result = 0;

	if (path && names_has(order, path))
		return 0;
	if (!path && is_builtin(m, name, len))
		return 0;
	if (!path)
		return err_set(err, EXIT_MACHINE,
			       "the kernel %s has no module %.*s; another kernel package is needed",
			       m->release, (int)len, name);
	if (depth > DEPTH_LIMIT)
		return err_set(err, EXIT_MACHINE,
			       "the modules of the kernel %s depend on each other in a circle",
			       m->release);
	file = modules_file(m, path, err);
	if (!file || file_read(file, MODULE_LIMIT, &data, err) < 0) {
		result = -1;
		goto cleanup;
	}
	depends = module_depends(data.data, data.len);
	if (!depends) {
		result = err_set(err, EXIT_MACHINE, "%s is not a kernel module", file);
		goto cleanup;
	}
	while (*depends && result == 0) {
		size_t n = strcspn(depends, ",");

		if (n)
			result = closure(m, depends, n, depth + 1, order, err);
		depends += n + (depends[n] == ',');
	}
	if (result == 0)
		names_add(order, path);
cleanup:
	free(file);
	buf_release(&data);
	return result;
}

int modules_closure(const struct modules *m, const char *name, struct names *order, struct err *err)
{
	if (closure(m, name, strlen(name), 0, order, err) < 0)
		return -1;
	return order->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

/* nftw() has no context argument. */
static struct {
	struct names *path;
	size_t prefix;
} walk;

static int note_module(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = type == FTW_F ? module_length(path) : 0;
	char *plain = len ? strndup(path + walk.prefix, len - walk.prefix) : NULL;

	(void)st;
	(void)ftw;
	if (plain)
		names_add(walk.path, plain);
	walk.path->failed |= len && !plain;
	free(plain);
	return 0;
}

/* The one entry of a directory; NULL when there is none, or more than one. */
static char *only_entry(const char *dir)
{
	struct dirent *e;
	char *name = NULL;
	int count = 0;
	DIR *d = opendir(dir);

	if (!d)
		return NULL;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && count++ == 0)
			name = strdup(e->d_name);
	closedir(d);
	if (count == 1)
		return name;
	free(name);
	return NULL;
}

int modules_open(struct modules *m, const char *package_dir, const char *work, struct err *err)
{
	/* Since Debian 13 packages name the directory where it really is. */
	static const char *const places[] = {"lib/modules", "usr/lib/modules"};
	struct buf path = BUF_INIT;
	int result = -1;

	*m = (struct modules){0};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !m->release; i++) {
		buf_clear(&path);
		buf_addf(&path, "%s/%s", package_dir, places[i]);
		m->release = only_entry(buf_str(&path));
	}
	if (!m->release) {
		err_set(err, EXIT_USAGE,
			"the kernel package holds no modules (lib/modules/RELEASE)");
		goto cleanup;
	}
	buf_addf(&path, "/%s", m->release);
	if (buf_check(&path, err) < 0)
		goto cleanup;
	/* It may be a link to a directory of the user's. */
	m->dir = realpath(buf_str(&path), NULL);
	m->work = strdup(work);
	if (!m->dir || !m->work) {
		err_errno(err, EXIT_USAGE, "cannot find %s", buf_str(&path));
		goto cleanup;
	}
	walk.path = &m->path;
	walk.prefix = strlen(m->dir) + 1;
	if (nftw(m->dir, note_module, 16, FTW_PHYS) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot read %s", m->dir);
		goto cleanup;
	}
	buf_addstr(&path, "/modules.builtin");
	result = file_read(buf_str(&path), BUILTIN_LIMIT, &m->builtin, err);
cleanup:
	buf_release(&path);
	if (result < 0)
		modules_release(m);
	return result;
}

void modules_release(struct modules *m)
{
	free(m->dir);
	free(m->work);
	free(m->release);
	names_release(&m->path);
	buf_release(&m->builtin);
	*m = (struct modules){0};
}
