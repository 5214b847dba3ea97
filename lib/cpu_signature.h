/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the signature of a hypervisor (CPUID leaf 0x40000000) says of the CPU that its guests see.
 */
#ifndef NB_CPU_SIGNATURE_H
#define NB_CPU_SIGNATURE_H

enum cpu_signature { SIGNATURE_UNKNOWN, SIGNATURE_HARDWARE, SIGNATURE_EMULATED };

/*
 * "none": there is no hypervisor, as far as the CPU tells. Hardware only for those that are known
 * to use it, as their makers document them: whatever else is named, emulation under another name
 * included, may do anything, and so may one that hides its name ("unnamed").
 */
enum cpu_signature cpu_signature(const char *hypervisor);

/* The same as the fact emulated of layers.csv: "unknown", "no", "yes". */
const char *cpu_signature_emulated(const char *hypervisor);

#endif
