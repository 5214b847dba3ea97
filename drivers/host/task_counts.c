/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/task_counts.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/file.h"
#include "lib/proc.h"

#define SYSCALL_ID "events/raw_syscalls/sys_enter/id"

enum { TRIES = 5 };

static const struct {
	const char *name, *words;
	uint32_t type;
	uint64_t config;
} events[] = {
	[TASK_SYSCALLS] = {"syscalls", "system calls", PERF_TYPE_TRACEPOINT, 0},
	[TASK_SWITCHES] = {"context_switches", "context switches", PERF_TYPE_SOFTWARE,
			   PERF_COUNT_SW_CONTEXT_SWITCHES},
	[TASK_FAULTS] = {"page_faults", "page faults", PERF_TYPE_SOFTWARE,
			 PERF_COUNT_SW_PAGE_FAULTS},
};

/* ---- by /proc ---- */

static uint64_t read_switches(const char *root, const struct task *t)
{
	static const char *const keys[] = {"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"};
	struct buf text = BUF_INIT;
	uint64_t sum = 0;
	char value[32];

	file_text(&text, "%s/proc/%d/task/%d/status", root, (int)t->pid, (int)t->tid);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (proc_value(buf_str(&text), keys[i], value, sizeof(value)))
			sum += strtoull(value, NULL, 10);
	buf_release(&text);
	return sum;
}

/* Fields 10 to 13 of stat: minor faults, of waited-for children, major faults, of such. */
static void add_faults(const char *root, pid_t pid, uint64_t *own, uint64_t *reaped)
{
	uint64_t minor, child_minor, major, child_major;
	char line[1024];
	const char *close;

	file_line(line, sizeof(line), "%s/proc/%d/stat", root, (int)pid);
	close = strrchr(line, ')');
	if (!close ||
	    sscanf(close + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &minor, &child_minor, &major, &child_major) != 4)
		return;
	*own += minor + major;
	*reaped += child_minor + child_major;
}

static bool has(const struct task_list *l, pid_t tid)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].tid == tid)
			return true;
	return false;
}

/* Whether a thread of the last reading has ended, or a process that was waited for. */
static bool ended_since(const struct task_counts *t, const struct task_list *now, uint64_t reaped)
{
	for (size_t i = 0; i < t->tasks.count; i++)
		if (!has(now, t->tasks.item[i].tid))
			return true;
	return reaped != t->reaped_faults;
}

struct sums {
	uint64_t switches, own, reaped; /* faults of their own, of what they waited for */
};

static struct sums sum_up(const char *root, const struct task_list *tasks)
{
	struct sums s = {0};

	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *task = &tasks->item[i];

		s.switches += read_switches(root, task);
		if (task->tid == task->pid)
			add_faults(root, task->pid, &s.own, &s.reaped);
	}
	return s;
}

static bool is_same(const struct task_list *a, const struct task_list *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->item[i].tid != b->item[i].tid)
			return false;
	return a->count == b->count;
}

/*
 * One that ends meanwhile would be counted twice or not at all, depending on whether it or the one
 * that waits for it is read first: then all are read again.
 */
static struct sums sum_up_at_rest(const char *root, pid_t pid, struct task_list *tasks)
{
	struct sums s = sum_up(root, tasks);
	struct task_list later;

	for (int left = TRIES; left && task_tree_read(root, pid, &later); left--) {
		bool at_rest = is_same(tasks, &later);

		task_list_release(tasks);
		*tasks = later;
		if (at_rest)
			break;
		s = sum_up(root, tasks);
	}
	return s;
}

/* Takes the list of tasks over. */
static void read_proc(struct task_counts *t, const char *root, pid_t pid, struct task_list *tasks,
		      struct counts *out)
{
	struct sums s = sum_up_at_rest(root, pid, tasks);

	/* A sum that falls has lost what nobody waited for. */
	if (s.own + s.reaped < t->faults)
		t->gone_faults += t->faults - s.own - s.reaped;
	t->faults = s.own + s.reaped;
	counts_add(out, COUNT_PROC, events[TASK_FAULTS].name, t->faults + t->gone_faults);
	if (ended_since(t, tasks, s.reaped))
		t->switches_from = s.switches;
	else
		counts_add(out, COUNT_PROC, events[TASK_SWITCHES].name,
			   s.switches - t->switches_from);
	t->reaped_faults = s.reaped;
	task_list_release(&t->tasks);
	t->tasks = *tasks;
}

/* ---- by perf events ---- */

/* The number of the tracepoint; false, with the reason in the remark. */
static bool find_syscalls(const char *root, uint64_t *id, struct counts *out)
{
	if (file_number(id, "%s/sys/kernel/tracing/" SYSCALL_ID, root) ||
	    file_number(id, "%s/sys/kernel/debug/tracing/" SYSCALL_ID, root))
		return true;
	if (geteuid() != 0)
		counts_remark(out, "system calls are not counted: only root reads "
				   "/sys/kernel/tracing: run as root");
	else if (file_exists("%s/sys/kernel/tracing/events", root))
		counts_remark(out, "system calls are not counted: this kernel has no tracepoint "
				   "raw_syscalls:sys_enter (CONFIG_FTRACE_SYSCALLS)");
	else
		counts_remark(out, "system calls are not counted: tracefs is not mounted: mount -t "
				   "tracefs nodev /sys/kernel/tracing");
	return false;
}

static void explain(enum task_event e, int error, const char *root, struct counts *out)
{
	char paranoid[16];

	file_line(paranoid, sizeof(paranoid), "%s/proc/sys/kernel/perf_event_paranoid", root);
	if (error == EACCES || error == EPERM)
		counts_remark(out,
			      "perf events are refused (%s): they need root, CAP_PERFMON, or "
			      "kernel.perf_event_paranoid of at most 1 (it is %s)",
			      strerror(error), paranoid);
	else if (error == EMFILE)
		counts_remark(out,
			      "%s are not counted: too many threads for the limit of open "
			      "files: raise ulimit -n",
			      events[e].words);
	else
		counts_remark(out, "%s are not counted: perf_event_open: %s", events[e].words,
			      strerror(error));
}

static int open_event(enum task_event e, uint64_t id, pid_t tid)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = events[e].type,
		.config = e == TASK_SYSCALLS ? id : events[e].config,
		.inherit = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static bool keep(struct task_counts *t, int fd, enum task_event e)
{
	struct task_counter *open = array_grow(t->open, t->opened, sizeof(*open));

	if (!open) {
		errno = ENOMEM;
		return false;
	}
	t->open = open;
	t->open[t->opened++] = (struct task_counter){.fd = fd, .event = e};
	return true;
}

/* In all threads; one that has ended meanwhile is none. */
static bool begin_event(struct task_counts *t, enum task_event e, uint64_t id,
			const struct task_list *tasks)
{
	for (size_t i = 0; i < tasks->count; i++) {
		int fd = open_event(e, id, tasks->item[i].tid), error;

		if (fd < 0 && errno == ESRCH)
			continue;
		if (fd < 0)
			return false;
		if (keep(t, fd, e))
			continue;
		error = errno;
		close(fd);
		errno = error;
		return false;
	}
	return true;
}

static uint64_t read_event(const struct task_counts *t, enum task_event e)
{
	uint64_t sum = t->ended[e], n;

	for (size_t i = 0; i < t->opened; i++)
		if (t->open[i].event == e && read(t->open[i].fd, &n, sizeof(n)) == sizeof(n))
			sum += n;
	return sum;
}

static void read_perf(const struct task_counts *t, struct counts *out)
{
	for (int e = 0; e < TASK_EVENTS; e++)
		if (t->counted[e])
			counts_add(out, COUNT_PERF, events[e].name, read_event(t, e));
}

static void end(struct task_counts *t)
{
	for (int e = 0; e < TASK_EVENTS; e++)
		t->ended[e] = read_event(t, e);
	for (size_t i = 0; i < t->opened; i++)
		close(t->open[i].fd);
	free(t->open);
	t->open = NULL;
	t->opened = 0;
	memset(t->counted, 0, sizeof(t->counted));
}

static void begin(struct task_counts *t, const char *root, const struct task_list *tasks,
		  struct counts *out)
{
	uint64_t id = 0;

	end(t);
	for (int e = 0; e < TASK_EVENTS; e++) {
		if (e == TASK_SYSCALLS && !find_syscalls(root, &id, out))
			continue;
		t->counted[e] = begin_event(t, e, id, tasks);
		if (!t->counted[e])
			explain(e, errno, root, out);
	}
}

void task_counts_read(struct task_counts *t, const char *root, pid_t pid, enum counting how,
		      struct counts *out)
{
	struct task_list tasks;

	if (!task_tree_read(root, pid, &tasks)) {
		counts_remark(out, "the processes of the layer are not found: the kernel lacks "
				   "/proc/PID/task/TID/children (CONFIG_PROC_CHILDREN)");
		return;
	}
	if (how == COUNTING_BEGIN)
		begin(t, root, &tasks, out);
	read_proc(t, root, pid, &tasks, out);
	read_perf(t, out);
	if (how == COUNTING_END)
		end(t);
}

void task_counts_release(struct task_counts *t)
{
	end(t);
	task_list_release(&t->tasks);
}
