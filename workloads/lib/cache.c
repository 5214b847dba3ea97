/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/cache.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/parse.h"
#include "workloads/lib/state.h"

/* More than any CPU has: two of the first level, and one or more of each other. */
enum { CACHES = 16 };

static bool read_line(const char *dir, int index, const char *name, char *line, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/index%d/%s", dir, index, name);
	return file_line(line, size, "%s", path);
}

uint64_t cache_last_level_bytes(const char *dir)
{
	unsigned long highest = 0;
	uint64_t bytes = 0;

	if (!dir)
		dir = "/sys/devices/system/cpu/cpu0/cache";
	for (int i = 0; i < CACHES; i++) {
		char level[16], type[32], size[32], *end;
		uint64_t found;

		if (!read_line(dir, i, "level", level, sizeof(level)) ||
		    !read_line(dir, i, "type", type, sizeof(type)) ||
		    !read_line(dir, i, "size", size, sizeof(size)) ||
		    strcmp(type, "Instruction") == 0 || strtoul(level, NULL, 10) < highest)
			continue;
		found = strtoull(size, &end, 10);
		highest = strtoul(level, NULL, 10);
		bytes = *end == 'K' ? found << 10 : *end == 'M' ? found << 20 : found;
	}
	return bytes;
}

void cache_note(uint64_t bytes, const struct workload_env *env)
{
	uint64_t cache = cache_last_level_bytes(NULL);
	char size[SIZE_TEXT];

	if (bytes * (env->parts ? env->parts : 1) <= cache)
		note_add(env, "within the last-level cache (%s)", format_size(cache, size));
}
