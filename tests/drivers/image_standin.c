/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands in for nestbench in images made by tests: as an agent it says what it was told over its
 * port, then ends, so that the guest powers off.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	return fd < 0 || write(fd, line, len) != (ssize_t)len;
}
