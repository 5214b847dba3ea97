/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/detached_mount.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/file.h"

static int try_mount(const char *type, const char *device)
{
	int context = fsopen(type, FSOPEN_CLOEXEC), root = -1, why;

	if (context < 0)
		return -1;
	if ((!device || fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) == 0) &&
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	why = errno;
	close(context);
	errno = why;
	return root;
}

/* A user namespace in which our user is who it was: files can only be made by a user that it has.
 */
static bool leave_namespace(void)
{
	char uid[64], gid[64];

	snprintf(uid, sizeof(uid), "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
	snprintf(gid, sizeof(gid), "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       file_put("deny", "/proc/self/setgroups") && file_put(uid, "/proc/self/uid_map") &&
	       file_put(gid, "/proc/self/gid_map");
}

int detached_mount(const char *type, const char *device, bool may_unshare, struct err *err)
{
	int root = try_mount(type, device);

	if (root < 0 && errno == EPERM && may_unshare && leave_namespace())
		root = try_mount(type, device);
	if (root >= 0)
		return root;
	if (errno == EPERM)
		return err_set(err, EXIT_MACHINE,
			       "mounting a %s file system needs root, which this layer does not "
			       "give",
			       type);
	return err_errno(err, EXIT_MACHINE, "cannot mount a %s file system", type);
}
