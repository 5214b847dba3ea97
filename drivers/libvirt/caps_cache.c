/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/caps_cache.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "lib/file.h"
#include "lib/sha256.h"
#include "lib/user_dir.h"

#define DIR_OF_ROOT "cache/qemu/capabilities"
#define SUFFIX ".xml"
#define BEGIN "<qemuCaps>\n"
#define END "</qemuCaps>\n"

enum { FILE_LIMIT = 8 << 20, FILES_MAX = 32, NAME_LENGTH = SHA256_HEX - 1 + sizeof(SUFFIX) - 1 };

/* Where the cache is kept between runs. false: nowhere. */
static bool kept_dir(char dir[PATH_MAX])
{
	return user_path(dir, USER_CACHE, "/libvirt");
}

static bool is_name(const char *name, size_t len)
{
	return len == NAME_LENGTH && strspn(name, "0123456789abcdef") == SHA256_HEX - 1 &&
	       strncmp(name + SHA256_HEX - 1, SUFFIX, sizeof(SUFFIX) - 1) == 0;
}

static bool path_in(char path[PATH_MAX], const char *dir, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%.*s", dir, (int)NAME_LENGTH, name) < PATH_MAX;
}

/* The time of a copy: libvirt puts what it finds out anew in its place, or into it. */
static const struct timespec of_copy[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

static bool is_copy(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_mtim.tv_sec == of_copy[1].tv_sec;
}

/* A cache is a convenience: what cannot be copied is found out again by libvirt. */
static void copy(const char *from, const char *to)
{
	struct buf text = BUF_INIT;
	struct err ignored;
	int fd = -1;

	if (file_read(from, FILE_LIMIT, &text, &ignored) == 0)
		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && (file_write_all(fd, text.data, text.len) < 0 || futimens(fd, of_copy) < 0))
		unlink(to);
	if (fd >= 0)
		close(fd);
	buf_release(&text);
}

void caps_cache_fill(const char *root)
{
	char kept[PATH_MAX], own[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
	DIR *dir = kept_dir(kept) ? file_dir("%s", kept) : NULL;
	const char *name;
	struct err ignored;
	bool made = dir && snprintf(own, sizeof(own), "%s/" DIR_OF_ROOT, root) < PATH_MAX &&
		    file_make_dirs(own, &ignored) == 0;

	while (made && (name = file_dir_next(dir)))
		if (is_name(name, strlen(name)) && path_in(from, kept, name) &&
		    path_in(to, own, name))
			copy(from, to);
	file_dir_close(dir);
}

/* The emulators of builds and tests come and go: the oldest make room. */
static void prune(const char *kept)
{
	time_t oldest = 0;
	char path[PATH_MAX], last[PATH_MAX];
	struct stat st;
	int count = 0;
	DIR *dir = file_dir("%s", kept);
	const char *name;

	while ((name = file_dir_next(dir))) {
		if (!is_name(name, strlen(name)) || !path_in(path, kept, name) ||
		    stat(path, &st) < 0)
			continue;
		if (count++ == 0 || st.st_mtime < oldest) {
			oldest = st.st_mtime;
			memcpy(last, path, sizeof(last));
		}
	}
	file_dir_close(dir);
	if (count > FILES_MAX)
		unlink(last);
}

static void keep_file(const char *from, const char *to)
{
	struct buf text = BUF_INIT;
	struct err ignored;

	if (!is_copy(from) && file_read(from, FILE_LIMIT, &text, &ignored) == 0)
		(void)file_write_whole(to, text.data, text.len, &ignored);
	buf_release(&text);
}

void caps_cache_keep(const char *root)
{
	char kept[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
	DIR *dir = kept_dir(kept) ? file_dir("%s/" DIR_OF_ROOT, root) : NULL;
	struct err ignored;
	const char *name;

	if (!dir)
		return;
	(void)file_make_dirs(kept, &ignored);
	while ((name = file_dir_next(dir)))
		if (is_name(name, strlen(name)) &&
		    snprintf(from, sizeof(from), "%s/" DIR_OF_ROOT "/%s", root, name) < PATH_MAX &&
		    path_in(to, kept, name))
			keep_file(from, to);
	file_dir_close(dir);
	prune(kept);
}

/* The XML in a kept text; NULL: it is none. It declares nothing, entities least of all. */
static const char *find_xml(const char *kept)
{
	const char *xml = strchr(kept, '\n');
	size_t len;

	if (!layer_keep_fits(kept) || !xml || !is_name(kept, (size_t)(xml - kept)))
		return NULL;
	xml++;
	len = strlen(xml);
	return strncmp(xml, BEGIN, strlen(BEGIN)) == 0 && len > strlen(END) &&
			       strcmp(xml + len - strlen(END), END) == 0 && !strstr(xml, "<!")
		       ? xml
		       : NULL;
}

void caps_cache_add(const char *kept)
{
	const char *xml = find_xml(kept);
	char dir[PATH_MAX], path[PATH_MAX];
	struct err ignored;

	if (xml && kept_dir(dir) && path_in(path, dir, kept) && file_make_dirs(dir, &ignored) == 0)
		(void)file_write_whole(path, xml, strlen(xml), &ignored);
}

/* The file about an emulator below a root. */
static bool path_of(char path[PATH_MAX], const char *root, const char *emulator)
{
	char hex[SHA256_HEX];

	sha256_of(emulator, strlen(emulator), hex);
	return snprintf(path, PATH_MAX, "%s/" DIR_OF_ROOT "/%s" SUFFIX, root, hex) < PATH_MAX;
}

bool caps_cache_used(const char *root, const char *emulator)
{
	char path[PATH_MAX];

	return path_of(path, root, emulator) && is_copy(path);
}

char *caps_cache_text(const char *root, const char *emulator, const char *kept)
{
	struct buf text = BUF_INIT, xml = BUF_INIT;
	char path[PATH_MAX], *found;
	struct err ignored;

	if (path_of(path, root, emulator) && file_read(path, KEEP_MAX, &xml, &ignored) == 0)
		buf_addf(&text, "%s\n%s", file_name(path), buf_str(&xml));
	buf_release(&xml);
	found = buf_take(&text);
	if (found && find_xml(found) && strcmp(found, kept) != 0)
		return found;
	free(found);
	return NULL;
}
