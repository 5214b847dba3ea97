/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/container/memory_group.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { REMOVE_STEP_MS = 20, REMOVE_STEPS = 100, MOUNT_PATH = 1024, MOUNT_TEXT = 255 };

/* Where the hierarchy that has the memory is mounted. Returns its version; 0: nowhere. */
static int find_mount(const char *root, char at[MOUNT_PATH])
{
	struct buf text = BUF_INIT;
	int version = 0;

	file_text(&text, "%s/proc/self/mounts", root);
	for (const char *line = buf_str(&text); line && version != 1; line = str_next_line(line)) {
		char path[MOUNT_PATH], type[MOUNT_TEXT + 1], options[MOUNT_TEXT + 1];

		if (sscanf(line, "%*s %1023s %255s %255s", path, type, options) != 3)
			continue;
		for (char *c = options; *c; c++)
			*c = *c == ',' ? ' ' : *c;
		if (strcmp(type, "cgroup") == 0 && parse_has_word(options, NULL, "memory"))
			version = 1;
		else if (strcmp(type, "cgroup2") == 0)
			version = 2;
		else
			continue;
		str_copy(at, MOUNT_PATH, path);
	}
	buf_release(&text);
	return version;
}

/* The path of this process's own group, "/" for the topmost. */
static bool find_own(const char *root, int version, char own[MOUNT_PATH])
{
	struct buf text = BUF_INIT;
	bool found = false;

	file_text(&text, "%s/proc/self/cgroup", root);
	for (const char *line = buf_str(&text); line && !found; line = str_next_line(line)) {
		const char *names = strchr(line, ':');
		const char *path = names ? strchr(names + 1, ':') : NULL;

		if (!path)
			break;
		found = version == 2 ? path == names + 1
				     : memmem(names, (size_t)(path - names), "memory", 6) != NULL;
		if (found)
			snprintf(own, MOUNT_PATH, "%.*s", (int)strcspn(path + 1, "\n"), path + 1);
	}
	buf_release(&text);
	return found;
}

/* Version 2: whether groups can be made in dir that limit their memory. */
static bool is_parent(const char *dir)
{
	char control[MOUNT_TEXT + 1];

	return file_line(control, sizeof(control), "%s/cgroup.subtree_control", dir) &&
	       parse_has_word(control, NULL, "memory") && access(dir, W_OK) == 0;
}

/* `at` is where they are mounted. */
static int not_writable(const char *root, const char *at, int version, struct err *err)
{
	char fix[MOUNT_PATH + 64], top[PATH_MAX];

	snprintf(top, sizeof(top), "%s%s", root, at);
	if (geteuid() != 0)
		str_copy(fix, sizeof(fix),
			 version == 2
				 ? "run as root, or in `systemd-run --user --scope -p Delegate=yes`"
				 : "run as root");
	else if (version == 1 || access(top, W_OK) < 0)
		str_copy(fix, sizeof(fix), "they are read-only, as in a container");
	else
		snprintf(fix, sizeof(fix),
			 "none hands the control on: echo +memory >%s/cgroup.subtree_control", at);
	return err_set(err, EXIT_MACHINE,
		       "the control groups for memory around this process, below %s, are not ours "
		       "to write: %s",
		       at, fix);
}

int memory_group_base(const char *root, char dir[PATH_MAX], int *version, struct err *err)
{
	char at[MOUNT_PATH], own[MOUNT_PATH];

	*version = find_mount(root, at);
	if (!*version)
		return err_set(err, EXIT_MACHINE,
			       "no control groups for memory are mounted (cgroups(7)): mount -t "
			       "cgroup2 none /sys/fs/cgroup");
	if (!find_own(root, *version, own))
		return err_set(err, EXIT_MACHINE,
			       "/proc/self/cgroup names no control group for memory: start the "
			       "kernel without cgroup_disable=memory");
	for (char *end;; *end = '\0') {
		snprintf(dir, PATH_MAX, "%s%s%s", root, at, strcmp(own, "/") == 0 ? "" : own);
		if (*version == 1 ? access(dir, W_OK) == 0 : is_parent(dir))
			return 0;
		end = strrchr(own, '/');
		if (*version == 1 || !end || !own[1])
			break;
		end += end == own;
	}
	return not_writable(root, at, *version, err);
}

int memory_group_make(struct memory_group *g, const char *root, const char *name, uint64_t bytes,
		      struct err *err)
{
	char base[PATH_MAX - 256], dir[PATH_MAX], number[32];
	int version;

	g->dir[0] = '\0';
	if (memory_group_base(root, dir, &version, err) < 0)
		return -1;
	str_copy(base, sizeof(base), dir);
	snprintf(dir, sizeof(dir), "%s/%.200s", base, name);
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return err_errno(err, EXIT_MACHINE, "cannot make the control group %s", dir);
	str_copy(g->dir, sizeof(g->dir), dir);
	snprintf(number, sizeof(number), "%" PRIu64, bytes);
	if (file_put(number, "%s/%s", dir, version == 1 ? "memory.limit_in_bytes" : "memory.max"))
		return 0;
	err_errno(err, EXIT_MACHINE, "cannot limit the memory of the control group %s", dir);
	memory_group_remove(g);
	return -1;
}

void memory_group_remove(struct memory_group *g)
{
	int step = 0;

	while (g->dir[0] && rmdir(g->dir) < 0 && errno == EBUSY && step++ < REMOVE_STEPS)
		poll(NULL, 0, REMOVE_STEP_MS);
	g->dir[0] = '\0';
}

int memory_group_sweep(const char *root, const char *prefix, bool dry_run, struct buf *said)
{
	char base[PATH_MAX];
	struct err ignored;
	const char *name;
	int version, found = 0;
	DIR *dir = NULL;

	if (memory_group_base(root, base, &version, &ignored) == 0)
		dir = file_dir("%s", base);
	while ((name = file_dir_next(dir))) {
		struct memory_group g;

		if (strncmp(name, prefix, strlen(prefix)) != 0 ||
		    (size_t)snprintf(g.dir, sizeof(g.dir), "%s/%s", base, name) >= sizeof(g.dir))
			continue;
		buf_addf(said, "%s%s", said->len ? ", " : "", name);
		found++;
		if (!dry_run)
			memory_group_remove(&g);
	}
	file_dir_close(dir);
	return found;
}
