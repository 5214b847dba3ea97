/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/cpu_signature.h"

#include <stddef.h>
#include <string.h>

enum cpu_signature cpu_signature(const char *hypervisor)
{
	static const char *const known[] = {
		"none",		"KVMKVMKVM",	"Linux KVM Hv", "Microsoft Hv", "VMwareVMware",
		"XenVMMXenVMM", "VBoxVBoxVBox", "bhyve bhyve ", "ACRNACRNACRN", "Jailhouse",
		"QNXQVMBSQG",	"prl hyperv  ", " lrpepyh  vr", "HAXMHAXMHAXM", "___ NVMM ___",
		"OpenBSDVMM58", "SRESRESRESRE",
	};

	if (strcmp(hypervisor, "TCGTCGTCGTCG") == 0)
		return SIGNATURE_EMULATED;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(hypervisor, known[i]) == 0)
			return SIGNATURE_HARDWARE;
	return SIGNATURE_UNKNOWN;
}

const char *cpu_signature_emulated(const char *hypervisor)
{
	static const char *const words[] = {[SIGNATURE_UNKNOWN] = "unknown",
					    [SIGNATURE_HARDWARE] = "no",
					    [SIGNATURE_EMULATED] = "yes"};

	return words[cpu_signature(hypervisor)];
}
