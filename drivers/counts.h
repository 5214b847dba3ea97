/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of what a layer makes its parent layer do: exits of a VM, system calls of a container.
 * They only grow while the layer is up, so that two readings give the counts in between.
 */
#ifndef NB_COUNTS_H
#define NB_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who counts. */
enum count_source {
	COUNT_KVM_STATS, /* "kvm_stats": KVM's statistics of the VM */
	COUNT_KVM_STATE, /* "kvm_state": likewise, but of what holds now: no counters */
	COUNT_KVM_EXIT,	 /* "kvm_exit": the tracepoint of this name, by exit reason */
	/* "kvm_nested_vmexit", "kvm_nested_vmexit_inject": exits of a VM in the VM, which the
	 * parent layer took, and those that it passed on to the VM */
	COUNT_NESTED_VMEXIT,
	COUNT_NESTED_INJECT,
	COUNT_PROC, /* "proc": the kernel's counters of the processes of the layer */
	COUNT_PERF, /* "perf": perf events of them */
	COUNT_XEN,  /* "xen": what Xen counts */
	COUNT_SOURCES
};

/* NULL for a number that is none of them. */
const char *count_source_name(enum count_source s);
int count_source_find(const char *name); /* -1: there is none */

enum { COUNT_REASON = 48, COUNTS_MAX = 512, COUNTS_REMARK = 256 };

struct count {
	enum count_source source;
	char reason[COUNT_REASON]; /* "CPUID", "io_exits"; printable ASCII, without blanks */
	uint64_t n;
};

/* A reading. Zeroed: an empty one. The first of each source is its sum, or what tells most. */
struct counts {
	struct count item[COUNTS_MAX];
	size_t count;
	uint64_t at_ns; /* on the clock of the layer that reads; 0: when the answer comes */
	/* What cannot be counted here, why, and what would be needed; "": nothing is missing. */
	char remark[COUNTS_REMARK];
};

/* Adds to the counter of that name, which is made where there is none; beyond COUNTS_MAX into the
 * remark. */
void counts_add(struct counts *c, enum count_source source, const char *reason, uint64_t n);

/* Adds a sentence to the remark, cut to fit; the same one is not said again. */
void counts_remark(struct counts *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What is asked of a driver. Counting by reason costs time in every exit: it is begun and ended
 * around batches whose time does not matter; the rest is counted anyway. */
enum counting {
	COUNTING_READ,	/* only reads */
	COUNTING_BEGIN, /* begins to count by reason, then reads */
	COUNTING_END,	/* reads, then ends to count by reason; without a begin only reads */
};

#endif
