/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/proc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"

/* "PID (NAME) STATE PARENT …": the name may hold anything, so the last parenthesis ends it. */
bool proc_read(const char *root, pid_t pid, struct proc *p)
{
	uint64_t user = 0, system = 0, reaped_user = 0, reaped_system = 0;
	char line[1024];
	const char *open, *close;

	*p = (struct proc){.pid = pid};
	file_line(line, sizeof(line), "%s/proc/%d/stat", root, (int)pid);
	open = strchr(line, '(');
	close = strrchr(line, ')');
	if (!open || !close || close < open)
		return false;
	snprintf(p->name, sizeof(p->name), "%.*s", (int)(close - open - 1), open + 1);
	if (sscanf(close + 1,
		   " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 " %*d %*d %*d %*d %" SCNu64,
		   &p->state, &p->parent, &user, &system, &reaped_user, &reaped_system,
		   &p->start_ticks) < 6)
		return false;
	p->ticks = user + system;
	p->reaped_ticks = reaped_user + reaped_system;
	return true;
}

bool proc_read_living(const char *root, pid_t pid, struct proc *p)
{
	return proc_read(root, pid, p) && p->state != 'Z' && p->state != 'X';
}

bool proc_wait_ns(const char *root, pid_t pid, const char *thread, uint64_t *ns)
{
	char line[128];

	return file_line(line, sizeof(line), "%s/proc/%d/task/%s/schedstat", root, (int)pid,
			 thread) &&
	       sscanf(line, "%*u %" SCNu64, ns) == 1;
}

uint64_t proc_longest_wait_ns(const char *root, pid_t pid)
{
	DIR *threads = file_dir("%s/proc/%d/task", root, (int)pid);
	uint64_t longest = 0, ns;
	const char *thread;

	while ((thread = file_dir_next(threads)))
		if (proc_wait_ns(root, pid, thread, &ns) && ns > longest)
			longest = ns;
	file_dir_close(threads);
	return longest;
}

bool proc_value(const char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = str_next_line(line)) {
		const char *at;

		if (strncmp(line, key, len) != 0)
			continue;
		at = line + len + strspn(line + len, " \t");
		if (*at != ':')
			continue;
		at += 1 + strspn(at + 1, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
		return true;
	}
	return false;
}
