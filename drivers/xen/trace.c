/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/xen/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drivers/host/exit_reason.h"

/* Events, and what is in their headers. */
enum {
	LOST = 0x1f001,
	CPU_CHANGE = 0x1f003,
	SCHED_SWITCH = 0x2800a,
	HVM_EXIT = 0x81002,	/* until Xen 4.18 on both makes of CPU, from 4.19 on Intel's */
	HVM_SVM_EXIT = 0x81003, /* from Xen 4.19 on */
	PV_FIRST = 0x201001,
	PV_TRAP = 0x201003,
	PV_LAST = 0x20100b,
	PV_HYPERCALL = 0x20100d,
	FLAG_64 = 0x100,
	FLAG_NESTED = 0x400,
	EXTRA_MAX = 7,
	CPUS = 1024,
};

#define HAS_CYCLES (UINT32_C(1) << 31)

static const char *const pv_events[] = {
	[0x4] = "page_fault",
	[0x5] = "forced_invalid_op",
	[0x6] = "emulate_privop",
	[0x7] = "emulate_4gb",
	[0x8] = "math_state_restore",
	[0x9] = "paging_fixup",
	[0xa] = "gdt_ldt_mapping_fault",
	[0xb] = "ptwr_emulation",
};

static const char *const hypercalls[] = {
	[0] = "set_trap_table",	 [1] = "mmu_update",	    [2] = "set_gdt",
	[3] = "stack_switch",	 [4] = "set_callbacks",	    [5] = "fpu_taskswitch",
	[8] = "set_debugreg",	 [9] = "get_debugreg",	    [10] = "update_descriptor",
	[12] = "memory_op",	 [13] = "multicall",	    [14] = "update_va_mapping",
	[15] = "set_timer_op",	 [17] = "xen_version",	    [18] = "console_io",
	[20] = "grant_table_op", [21] = "vm_assist",	    [22] = "update_va_mapping_otherdomain",
	[23] = "iret",		 [24] = "vcpu_op",	    [25] = "set_segment_base",
	[26] = "mmuext_op",	 [28] = "nmi_op",	    [29] = "sched_op",
	[30] = "callback_op",	 [32] = "event_channel_op", [33] = "physdev_op",
	[34] = "hvm_op",
};

struct record {
	uint32_t event, extra[EXTRA_MAX];
	unsigned words; /* of extra; the others are 0 */
};

struct reader {
	const unsigned char *at, *end;
	uint32_t cpu; /* whose records these are */
};

/* False: there is none left. */
static bool next(struct reader *r, struct record *out)
{
	uint32_t header;
	size_t before;

	*out = (struct record){0};
	if ((size_t)(r->end - r->at) < sizeof(header))
		return false;
	memcpy(&header, r->at, sizeof(header));
	out->event = header & 0xfffffff;
	out->words = header >> 28 & EXTRA_MAX;
	before = sizeof(header) + (header & HAS_CYCLES ? sizeof(uint64_t) : 0);
	if ((size_t)(r->end - r->at) < before + out->words * sizeof(uint32_t))
		return false;
	memcpy(out->extra, r->at + before, out->words * sizeof(uint32_t));
	r->at += before + out->words * sizeof(uint32_t);
	if (out->event == CPU_CHANGE)
		r->cpu = out->extra[0];
	return true;
}

static struct reader reader_of(const void *data, size_t len)
{
	return (struct reader){.at = data, .end = (const unsigned char *)data + len, .cpu = CPUS};
}

/* The domain that ran on each CPU until its first switch; -1: there is none. */
static void find_first(const void *data, size_t len, int64_t current[CPUS])
{
	struct reader r = reader_of(data, len);
	struct record record;

	for (size_t i = 0; i < CPUS; i++)
		current[i] = -1;
	while (next(&r, &record))
		if (record.event == SCHED_SWITCH && r.cpu < CPUS && current[r.cpu] < 0)
			current[r.cpu] = record.extra[0];
}

static void add(struct counts *out, const char *reason)
{
	counts_add(out, COUNT_XEN, "exits", 1);
	counts_add(out, COUNT_XEN, reason, 1);
}

static void add_hypercall(struct counts *out, uint32_t op)
{
	char name[COUNT_REASON];

	if (op < sizeof(hypercalls) / sizeof(hypercalls[0]) && hypercalls[op])
		snprintf(name, sizeof(name), "hypercall_%s", hypercalls[op]);
	else
		snprintf(name, sizeof(name), "hypercall_%" PRIu32, op);
	add(out, name);
}

/* Behind the address, of 32 or 64 bits, stands the number. */
static void add_trap(struct counts *out, const struct record *r)
{
	char name[COUNT_REASON];

	snprintf(name, sizeof(name), "trap_%" PRIu32,
		 r->extra[r->event & FLAG_64 ? 2 : 1] & 0x7fff);
	add(out, name);
}

static void add_record(struct counts *out, const struct record *r, bool svm)
{
	uint32_t event = r->event & ~(uint32_t)FLAG_64;
	uint32_t unnested = event & ~(uint32_t)FLAG_NESTED;
	char name[COUNT_REASON];

	if (unnested == HVM_EXIT || unnested == HVM_SVM_EXIT) {
		exit_reason_name(svm || unnested == HVM_SVM_EXIT, r->extra[0], name);
		add(out, name);
	} else if (event == PV_HYPERCALL) {
		add_hypercall(out, r->extra[0] & 0xfffff);
	} else if (event == PV_TRAP) {
		add_trap(out, r);
	} else if (event > PV_TRAP && event <= PV_LAST) {
		add(out, pv_events[event - PV_FIRST + 1]);
	}
}

void xen_trace_add(const void *data, size_t len, unsigned domain, bool svm, struct counts *out)
{
	struct reader r = reader_of(data, len);
	int64_t current[CPUS];
	struct record record;

	find_first(data, len, current);
	counts_add(out, COUNT_XEN, "exits", 0);
	while (next(&r, &record)) {
		if (record.event == LOST)
			counts_add(out, COUNT_XEN, XEN_TRACE_LOST, record.extra[0]);
		if (r.cpu >= CPUS)
			continue;
		if (record.event == SCHED_SWITCH)
			current[r.cpu] = record.extra[2];
		else if (current[r.cpu] == domain)
			add_record(out, &record, svm);
	}
}
