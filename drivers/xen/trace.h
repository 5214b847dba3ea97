/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of Xen's trace buffers, as xentrace(8) writes them: what a domain made Xen do.
 *
 * A record is of a CPU and says no domain: whose it is follows from the scheduler's records. Before
 * a CPU's first such record there ran the domain which that record says to have run until then; a
 * CPU without any is left out.
 *
 * Reasons of a PVH domain are those of its VMEXITs (drivers/host/exit_reason.h). Those of a PV
 * domain are its ways into Xen: hypercall_NAME, page_fault and trap_NUMBER (which Xen hands on to
 * the domain), emulate_privop, forced_invalid_op (CPUID) and the like. System calls are none, as
 * Xen hands them on untraced; the domain returns from each by hypercall_iret.
 *
 * Source: Xen's public headers trace.h and xen.h; tools/xentrace/xentrace.c for what stands between
 * records.
 */
#ifndef NB_XEN_TRACE_H
#define NB_XEN_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/counts.h"

/* The events that are counted, of PV and of PVH domains, with those of the scheduler. */
#define XEN_TRACE_EVENTS "0x002a9000"

/* Records that did not fit into the buffers, of whatever domain. */
#define XEN_TRACE_LOST "lost_records"

/*
 * Adds the records of this domain to *out, source COUNT_XEN, of which the first counter, "exits",
 * is the sum. svm: the CPU is AMD's, which records do not say before Xen 4.19. What is cut off, or
 * is no record, ends it.
 */
void xen_trace_add(const void *data, size_t len, unsigned domain, bool svm, struct counts *out);

#endif
