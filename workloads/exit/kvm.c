/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures kinds of exit from a VM and back. This layer runs the VM, so the figure of a layer is
 * what a guest in its child layer pays: at L0 what the papers call a VM (L1), in L1 what they call
 * a nested VM (L2). A skip row where the layer cannot run the guest.
 *
 * exit.hypercall: the shortest, a hypercall that does nothing, which KVM answers in the kernel.
 *
 * exit.pio: of an emulated device. A guest writes to an I/O port that the kernel does not handle,
 * KVM_RUN returns to this process, which enters the guest again: what a serial port, a BIOS disk or
 * a legacy doorbell without ioeventfd costs.
 *
 * exit.mmio: of a memory-mapped device. A guest writes to an address without memory; the nested
 * page tables (or the shadow ones) miss, KVM decodes the instruction and returns to this process:
 * what most device emulation costs.
 *
 * exit.hlt: the plainest exit to user space. A guest halts, and since it has no interrupt
 * controller KVM does not wait for an interrupt but returns to this process. No instruction is
 * decoded and no device looked up, so exit.pio and exit.mmio less this are the cost of those steps.
 *
 * Not measured: a device's own work; ioeventfd, which avoids the return to user space; sleeping and
 * waking up (sleep, cpu.futex).
 *
 * Source: kvm-unit-tests x86/vmexit.c: "vmcall"; "portio-no-eventfd" and, reading, "inl_from_qemu";
 * "mmio-no-eventfd"; of exit.hlt, which has no test there, what the last two share. PVM (SOSP 2023)
 * table 1, DVH (ASPLOS 2020) table 3.
 */
#include "workloads/exit/kvm_guest.h"

const struct workload workload_exit_hlt = {
	.name = "exit.hlt",
	.summary = "a halt of a minimal guest run from this layer, handled in user space",
	.op = "one HLT, handed to the process and back",
	.source = "what kvm-unit-tests vmexit mmio-no-eventfd and portio-no-eventfd have in common",
	KVM_GUEST_WORKLOAD(KVM_GUEST_HLT),
};

const struct workload workload_exit_hypercall = {
	.name = "exit.hypercall",
	.summary = "a hypercall of a minimal guest run from this layer",
	.op = "one hypercall that does nothing, answered in the kernel",
	.source = "kvm-unit-tests vmexit vmcall",
	.figure = "PVM (SOSP 2023) table 1: hypercall 0.46 us in a VM (here the row of L0), 7.43 "
		  "us in a nested VM (the row of L1); DVH (ASPLOS 2020) table 3: 1,575 / 37,733 / "
		  "857,578 cycles in L1 / L2 / L3 (rows of L0 / L1 / L2)",
	KVM_GUEST_WORKLOAD(KVM_GUEST_HYPERCALL),
};

const struct workload workload_exit_mmio = {
	.name = "exit.mmio",
	.summary = "a device access of a minimal guest run from this layer, handled in user space",
	.op = "one write to where no memory is, handed to the process and back",
	.source = "kvm-unit-tests vmexit mmio-no-eventfd",
	.figure = "DVH (ASPLOS 2020) table 3: device notify 4,984 / 48,390 / 1,008,935 cycles in "
		  "L1 / L2 / L3 (here the rows of L0 / L1 / L2)",
	KVM_GUEST_WORKLOAD(KVM_GUEST_MMIO),
};

const struct workload workload_exit_pio = {
	.name = "exit.pio",
	.summary = "a port write of a minimal guest run from this layer, handled in user space",
	.op = "one OUT, handed to the process and back",
	.source = "kvm-unit-tests vmexit portio-no-eventfd and, reading, inl_from_qemu",
	.figure = "PVM (SOSP 2023) table 1: PIO 3.79 us in a VM (here the row of L0), 29.34 us in "
		  "a nested VM (the row of L1)",
	KVM_GUEST_WORKLOAD(KVM_GUEST_PIO),
};
