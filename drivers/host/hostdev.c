/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/hostdev.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "drivers/host/hostdev_use.h"
#include "lib/file.h"
#include "lib/str.h"

enum { PATH = 512, LINE = 128, NOTE_LIMIT = 4096 };
#define DEVICES "/sys/bus/pci/devices/"

int hostdev_parse(const char *text, char address[PCI_ADDRESS], struct err *err)
{
	unsigned domain = 0, bus, slot, function;
	int used = 0;

	if (sscanf(text, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &used) != 4 ||
	    text[used]) {
		domain = 0;
		used = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &bus, &slot, &function, &used) != 3 || text[used])
			used = -1;
	}
	if (used < 0 || slot > 31 || function > 7 || strpbrk(text, " +-x"))
		return err_set(err, EXIT_USAGE,
			       "\"%.64s\" is not a PCI address of the form 0000:01:00.0 (see "
			       "`lspci -D`)",
			       text);
	snprintf(address, PCI_ADDRESS, "%04x:%02x:%02x.%x", domain, bus, slot, function);
	return 0;
}

/* The first line of an attribute of the device; "" when there is none. */
static void read_attribute(const char *root, const char *address, const char *name, char line[LINE])
{
	file_line(line, LINE, "%s" DEVICES "%s/%s", root, address, name);
}

/* The last part of a link's target; "" when the device has no such link. */
static void read_link(const char *root, const char *address, const char *name, char *to,
		      size_t size)
{
	char path[PATH], target[PATH];
	const char *slash;
	ssize_t len;

	snprintf(path, sizeof(path), "%s" DEVICES "%s/%s", root, address, name);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	slash = strrchr(target, '/');
	snprintf(to, size, "%.*s", (int)size - 1, slash ? slash + 1 : target);
}

static bool is_bridge(const char *root, const char *address)
{
	char class[LINE];

	read_attribute(root, address, "class", class);
	return strncmp(class, "0x06", 4) == 0;
}

static int refuse(struct err *err, const char *address, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int refuse(struct err *err, const char *address, const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(err, EXIT_MACHINE, "the PCI device %s cannot be assigned to L1: %s", address,
		       why);
}

static int check_device(const char *root, const char *address, struct err *err)
{
	char line[LINE], group[LINE], user[HOSTDEV_USER];

	if (!file_exists("%s" DEVICES "%s", root, address))
		return refuse(err, address, "it does not exist (see `lspci -D`)");
	if (is_bridge(root, address))
		return refuse(err, address, "it is a bridge: choose the device behind it");
	read_link(root, address, "iommu_group", group, sizeof(group));
	if (!group[0])
		return refuse(err, address,
			      "it is in no IOMMU group: switch on VT-d or AMD-Vi in the firmware, "
			      "and on Intel add intel_iommu=on to the kernel's command line");
	read_attribute(root, address, "boot_vga", line);
	if (line[0] == '1')
		return refuse(err, address,
			      "it shows the boot display: make another graphics card the first one "
			      "in the firmware");
	if (hostdev_is_disk_in_use(root, address, user))
		return refuse(err, address, "it carries %s, which is in use", user);
	if (hostdev_is_default_route(root, address, user))
		return refuse(err, address, "it carries %s, which has the default route", user);
	return 0;
}

static bool is_among(const char *device, const char (*address)[PCI_ADDRESS], int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(address[i], device) == 0)
			return true;
	return false;
}

/* VFIO assigns whole groups: no other device in it may be in use on the machine. */
static int check_group(const char *root, const char *of, const char (*address)[PCI_ADDRESS],
		       int count, struct err *err)
{
	char path[PATH], driver[LINE];
	struct dirent **entry;
	int n, done = 0;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/iommu_group/devices", root, of);
	n = scandir(path, &entry, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *other = entry[i]->d_name;

		read_link(root, other, "driver", driver, sizeof(driver));
		if (done == 0 && other[0] != '.' && driver[0] && strcmp(driver, "vfio-pci") != 0 &&
		    !is_among(other, address, count) && !is_bridge(root, other))
			done = refuse(err, of,
				      "%s is in the same IOMMU group and used by %s: assign it "
				      "too with another --hostdev %s",
				      other, driver, other);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return done;
}

static int check_vfio(const char *root, struct err *err)
{
	struct buf modules = BUF_INIT;
	struct utsname u;
	bool found;

	if (file_exists("%s/sys/bus/pci/drivers/vfio-pci", root))
		return 0;
	found = uname(&u) == 0 &&
		file_text(&modules, "%s/lib/modules/%.64s/modules.dep", root, u.release) &&
		strstr(buf_str(&modules), "/vfio-pci.ko");
	buf_release(&modules);
	if (found)
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"this kernel has no driver vfio-pci: a kernel with CONFIG_VFIO_PCI is needed "
		"to assign PCI devices to L1");
}

static int check_permission(const char *root, const char *address, struct err *err)
{
	char driver[LINE], group[LINE], path[PATH];

	read_link(root, address, "driver", driver, sizeof(driver));
	read_link(root, address, "iommu_group", group, sizeof(group));
	if (strcmp(driver, "vfio-pci") != 0)
		return refuse(err, address,
			      "only root may take it from its driver %s: run nestbench as root, or "
			      "bind it first with `sudo driverctl set-override %s vfio-pci`",
			      driver[0] ? driver : "(none)", address);
	snprintf(path, sizeof(path), "%s/dev/vfio/%s", root, group);
	if (access(path, R_OK | W_OK) < 0)
		return refuse(err, address,
			      "this user may not open %s: run nestbench as root, or `sudo chown "
			      "$USER %s`",
			      path, path);
	return 0;
}

int hostdev_check(const char *root, const char (*address)[PCI_ADDRESS], int count, bool privileged,
		  struct err *err)
{
	for (int i = 0; i < count; i++)
		if (is_among(address[i], address, i))
			return err_set(err, EXIT_USAGE, "the PCI device %s is given twice",
				       address[i]);
	for (int i = 0; i < count; i++)
		if (check_device(root, address[i], err) < 0 ||
		    check_group(root, address[i], address, count, err) < 0)
			return -1;
	if (count && check_vfio(root, err) < 0)
		return -1;
	for (int i = 0; i < count && !privileged; i++)
		if (check_permission(root, address[i], err) < 0)
			return -1;
	return 0;
}

void hostdev_save(const char *root, const char *address, struct hostdev_state *state)
{
	char line[LINE];

	*state = (struct hostdev_state){0};
	snprintf(state->address, sizeof(state->address), "%s", address);
	read_link(root, address, "driver", state->driver, sizeof(state->driver));
	read_attribute(root, address, "driver_override", line);
	if (strcmp(line, "(null)") != 0)
		snprintf(state->override, sizeof(state->override), "%.63s", line);
}

int hostdev_restore(const char *root, const struct hostdev_state *state, struct err *err)
{
	struct hostdev_state now;
	char override[LINE];

	hostdev_save(root, state->address, &now);
	if (strcmp(now.driver, state->driver) == 0 && strcmp(now.override, state->override) == 0)
		return 0;
	/* An empty line removes an override. */
	snprintf(override, sizeof(override), "%s\n", state->override);
	if (!file_put(override, "%s" DEVICES "%s/driver_override", root, state->address))
		goto failed;
	if (strcmp(now.driver, state->driver) == 0)
		return 0;
	if ((!now.driver[0] ||
	     file_put(state->address, "%s/sys/bus/pci/drivers/%s/unbind", root, now.driver)) &&
	    (!state->driver[0] ||
	     file_put(state->address, "%s/sys/bus/pci/drivers/%s/bind", root, state->driver)))
		return 0;
failed:
	return err_errno(
		err, EXIT_MACHINE,
		"the PCI device %s is bound to the driver \"%s\" and was bound to \"%s\"; put it "
		"back by hand with `driverctl unset-override %s`",
		state->address, now.driver, state->driver, state->address);
}

int hostdev_count_groups(const char *root)
{
	DIR *groups = file_dir("%s/sys/kernel/iommu_groups", root);
	int count = 0;

	while (file_dir_next(groups))
		count++;
	file_dir_close(groups);
	return count;
}

/* ---- the note ---- */

/* Stands for no driver, or no override. */
#define NONE "-"

static const char *word(const char *text)
{
	return text[0] ? text : NONE;
}

int hostdev_note(const char *path, const struct hostdev_state *state, int count, struct err *err)
{
	struct buf text = BUF_INIT;
	int done;

	for (int i = 0; i < count; i++)
		buf_addf(&text, "%s %s %s\n", state[i].address, word(state[i].driver),
			 word(state[i].override));
	done = buf_check(&text, err);
	if (done == 0)
		done = file_write_whole(path, buf_str(&text), text.len, err);
	buf_release(&text);
	return done;
}

/* The word becomes a part of a path in sysfs. */
static bool is_driver(const char *name)
{
	return !strchr(name, '/') && name[0] != '.';
}

static int read_line(const char *line, struct hostdev_state *state, struct err *err)
{
	char address[64];
	int used = 0;

	*state = (struct hostdev_state){0};
	if (sscanf(line, "%63s %63s %63s%n", address, state->driver, state->override, &used) != 3 ||
	    (line[used] && line[used] != '\n') || !is_driver(state->driver) ||
	    !is_driver(state->override))
		return err_set(err, EXIT_INTERNAL,
			       "expected a PCI address, a driver and an override, not \"%.64s\"",
			       line);
	if (hostdev_parse(address, state->address, err) < 0)
		return -1;
	if (strcmp(state->driver, NONE) == 0)
		state->driver[0] = '\0';
	if (strcmp(state->override, NONE) == 0)
		state->override[0] = '\0';
	return 0;
}

int hostdev_read_note(const char *path, struct hostdev_state state[HOSTDEV_MAX], struct err *err)
{
	struct buf text = BUF_INIT;
	int count = 0;

	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, NOTE_LIMIT, &text, err) < 0)
		count = -1;
	for (const char *line = text.len ? text.data : NULL; count >= 0 && line;
	     line = str_next_line(line)) {
		if (count == HOSTDEV_MAX)
			count = err_set(err, EXIT_INTERNAL, "more than %d devices", HOSTDEV_MAX);
		else if (read_line(line, &state[count], err) < 0)
			count = -1;
		else
			count++;
	}
	buf_release(&text);
	return count < 0 ? err_context(err, "%s", path) : count;
}
