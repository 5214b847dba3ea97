/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/cpu_wait.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/file.h"

uint64_t cpu_wait_ns(const char *root, pid_t pid)
{
	uint64_t longest = 0, ran, waited;
	char path[512], line[128];
	struct dirent *entry;
	DIR *threads;

	snprintf(path, sizeof(path), "%s/proc/%d/task", root, (int)pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/proc/%d/task/%.20s/schedstat", root, (int)pid,
			 entry->d_name);
		if (file_first_line(path, line, sizeof(line)) &&
		    sscanf(line, "%" SCNu64 " %" SCNu64, &ran, &waited) == 2 && waited > longest)
			longest = waited;
	}
	if (threads)
		closedir(threads);
	return longest;
}
