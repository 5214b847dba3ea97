/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/noise.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"

enum { PATH_SIZE = 512, LINE = 1024, COMM = 32, PROCESSES_MAX = 1 << 20, KTHREADD = 2 };
#define FILE_LIMIT ((size_t)16 << 20)

struct process {
	pid_t pid, parent;
	uint64_t ticks, reaped_ticks; /* its own; those of children that it waited for */
	bool ours;
	char comm[COMM];
};

struct processes {
	struct process *item;
	size_t count, room;
};

static uint64_t ticks_to_ns(uint64_t ticks)
{
	long per_second = sysconf(_SC_CLK_TCK);

	return per_second > 0 ? ticks * (NS_PER_S / (uint64_t)per_second) : 0;
}

static bool read_text(const char *root, const char *path, struct buf *text)
{
	char full[PATH_SIZE];
	struct err ignored;

	buf_clear(text);
	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_read(full, FILE_LIMIT, text, &ignored) == 0;
}

static bool read_line(const char *root, const char *path, char line[LINE])
{
	char full[PATH_SIZE];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return file_first_line(full, line, LINE);
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/* ---- CPUs ---- */

static bool is_measured(const struct noise_source *from, int cpu)
{
	for (int i = 0; i < from->measured_count; i++)
		if (from->measured[i] == cpu)
			return true;
	return false;
}

static void add_cpu(struct noise_cpus *to, uint64_t busy, uint64_t steal)
{
	to->count++;
	to->busy_ns += ticks_to_ns(busy);
	to->steal_ns += ticks_to_ns(steal);
}

/* "cpuN user nice system idle iowait irq softirq steal …" */
static int read_cpus(const struct noise_source *from, struct noise_reading *out, struct err *err)
{
	struct buf text = BUF_INIT;

	if (read_text(from->root, "/proc/stat", &text))
		for (const char *line = buf_str(&text); line; line = next_line(line)) {
			uint64_t user, nice, system, steal;
			int cpu;

			/* The line of all CPUs together has a blank there. */
			if (strncmp(line, "cpu", 3) != 0 || !isdigit((unsigned char)line[3]) ||
			    sscanf(line,
				   "cpu%d %" SCNu64 " %" SCNu64 " %" SCNu64
				   " %*u %*u %*u %*u %" SCNu64,
				   &cpu, &user, &nice, &system, &steal) != 5)
				continue;
			add_cpu(&out->all, user + nice + system, steal);
			if (is_measured(from, cpu))
				add_cpu(&out->measured, user + nice + system, steal);
		}
	buf_release(&text);
	if (out->all.count == 0)
		return err_set(err, EXIT_MACHINE, "%s/proc/stat tells nothing about CPUs",
			       from->root);
	return 0;
}

/* Where there is no cpufreq the processor itself may tell. */
static uint64_t khz_of(const char *root, const char *cpuinfo, int cpu)
{
	char path[PATH_SIZE], line[LINE];
	uint64_t khz;
	double mhz;
	int at = -1;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", cpu);
	if (read_line(root, path, line) && sscanf(line, "%" SCNu64, &khz) == 1)
		return khz;
	for (; cpuinfo; cpuinfo = next_line(cpuinfo)) {
		if (sscanf(cpuinfo, "processor : %d", &at) == 1)
			continue;
		if (at == cpu && sscanf(cpuinfo, "cpu MHz : %lf", &mhz) == 1 && mhz > 0 &&
		    mhz < 1e6)
			return (uint64_t)(mhz * 1000);
	}
	return 0;
}

static void read_frequency(const struct noise_source *from, struct noise_reading *out)
{
	struct buf cpuinfo = BUF_INIT;
	uint64_t sum = 0, count = 0;

	read_text(from->root, "/proc/cpuinfo", &cpuinfo);
	for (int i = 0; i < from->measured_count; i++) {
		uint64_t khz = khz_of(from->root, buf_str(&cpuinfo), from->measured[i]);

		sum += khz;
		count += khz > 0;
	}
	out->khz = count ? sum / count : 0;
	buf_release(&cpuinfo);
}

static void read_throttling(const char *root, struct noise_reading *out)
{
	char path[PATH_SIZE], line[LINE];
	uint64_t times;

	/* CPU numbers may have gaps, but not that many. */
	for (uint64_t cpu = 0; cpu < 2 * out->all.count; cpu++) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%" PRIu64
			 "/thermal_throttle/core_throttle_count",
			 cpu);
		if (read_line(root, path, line) && sscanf(line, "%" SCNu64, &times) == 1)
			out->throttles += times;
	}
}

static void read_load(const char *root, struct noise_reading *out)
{
	char line[LINE];
	double load;

	if (read_line(root, "/proc/loadavg", line) && sscanf(line, "%lf", &load) == 1 &&
	    load >= 0 && load < 1e9)
		out->load1_milli = (uint64_t)(load * 1000 + 0.5);
}

/* ---- processes ---- */

/* "pid (comm) state ppid …": the name may hold anything, so the last parenthesis ends it. */
static bool parse_process(const char *line, struct process *p)
{
	const char *open = strchr(line, '('), *close = strrchr(line, ')');
	uint64_t user, system, reaped_user, reaped_system;

	*p = (struct process){0};
	if (!open || !close || close < open || sscanf(line, "%d", &p->pid) != 1 || p->pid <= 0)
		return false;
	snprintf(p->comm, sizeof(p->comm), "%.*s", (int)(close - open - 1), open + 1);
	if (sscanf(close + 1,
		   " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64,
		   &p->parent, &user, &system, &reaped_user, &reaped_system) != 5)
		return false;
	p->ticks = user + system;
	p->reaped_ticks = reaped_user + reaped_system;
	return true;
}

static bool add_process(struct processes *all, const struct process *p)
{
	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 256;
		struct process *item = realloc(all->item, room * sizeof(*item));

		if (!item)
			return false;
		all->item = item;
		all->room = room;
	}
	all->item[all->count++] = *p;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct process *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static struct process *find(const struct processes *all, pid_t pid)
{
	const struct process key = {.pid = pid};

	return all->count ? bsearch(&key, all->item, all->count, sizeof(key), compare) : NULL;
}

/* Processes come and go meanwhile; those that cannot be read are gone. */
static void list_processes(const char *root, struct processes *all)
{
	char path[PATH_SIZE], line[LINE];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	while (dir && all->count < PROCESSES_MAX && (entry = readdir(dir))) {
		struct process p;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/stat", entry->d_name);
		if (read_line(root, path, line) && parse_process(line, &p) && !add_process(all, &p))
			break;
	}
	if (dir)
		closedir(dir);
	if (all->count)
		qsort(all->item, all->count, sizeof(*all->item), compare);
}

/* The run's processes are ours, down from the highest ancestor of the same name. */
static void mark_ours(struct processes *all, pid_t pid)
{
	struct process *top = find(all, pid), *parent;
	bool more = top != NULL;

	while (top && (parent = find(all, top->parent)) && parent->pid != top->pid &&
	       strcmp(parent->comm, top->comm) == 0)
		top = parent;
	if (top)
		top->ours = true;
	/* Mostly children have higher numbers than their parents: then the first pass is enough. */
	while (more) {
		more = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *p = &all->item[i];

			parent = p->ours ? NULL : find(all, p->parent);
			if (parent && parent->ours)
				more = p->ours = true;
		}
	}
}

static void add_thread(const char *root, pid_t pid, const char *thread, struct buf *text,
		       struct noise_reading *out)
{
	static const char key[] = "nonvoluntary_ctxt_switches:";
	char path[PATH_SIZE], line[LINE];
	uint64_t number;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/comm", (int)pid, thread);
	if (!read_line(root, path, line) || !drivers_run_cpu_in(line))
		return;
	out->vcpus++;
	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid, thread);
	if (read_line(root, path, line) && sscanf(line, "%*u %" SCNu64, &number) == 1)
		out->wait_ns += number;
	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", (int)pid, thread);
	if (read_text(root, path, text)) {
		const char *at = strstr(buf_str(text), key);

		if (at && sscanf(at + sizeof(key) - 1, "%" SCNu64, &number) == 1)
			out->switches += number;
	}
}

static void read_threads(const char *root, pid_t pid, struct noise_reading *out)
{
	struct buf text = BUF_INIT;
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc/%d/task", root, (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_thread(root, pid, entry->d_name, &text, out);
	if (dir)
		closedir(dir);
	buf_release(&text);
}

static void read_processes(const struct noise_source *from, struct noise_reading *out)
{
	struct processes all = {0};
	const struct process *kthreadd;

	list_processes(from->root, &all);
	mark_ours(&all, from->pid);
	/* In a container process 2 is any process. */
	kthreadd = find(&all, KTHREADD);
	if (kthreadd && strcmp(kthreadd->comm, "kthreadd") != 0)
		kthreadd = NULL;
	for (size_t i = 0; i < all.count; i++) {
		const struct process *p = &all.item[i];

		if (p->ours) {
			out->ours_ns += ticks_to_ns(p->ticks + p->reaped_ticks);
			read_threads(from->root, p->pid, out);
		} else if (kthreadd && (p == kthreadd || p->parent == KTHREADD)) {
			out->kernel_ns += ticks_to_ns(p->ticks);
		}
	}
	free(all.item);
}

int noise_read(const struct noise_source *from, struct noise_reading *out, struct err *err)
{
	*out = (struct noise_reading){0};
	if (read_cpus(from, out, err) < 0)
		return -1;
	read_processes(from, out);
	read_frequency(from, out);
	read_throttling(from->root, out);
	read_load(from->root, out);
	return 0;
}
