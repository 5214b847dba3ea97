/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/counts.h"

#include <stdbool.h>
#include <string.h>

#define EXITS "exits"

static bool ends_in(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

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

static bool is_state(const char *name)
{
	static const char *const pages[] = {"pages_4k", "pages_2m", "pages_1g"};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(name, pages[i]) == 0)
			return true;
	return false;
}

static void add(struct counts *out, const virTypedParameter *p)
{
	char reason[COUNT_REASON];
	const char *name, *kind;
	size_t len;

	name = p->type == VIR_TYPED_PARAM_ULLONG ? statistic(p->field, &len) : NULL;
	if (!name)
		return;
	kind = name + len;
	memcpy(reason, name, len);
	reason[len] = '\0';
	if (strcmp(kind, ".cur") == 0 && is_state(reason))
		counts_add(out, COUNT_KVM_STATE, reason, p->value.ul);
	else if (strcmp(kind, ".sum") == 0 && !ends_in(name, len, "_ns"))
		counts_add(out, COUNT_KVM_STATS, reason, p->value.ul);
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
