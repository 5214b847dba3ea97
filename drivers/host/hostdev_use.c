/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/hostdev_use.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"

enum { PATH = 1024, LAYERS = 4, NAME = 256 };

/* Whether a path in sysfs goes through the device. */
static bool is_behind(const char *path, const char *address)
{
	char real[PATH_MAX], part[64];

	snprintf(part, sizeof(part), "/%s/", address);
	return realpath(path, real) && strstr(real, part);
}

/* Whether the table (mounts, swaps) names the disk or a partition of it. */
static bool is_listed(const char *root, const char *table, const char *disk)
{
	char device[NAME + 8];
	struct buf text = BUF_INIT;
	bool found = false;
	size_t len;

	len = (size_t)snprintf(device, sizeof(device), "/dev/%s", disk);
	if (file_text(&text, "%s%s", root, table))
		for (const char *at = buf_str(&text); !found && (at = strstr(at, device));
		     at += len) {
			const char *rest = at + len;

			/* sda, sda1, nvme0n1p1; but not sdab of sda, nor nvme0n11 of nvme0n1 */
			if (isdigit((unsigned char)device[len - 1]) && *rest == 'p')
				rest += 1 + strspn(rest + 1, "0123456789");
			else if (!isdigit((unsigned char)device[len - 1]))
				rest += strspn(rest, "0123456789");
			found = (at == text.data || at[-1] == '\n') &&
				isspace((unsigned char)*rest);
		}
	buf_release(&text);
	return found;
}

/* Whether another device (device mapper, RAID) uses the block device in this directory. */
static bool has_holders(const char *dir)
{
	DIR *holders = file_dir("%s/holders", dir);
	bool found = file_dir_next(holders) != NULL;

	file_dir_close(holders);
	return found;
}

static bool parts_have_holders(const char *dir, const char *disk)
{
	bool found = has_holders(dir);
	DIR *d = file_dir("%s", dir);
	const char *name;
	char path[PATH];

	while (!found && (name = file_dir_next(d)))
		if (strncmp(name, disk, strlen(disk)) == 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) < sizeof(path))
			found = has_holders(path);
	file_dir_close(d);
	return found;
}

bool hostdev_is_disk_in_use(const char *root, const char *address, char user[HOSTDEV_USER])
{
	DIR *dir = file_dir("%s/sys/block", root);
	const char *disk;
	char path[PATH];
	bool used = false;

	while (!used && (disk = file_dir_next(dir))) {
		snprintf(path, sizeof(path), "%s/sys/block/%s", root, disk);
		used = is_behind(path, address) &&
		       (is_listed(root, "/proc/self/mounts", disk) ||
			is_listed(root, "/proc/swaps", disk) || parts_have_holders(path, disk));
		if (used)
			snprintf(user, HOSTDEV_USER, "the disk %s", disk);
	}
	file_dir_close(dir);
	return used;
}

/* Whether packets of a network device leave through the PCI device. */
static bool leaves_through(const char *root, const char *card, const char *address, int depth)
{
	char path[PATH];
	const char *name;
	bool found;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/class/net/%.64s", root, card);
	found = is_behind(path, address);
	dir = depth == LAYERS ? NULL : file_dir("%s", path);
	while (!found && (name = file_dir_next(dir)))
		if (strncmp(name, "lower_", 6) == 0)
			found = leaves_through(root, name + 6, address, depth + 1);
	file_dir_close(dir);
	return found;
}

/* One line of /proc/net/route or /proc/net/ipv6_route: the card of a default route. */
static bool parse_route(const char *line, char card[64])
{
	char to[40], mask[16];

	if (sscanf(line, "%63s %8[0-9A-F] %*s %*s %*s %*s %*s %8[0-9A-F]", card, to, mask) == 3 &&
	    strlen(to) == 8)
		return strcmp(to, "00000000") == 0 && strcmp(mask, "00000000") == 0;
	if (sscanf(line, "%32[0-9a-f] %2[0-9a-f] %*s %*s %*s %*s %*s %*s %*s %63s", to, mask,
		   card) == 3)
		return strspn(to, "0") == 32 && strcmp(mask, "00") == 0 && strcmp(card, "lo") != 0;
	return false;
}

bool hostdev_is_default_route(const char *root, const char *address, char user[HOSTDEV_USER])
{
	static const char *const tables[] = {"/proc/net/route", "/proc/net/ipv6_route"};
	struct buf text = BUF_INIT;
	bool found = false;
	char card[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !found; i++) {
		file_text(&text, "%s%s", root, tables[i]);
		for (const char *line = buf_str(&text); line && !found; line = str_next_line(line))
			found = parse_route(line, card) && leaves_through(root, card, address, 0);
	}
	buf_release(&text);
	if (found)
		snprintf(user, HOSTDEV_USER, "the network card %s", card);
	return found;
}
