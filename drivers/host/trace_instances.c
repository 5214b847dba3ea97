/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/trace_instances.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

void trace_instance_name(pid_t counts, pid_t vm, char name[TRACE_INSTANCE])
{
	snprintf(name, TRACE_INSTANCE, "nestbench-%d-%d", (int)counts, (int)vm);
}

static int sweep_in(const char *root, const char *where, bool dry_run, struct buf *said)
{
	DIR *all = file_dir("%s%s", root, where);
	const char *name;
	int found = 0;

	while ((name = file_dir_next(all))) {
		char again[TRACE_INSTANCE], path[256];
		int counts, vm;

		if (sscanf(name, "nestbench-%d-%d", &counts, &vm) != 2 || counts <= 0)
			continue;
		trace_instance_name(counts, vm, again);
		if (strcmp(name, again) != 0 || file_exists("%s/proc/%d", root, counts))
			continue;
		snprintf(path, sizeof(path), "%s%s/%s", root, where, name);
		if (!dry_run && rmdir(path) < 0)
			continue;
		found++;
		if (said)
			buf_addf(said, "%s%s%s/%s", said->len ? ", " : "", root, where, name);
	}
	file_dir_close(all);
	return found;
}

int trace_instances_sweep(const char *root, bool dry_run, struct buf *said)
{
	int found = sweep_in(root, "/sys/kernel/tracing/instances", dry_run, said);

	/* The same ones, where only debugfs has them. */
	return found ? found : sweep_in(root, "/sys/kernel/debug/tracing/instances", dry_run, said);
}
