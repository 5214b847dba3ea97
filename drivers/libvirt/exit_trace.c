/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/exit_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs/tracefs.h>
#include <unistd.h>

#include "drivers/host/exit_reason.h"
#include "drivers/host/kvm_host.h"
#include "drivers/host/trace_instances.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/str.h"

#define SYSTEM "kvm"
enum { EVENTS = 3, CPUS_MAX = 256, NAME = 32 };

static const struct event {
	const char *name;
	enum count_source source;
	const char *key, *old_key; /* of other kernels */
} events[EVENTS] = {
	{"kvm_exit", COUNT_KVM_EXIT, "exit_reason", NULL},
	{"kvm_nested_vmexit", COUNT_NESTED_VMEXIT, "exit_reason", "exit_code"},
	{"kvm_nested_vmexit_inject", COUNT_NESTED_INJECT, "exit_code", "exit_reason"},
};

struct exit_trace {
	pid_t pid;
	bool (*is_cpu_thread)(const char *comm);
	bool svm, armed;
	struct tep_handle *tep;
	struct tracefs_instance *instance;
	struct tracefs_hist *hist[EVENTS]; /* NULL: this kernel has no such event */
};

/* "{ exit_reason:        114 } hitcount:          6", and "    Dropped: 0" */
static bool parse_entry(const char *line, uint64_t *number, uint64_t *hits)
{
	return sscanf(line, "{ %*[^:]: %" SCNu64 " } hitcount: %" SCNu64, number, hits) == 2;
}

void exit_trace_parse(const char *text, enum count_source source, bool svm, struct counts *out)
{
	counts_add(out, source, "exits", 0);
	for (const char *line = text; line; line = str_next_line(line)) {
		char name[COUNT_REASON];
		uint64_t number, hits;

		if (parse_entry(line, &number, &hits)) {
			exit_reason_name(svm, number, name);
			counts_add(out, source, "exits", hits);
			counts_add(out, source, name, hits);
		} else if (sscanf(line, " Dropped: %" SCNu64, &hits) == 1 && hits) {
			counts_remark(out, "%" PRIu64 " exits did not fit into the histogram",
				      hits);
		}
	}
}

/* ---- tracefs ---- */

static int choose_dir(const char *tracefs, struct err *err)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[300];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *dir = tracefs ? tracefs : places[i];

		snprintf(path, sizeof(path), "%s/events/" SYSTEM "/kvm_exit/trigger", dir);
		if (access(path, R_OK | W_OK) == 0)
			return tracefs_set_tracing_dir((char *)dir) == 0
				       ? 0
				       : err_set(err, EXIT_INTERNAL, "out of memory");
		if (errno == EACCES || errno == EPERM)
			return err_set(err, EXIT_MACHINE,
				       "exits by reason: only root can read KVM's tracepoints");
	}
	return err_set(err, EXIT_MACHINE,
		       "exits by reason: there is no %s/events/kvm (tracefs is not mounted: mount "
		       "-t tracefs nodev /sys/kernel/tracing; or KVM is not loaded)",
		       tracefs ? tracefs : places[0]);
}

/* All threads that run a CPU of the VM: their exits count. */
static int add_filter(const struct exit_trace *t, struct tracefs_hist *hist, struct err *err)
{
	DIR *dir = file_dir("/proc/%d/task", (int)t->pid);
	const char *thread;
	char name[NAME];
	int added = 0, failed = 0;

	while ((thread = file_dir_next(dir))) {
		if (!file_line(name, sizeof(name), "/proc/%d/task/%s/comm", (int)t->pid, thread) ||
		    !t->is_cpu_thread(name))
			continue;
		if (added++ == CPUS_MAX) {
			failed = -1;
			break;
		}
		if (added > 1)
			failed |= tracefs_hist_append_filter(hist, TRACEFS_FILTER_OR, NULL,
							     (enum tracefs_compare)0, NULL);
		failed |= tracefs_hist_append_filter(hist, TRACEFS_FILTER_COMPARE, "common_pid",
						     TRACEFS_COMPARE_EQ, thread);
	}
	file_dir_close(dir);
	if (failed)
		return err_set(err, EXIT_MACHINE,
			       "exits by reason: no filter for the threads of process %d (at most "
			       "%d CPUs)",
			       (int)t->pid, CPUS_MAX);
	if (!added)
		return err_set(err, EXIT_MACHINE,
			       "exits by reason: process %d has no thread that runs a CPU",
			       (int)t->pid);
	return 0;
}

/* Teaches libtraceevent one event; false: this kernel has none. */
static bool learn_event(struct exit_trace *t, const struct event *e)
{
	int size = 0;
	char *format = tracefs_event_file_read(NULL, SYSTEM, e->name, "format", &size);
	bool known = format && tep_parse_event(t->tep, format, (unsigned long)size, SYSTEM) == 0;

	free(format);
	return known;
}

static int make_hist(struct exit_trace *t, int i, struct err *err)
{
	const struct event *e = &events[i];
	struct tep_event *event;
	const char *key = e->key;

	if (!learn_event(t, e))
		return 0;
	event = tep_find_event_by_name(t->tep, SYSTEM, e->name);
	if (event && !tep_find_field(event, key))
		key = e->old_key;
	t->hist[i] = key ? tracefs_hist_alloc(t->tep, SYSTEM, e->name, key,
					      (enum tracefs_hist_key_type)0)
			 : NULL;
	if (!t->hist[i])
		return err_set(err, EXIT_MACHINE,
			       "exits by reason: no histogram of " SYSTEM ":%s is possible",
			       e->name);
	return add_filter(t, t->hist[i], err);
}

struct exit_trace *exit_trace_open(const char *tracefs, pid_t pid,
				   bool (*is_cpu_thread)(const char *comm), struct err *err)
{
	struct exit_trace *t = NULL;
	struct kvm_host host;
	char name[TRACE_INSTANCE];

	if (choose_dir(tracefs, err) < 0)
		return NULL;
	trace_instances_sweep("", false, NULL);
	t = calloc(1, sizeof(*t));
	if (!t) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	kvm_host_read("", &host);
	t->svm = !host.flag || strcmp(host.flag, "svm") == 0;
	t->pid = pid;
	t->is_cpu_thread = is_cpu_thread;
	trace_instance_name(getpid(), pid, name);
	t->tep = tep_alloc();
	t->instance = tracefs_instance_create(name);
	if (!t->tep || !t->instance) {
		err_errno(err, EXIT_MACHINE,
			  "exits by reason: tracefs takes no instance %s (a kernel without "
			  "CONFIG_HIST_TRIGGERS, or one that is locked down?)",
			  name);
		exit_trace_close(t);
		return NULL;
	}
	for (int i = 0; i < EVENTS; i++)
		if (make_hist(t, i, err) < 0) {
			exit_trace_close(t);
			return NULL;
		}
	return t;
}

int exit_trace_arm(struct exit_trace *t, struct err *err)
{
	for (int i = 0; i < EVENTS && !t->armed; i++)
		if (t->hist[i] && tracefs_hist_start(t->instance, t->hist[i]) < 0) {
			err_errno(err, EXIT_MACHINE,
				  "exits by reason: no histogram of " SYSTEM ":%s", events[i].name);
			t->armed = true;
			exit_trace_disarm(t);
			return -1;
		}
	t->armed = true;
	return 0;
}

void exit_trace_read(struct exit_trace *t, struct counts *out)
{
	for (int i = 0; i < EVENTS && t->armed; i++) {
		char *text = t->hist[i] ? tracefs_event_file_read(t->instance, SYSTEM,
								  events[i].name, "hist", NULL)
					: NULL;

		if (text)
			exit_trace_parse(text, events[i].source, t->svm, out);
		else if (t->hist[i])
			counts_remark(out, "the histogram of " SYSTEM ":%s cannot be read",
				      events[i].name);
		free(text);
	}
}

void exit_trace_disarm(struct exit_trace *t)
{
	for (int i = 0; i < EVENTS && t->armed; i++)
		if (t->hist[i])
			tracefs_hist_destroy(t->instance, t->hist[i]);
	t->armed = false;
}

void exit_trace_close(struct exit_trace *t)
{
	if (!t)
		return;
	exit_trace_disarm(t);
	for (int i = 0; i < EVENTS; i++)
		if (t->hist[i])
			tracefs_hist_free(t->hist[i]);
	if (t->instance) {
		tracefs_instance_destroy(t->instance);
		tracefs_instance_free(t->instance);
	}
	if (t->tep)
		tep_free(t->tep);
	free(t);
}
