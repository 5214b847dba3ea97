/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/schema1_layers.h"

#include <string.h>

#include "lib/cpu_signature.h"

/* L0's own CPU is told by its hypervisor's signature, a VM's by its accelerator. */
const char *schema1_emulated(const struct layer_facts *item)
{
	static const char *const words[] = {[SIGNATURE_UNKNOWN] = "unknown",
					    [SIGNATURE_HARDWARE] = "no",
					    [SIGNATURE_EMULATED] = "yes"};
	const char *accel = facts_get(&item->facts, "accel");
	const char *hypervisor = facts_get(&item->facts, "hypervisor");
	enum cpu_signature below = hypervisor ? cpu_signature(hypervisor) : SIGNATURE_UNKNOWN;

	if ((accel && strcmp(accel, "tcg") == 0) || below == SIGNATURE_EMULATED)
		return "yes";
	if (item->layer == 0)
		return hypervisor ? words[below] : NULL;
	if (!accel)
		return NULL;
	return strcmp(accel, "kvm") == 0 ? "no" : "unknown";
}
