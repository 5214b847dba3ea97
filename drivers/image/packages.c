/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Package files are downloaded, unpacked and kept, never installed. The answer of apt about a name
 * is kept in a small file next to them, because a query takes seconds and needs package lists:
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

/* Kept answers are valid until packages are installed or removed here. */
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
	struct err ignored;

	if (strncmp(line, "installed ", 10) == 0 && package_name_valid(line + 10)) {
		names_add(installed, line + 10);
		return 0;
	}
	if (strncmp(line, "deb ", 4) != 0 || strchr(line, '/') ||
	    path_make(path, &ignored, "%s/%s", s->dir, line + 4) < 0 || access(path, R_OK) < 0)
		return -1;
	names_add(debs, path);
	return 0;
}

/* Whether the answer kept under this name is still valid, and all its files exist. */
static bool recall(const struct package_store *s, const char *name, const char *stamp,
		   struct names *debs, struct names *installed)
{
	struct buf text = BUF_INIT;
	char path[PATH_MAX], *rest = NULL, *line;
	struct err ignored;
	bool good;

	good = !s->refresh && path_make(path, &ignored, "%s/%s", s->dir, name) == 0 &&
	       file_read(path, LIST_LIMIT, &text, &ignored) == 0 && text.len;
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
	buf_release(&text);
	return good;
}

static int remember(const struct package_store *s, const char *name, const char *stamp,
		    const struct names *debs, const struct names *installed, struct err *err)
{
	struct buf text = BUF_INIT;
	char path[PATH_MAX];
	int result = path_make(path, err, "%s/%s", s->dir, name);

	buf_addf(&text, "%s\n", stamp);
	for (size_t i = 0; i < debs->count; i++)
		buf_addf(&text, "deb %s\n", file_name(debs->item[i]));
	for (size_t i = 0; i < installed->count; i++)
		buf_addf(&text, "installed %s\n", installed->item[i]);
	if (result == 0)
		result = buf_check(&text, err);
	if (result == 0)
		result = file_write_whole(path, text.data, text.len, err);
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
		char old[PATH_MAX], new[PATH_MAX];
		size_t len = strlen(e->d_name);

		if (len < 5 || strcmp(e->d_name + len - 4, ".deb") != 0)
			continue;
		if (path_make(old, err, "%s/%s", from, e->d_name) < 0 ||
		    path_make(new, err, "%s/%s", s->dir, e->d_name) < 0)
			result = -1;
		else if (rename(old, new) < 0)
			result = err_errno(err, EXIT_INTERNAL, "cannot rename %s", old);
		else
			names_add(debs, new);
	}
	closedir(d);
	return result;
}

/* apt writes to the final name while it downloads: into another directory first, so that only
 * complete files are kept. */
static int fetch(const struct package_store *s, const struct names *packages, struct names *debs,
		 struct err *err)
{
	char aside[PATH_MAX];
	struct err ignored;
	int result = -1;

	if (!packages->count)
		return 0;
	if (path_make(aside, err, "%s/.incoming", s->dir) < 0)
		return -1;
	if (file_remove_tree(aside, err) == 0 && file_make_dirs(aside, err) == 0 &&
	    apt_download(s, aside, packages, err) == 0)
		result = keep_files(s, aside, debs, err);
	if (result == 0 && debs->count != packages->count)
		result = err_set(err, EXIT_MACHINE, "apt-get download fetched %zu of %zu packages",
				 debs->count, packages->count);
	file_remove_tree(aside, &ignored);
	return result;
}

static int not_here(const char *package, struct err *err)
{
	return err_set(err, EXIT_MACHINE,
		       "the package %s was not downloaded yet: run nestbench image", package);
}

/* ---- the kernel, and what else is wanted ---- */

int package_kernel_name_check(const char *name, struct err *err)
{
	if (package_name_valid(name) && strncmp(name, "linux-image-", 12) == 0)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "there is no file \"%.100s\", and it cannot be the name of a kernel package "
		       "(linux-image-…)",
		       name);
}

int packages_kernel(const struct package_store *s, const char *choice, char **deb, struct err *err)
{
	const char *name = choice ? choice : KERNEL_PACKAGE;
	struct names debs = {0}, none = {0}, wanted = {0};
	char memory[160];
	int result = package_kernel_name_check(name, err);

	snprintf(memory, sizeof(memory), "kernel%s%.120s", choice ? "-" : "", choice ? choice : "");
	if (result == 0 && (!recall(s, memory, name, &debs, &none) || debs.count != 1)) {
		result = s->may_download ? apt_kernel_package(name, &wanted, err)
					 : not_here(name, err);
		if (result == 0)
			result = fetch(s, &wanted, &debs, err);
		if (result == 0)
			result = remember(s, memory, name, &debs, &none, err);
	}
	if (result == 0 && !(*deb = strdup(debs.item[0])))
		result = err_set(err, EXIT_INTERNAL, "out of memory");
	names_release(&debs);
	names_release(&none);
	names_release(&wanted);
	return result;
}

/* dpkg's list of the files of an installed package. False: it is not installed. */
static bool find_list(const char *name, char list[PATH_MAX])
{
	/* Of packages that can be installed for several architectures it has one in its name. */
	static const char *const endings[] = {"", ":amd64"};
	struct err ignored;

	for (size_t i = 0; i < COUNT(endings); i++)
		if (path_make(list, &ignored, DPKG_INFO "/%s%s.list", name, endings[i]) == 0 &&
		    access(list, R_OK) == 0)
			return true;
	return false;
}

/* Divides the closure of a package into what must be downloaded and what is installed here. */
static int resolve(const char *name, struct names *wanted, struct names *installed, struct err *err)
{
	struct names all = {0}, missing = {0};
	char list[PATH_MAX];
	int result = apt_closure(name, true, &all, err);

	if (result == 0)
		result = apt_closure(name, false, &missing, err);
	for (size_t i = 0; i < all.count && result == 0; i++) {
		const char *one = all.item[i];

		if (strcmp(one, name) != 0 && package_is_maintenance(one))
			continue;
		/* One that is neither is not needed here, where an alternative to it is installed.
		 */
		names_add(names_has(&missing, one) || !find_list(one, list) ? wanted : installed,
			  one);
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
	char stamp[STAMP], memory[160], line[160];
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
	snprintf(line, sizeof(line), "looking up what %s needs", name);
	if (s->say)
		s->say(s->say_ctx, line);
	result = resolve(name, &wanted, installed, err);
	if (result == 0)
		result = fetch(s, &wanted, debs, err);
	if (result == 0)
		result = remember(s, memory, stamp, debs, installed, err);
	names_release(&wanted);
	return result;
}

int packages_part(const struct package_store *s, const char *meta,
		  bool (*wanted)(const char *package), struct names *debs, struct err *err)
{
	struct names all = {0}, part = {0}, none = {0};
	char memory[160];
	int result = 0;

	snprintf(memory, sizeof(memory), "part-%.120s", meta);
	if (recall(s, memory, meta, debs, &none) && debs->count)
		goto cleanup;
	result = s->may_download ? apt_closure(meta, true, &all, err) : not_here(meta, err);
	for (size_t i = 0; i < all.count && result == 0; i++)
		if (wanted(all.item[i]))
			names_add(&part, all.item[i]);
	if (result == 0)
		result = part.failed ? err_set(err, EXIT_INTERNAL, "out of memory")
				     : fetch(s, &part, debs, err);
	if (result == 0)
		result = remember(s, memory, meta, debs, &none, err);
cleanup:
	names_release(&all);
	names_release(&part);
	names_release(&none);
	return result;
}

int packages_add_installed(struct tree *t, const char *name, struct err *err)
{
	struct buf text = BUF_INIT;
	char list[PATH_MAX], *rest = NULL;
	int result = -1;

	if (find_list(name, list))
		result = file_read(list, LIST_LIMIT, &text, err);
	else
		err_set(err, EXIT_MACHINE, "dpkg has no list of the files of the package");
	if (result < 0)
		err_context(err, "the files of the installed package %s", name);
	for (char *path = text.len ? strtok_r(text.data, "\n", &rest) : NULL; path;
	     path = strtok_r(NULL, "\n", &rest))
		tree_add_found(t, path, path);
	buf_release(&text);
	return t->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : result;
}
