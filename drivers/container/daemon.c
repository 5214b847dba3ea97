/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/container/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"

#define START_LIMIT_NS (60 * NS_PER_S)
#define STOP_LIMIT_NS (3 * NS_PER_S)

enum { LOOK_MS = 5 };

/* What is compiled into libvirtd, and what stands over it. */
static const struct {
	const char *path, *name;
} dirs[DAEMON_DIRS] = {{"/run/libvirt", "run"},
		       {"/etc/libvirt", "etc"},
		       {"/var/lib/libvirt", "lib"},
		       {"/var/log/libvirt", "log"},
		       {"/var/cache/libvirt", "cache"}};

/*
 * "$1" is the daemon's directory, "$2" the program; then pairs of a directory and what covers it.
 * Where the controllers are those of version 1, libvirt must not find a hierarchy of version 2 with
 * what is left of them: it cannot make its place in a container.
 */
static const char script[] =
	"base=$1 program=$2; shift 2\n"
	"while [ $# -gt 0 ]; do [ ! -d \"$1\" ] || mount --bind \"$base/$2\" \"$1\" || exit; shift "
	"2; done\n"
	"[ ! -d /sys/fs/cgroup/memory ] || [ ! -d /sys/fs/cgroup/unified ] || umount "
	"/sys/fs/cgroup/unified || exit\n"
	"export LIBVIRT_DRIVER_DIR=\"$base/drv\" DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent\n"
	"exec \"$program\" -f \"$base/libvirtd.conf\" -p \"$base/run/libvirtd.pid\" -t 10\n";

static void find(char path[PATH_MAX], const char *pattern)
{
	glob_t found = {0};

	path[0] = '\0';
	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
		str_copy(path, PATH_MAX, found.gl_pathv[0]);
	globfree(&found);
}

void daemon_find(struct daemon_parts *p)
{
	find(p->libvirtd, "/usr/{sbin,bin}/libvirtd");
	find(p->driver, "/usr/lib{/*,64,}/libvirt/connection-driver/libvirt_driver_lxc.so");
	find(p->controller, "/usr/{lib/libvirt,libexec}/libvirt_lxc");
}

static int write_file(const struct daemon *d, const char *name, const char *text, struct err *err)
{
	char path[DAEMON_PATH + 32];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	return file_write_whole(path, text, strlen(text), err);
}

static int write_files(const struct daemon *d, struct err *err)
{
	char text[DAEMON_PATH + 128];

	snprintf(text, sizeof(text),
		 "auth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nunix_sock_group = \"root\"\n"
		 "log_outputs = \"3:file:%s/libvirtd.log\"\n",
		 d->dir);
	if (write_file(d, "libvirtd.conf", text, err) < 0)
		return -1;
	return write_file(d, "etc/lxc.conf", "security_driver = \"none\"\n", err);
}

/* In a directory that the machine did not have: who is the last to use it removes it. */
#define MARK ".nestbench"

static bool is_same(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && stat(path, &named) == 0 && open.st_ino == named.st_ino &&
	       open.st_dev == named.st_dev;
}

/*
 * Makes a directory of the machine that libvirtd needs to be there, where it is missing, and holds
 * it: removing it would undo what is mounted on it in all namespaces. -1: it cannot be made.
 */
static int hold(const char *path)
{
	for (;;) {
		bool made = mkdir(path, 0755) == 0;
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), mark;

		if (fd < 0 || flock(fd, LOCK_SH) < 0)
			return fd;
		mark = made ? openat(fd, MARK, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
		if (mark >= 0)
			close(mark);
		if (is_same(fd, path))
			return fd;
		close(fd); /* another removed it before it was locked */
	}
}

/* Whether it is one to be removed, and nobody else holds it. */
static bool is_ours(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && faccessat(fd, MARK, F_OK, 0) == 0;
}

static bool remove_held(int fd, const char *path)
{
	return unlinkat(fd, MARK, 0) == 0 && rmdir(path) == 0;
}

static void let_go(struct daemon *d)
{
	for (int i = 0; i < DAEMON_DIRS; i++) {
		if (d->held[i] < 0)
			continue;
		if (is_ours(d->held[i]))
			(void)remove_held(d->held[i], dirs[i].path);
		close(d->held[i]);
	}
}

static int make(struct daemon *d, const struct daemon_parts *p, struct err *err)
{
	char path[DAEMON_PATH + 64];

	for (int i = 0; i < DAEMON_DIRS; i++) {
		snprintf(path, sizeof(path), "%s/%s", d->dir, dirs[i].name);
		if (file_make_dirs(path, err) < 0)
			return -1;
		d->held[i] = hold(dirs[i].path);
	}
	snprintf(path, sizeof(path), "%s/drv", d->dir);
	if (file_make_dirs(path, err) < 0)
		return -1;
	str_addf(path, sizeof(path), "/%s", file_name(p->driver));
	if (symlink(p->driver, path) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot make the link %s", path);
	return write_files(d, err);
}

static int run(struct daemon *d, const struct daemon_parts *p, struct err *err)
{
	const char *argv[12 + 2 * DAEMON_DIRS] = {"unshare", "--mount",	 "--propagation", "private",
						  "sh",	     "-c",	 script,	  "sh",
						  d->dir,    p->libvirtd};
	char log[DAEMON_PATH + 32];
	const struct child_options opt = {.log = log};
	int n = 10;

	snprintf(log, sizeof(log), "%s/start.log", d->dir);
	for (int i = 0; i < DAEMON_DIRS; i++) {
		argv[n++] = dirs[i].path;
		argv[n++] = dirs[i].name;
	}
	return child_start(&d->child, argv, &opt, err);
}

static int ended(const struct daemon *d, struct err *err)
{
	char line[256];

	if (!file_line(line, sizeof(line), "%s/start.log", d->dir) || !line[0])
		file_line(line, sizeof(line), "%s/libvirtd.log", d->dir);
	return err_set(err, EXIT_MACHINE, "the private libvirtd ended at once: %s",
		       line[0] ? line : "it says nothing");
}

/* Its socket is there a moment before it listens. */
static bool is_listening(const struct daemon *d)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool done;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/libvirt-sock", d->dir);
	done = fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static int wait_until_up(struct daemon *d, int cancel_fd, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + START_LIMIT_NS;
	struct pollfd cancel = {.fd = cancel_fd};

	while (!is_listening(d)) {
		if (child_look(d->child.pid) != CHILD_RUNS)
			return ended(d, err);
		if (clock_now(&clock_machine) > end)
			return err_set(err, EXIT_MACHINE,
				       "the private libvirtd does not listen after 60 s");
		if (poll(&cancel, 1, LOOK_MS) > 0)
			return err_set(err, EXIT_INTERRUPTED,
				       "the start of libvirtd was cancelled");
	}
	return 0;
}

int daemon_start(struct daemon *d, const char *dir, int cancel_fd, char uri[DAEMON_PATH + 64],
		 struct err *err)
{
	struct daemon_parts parts;

	*d = (struct daemon)DAEMON_NONE;
	daemon_find(&parts);
	if ((size_t)snprintf(d->dir, sizeof(d->dir), "%s", dir) >= sizeof(d->dir)) {
		d->dir[0] = '\0';
		return err_set(err, EXIT_USAGE, "the work directory %s is too long for sockets",
			       dir);
	}
	if (make(d, &parts, err) < 0 || run(d, &parts, err) < 0 ||
	    wait_until_up(d, cancel_fd, err) < 0) {
		daemon_stop(d);
		return -1;
	}
	snprintf(uri, DAEMON_PATH + 64, "lxc+unix:///system?socket=%s/run/libvirt-sock", d->dir);
	return 0;
}

int daemon_tidy(bool dry_run, struct buf *said)
{
	int found = 0;

	for (int i = 0; i < DAEMON_DIRS; i++) {
		const char *path = dirs[i].path;
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (is_ours(fd) && (dry_run || remove_held(fd, path))) {
			buf_addf(said, "%s%s", said->len ? ", " : "", path);
			found++;
		}
		close(fd);
	}
	return found;
}

void daemon_stop(struct daemon *d)
{
	struct err err;

	if (!d->dir[0])
		return;
	child_stop(&d->child, STOP_LIMIT_NS);
	if (file_remove_tree(d->dir, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
	let_go(d);
	*d = (struct daemon)DAEMON_NONE;
}
