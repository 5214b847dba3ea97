/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of a container that ended, or does not answer. */
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/container/container.h"
#include "lib/file.h"
#include "lib/str.h"

/* Processes that the kernel killed for want of memory, as a group's file tells; 0: none, or there
 * is no such file. */
static uint64_t read_kills(const char *path)
{
	struct buf text = BUF_INIT;
	uint64_t kills = 0;

	file_text(&text, "%s", path);
	for (const char *line = buf_str(&text); line; line = str_next_line(line))
		if (sscanf(line, "oom_kill %" SCNu64, &kills) == 1)
			break;
	buf_release(&text);
	return kills;
}

uint64_t container_memory_kills(const char *groups)
{
	char pattern[PATH_MAX];
	glob_t found = {0};
	uint64_t kills = 0;

	snprintf(pattern, sizeof(pattern), "%s/memory.{events,oom_control}", groups);
	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			kills += read_kills(found.gl_pathv[i]);
	globfree(&found);
	return kills;
}

void container_examine(struct layer *layer)
{
	const struct container *c = layer->priv;
	char path[PATH_MAX];
	uint64_t kills;

	if (!c)
		return;
	snprintf(path, sizeof(path), "%s/agent.log", c->view.work_dir);
	evidence_set_file(&layer->evidence, EVIDENCE_CONSOLE, path);
	if (c->by == BY_LXC)
		snprintf(path, sizeof(path), "/sys/fs/cgroup/{,memory/}machine/*%s*", c->name);
	else
		snprintf(path, sizeof(path), "%s", bwrap_group(c));
	kills = container_memory_kills(path);
	if (kills)
		snprintf(layer->evidence.why, sizeof(layer->evidence.why),
			 "its memory ran out: the kernel killed %" PRIu64 " of its processes",
			 kills);
}
