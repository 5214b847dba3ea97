/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/schema1_cpu.h"

#include <string.h>

#include "lib/cpu_signature.h"

/* L0's own CPU is told by its hypervisor's signature, a VM's by its accelerator. */
bool schema1_cpu(const struct layer_facts *item, enum layer_cpu *cpu)
{
	static const enum layer_cpu of[] = {[SIGNATURE_UNKNOWN] = CPU_UNKNOWN,
					    [SIGNATURE_HARDWARE] = CPU_HARDWARE,
					    [SIGNATURE_EMULATED] = CPU_EMULATED};
	const char *accel = facts_get(&item->facts, "accel"),
		   *hypervisor = facts_get(&item->facts, "hypervisor");
	enum layer_cpu below = hypervisor ? of[cpu_signature(hypervisor)] : CPU_UNKNOWN;

	if ((accel && strcmp(accel, "tcg") == 0) || below == CPU_EMULATED)
		*cpu = CPU_EMULATED;
	else if (item->layer)
		*cpu = accel && strcmp(accel, "kvm") == 0 ? CPU_HARDWARE : CPU_UNKNOWN;
	else
		*cpu = below;
	return (item->layer ? accel : hypervisor) || *cpu == CPU_EMULATED;
}
