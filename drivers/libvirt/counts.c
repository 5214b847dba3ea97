/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/counts.h"

#include <stdbool.h>
#include <string.h>

#define EXITS "exits"

/* KVM's name of a statistic in that of a parameter: "exits" in "vcpu.0.exits.sum", of len
 * characters; NULL: the parameter is none. */
static const char *statistic(const char *field, size_t *len)
{
	const char *name = NULL;

	if (strncmp(field, "vm.", 3) == 0)
		name = field + 3;
	else if (strncmp(field, "vcpu.", 5) == 0) {
		size_t digits = strspn(field + 5, "0123456789");

		if (digits && field[5 + digits] == '.')
			name = field + 5 + digits + 1;
	}
	if (!name)
		return NULL;
	*len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return *len && *len < COUNT_REASON ? name : NULL;
}

bool libvirt_counted(const char *name, enum count_source *source)
{
	static const char *const counters[] = {EXITS,	     "nested_run", "io_exits",
					       "mmio_exits", "halt_exits", "irq_exits",
					       "hypercalls", "tlb_flush"};
	static const char *const states[] = {"pages_4k", "pages_2m", "pages_1g"};

	*source = COUNT_KVM_STATE;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(name, states[i]) == 0)
			return true;
	*source = COUNT_KVM_STATS;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (strcmp(name, counters[i]) == 0)
			return true;
	return strncmp(name, "pf_", 3) == 0;
}

static void add(struct counts *out, const virTypedParameter *p)
{
	char reason[COUNT_REASON];
	enum count_source source;
	const char *name, *kind;
	size_t len;

	name = p->type == VIR_TYPED_PARAM_ULLONG ? statistic(p->field, &len) : NULL;
	if (!name)
		return;
	kind = name + len;
	memcpy(reason, name, len);
	reason[len] = '\0';
	if (libvirt_counted(reason, &source) &&
	    strcmp(kind, source == COUNT_KVM_STATE ? ".cur" : ".sum") == 0)
		counts_add(out, source, reason, p->value.ul);
}

static bool is_exits(const virTypedParameter *p)
{
	size_t len;
	const char *name = statistic(p->field, &len);

	return name && strcmp(name, EXITS ".sum") == 0;
}

void libvirt_counts_of(virDomainStatsRecordPtr record, struct counts *out)
{
	bool counted = false;

	for (int i = 0; i < record->nparams; i++)
		counted |= is_exits(&record->params[i]);
	if (counted)
		counts_add(out, COUNT_KVM_STATS, EXITS, 0);
	else
		counts_remark(out, "KVM counts no exits of this VM: its CPU is emulated (TCG), or "
				   "libvirt is older than 8.9, or QEMU than 7.1");
	for (int i = 0; i < record->nparams; i++)
		add(out, &record->params[i]);
}
