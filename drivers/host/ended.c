/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/ended.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"

/* More than a run of several days writes. */
enum { ENDED_LIMIT = 1 << 20 };

int ended_begin(void)
{
	int fd = memfd_create("nestbench-ended", MFD_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
	if (fd >= 0)
		setenv(ENDED_VARIABLE, path, 1);
	else
		unsetenv(ENDED_VARIABLE);
	return fd;
}

void ended_note(int fd, pid_t pid, int status)
{
	char line[40];
	int len = snprintf(line, sizeof(line), "%d %d\n", (int)pid, status);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < ENDED_LIMIT)
		(void)file_write_all(fd, line, (size_t)len);
}

bool ended_find(pid_t pid, char *text, size_t size)
{
	const char *path = getenv(ENDED_VARIABLE);
	struct buf lines = BUF_INIT;
	int status, found, ended;
	bool known = false;

	if (path)
		file_text(&lines, "%s", path);
	for (const char *at = buf_str(&lines);
	     sscanf(at, "%d %d%*c%n", &found, &status, &ended) == 2; at += ended) {
		if (found != (int)pid)
			continue;
		known = true;
		if (WIFSIGNALED(status))
			snprintf(text, size, "was ended by signal %d", WTERMSIG(status));
		else
			snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
	}
	buf_release(&lines);
	return known;
}
