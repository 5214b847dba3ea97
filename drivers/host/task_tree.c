/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/task_tree.h"

#include <stdlib.h>

#include "lib/array.h"
#include "lib/file.h"

static bool add(struct task_list *l, pid_t pid, pid_t tid)
{
	struct task *item = array_grow(l->item, l->count, sizeof(*item));

	if (!item)
		return false;
	l->item = item;
	l->item[l->count++] = (struct task){.pid = pid, .tid = tid};
	return true;
}

/* The children of a thread, as processes whose threads are still to be looked for. */
static bool add_children(const char *root, const char *thread, pid_t pid, struct task_list *found)
{
	struct buf text = BUF_INIT;
	bool ok = true;
	const char *at;
	char *rest;

	file_text(&text, "%s/proc/%d/task/%s/children", root, (int)pid, thread);
	at = buf_str(&text);
	for (long child; ok && (child = strtol(at, &rest, 10)) > 0 && rest != at; at = rest)
		ok = add(found, (pid_t)child, 0);
	buf_release(&text);
	return ok;
}

/* Its threads into out (NULL: nowhere), the children of all of them behind the processes. */
static bool look(const char *root, pid_t pid, struct task_list *processes, struct task_list *out)
{
	DIR *threads = file_dir("%s/proc/%d/task", root, (int)pid);
	const char *thread;
	bool ok = true;

	while (ok && (thread = file_dir_next(threads)))
		ok = (!out || add(out, pid, (pid_t)strtol(thread, NULL, 10))) &&
		     add_children(root, thread, pid, processes);
	file_dir_close(threads);
	return ok;
}

static bool tells_children(const char *root, pid_t pid)
{
	return !file_exists("%s/proc/%d/task/%d/stat", root, (int)pid, (int)pid) ||
	       file_exists("%s/proc/%d/task/%d/children", root, (int)pid, (int)pid);
}

bool task_tree_read(const char *root, pid_t pid, struct task_list *out)
{
	struct task_list processes = {0};
	bool ok = tells_children(root, pid) && look(root, pid, &processes, NULL);

	*out = (struct task_list){0};
	for (size_t i = 0; ok && i < processes.count; i++)
		ok = look(root, processes.item[i].pid, &processes, out);
	task_list_release(&processes);
	if (!ok)
		task_list_release(out);
	return ok;
}

void task_list_release(struct task_list *l)
{
	free(l->item);
	*l = (struct task_list){0};
}
