/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/root.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/libvirt/caps_cache.h"
#include "drivers/libvirt/session.h"
#include "lib/buf.h"
#include "lib/array.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"

/*
 * No virtlogd, no security labels, no namespaces, no cgroups: nothing that needs a service or that
 * would stay behind. The user is root's own because QEMU has to open /dev/kvm and the user's files.
 * The filter is about what libvirt asks a VM, not about the VM: it then learns the features of the
 * VM's CPU by three questions instead of one for each of 400 properties, which takes seconds where
 * QEMU runs in an emulated guest.
 */
static const char qemu_conf[] = "stdio_handler = \"file\"\n"
				"security_driver = \"none\"\n"
				"namespaces = []\n"
				"cgroup_controllers = []\n"
				"remember_owner = 0\n"
				"capability_filters = [\"cpu-unavailable-features\"]\n";
static const char qemu_conf_root[] = "user = \"root\"\ngroup = \"root\"\n";

/* What the status of a process calls its effective capabilities; all of them where it says nothing.
 */
static uint64_t effective_capabilities(void)
{
	uint64_t found = UINT64_MAX;
	struct buf status = BUF_INIT;
	char value[32];

	if (file_text(&status, "/proc/self/status") &&
	    proc_value(buf_str(&status), "CapEff", value, sizeof(value)))
		found = strtoull(value, NULL, 16);
	buf_release(&status);
	return found;
}

/* Being root libvirt sets user, groups and capabilities of each QEMU, were it to what it has. */
static int check_rights(struct err *err)
{
	static const struct {
		int number;
		const char *name;
	} needed[] = {{CAP_SETGID, "CAP_SETGID"},
		      {CAP_SETUID, "CAP_SETUID"},
		      {CAP_SETPCAP, "CAP_SETPCAP"}};
	uint64_t have = effective_capabilities();
	char missing[64] = "", groups[16];

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!(have >> needed[i].number & 1))
			str_addf(missing, sizeof(missing), "%s%s", missing[0] ? ", " : "",
				 needed[i].name);
	if (missing[0])
		return err_set(err, EXIT_MACHINE,
			       "libvirt's QEMU driver, as root, needs capabilities that this root "
			       "lacks: %s; give them (docker run --cap-add, systemd's "
			       "CapabilityBoundingSet), or run nestbench as an ordinary user",
			       missing);
	file_line(groups, sizeof(groups), "/proc/self/setgroups");
	if (strcmp(groups, "deny") == 0)
		return err_set(
			err, EXIT_MACHINE,
			"libvirt's QEMU driver, as root, has to set groups, which is denied "
			"in this user namespace (unshare -r makes such): run nestbench "
			"outside of it as an ordinary user, or in a container that has users "
			"and groups of its own (/etc/subuid, /etc/subgid)");
	return 0;
}

/* As root libvirt looks its compiled-in user up before it reads the configuration. */
static int check_user(struct err *err)
{
	if (geteuid() != 0)
		return 0;
	if (check_rights(err) < 0)
		return -1;
	if (getpwnam("libvirt-qemu") && getgrnam("libvirt-qemu"))
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"libvirt's QEMU driver, as root, needs the system user and group libvirt-qemu, "
		"which do not exist: run `adduser --system --group --no-create-home "
		"libvirt-qemu`, or run nestbench as an ordinary user");
}

int libvirt_work_dir(const char *work_dir, char dir[LIBVIRT_WORK_DIR_MAX + 1], struct err *err)
{
	char real[PATH_MAX];

	if (!realpath(work_dir, real))
		return err_errno(err, EXIT_USAGE, "cannot use the work directory %s", work_dir);
	if (strlen(real) > LIBVIRT_WORK_DIR_MAX)
		return err_set(
			err, EXIT_USAGE,
			"the work directory %s has %zu characters; at most %d leave room for the "
			"names of UNIX sockets in it: use a shorter one",
			real, strlen(real), LIBVIRT_WORK_DIR_MAX);
	str_copy(dir, LIBVIRT_WORK_DIR_MAX + 1, real);
	return 0;
}

static int choose_path(struct libvirt_root *r, const char *work_dir, struct err *err)
{
	char dir[LIBVIRT_WORK_DIR_MAX + 1];

	if (libvirt_work_dir(work_dir, dir, err) < 0)
		return -1;
	snprintf(r->path, sizeof(r->path), "%s/lv", dir);
	return 0;
}

/* The highest part of path that does not exist yet. */
static void find_topmost(struct libvirt_root *r)
{
	char part[LIBVIRT_ROOT];
	struct stat st;

	str_copy(r->topmost, sizeof(r->topmost), r->path);
	str_copy(part, sizeof(part), r->path);
	for (char *slash; (slash = strrchr(part, '/')) && slash != part;) {
		*slash = '\0';
		if (lstat(part, &st) == 0)
			return;
		str_copy(r->topmost, sizeof(r->topmost), part);
	}
}

static int make(struct libvirt_root *r, struct err *err)
{
	char path[LIBVIRT_ROOT + 32];
	struct buf conf = BUF_INIT;
	int rc;

	snprintf(path, sizeof(path), "%s/etc", r->path);
	if (file_make_dirs(path, err) < 0)
		return -1;
	for (int i = 0; i < r->dir_count; i++)
		if (file_make_dirs(r->dirs[i], err) < 0)
			return -1;
	buf_addstr(&conf, qemu_conf);
	if (geteuid() == 0)
		buf_addstr(&conf, qemu_conf_root);
	snprintf(path, sizeof(path), "%s/etc/qemu.conf", r->path);
	rc = buf_check(&conf, err);
	if (rc == 0)
		rc = file_write_whole(path, conf.data, conf.len, err);
	buf_release(&conf);
	if (rc == 0)
		caps_cache_fill(r->path);
	return rc;
}

static void remove_all(struct libvirt_root *r)
{
	struct err err;

	if (file_remove_tree(r->topmost, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
}

int libvirt_root_acquire(struct libvirt_root *r, const char *work_dir, struct err *err)
{
	if (check_user(err) < 0 || (!r->path[0] && choose_path(r, work_dir, err) < 0))
		return -1;
	if (r->users == 0) {
		find_topmost(r);
		if (make(r, err) < 0) {
			remove_all(r);
			return -1;
		}
	}
	r->users++;
	return 0;
}

static void learn_dir(struct libvirt_root *r, const char *path)
{
	DIR *dir = file_dir("%s", path);
	char **dirs = dir ? array_grow(r->dirs, (size_t)r->dir_count, sizeof(*dirs)) : NULL;
	const char *name;

	if (dirs) {
		r->dirs = dirs;
		dirs[r->dir_count] = strdup(path);
		r->dir_count += dirs[r->dir_count] != NULL;
	}
	while ((name = file_dir_next(dir))) {
		char below[PATH_MAX];

		if ((size_t)snprintf(below, sizeof(below), "%s/%s", path, name) < sizeof(below))
			learn_dir(r, below);
	}
	file_dir_close(dir);
}

void libvirt_root_learn(struct libvirt_root *r)
{
	if (r->dir_count == 0)
		learn_dir(r, r->path);
}

void libvirt_root_release(struct libvirt_root *r)
{
	if (r->users == 0 || --r->users > 0)
		return;
	caps_cache_keep(r->path);
	remove_all(r);
}
