/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/firmware.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool is_elf(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char magic[SELFMAG];
	bool is = fd >= 0 && read(fd, magic, SELFMAG) == SELFMAG &&
		  memcmp(magic, ELFMAG, SELFMAG) == 0;

	if (fd >= 0)
		close(fd);
	return is;
}

const char *firmware_choose(const char *kernel, int hostdevs)
{
	if (hostdevs || access(FIRMWARE_QBOOT, R_OK) < 0 || !is_elf(kernel))
		return NULL;
	return FIRMWARE_QBOOT;
}

const char *firmware_name(const char *firmware)
{
	return firmware ? "qboot" : "default";
}
