/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a VM is waited for that boots: a pure function of what is seen of it.
 *
 * A VM on a busy machine is slow, not dead. So the limit counts the time in which the VM ran or did
 * not want to; time in which it waited for a CPU of its host is not counted. When the limit is over
 * and the VM has done something in its last part (it wrote on its console, or its CPUs run in ever
 * new places), half the limit is added, up to BOOT_LIMIT_TIMES the limit. However busy the machine:
 * after BOOT_LIMIT_WALL times the limit the wait is over.
 *
 * A firm limit, which the user gave, is plain time and nothing is added.
 */
#ifndef NB_BOOT_LIMIT_H
#define NB_BOOT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { BOOT_LIMIT_TIMES = 4, BOOT_LIMIT_WALL = 8 };

struct boot_limit {
	uint64_t limit_ns;
	bool firm;
	/* What came of it. */
	uint64_t added_ns;  /* because it made progress */
	uint64_t waited_ns; /* for a CPU, as far as known */
	/* How much it has written on its console, and when it had grown last. */
	uint64_t console_bytes, console_grew_ns;
};

/* One look at the VM. */
struct boot_look {
	uint64_t used_ns;	/* since the start */
	uint64_t waited_ns;	/* of that for a CPU; 0: not known */
	uint64_t console_bytes; /* written so far */
};

/* What is left of the wait; 0: the limit is over. */
uint64_t boot_limit_left_ns(struct boot_limit *b, const struct boot_look *look);

/* The limit is over: whether the wait continues. places: in how many different pages of code the
 * VM's CPUs were seen just now. */
bool boot_limit_extend(struct boot_limit *b, const struct boot_look *look, unsigned places);

#endif
