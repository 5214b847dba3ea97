/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Package files are downloaded and unpacked, never installed, and kept. So is what apt said about a
 * name, in a small file beside them, because asking takes seconds and needs package lists:
 *   DIR/kernel, DIR/with-NAME: a first line that says what it holds for, then lines "deb FILE" and
 *   "installed PACKAGE".
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/file.h"

#define KERNEL_PACKAGE "linux-image-cloud-amd64"
#define DPKG_STATUS "/var/lib/dpkg/status"
#define DPKG_INFO "/var/lib/dpkg/info"

enum { LIST_LIMIT = 4 << 20, STAMP = 128 };

/* ---- what is remembered ---- */

/* What was found out holds until packages are installed or removed here. */
static void status_stamp(char stamp[STAMP])
{
	struct stat st = {0};

	stat(DPKG_STATUS, &st);
	snprintf(stamp, STAMP, "status %lld %lld.%09ld", (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static int recall_line(const struct package_store *s, char *line, struct names *debs,
		       struct names *installed)
{
	char path[PATH_MAX];

	if (strncmp(line, "installed ", 10) == 0 && package_name_valid(line + 10)) {
		names_add(installed, line + 10);
		return 0;
	}
	if (strncmp(line, "deb ", 4) != 0 || strchr(line, '/') ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", s->dir, line + 4) >= sizeof(path) ||
	    access(path, R_OK) < 0)
		return -1;
	names_add(debs, path);
	return 0;
}

/* Whether all is there that was remembered under this name, and still holds. */
static bool recall(const struct package_store *s, const char *name, const char *stamp,
		   struct names *debs, struct names *installed)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err ignored;
	char *rest = NULL, *line;
	bool good;

	buf_addf(&path, "%s/%s", s->dir, name);
	good = !s->refresh && !path.failed &&
	       file_read(buf_str(&path), LIST_LIMIT, &text, &ignored) == 0 && text.len;
	if (good) {
		line = strtok_r(text.data, "\n", &rest);
		good = line && strcmp(line, stamp) == 0;
	}
	while (good && (line = strtok_r(NULL, "\n", &rest)))
		good = recall_line(s, line, debs, installed) == 0;
	if (!good) {
		names_release(debs);
		names_release(installed);
	}
	buf_release(&path);
	buf_release(&text);
	return good;
}

static int remember(const struct package_store *s, const char *name, const char *stamp,
		    const struct names *debs, const struct names *installed, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int result;

	buf_addf(&path, "%s/%s", s->dir, name);
	buf_addf(&text, "%s\n", stamp);
	for (size_t i = 0; i < debs->count; i++)
		buf_addf(&text, "deb %s\n", strrchr(debs->item[i], '/') + 1);
	for (size_t i = 0; i < installed->count; i++)
		buf_addf(&text, "installed %s\n", installed->item[i]);
	result = buf_check(&path, err) < 0 || buf_check(&text, err) < 0
			 ? -1
			 : file_write_whole(buf_str(&path), text.data, text.len, err);
	buf_release(&path);
	buf_release(&text);
	return result;
}

/* ---- downloading ---- */

/* Moves every package file from one directory to the store and notes its new path. */
static int keep_files(const struct package_store *s, const char *from, struct names *debs,
		      struct err *err)
{
	struct dirent *e;
	int result = 0;
	DIR *d = opendir(from);

	if (!d)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", from);
	while (result == 0 && (e = readdir(d))) {
		struct buf old = BUF_INIT, new = BUF_INIT;
		size_t len = strlen(e->d_name);

		if (len < 5 || strcmp(e->d_name + len - 4, ".deb") != 0)
			continue;
		buf_addf(&old, "%s/%s", from, e->d_name);
		buf_addf(&new, "%s/%s", s->dir, e->d_name);
		result = buf_check(&old, err) < 0 || buf_check(&new, err) < 0 ? -1 : 0;
		if (result == 0 && rename(buf_str(&old), buf_str(&new)) < 0)
			result = err_errno(err, EXIT_INTERNAL, "cannot rename %s", buf_str(&old));
		if (result == 0)
			names_add(debs, buf_str(&new));
		buf_release(&old);
		buf_release(&new);
	}
	closedir(d);
	return result;
}

/* apt writes under the final name while it downloads: aside first, so that only whole files are
 * kept. */
static int fetch(const struct package_store *s, const struct names *packages, struct names *debs,
		 struct err *err)
{
	struct buf aside = BUF_INIT;
	struct err ignored;
	int result;

	if (!packages->count)
		return 0;
	buf_addf(&aside, "%s/.incoming", s->dir);
	result = buf_check(&aside, err);
	if (result == 0)
		result = file_remove_tree(buf_str(&aside), err);
	if (result == 0)
		result = file_make_dirs(buf_str(&aside), err);
	if (result == 0)
		result = apt_download(s, buf_str(&aside), packages, err);
	if (result == 0)
		result = keep_files(s, buf_str(&aside), debs, err);
	if (result == 0 && debs->count != packages->count)
		result = err_set(err, EXIT_MACHINE, "apt-get download fetched %zu of %zu packages",
				 debs->count, packages->count);
	file_remove_tree(buf_str(&aside), &ignored);
	buf_release(&aside);
	return result;
}

static int not_here(const char *package, struct err *err)
{
	return err_set(err, EXIT_MACHINE,
		       "the package %s was not downloaded yet: run nestbench image", package);
}

/* ---- the two questions ---- */

/* The package file behind a name, which is remembered under another one. */
static int kernel_file(const struct package_store *s, const char *name, const char *memory,
		       char **deb, struct err *err)
{
	struct names debs = {0}, none = {0}, wanted = {0};
	char *package = NULL;
	int result = 0;

	if (!recall(s, memory, name, &debs, &none) || debs.count != 1) {
		result = s->may_download ? apt_kernel_package(name, &package, err)
					 : not_here(name, err);
		if (result == 0) {
			names_add(&wanted, package);
			result = fetch(s, &wanted, &debs, err);
		}
		if (result == 0)
			result = remember(s, memory, name, &debs, &none, err);
	}
	if (result == 0) {
		*deb = strdup(debs.item[0]);
		if (!*deb)
			result = err_set(err, EXIT_INTERNAL, "out of memory");
	}
	names_release(&debs);
	names_release(&none);
	names_release(&wanted);
	free(package);
	return result;
}

int packages_kernel(const struct package_store *s, char **deb, struct err *err)
{
	return kernel_file(s, KERNEL_PACKAGE, "kernel", deb, err);
}

int packages_kernel_named(const struct package_store *s, const char *name, char **deb,
			  struct err *err)
{
	char memory[160];

	if (!package_name_valid(name) || strncmp(name, "linux-image-", 12) != 0)
		return err_set(err, EXIT_USAGE,
			       "there is no file \"%.100s\", and it cannot be the name of a kernel "
			       "package (linux-image-…)",
			       name);
	snprintf(memory, sizeof(memory), "kernel-%s", name);
	return kernel_file(s, name, memory, deb, err);
}

/* Sorts the closure of a package into what must be downloaded and what is installed here. */
static int resolve(const char *name, struct names *wanted, struct names *installed, struct err *err)
{
	struct names all = {0}, missing = {0};
	int result = apt_closure(name, true, &all, err);

	if (result == 0)
		result = apt_closure(name, false, &missing, err);
	for (size_t i = 0; i < all.count && result == 0; i++) {
		const char *one = all.item[i];

		if (strcmp(one, name) != 0 && package_is_maintenance(one))
			continue;
		names_add(names_has(&missing, one) ? wanted : installed, one);
	}
	if (result == 0 && (wanted->failed || installed->failed))
		result = err_set(err, EXIT_INTERNAL, "out of memory");
	names_release(&all);
	names_release(&missing);
	return result;
}

int packages_with(const struct package_store *s, const char *name, struct names *debs,
		  struct names *installed, struct err *err)
{
	char stamp[STAMP], memory[160];
	struct names wanted = {0};
	int result;

	if (!package_name_valid(name))
		return err_set(err, EXIT_USAGE, "\"%.100s\" cannot be the name of a Debian package",
			       name);
	status_stamp(stamp);
	snprintf(memory, sizeof(memory), "with-%s", name);
	if (recall(s, memory, stamp, debs, installed))
		return 0;
	if (!s->may_download)
		return not_here(name, err);
	if (s->say) {
		char line[160];

		snprintf(line, sizeof(line), "looking up what %s needs", name);
		s->say(s->say_ctx, line);
	}
	result = resolve(name, &wanted, installed, err);
	if (result == 0)
		result = fetch(s, &wanted, debs, err);
	if (result == 0)
		result = remember(s, memory, stamp, debs, installed, err);
	names_release(&wanted);
	return result;
}

/* Packages that can be installed for several architectures have the name of theirs in their lists.
 */
static int read_list(const char *name, struct buf *text, struct err *err)
{
	static const char *const endings[] = {"", ":amd64"};
	int result = -1;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && result < 0; i++) {
		struct buf path = BUF_INIT;

		buf_addf(&path, DPKG_INFO "/%s%s.list", name, endings[i]);
		result = buf_check(&path, err) < 0
				 ? -1
				 : file_read(buf_str(&path), LIST_LIMIT, text, err);
		buf_release(&path);
	}
	return result < 0 ? err_context(err, "the files of the installed package %s", name) : 0;
}

int packages_add_installed(struct tree *t, const char *name, struct err *err)
{
	struct buf text = BUF_INIT;
	char target[PATH_MAX], *rest = NULL;
	struct stat st;

	if (read_list(name, &text, err) < 0) {
		buf_release(&text);
		return -1;
	}
	for (char *path = text.len ? strtok_r(text.data, "\n", &rest) : NULL; path;
	     path = strtok_r(NULL, "\n", &rest)) {
		/* Listed but not there: the owner of this machine left it out. */
		if (tree_is_ballast(path) || lstat(path, &st) < 0)
			continue;
		if (S_ISREG(st.st_mode) && access(path, R_OK) == 0) {
			tree_add_file(t, path, path);
		} else if (S_ISLNK(st.st_mode)) {
			ssize_t len = readlink(path, target, sizeof(target) - 1);

			if (len <= 0)
				continue;
			target[len] = '\0';
			tree_add_link(t, path, target);
		}
	}
	buf_release(&text);
	return t->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}
