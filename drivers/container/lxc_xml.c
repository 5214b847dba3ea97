/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/container/lxc_xml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/escape.h"
#include "lib/file.h"

/* The stream is descriptor 3, whatever libvirt opens besides. */
static const char become[] = "exec \"$0\" agent --port - <&3 >&3 2>>\"$1\" 3>&-";

/* Variables of this process that the container's get as well. */
static const char *const kept[] = {
	"PATH", "HOME", "LANG", "LC_ALL", "XDG_CACHE_HOME", "NESTBENCH_WORK_DIR", "NESTBENCH_TMP"};

/* before, the escaped text, after. */
static void add_text(struct buf *b, const char *before, const char *text, const char *after)
{
	buf_addstr(b, before);
	escape_xml(b, text);
	buf_addstr(b, after);
}

static void add_bind(struct buf *b, const char *path, bool read_only)
{
	add_text(b, "    <filesystem type='mount'>\n      <source dir='", path, "'/>\n");
	add_text(b, "      <target dir='", path, "'/>\n");
	buf_addf(b, "%s    </filesystem>\n", read_only ? "      <readonly/>\n" : "");
}

static void add_empty(struct buf *b, const char *path)
{
	buf_addstr(b, "    <filesystem type='ram'>\n"
		      "      <source usage='1048576' units='KiB'/>\n");
	add_text(b, "      <target dir='", path, "'/>\n    </filesystem>\n");
}

static void add_device(struct buf *b, const char *type, const char *tag, const char *path)
{
	buf_addf(b, "    <hostdev mode='capabilities' type='%s'>\n      <source><%s>", type, tag);
	escape_xml(b, path);
	buf_addf(b, "</%s></source>\n    </hostdev>\n", tag);
}

/* A bind mount has no mounts below it: those on the way to path are put over it. */
static void add_way(struct buf *b, const char *path)
{
	char part[VIEW_PATH], *slash, *next;
	struct stat outer, inner;

	snprintf(part, sizeof(part), "%s", path);
	for (slash = strchr(part + 1, '/'); slash; slash = next) {
		next = strchr(slash + 1, '/');
		if (!next)
			return;
		*slash = '\0';
		if (stat(part, &outer) < 0)
			return;
		*slash = '/';
		*next = '\0';
		if (stat(part, &inner) == 0 && inner.st_dev != outer.st_dev)
			add_bind(b, part, true);
		*next = '/';
	}
}

static bool is_bound(const struct view *v, int i)
{
	return v->item[i].kind == VIEW_READ || v->item[i].kind == VIEW_WRITE;
}

static bool is_empty(const struct view *v, const char *path)
{
	for (int i = 0; i < v->count; i++)
		if (v->item[i].kind == VIEW_EMPTY && strcmp(v->item[i].path, path) == 0)
			return true;
	return false;
}

/* What has to be there for an item to be bound: libvirt makes missing directories for a directory
 * alone, so a file gets that around it. */
static void add_around(struct buf *b, const struct view *v, const char *path)
{
	char dir[VIEW_PATH];
	struct stat st;

	add_way(b, path);
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode) && dir[0] && !is_empty(v, dir))
		add_bind(b, dir, true);
}

static void add_item(struct buf *b, enum view_kind kind, const char *path)
{
	switch (kind) {
	case VIEW_EMPTY:
		add_empty(b, path);
		break;
	case VIEW_READ:
	case VIEW_WRITE:
		add_bind(b, path, kind == VIEW_READ);
		break;
	case VIEW_CHARS:
		add_device(b, "misc", "char", path);
		break;
	case VIEW_BLOCKS:
		add_device(b, "storage", "block", path);
		break;
	}
}

static void add_view(struct buf *b, const struct view *v)
{
	for (int i = 0; i < v->count; i++)
		if (v->item[i].kind == VIEW_EMPTY)
			add_item(b, VIEW_EMPTY, v->item[i].path);
	for (int i = 0; i < v->count; i++)
		if (is_bound(v, i))
			add_around(b, v, v->item[i].path);
	for (int i = 0; i < v->count; i++)
		if (v->item[i].kind != VIEW_EMPTY)
			add_item(b, v->item[i].kind, v->item[i].path);
}

/* libvirt makes these itself. */
static bool is_made(const char *name)
{
	static const char *const made[] = {"proc", "sys", "dev"};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (strcmp(name, made[i]) == 0)
			return true;
	return false;
}

/* An entry of "/" for the container's own "/". */
static int add_top(struct buf *b, const struct lxc_config *c, const char *name, struct err *err)
{
	char from[VIEW_PATH], to[PATH_MAX], target[PATH_MAX];
	struct stat st;
	ssize_t len;

	snprintf(from, sizeof(from), "/%.255s", name);
	snprintf(to, sizeof(to), "%s%s", c->root, from);
	if (lstat(from, &st) < 0 || (!S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(to, 0755) < 0)
			return err_errno(err, EXIT_MACHINE, "cannot make the directory %s", to);
		if (!is_made(name))
			add_bind(b, from, true);
		return 0;
	}
	len = readlink(from, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	if (symlink(target, to) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot make the link %s", to);
	return 0;
}

static int add_root(struct buf *b, const struct lxc_config *c, struct err *err)
{
	DIR *dir = file_dir("/");
	const char *name;
	int done = 0;

	add_text(b, "    <filesystem type='mount'>\n      <source dir='", c->root,
		 "'/>\n      <target dir='/'/>\n    </filesystem>\n");
	while (done == 0 && (name = file_dir_next(dir)))
		done = add_top(b, c, name, err);
	file_dir_close(dir);
	return done;
}

static void add_init(struct buf *b, const struct lxc_config *c)
{
	buf_addstr(b, "  <os>\n    <type>exe</type>\n    <init>/bin/sh</init>\n"
		      "    <initarg>-c</initarg>\n");
	add_text(b, "    <initarg>", become, "</initarg>\n");
	add_text(b, "    <initarg>", c->view->program, "</initarg>\n");
	add_text(b, "    <initarg>", c->log, "</initarg>\n");
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (getenv(kept[i])) {
			buf_addf(b, "    <initenv name='%s'>", kept[i]);
			add_text(b, "", getenv(kept[i]), "</initenv>\n");
		}
	buf_addstr(b, "  </os>\n");
}

char *lxc_xml(const struct lxc_config *c, struct err *err)
{
	struct buf b = BUF_INIT;

	add_text(&b, "<domain type='lxc'>\n  <name>", c->name, "</name>\n");
	buf_addf(&b, "  <memory unit='KiB'>%" PRIu64 "</memory>\n", c->memory_bytes / 1024);
	buf_addf(&b, "  <vcpu placement='static'%s%s%s>%d</vcpu>\n", c->cpus[0] ? " cpuset='" : "",
		 c->cpus, c->cpus[0] ? "'" : "", c->vcpus);
	add_init(&b, c);
	buf_addstr(
		&b,
		"  <features>\n    <capabilities policy='allow'/>\n    <privnet/>\n  </features>\n"
		"  <devices>\n");
	if (add_root(&b, c, err) < 0) {
		buf_release(&b);
		return NULL;
	}
	add_view(&b, c->view);
	buf_addstr(&b, "    <console type='pty'/>\n  </devices>\n</domain>\n");
	if (buf_check(&b, err) < 0) {
		buf_release(&b);
		return NULL;
	}
	return buf_take(&b);
}
