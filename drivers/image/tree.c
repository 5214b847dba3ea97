/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/file.h"

void names_add(struct names *n, const char *text)
{
	char **item = realloc(n->item, (n->count + 1) * sizeof(*item));
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

/* The place of path, or where it would have to be inserted. */
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

/* Without leading '/' and below usr/ if it is one of the directories that Debian merged into it. */
static char *guest_path(const char *path)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib64"};
	char *result = NULL;
	const char *usr = "";

	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path++;
	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
		size_t len = strlen(merged[i]);

		if (strncmp(path, merged[i], len) == 0 && path[len] == '/')
			usr = "usr/";
	}
	return asprintf(&result, "%s%s", usr, path) < 0 ? NULL : result;
}

/* Takes path and from over. Returns whether there is now an entry of this kind under this path. */
static bool tree_insert(struct tree *t, char *path, char *from, enum tree_kind kind, mode_t mode)
{
	struct tree_entry e = {.path = path, .from = from, .kind = kind, .mode = mode};
	bool found = false;
	size_t at;

	if (!path || (kind != TREE_DIR && !from))
		t->failed = true;
	at = t->failed ? 0 : tree_place(t, path, &found);
	if (!t->failed && !found && t->count == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 256;
		struct tree_entry *more = realloc(t->entry, cap * sizeof(*more));

		if (more) {
			t->entry = more;
			t->cap = cap;
		} else {
			t->failed = true;
		}
	}
	if (t->failed || found) {
		entry_release(&e);
		return !t->failed && t->entry[at].kind == kind;
	}
	memmove(&t->entry[at + 1], &t->entry[at], (t->count - at) * sizeof(e));
	t->entry[at] = e;
	t->count++;
	return true;
}

static void tree_add(struct tree *t, const char *path, const char *from, enum tree_kind kind,
		     mode_t mode)
{
	char *full = guest_path(path);
	bool parents = true;

	for (char *slash = full ? strchr(full, '/') : NULL; slash; slash = strchr(slash + 1, '/'))
		parents &=
			tree_insert(t, strndup(full, (size_t)(slash - full)), NULL, TREE_DIR, 0755);
	/* Never through a link: it could lead out of the directory where the tree is written. */
	if (parents || t->failed)
		tree_insert(t, full, from ? strdup(from) : NULL, kind, mode);
	else
		free(full);
}

void tree_add_dir(struct tree *t, const char *path, mode_t mode)
{
	tree_add(t, path, NULL, TREE_DIR, mode);
}

void tree_add_file(struct tree *t, const char *path, const char *source)
{
	struct stat st;
	bool runs = stat(source, &st) == 0 && (st.st_mode & 0111);

	tree_add(t, path, source, TREE_FILE, runs ? 0755 : 0644);
}

void tree_add_program(struct tree *t, const char *path, const char *source)
{
	tree_add(t, path, source, TREE_FILE, 0755);
}

void tree_add_text(struct tree *t, const char *path, const char *text, mode_t mode)
{
	tree_add(t, path, text, TREE_TEXT, mode);
}

void tree_add_link(struct tree *t, const char *path, const char *target)
{
	tree_add(t, path, target, TREE_LINK, 0777);
}

bool tree_is_ballast(const char *path)
{
	static const char *const dirs[] = {
		"usr/share/doc/",      "usr/share/man/",
		"usr/share/info/",     "usr/share/locale/",
		"usr/share/lintian/",  "usr/share/bug/",
		"usr/share/doc-base/", "usr/share/bash-completion/",
		"usr/include/",	       "usr/lib/systemd/",
	};

	path += strspn(path, "/");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (strncmp(path, dirs[i], strlen(dirs[i])) == 0)
			return true;
	return false;
}

/* nftw() has no context argument. */
static struct {
	struct tree *tree;
	size_t prefix;
	const char *place;
} below;

static int add_found(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char inner[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	(void)ftw;
	if ((size_t)snprintf(inner, sizeof(inner), "%s%s", below.place, path + below.prefix) >=
	    sizeof(inner)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (tree_is_ballast(inner))
		return 0;
	if (type == FTW_SL) {
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			return -1;
		target[len] = '\0';
		tree_add_link(below.tree, inner, target);
	} else if (type == FTW_F && S_ISREG(st->st_mode)) {
		tree_add_file(below.tree, inner, path);
	}
	return 0;
}

int tree_add_below(struct tree *t, const char *dir, const char *place, struct err *err)
{
	below.tree = t;
	below.place = place;
	below.prefix = strlen(dir);
	if (nftw(dir, add_found, 16, FTW_PHYS) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot read the directory %s", dir);
	return t->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

static int stat_source(const struct tree_entry *e, struct stat *st, struct err *err)
{
	if (stat(e->from, st) < 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot look at %s, which belongs into the image", e->from);
	if (!S_ISREG(st->st_mode))
		return err_set(err, EXIT_MACHINE, "%s, which belongs into the image, is not a file",
			       e->from);
	return 0;
}

/* The file itself, or what changes whenever the file does. */
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

		buf_addf(&line, "%d %o %s%c", (int)e->kind, (unsigned int)e->mode, e->path, 0);
		if (e->kind == TREE_FILE)
			result = describe_file(e, by_content, &line, err);
		else
			buf_addf(&line, "%s%c", e->from ? e->from : "", 0);
	}
	if (result == 0)
		result = buf_check(&line, err);
	if (result == 0)
		sha256_add(hash, line.data, line.len);
	buf_release(&line);
	return result;
}
