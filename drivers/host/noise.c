/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/noise.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "lib/array.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"

enum { LINE = 1024, PROCESSES_MAX = 1 << 20, KTHREADD = 2 };

struct process {
	struct proc is;
	bool ours;
};

struct processes {
	struct process *item;
	size_t count;
};

static uint64_t ticks_to_ns(uint64_t ticks)
{
	long per_second = sysconf(_SC_CLK_TCK);

	return per_second > 0 ? ticks * (NS_PER_S / (uint64_t)per_second) : 0;
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

	if (file_text(&text, "%s/proc/stat", from->root))
		for (const char *line = buf_str(&text); line; line = str_next_line(line)) {
			uint64_t user, nice, system, steal;
			int cpu;

			/* The line with the sum of all CPUs has a blank there. */
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
		return err_set(err, EXIT_MACHINE, "%s/proc/stat says nothing about CPUs",
			       from->root);
	return 0;
}

/* Without cpufreq, /proc/cpuinfo may show the frequency. */
static uint64_t khz_of(const char *root, const char *cpuinfo, int cpu)
{
	uint64_t khz;
	double mhz;
	int at = -1;

	if (file_number(&khz, "%s/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", root,
			cpu))
		return khz;
	for (; cpuinfo; cpuinfo = str_next_line(cpuinfo)) {
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

	file_text(&cpuinfo, "%s/proc/cpuinfo", from->root);
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
	uint64_t times;

	/* CPU numbers may have gaps, up to this many. */
	for (uint64_t cpu = 0; cpu < 2 * out->all.count; cpu++)
		if (file_number(&times,
				"%s/sys/devices/system/cpu/cpu%" PRIu64
				"/thermal_throttle/core_throttle_count",
				root, cpu))
			out->throttles += times;
}

static void read_load(const char *root, struct noise_reading *out)
{
	char line[LINE];
	double load;

	if (file_line(line, sizeof(line), "%s/proc/loadavg", root) &&
	    sscanf(line, "%lf", &load) == 1 && load >= 0 && load < 1e9)
		out->load1_milli = (uint64_t)(load * 1000 + 0.5);
}

/* ---- processes ---- */

static bool add_process(struct processes *all, const struct proc *p)
{
	struct process *item = array_grow(all->item, all->count, sizeof(*item));

	if (!item)
		return false;
	all->item = item;
	item[all->count++] = (struct process){.is = *p};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct process *a = left, *b = right;

	return (a->is.pid > b->is.pid) - (a->is.pid < b->is.pid);
}

static struct process *find(const struct processes *all, pid_t pid)
{
	const struct process key = {.is.pid = pid};

	return all->count ? bsearch(&key, all->item, all->count, sizeof(key), compare) : NULL;
}

/* Processes come and go; one that cannot be read has ended. */
static void list_processes(const char *root, struct processes *all)
{
	DIR *dir = file_dir("%s/proc", root);
	const char *name;
	struct proc p;

	while (all->count < PROCESSES_MAX && (name = file_dir_next(dir)))
		if (isdigit((unsigned char)name[0]) &&
		    proc_read(root, (pid_t)strtol(name, NULL, 10), &p) && !add_process(all, &p))
			break;
	file_dir_close(dir);
	if (all->count)
		qsort(all->item, all->count, sizeof(*all->item), compare);
}

/* Our processes: all descendants of the highest ancestor of the same name. */
static void mark_ours(struct processes *all, pid_t pid)
{
	struct process *top = find(all, pid), *parent;
	bool more = top != NULL;

	while (top && (parent = find(all, top->is.parent)) && parent->is.pid != top->is.pid &&
	       strcmp(parent->is.name, top->is.name) == 0)
		top = parent;
	if (top)
		top->ours = true;
	/* Children mostly have higher numbers than their parents: then one pass is enough. */
	while (more) {
		more = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *p = &all->item[i];

			parent = p->ours ? NULL : find(all, p->is.parent);
			if (parent && parent->ours)
				more = p->ours = true;
		}
	}
}

static void add_thread(const char *root, pid_t pid, const char *thread, struct buf *text,
		       struct noise_reading *out)
{
	char line[LINE];
	uint64_t number;

	if (!file_line(line, sizeof(line), "%s/proc/%d/task/%s/comm", root, (int)pid, thread) ||
	    !drivers_run_cpu_in(line))
		return;
	out->vcpus++;
	if (proc_wait_ns(root, pid, thread, &number))
		out->wait_ns += number;
	if (file_text(text, "%s/proc/%d/task/%s/status", root, (int)pid, thread) &&
	    proc_value(buf_str(text), "nonvoluntary_ctxt_switches", line, sizeof(line)))
		out->switches += strtoull(line, NULL, 10);
}

static void read_threads(const char *root, pid_t pid, struct noise_reading *out)
{
	DIR *threads = file_dir("%s/proc/%d/task", root, (int)pid);
	struct buf text = BUF_INIT;
	const char *thread;

	while ((thread = file_dir_next(threads)))
		add_thread(root, pid, thread, &text, out);
	file_dir_close(threads);
	buf_release(&text);
}

static void read_processes(const struct noise_source *from, struct noise_reading *out)
{
	struct processes all = {0};
	const struct process *kthreadd;

	list_processes(from->root, &all);
	mark_ours(&all, from->pid);
	/* In a container process 2 may be any process. */
	kthreadd = find(&all, KTHREADD);
	if (kthreadd && strcmp(kthreadd->is.name, "kthreadd") != 0)
		kthreadd = NULL;
	for (size_t i = 0; i < all.count; i++) {
		const struct process *p = &all.item[i];

		if (p->ours) {
			out->ours_ns += ticks_to_ns(p->is.ticks + p->is.reaped_ticks);
			read_threads(from->root, p->is.pid, out);
		} else if (kthreadd && (p == kthreadd || p->is.parent == KTHREADD)) {
			out->kernel_ns += ticks_to_ns(p->is.ticks);
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
