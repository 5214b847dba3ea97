/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/hostdev_use.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

enum { PATH = 1024, TABLE_LIMIT = 4 << 20, LAYERS = 4, NAME = 256 };

/* Whether a path of sysfs leads through the device. */
static bool is_behind(const char *path, const char *address)
{
	char real[PATH_MAX], part[64];

	snprintf(part, sizeof(part), "/%s/", address);
	return realpath(path, real) && strstr(real, part);
}

/* Whether the table (mounts, swaps) names the disk or a partition of it. */
static bool is_listed(const char *root, const char *table, const char *disk)
{
	char path[PATH], device[NAME + 8];
	struct buf text = BUF_INIT;
	struct err ignored;
	bool found = false;
	size_t len;

	snprintf(path, sizeof(path), "%s%s", root, table);
	len = (size_t)snprintf(device, sizeof(device), "/dev/%s", disk);
	if (file_read(path, TABLE_LIMIT, &text, &ignored) == 0)
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

/* Whether something (device mapper, RAID) is built on the block device in this directory. */
static bool has_holders(const char *dir)
{
	char path[PATH + sizeof("/holders")];
	struct dirent *e;
	bool found = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s/holders", dir);
	d = opendir(path);
	while (d && !found && (e = readdir(d)))
		found = e->d_name[0] != '.';
	if (d)
		closedir(d);
	return found;
}

static bool parts_have_holders(const char *dir, const char *disk)
{
	char path[PATH];
	struct dirent *e;
	bool found = has_holders(dir);
	DIR *d = opendir(dir);

	while (d && !found && (e = readdir(d)))
		if (strncmp(e->d_name, disk, strlen(disk)) == 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) < sizeof(path))
			found = has_holders(path);
	if (d)
		closedir(d);
	return found;
}

bool hostdev_is_disk_in_use(const char *root, const char *address, char user[HOSTDEV_USER])
{
	char blocks[PATH / 2], path[PATH];
	struct dirent *e;
	bool used = false;
	DIR *dir;

	snprintf(blocks, sizeof(blocks), "%s/sys/block", root);
	dir = opendir(blocks);
	while (dir && !used && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", blocks, e->d_name);
		if (e->d_name[0] == '.' || !is_behind(path, address))
			continue;
		used = is_listed(root, "/proc/self/mounts", e->d_name) ||
		       is_listed(root, "/proc/swaps", e->d_name) ||
		       parts_have_holders(path, e->d_name);
		if (used)
			snprintf(user, HOSTDEV_USER, "the disk %s", e->d_name);
	}
	if (dir)
		closedir(dir);
	return used;
}

/* Whether packets of a network device leave through the PCI device. */
static bool leaves_through(const char *root, const char *card, const char *address, int depth)
{
	char dir[PATH];
	struct dirent *e;
	bool found;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/sys/class/net/%.64s", root, card);
	found = is_behind(dir, address);
	d = found || depth == LAYERS ? NULL : opendir(dir);
	while (d && !found && (e = readdir(d)))
		if (strncmp(e->d_name, "lower_", 6) == 0)
			found = leaves_through(root, e->d_name + 6, address, depth + 1);
	if (d)
		closedir(d);
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
	char path[PATH], card[64];
	bool found = false;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !found; i++) {
		struct buf text = BUF_INIT;
		struct err ignored;

		snprintf(path, sizeof(path), "%s%s", root, tables[i]);
		if (file_read(path, TABLE_LIMIT, &text, &ignored) < 0)
			buf_clear(&text);
		for (const char *line = buf_str(&text); line && *line && !found;
		     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
			found = parse_route(line, card) && leaves_through(root, card, address, 0);
		buf_release(&text);
	}
	if (found)
		snprintf(user, HOSTDEV_USER, "the network card %s", card);
	return found;
}
