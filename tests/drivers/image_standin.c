/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands in for nestbench in images made by tests: as an agent it says what it was told over its
 * port, and whether the guest has KVM at once and when it is asked to load it, then ends, so that
 * the guest powers off.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/image.h"

static int has_kvm(void)
{
	return access("/sys/module/kvm", F_OK) == 0;
}

static int say_kvm(int fd)
{
	int at_once = has_kvm(), wanted;

	while ((wanted = open(IMAGE_LOADING, O_WRONLY | O_NONBLOCK)) >= 0 || errno != ENOENT) {
		if (wanted >= 0)
			close(wanted);
		usleep(5000);
	}
	return dprintf(fd, "kvm %d %d\n", at_once, has_kvm());
}

int main(int argc, char **argv)
{
	const char *port = NULL;
	char line[1024] = "standin";
	size_t len;
	int fd;

	for (int i = 1; i < argc; i++) {
		len = strlen(line);
		snprintf(line + len, sizeof(line) - len, " %s", argv[i]);
		if (strcmp(argv[i], "--port") == 0 && i + 1 < argc)
			port = argv[i + 1];
	}
	len = strlen(line);
	line[len++] = '\n';
	fd = port ? open(port, O_RDWR | O_CLOEXEC) : 1;
	return fd < 0 || write(fd, line, len) != (ssize_t)len || (port && say_kvm(fd) < 0);
}
