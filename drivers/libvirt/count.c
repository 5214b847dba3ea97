/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/count.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/libvirt/ask.h"
#include "drivers/libvirt/counts.h"
#include "lib/clock.h"
#include "lib/str.h"

/* Until both kinds of counters are read without an exit in between. */
enum { TRIES = 5 };

static void ask_statistics(virDomainPtr domain, void *ctx)
{
	virDomainPtr domains[] = {domain, NULL};
	virDomainStatsRecordPtr *records = NULL;

	if (virDomainListGetStats(domains, LIBVIRT_COUNTED, &records, 0) < 1)
		counts_remark(ctx, "libvirt gives no statistics of the VM");
	else
		libvirt_counts_of(records[0], ctx);
	if (records)
		virDomainStatsRecordListFree(records);
}

static void ask_for_statistics(struct libvirt_guest *g, struct counts *out)
{
	struct counts *answer = calloc(1, sizeof(*answer));

	if (!answer || !libvirt_ask(g, ask_statistics, answer, free)) {
		counts_remark(out, "QEMU does not answer, and is asked for no statistics any more");
		return;
	}
	*out = *answer;
	free(answer);
}

static void read_statistics(struct libvirt_counting *c, struct libvirt_guest *g, struct counts *out)
{
	if (!c->tried && g->pid)
		c->debugfs = kvm_debugfs_open("", g->pid);
	c->tried = true;
	if (!c->debugfs || !kvm_debugfs_read(c->debugfs, out))
		ask_for_statistics(g, out);
}

bool libvirt_runs_cpu(const char *comm)
{
	const char *slash = strrchr(comm, '/');

	return slash && strcmp(slash, "/KVM") == 0;
}

static void begin_trace(struct libvirt_counting *c, const struct libvirt_guest *g)
{
	struct err err = {0};

	if (!c->trace && !c->no_trace[0] && g->pid)
		c->trace = exit_trace_open(NULL, g->pid, libvirt_runs_cpu, &err);
	if (!g->pid)
		str_copy(c->no_trace, sizeof(c->no_trace),
			 "exits by reason: the process of the VM is not known");
	if (c->trace && exit_trace_arm(c->trace, &err) < 0) {
		exit_trace_close(c->trace);
		c->trace = NULL;
	}
	if (err.text[0])
		str_copy(c->no_trace, sizeof(c->no_trace), err.text);
}

/* Both at one moment, as far as that can be had: again while the VM exits in between. */
static void read_all(struct libvirt_counting *c, struct libvirt_guest *g, struct counts *out)
{
	for (int tries = 0; tries < TRIES; tries++) {
		out->count = 0;
		read_statistics(c, g, out);
		if (!c->trace)
			return;
		exit_trace_read(c->trace, out);
		if (!c->debugfs || kvm_debugfs_exits(c->debugfs) == out->item[0].n)
			return;
	}
}

void libvirt_count(struct libvirt_counting *c, struct libvirt_guest *g, bool emulated,
		   enum counting how, struct counts *out)
{
	if (emulated) {
		counts_remark(out, "its CPU is emulated by QEMU: there are no exits");
		return;
	}
	if (how == COUNTING_BEGIN)
		begin_trace(c, g);
	read_all(c, g, out);
	if (c->no_trace[0])
		counts_remark(out, "%s", c->no_trace);
	out->at_ns = clock_now(&clock_machine);
	if (c->trace && how == COUNTING_END)
		exit_trace_disarm(c->trace);
}

void libvirt_count_end(struct libvirt_counting *c)
{
	exit_trace_close(c->trace);
	kvm_debugfs_close(c->debugfs);
	*c = (struct libvirt_counting){0};
}
