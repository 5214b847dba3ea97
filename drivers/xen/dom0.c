/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/image.h"
#include "drivers/xen/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"

#define CAPABILITIES "/proc/xen/capabilities"
#define STORE_SOCKET "/run/xenstored/socket"
/* Each of them, on a busy emulated CPU. */
#define TOOL_NS (120 * NS_PER_S)

static int run(const char *const argv[], struct buf *out, struct err *err)
{
	struct buf own = BUF_INIT;
	int done = child_run(argv, NULL, NULL, TOOL_NS, out ? out : &own, err);

	buf_release(&own);
	/* The tool's failure is the layer's, not this program's. */
	if (done < 0 && err->code == EXIT_INTERNAL)
		err->code = EXIT_MACHINE;
	return done;
}

bool dom0_is_here(void)
{
	char line[64];

	return file_line(line, sizeof(line), CAPABILITIES) && strstr(line, "control_d");
}

bool dom0_is_ours(void)
{
	struct buf text = BUF_INIT;
	bool ours = file_text(&text, "/proc/cmdline") && strstr(buf_str(&text), IMAGE_HOSTS);

	buf_release(&text);
	return ours;
}

void dom0_version(char *text, size_t size)
{
	char major[16], minor[16], extra[32];

	file_line(major, sizeof(major), "/sys/hypervisor/version/major");
	file_line(minor, sizeof(minor), "/sys/hypervisor/version/minor");
	file_line(extra, sizeof(extra), "/sys/hypervisor/version/extra");
	text[0] = '\0';
	if (major[0])
		snprintf(text, size, "%s.%s%s", major, minor, extra);
}

/* ---- the suite's own dom0, where nobody else does it ---- */

static int load_modules(struct err *err)
{
	static const char *const modules[] = {"xenfs",	    "xen-privcmd",  "xen-evtchn",
					      "xen-gntdev", "xen-gntalloc", "xen-blkback"};

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (run((const char *const[]){"modprobe", modules[i], NULL}, NULL, err) < 0)
			return -1;
	return 0;
}

static int mount_at(const char *type, const char *where, struct err *err)
{
	if (mount(type, where, type, 0, NULL) == 0 || errno == EBUSY)
		return 0;
	return err_errno(err, EXIT_MACHINE, "cannot mount %s at %s", type, where);
}

static int make_places(struct err *err)
{
	static const char *const dirs[] = {"/dev/pts",	  "/run/xen",	  "/run/xenstored",
					   "/run/lock",	  "/var/lib/xen", "/var/lib/xenstored",
					   "/var/log/xen"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (file_make_dirs(dirs[i], err) < 0)
			return -1;
	if (symlink("/run/lock", "/var/lock") < 0 && errno != EEXIST)
		return err_errno(err, EXIT_MACHINE, "cannot make the link /var/lock");
	/* Consoles are pseudo terminals. */
	return access("/dev/pts/ptmx", F_OK) == 0 ? 0 : mount_at("devpts", "/dev/pts", err);
}

static int start_daemons(struct err *err)
{
	static const char *const store[] = {"xenstored", "--pid-file", "/run/xen/xenstored.pid",
					    NULL};
	static const char *const init[] = {"xen-init-dom0", NULL};
	static const char *const consoles[] = {"xenconsoled", "--pid-file=/run/xen/xenconsoled.pid",
					       NULL};

	if (run(store, NULL, err) < 0 || run(init, NULL, err) < 0)
		return -1;
	return run(consoles, NULL, err);
}

int dom0_prepare(struct err *err)
{
	char type[16];

	if (dom0_is_here() && access(STORE_SOCKET, F_OK) == 0)
		return 0;
	if (!file_line(type, sizeof(type), "/sys/hypervisor/type") || strcmp(type, "xen") != 0)
		return err_set(
			err, EXIT_MACHINE,
			"a domain needs Xen's dom0 as its parent layer, and this kernel does "
			"not run on Xen (/sys/hypervisor/type is \"%s\"): use --layers xen/pv, "
			"or boot the machine with Xen",
			type);
	if (load_modules(err) < 0 || mount_at("xenfs", "/proc/xen", err) < 0)
		return -1;
	if (!dom0_is_here())
		return err_set(err, EXIT_MACHINE,
			       "a domain needs Xen's dom0 as its parent layer, and this is another "
			       "domain (no control_d in " CAPABILITIES ")");
	if (make_places(err) < 0 || start_daemons(err) < 0)
		return err_context(err, "Xen's services");
	return 0;
}

/* ---- its tools ---- */

int dom0_xl(const char *const argv[], struct buf *out, struct err *err)
{
	return run(argv, out, err);
}

/* What a tool prints, in one line. */
static int ask(const char *const argv[], char *line, size_t size, struct err *err)
{
	struct buf out = BUF_INIT;
	int done = run(argv, &out, err);

	str_copy(line, size, done < 0 ? "" : buf_str(&out));
	line[strcspn(line, "\n")] = '\0';
	buf_release(&out);
	return done;
}

int dom0_console(const char *domain, char *path, size_t size, struct err *err)
{
	const char *const number[] = {"xl", "domid", domain, NULL};
	char id[16], key[64];
	const char *const console[] = {"xenstore-read", key, NULL};

	if (ask(number, id, sizeof(id), err) < 0)
		return -1;
	snprintf(key, sizeof(key), "/local/domain/%s/console/tty", id);
	if (ask(console, path, size, err) < 0)
		return -1;
	if (strncmp(path, "/dev/", 5) == 0)
		return 0;
	return err_set(err, EXIT_MACHINE, "Xen names no console of the domain %s (%s is \"%s\")",
		       domain, key, path);
}
