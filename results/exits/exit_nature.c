/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "results/exits/exit_parts.h"

/* Timers and interrupts, and what is there to deliver one; of KVM's statistics also signals. */
static const char *const events[] = {
	"interrupt",
	"intr",
	"vintr",
	"nmi",
	"smi",
	"init",
	"EXTERNAL_INTERRUPT",
	"INTERRUPT_WINDOW",
	"PENDING_INTERRUPT",
	"NMI_WINDOW",
	"PREEMPTION_TIMER",
	"TPR_BELOW_THRESHOLD",
	"EOI_INDUCED",
	"OTHER_SMI",
	"INIT_SIGNAL",
	"SIPI_SIGNAL",
	"irq_exits",
	"irq_window_exits",
	"nmi_window_exits",
	"request_irq_exits",
	"signal_exits",
	"irq_injections",
	"nmi_injections",
	"preemption_reported",
	"preemption_other",
	"guest_mode",
};

static const char *const instructions[] = {
	"cpuid",      "hypercall",     "VMCALL",	 "io",		"IO_INSTRUCTION",
	"npf",	      "EPT_VIOLATION", "EPT_MISCONFIG",	 "xsetbv",	"rdpmc",
	"invlpg",     "INVPCID",       "wbinvd",	 "CR_ACCESS",	"read_cr0",
	"write_cr0",  "read_cr3",      "write_cr3",	 "read_cr4",	"write_cr4",
	"DR_ACCESS",  "GDTR_IDTR",     "LDTR_TR",	 "task_switch", "io_exits",
	"mmio_exits", "hypercalls",    "insn_emulation",
};

/* A hypervisor enters its VM by these, and executes the others around an entry. */
static const char *const entries[] = {"vmrun", "VMRESUME", "VMLAUNCH"};
static const char *const around_entries[] = {
	"vmload",  "vmsave",  "stgi",	 "clgi",    "invlpga", "VMREAD",
	"VMWRITE", "VMPTRLD", "VMPTRST", "VMCLEAR", "INVEPT",  "INVVPID",
};

static bool is_in(const char *const *list, size_t count, const char *reason)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(list[i], reason) == 0)
			return true;
	return false;
}

enum exit_nature exit_nature_of(const char *reason)
{
	size_t len = strlen(reason);

	if (is_in(events, sizeof(events) / sizeof(events[0]), reason))
		return EXIT_BY_EVENT;
	/* KVM's statistics of time spent. */
	if (len > 3 && strcmp(reason + len - 3, "_ns") == 0)
		return EXIT_BY_EVENT;
	if (is_in(instructions, sizeof(instructions) / sizeof(instructions[0]), reason))
		return EXIT_BY_INSTRUCTION;
	return EXIT_BY_DATA;
}

bool exit_is_vm_entry(const char *reason)
{
	return is_in(entries, sizeof(entries) / sizeof(entries[0]), reason);
}

bool exit_is_around_vm_entry(const char *reason)
{
	return is_in(around_entries, sizeof(around_entries) / sizeof(around_entries[0]), reason);
}

const char *exit_reason_refusal(const char *reason)
{
	return exit_nature_of(reason) == EXIT_BY_EVENT
		       ? "interrupts and timers follow time, never operations"
		       : NULL;
}
