/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/container/ability.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/container/container.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/proc.h"
#include "lib/str.h"

/* Switches of the kernel for ordinary users; with such a value they make no user namespaces. */
static const struct {
	const char *name;
	uint64_t forbids;
} switches[] = {
	{"kernel.unprivileged_userns_clone", 0},
	{"kernel.apparmor_restrict_unprivileged_userns", 1},
};

static bool read_switch(const char *root, const char *name, uint64_t *value)
{
	char path[80], *dot;

	str_copy(path, sizeof(path), name);
	dot = strchr(path, '.');
	*dot = '/';
	return file_number(value, "%s/proc/sys/%s", root, path);
}

static bool has_admin(const char *root)
{
	struct buf text = BUF_INIT;
	char value[32];
	bool has = false;

	file_text(&text, "%s/proc/self/status", root);
	if (proc_value(buf_str(&text), "CapEff", value, sizeof(value)))
		has = strtoull(value, NULL, 16) >> CAP_SYS_ADMIN & 1;
	buf_release(&text);
	return has;
}

/* Root of a user namespace has fewer users. */
static bool is_first_namespace(const char *root)
{
	unsigned inside, outside, count;
	char line[80];

	return file_line(line, sizeof(line), "%s/proc/self/uid_map", root) &&
	       sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == UINT32_MAX;
}

static bool has_fuse(const char *root)
{
	struct buf text = BUF_INIT;
	bool has =
		file_text(&text, "%s/proc/filesystems", root) && strstr(buf_str(&text), "\tfuse\n");

	buf_release(&text);
	return has;
}

static void find_on_path(const char *name, char found[PATH_MAX])
{
	const char *path = getenv("PATH");

	found[0] = '\0';
	for (const char *dir = path ? path : ""; *dir; dir += *dir == ':') {
		size_t len = strcspn(dir, ":");

		snprintf(found, PATH_MAX, "%.*s/%s", (int)len, dir, name);
		if (access(found, X_OK) == 0)
			return;
		found[0] = '\0';
		dir += len;
	}
}

void ability_read(const char *root, struct ability *a)
{
	char dir[PATH_MAX];
	struct err why;
	uint64_t value;

	*a = (struct ability){.root = geteuid() == 0 && is_first_namespace(root),
			      .admin = has_admin(root),
			      .fuse = has_fuse(root)};
	/* A kernel without the limit has no user namespaces. */
	(void)read_switch(root, "user.max_user_namespaces", &a->user_namespaces);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (read_switch(root, switches[i].name, &value) && value == switches[i].forbids)
			a->forbidden = switches[i].name;
	find_on_path(BWRAP, a->bwrap);
	daemon_find(&a->lxc);
	if (memory_group_base(root, dir, &a->cgroup, &why) < 0)
		str_copy(a->groups, sizeof(a->groups), why.text);
}

bool ability_lacks_lxc(const struct ability *a, struct err *why)
{
	const char *package = !a->lxc.libvirtd[0] ? "libvirt-daemon"
			      : !a->lxc.driver[0] || !a->lxc.controller[0]
				      ? "libvirt-daemon-driver-lxc"
				      : NULL;

	if (!a->root || !a->admin)
		err_set(why, EXIT_MACHINE,
			"libvirt makes containers only for root with all its rights, outside of "
			"user namespaces: run as root, or take container:bwrap");
	else if (package)
		err_set(why, EXIT_MACHINE,
			"a part of libvirt for containers is missing: apt-get install %s", package);
	else if (!a->fuse)
		err_set(why, EXIT_MACHINE,
			"there is no fuse in /proc/filesystems, or no /dev/fuse, which libvirt's "
			"containers need: modprobe fuse");
	else if (a->groups[0])
		err_set(why, EXIT_MACHINE, "%s", a->groups);
	else
		return false;
	return true;
}

bool ability_lacks_bwrap(const struct ability *a, struct err *why)
{
	bool user = !a->admin; /* who needs a user namespace */

	if (!a->bwrap[0])
		err_set(why, EXIT_MACHINE,
			"the program bwrap is not installed: apt-get install " BWRAP_PACKAGE);
	else if (user && a->user_namespaces == 0)
		err_set(why, EXIT_MACHINE,
			"user.max_user_namespaces is 0, so that only root makes containers: sysctl "
			"user.max_user_namespaces=10000");
	else if (user && a->forbidden)
		err_set(why, EXIT_MACHINE,
			"%s keeps ordinary users from making user namespaces: sysctl %s=%d",
			a->forbidden, a->forbidden, strstr(a->forbidden, "restrict") ? 0 : 1);
	else
		return false;
	return true;
}
