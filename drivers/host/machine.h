/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about the layer in which the caller runs, for layers.csv: enough for others to explain why
 * two runs differ. Unknown facts are left out.
 *
 * Keys: hypervisor ("none", or the CPUID signature such as "KVMKVMKVM"), kernel, cpu_model,
 * microcode, cpu_flags (those of interest), vcpus, memory_bytes, memory_available_bytes,
 * clocksource, clock_ns (cost of one reading), clock_resolution_ns, thp, hugepages, halt_poll_ns,
 * kvm (whether /dev/kvm opens), nested, npt_ept, governor, turbo, smt, mitigations, numa_nodes,
 * topology, load1, product, isolated_cpus, cpu_quota, environment (variables that libraries obey, or "none").
 */
#ifndef NB_MACHINE_H
#define NB_MACHINE_H

#include "lib/facts.h"

void machine_describe(struct facts *facts);

/*
 * The part that reads files, with root in front of /proc, /sys and /dev: "" for this machine. For
 * tests, which have their own files.
 */
void machine_describe_files(const char *root, struct facts *facts);

#endif
