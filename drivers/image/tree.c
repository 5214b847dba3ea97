/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/array.h"
#include "lib/file.h"

enum { FILE_LIMIT = 1 << 30 };

/* ---- names and paths ---- */

void names_add(struct names *n, const char *text)
{
	char **item = array_grow(n->item, n->count, sizeof(*item));
	char *copy = strdup(text);

	if (item)
		n->item = item;
	if (!item || !copy) {
		free(copy);
		n->failed = true;
		return;
	}
	n->item[n->count++] = copy;
}

bool names_has(const struct names *n, const char *text)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->item[i], text) == 0)
			return true;
	return false;
}

void names_release(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->item[i]);
	free(n->item);
	*n = (struct names){0};
}

int path_make(char path[PATH_MAX], struct err *err, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	if (len >= 0 && len < PATH_MAX)
		return 0;
	return err_set(err, EXIT_USAGE, "the path %.200s… is too long", path);
}

int space_check(const char *path, uint64_t need, struct err *err)
{
	struct statvfs fs;
	uint64_t left;

	if (statvfs(path, &fs) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot look at %s", path);
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (left >= need)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "building the image needs %llu MiB of disk space and %s has %llu MiB left: "
		       "make room, or point XDG_CACHE_HOME elsewhere",
		       (unsigned long long)(need >> 20), path, (unsigned long long)(left >> 20));
}

/* ---- the tree ---- */

static void entry_release(struct tree_entry *e)
{
	free(e->path);
	free(e->from);
}

void tree_release(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++)
		entry_release(&t->entry[i]);
	free(t->entry);
	*t = (struct tree){0};
}

/* The index of path, or where it would be inserted. */
static size_t tree_place(const struct tree *t, const char *path, bool *found)
{
	size_t low = 0, high = t->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(t->entry[middle].path, path);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct tree_entry *tree_find(const struct tree *t, const char *path)
{
	bool found;
	size_t at = tree_place(t, path, &found);

	return found ? &t->entry[at] : NULL;
}

/* Without leading '/', and below usr/ if it is in one of the directories that Debian merged into
 * it. */
static char *guest_path(const char *path)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib64"};
	char *result = NULL;
	const char *usr = "";

	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path++;
	for (size_t i = 0; i < COUNT(merged); i++) {
		size_t len = strlen(merged[i]);

		if (strncmp(path, merged[i], len) == 0 && path[len] == '/')
			usr = "usr/";
	}
	return asprintf(&result, "%s%s", usr, path) < 0 ? NULL : result;
}

static bool make_room(struct tree *t)
{
	struct tree_entry *more = array_grow(t->entry, t->count, sizeof(*more));

	if (more)
		t->entry = more;
	return more;
}

/* Takes ownership of path and from. Returns whether this path now has an entry of this kind. */
static bool tree_insert(struct tree *t, struct tree_entry e)
{
	bool found = false;
	size_t at = 0;

	t->failed |= !e.path || (e.kind != TREE_DIR && !e.from);
	if (!t->failed)
		at = tree_place(t, e.path, &found);
	t->failed |= !found && !t->failed && !make_room(t);
	if (t->failed || found) {
		entry_release(&e);
		return !t->failed && t->entry[at].kind == e.kind;
	}
	memmove(&t->entry[at + 1], &t->entry[at], (t->count - at) * sizeof(e));
	t->entry[at] = e;
	t->count++;
	return true;
}

/* Takes ownership of from. */
static void tree_add(struct tree *t, const char *path, char *from, size_t size, enum tree_kind kind,
		     mode_t mode)
{
	struct tree_entry e = {guest_path(path), from, size, kind, mode};
	bool parents = true;

	for (char *slash = e.path ? strchr(e.path, '/') : NULL; slash;
	     slash = strchr(slash + 1, '/'))
		parents &= tree_insert(
			t, (struct tree_entry){.path = strndup(e.path, (size_t)(slash - e.path)),
					       .kind = TREE_DIR,
					       .mode = 0755});
	/* Never through a link, which could lead out of the directory where the tree is written. */
	if (parents || t->failed)
		tree_insert(t, e);
	else
		entry_release(&e);
}

void tree_add_dir(struct tree *t, const char *path)
{
	tree_add(t, path, NULL, 0, TREE_DIR, 0755);
}

void tree_add_file(struct tree *t, const char *path, const char *source)
{
	struct stat st;
	bool runs = stat(source, &st) == 0 && (st.st_mode & 0111);

	tree_add(t, path, strdup(source), 0, TREE_FILE, runs ? 0755 : 0644);
}

void tree_add_program(struct tree *t, const char *path, const char *source)
{
	tree_add(t, path, strdup(source), 0, TREE_FILE, 0755);
}

void tree_add_data(struct tree *t, const char *path, const void *data, size_t size, mode_t mode)
{
	char *copy = calloc(size + 1, 1);

	if (copy)
		memcpy(copy, data, size);
	tree_add(t, path, copy, size, TREE_DATA, mode);
}

void tree_add_text(struct tree *t, const char *path, const char *text)
{
	tree_add_data(t, path, text, strlen(text), 0644);
}

void tree_add_link(struct tree *t, const char *path, const char *target)
{
	tree_add(t, path, strdup(target), 0, TREE_LINK, 0777);
}

/* Whether a guest does not need this path: manuals, translations and the like. */
static bool is_ballast(const char *path)
{
	static const char *const dirs[] = {
		"usr/share/doc/",      "usr/share/man/",
		"usr/share/info/",     "usr/share/locale/",
		"usr/share/lintian/",  "usr/share/bug/",
		"usr/share/doc-base/", "usr/share/bash-completion/",
		"usr/include/",	       "usr/lib/systemd/",
	};

	path += strspn(path, "/");
	for (size_t i = 0; i < COUNT(dirs); i++)
		if (strncmp(path, dirs[i], strlen(dirs[i])) == 0)
			return true;
	return false;
}

void tree_add_found(struct tree *t, const char *path, const char *source)
{
	char target[PATH_MAX];
	ssize_t len = -1;
	struct stat st;

	/* Missing files were excluded by this machine's administrator. */
	if (is_ballast(path) || lstat(source, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode))
		len = readlink(source, target, sizeof(target) - 1);
	if (len > 0) {
		target[len] = '\0';
		tree_add_link(t, path, target);
	} else if (S_ISREG(st.st_mode) && access(source, R_OK) == 0) {
		tree_add_file(t, path, source);
	}
}

int tree_add_below(struct tree *t, const char *dir, const char *place, struct err *err)
{
	char *const roots[] = {(char *)dir, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	char inner[PATH_MAX];
	FTSENT *f;
	int result = 0;

	if (!walk)
		result = err_errno(err, EXIT_INTERNAL, "cannot read the directory %s", dir);
	while (result == 0 && (f = fts_read(walk))) {
		if (f->fts_info == FTS_D || f->fts_info == FTS_DP)
			continue;
		errno = f->fts_errno;
		if (errno)
			result = err_errno(err, EXIT_INTERNAL, "cannot read the directory %s",
					   f->fts_path);
		else
			result = path_make(inner, err, "%s%s", place, f->fts_path + strlen(dir));
		if (result == 0)
			tree_add_found(t, inner, f->fts_path);
	}
	if (walk)
		fts_close(walk);
	return t->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : result;
}

static int stat_source(const struct tree_entry *e, struct stat *st, struct err *err)
{
	if (stat(e->from, st) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot examine %s, which the image needs",
				 e->from);
	if (!S_ISREG(st->st_mode))
		return err_set(err, EXIT_MACHINE, "%s, which the image needs, is not a file",
			       e->from);
	return 0;
}

/* The hash of the contents, or size and time of change. */
static int describe_file(const struct tree_entry *e, const struct names *by_content,
			 struct buf *line, struct err *err)
{
	char hex[SHA256_HEX];
	struct stat st;

	if (names_has(by_content, e->from)) {
		if (file_sha256(e->from, hex, err) < 0)
			return -1;
		buf_addf(line, "%s\n", hex);
		return 0;
	}
	if (stat_source(e, &st, err) < 0)
		return -1;
	buf_addf(line, "%s%c%lld %lld.%09ld\n", e->from, 0, (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return 0;
}

int tree_hash(const struct tree *t, const struct names *by_content, struct sha256 *hash,
	      struct err *err)
{
	struct buf line = BUF_INIT;
	int result = 0;

	if (t->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < t->count && result == 0; i++) {
		const struct tree_entry *e = &t->entry[i];

		buf_addf(&line, "%d %o %zu %s%c", (int)e->kind, (unsigned int)e->mode, e->size,
			 e->path, 0);
		if (e->kind == TREE_FILE)
			result = describe_file(e, by_content, &line, err);
		else
			buf_add(&line, e->from, e->kind == TREE_LINK ? strlen(e->from) : e->size);
	}
	if (result == 0)
		result = buf_check(&line, err);
	if (result == 0)
		sha256_add(hash, line.data, line.len);
	buf_release(&line);
	return result;
}

/* ---- what its files hold ---- */

int tree_read(const struct tree_entry *e, struct buf *out, struct err *err)
{
	struct stat st;

	buf_clear(out);
	if (e->kind == TREE_DATA)
		buf_add(out, e->from, e->size);
	if (e->kind != TREE_FILE)
		return buf_check(out, err);
	if (stat_source(e, &st, err) < 0)
		return -1;
	if (file_read(e->from, FILE_LIMIT, out, err) == 0)
		return 0;
	err->code = EXIT_MACHINE;
	return err_context(err, "a file that the image needs");
}
