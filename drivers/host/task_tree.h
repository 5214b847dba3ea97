/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The threads of the processes below one process: its children, their children and so on. A pid
 * namespace's orphans become children of its first process, so that below who started that one are
 * all that are in it.
 *
 * Source: proc(5), PID/task/TID/children, which misses none while no process ends.
 */
#ifndef NB_TASK_TREE_H
#define NB_TASK_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct task {
	pid_t pid, tid; /* of the process, of the thread */
};

struct task_list {
	struct task *item;
	size_t count;
};

/*
 * Fills *out, which the caller releases, with those below pid; root stands in front of /proc ("":
 * this machine). False, with nothing in it, where memory runs out or this kernel does not tell
 * children.
 */
bool task_tree_read(const char *root, pid_t pid, struct task_list *out);
void task_list_release(struct task_list *l);

#endif
