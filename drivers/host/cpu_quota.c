/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/cpu_quota.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/str.h"

enum { PATH = 1024 };

struct quota {
	uint64_t us, period_us; /* us 0: none */
	bool seen;
};

/* Keeps the smaller share. */
static void tighten(struct quota *q, uint64_t us, uint64_t period_us)
{
	q->seen = true;
	if (us == 0 || period_us == 0)
		return;
	if (q->us == 0 || (double)us / (double)period_us < (double)q->us / (double)q->period_us) {
		q->us = us;
		q->period_us = period_us;
	}
}

/* Of a group of version 2. */
static void look_at_max(struct quota *q, const char *root, const char *group)
{
	char line[64], *end;
	uint64_t us, period_us;

	if (!file_line(line, sizeof(line), "%s/sys/fs/cgroup%s/cpu.max", root, group))
		return;
	end = strchr(line, ' ');
	if (strncmp(line, "max ", 4) == 0)
		tighten(q, 0, 0);
	else if (end && sscanf(line, "%" SCNu64 " %" SCNu64, &us, &period_us) == 2)
		tighten(q, us, period_us);
}

/* Of version 1, where -1 is none. */
static void look_at_cfs(struct quota *q, const char *root, const char *group)
{
	uint64_t us, period_us;
	char line[64];

	if (!file_line(line, sizeof(line), "%s/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", root, group))
		return;
	if (line[0] == '-')
		tighten(q, 0, 0);
	else if (sscanf(line, "%" SCNu64, &us) == 1 &&
		 file_number(&period_us, "%s/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", root, group))
		tighten(q, us, period_us);
}

/* From a group up to the root of its hierarchy. */
static void walk_up(struct quota *q, const char *root, const char *group,
		    void (*look)(struct quota *q, const char *root, const char *group))
{
	char path[PATH], *slash;

	str_copy(path, sizeof(path), strcmp(group, "/") == 0 ? "" : group);
	do {
		look(q, root, path);
		slash = strrchr(path, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
}

/* A line of /proc/self/cgroup: "0::/GROUP", "4:cpu,cpuacct:/GROUP". */
static void take_line(struct quota *q, const char *root, char *line)
{
	char *controllers = strchr(line, ':'), *group;

	group = controllers ? strchr(++controllers, ':') : NULL;
	if (!group)
		return;
	*group++ = '\0';
	if (controllers[0] == '\0')
		walk_up(q, root, group, look_at_max);
	else if (strcmp(controllers, "cpu") == 0 || strncmp(controllers, "cpu,", 4) == 0 ||
		 strstr(controllers, ",cpu,"))
		walk_up(q, root, group, look_at_cfs);
}

void cpu_quota_describe(const char *root, struct facts *facts)
{
	struct quota q = {0};
	struct buf text = BUF_INIT;

	/* Empty where no hierarchy is mounted, as in a guest. */
	if (file_text(&text, "%s/proc/self/cgroup", root) && text.len && !text.failed) {
		char *rest, *all = text.data;

		for (char *line = strtok_r(all, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			take_line(&q, root, line);
	}
	buf_release(&text);
	if (q.us)
		facts_set(facts, "cpu_quota", "%" PRIu64 " of %" PRIu64 " us", q.us, q.period_us);
	else if (q.seen)
		facts_set(facts, "cpu_quota", "none");
}
