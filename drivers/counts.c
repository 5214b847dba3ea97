/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/counts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

static const char *const sources[] = {
	[COUNT_KVM_STATS] = "kvm_stats",
	[COUNT_KVM_STATE] = "kvm_state",
	[COUNT_KVM_EXIT] = "kvm_exit",
	[COUNT_NESTED_VMEXIT] = "kvm_nested_vmexit",
	[COUNT_NESTED_INJECT] = "kvm_nested_vmexit_inject",
	[COUNT_PROC] = "proc",
	[COUNT_PERF] = "perf",
	[COUNT_XEN] = "xen",
};

const char *count_source_name(enum count_source s)
{
	return (unsigned)s < COUNT_SOURCES ? sources[s] : NULL;
}

int count_source_find(const char *name)
{
	for (int i = 0; i < COUNT_SOURCES; i++)
		if (strcmp(sources[i], name) == 0)
			return i;
	return -1;
}

static struct count *find(struct counts *c, enum count_source source, const char *reason)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == source && strcmp(c->item[i].reason, reason) == 0)
			return &c->item[i];
	return NULL;
}

void counts_add(struct counts *c, enum count_source source, const char *reason, uint64_t n)
{
	struct count *item = find(c, source, reason);

	if (!item && c->count == COUNTS_MAX) {
		counts_remark(c, "more than %d counters", COUNTS_MAX);
		return;
	}
	if (!item) {
		item = &c->item[c->count++];
		*item = (struct count){.source = source};
		str_copy(item->reason, sizeof(item->reason), reason);
	}
	item->n += n;
}

void counts_remark(struct counts *c, const char *fmt, ...)
{
	char text[COUNTS_REMARK];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!strstr(c->remark, text))
		str_addf(c->remark, sizeof(c->remark), "%s%s", c->remark[0] ? "; " : "", text);
}
