/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exits of one VM by reason, added up in the kernel: histograms of KVM's tracepoints kvm_exit,
 * kvm_nested_vmexit and kvm_nested_vmexit_inject, of the threads that run the VM's CPUs (a
 * tracepoint sees every VM of the machine). They stand in an instance of tracefs of their own,
 * nestbench-OWN-PID, by our process and the VM's, so that nobody else's are touched or counted. It
 * needs root.
 *
 * While it is armed each exit of every VM here takes longer: that is for who counts and does not
 * time.
 *
 * Sources: the kernel's Documentation/trace/histogram.rst and ftrace.rst (instances).
 */
#ifndef NB_EXIT_TRACE_H
#define NB_EXIT_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "drivers/counts.h"
#include "lib/err.h"

struct exit_trace;

/*
 * Makes ready for the VM that this process runs; is_cpu_thread says of a thread's name whether it
 * runs a CPU. tracefs: NULL, or where it is mounted, for tests. NULL with EXIT_MACHINE: what is
 * needed and how to get it.
 */
struct exit_trace *exit_trace_open(const char *tracefs, pid_t pid,
				   bool (*is_cpu_thread)(const char *comm), struct err *err);

/* Begins to count, from 0; one that is armed is fine. */
int exit_trace_arm(struct exit_trace *t, struct err *err);

/* Adds what was counted since, if it is armed. */
void exit_trace_read(struct exit_trace *t, struct counts *out);

void exit_trace_disarm(struct exit_trace *t);

/* Leaves nothing in tracefs; NULL is fine. */
void exit_trace_close(struct exit_trace *t);

/* Adds the entries of a histogram as the kernel prints it, by their first key; the first is
 * "exits", their sum. */
void exit_trace_parse(const char *text, enum count_source source, bool svm, struct counts *out);

#endif
