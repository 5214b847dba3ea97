/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The VMs at a libvirt, by KVM's statistics: rates from one look to the next.
 */
#ifndef NB_TOP_DOMAINS_H
#define NB_TOP_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/top/view.h"
#include "drivers/libvirt/ops.h"
#include "lib/err.h"

struct top_vm;

struct top_domains {
	const struct libvirt_ops *ops;
	struct libvirt_stats stats;
	const char *uri, *domain; /* borrowed; domain NULL: all */
	struct top_vm **vm;
	size_t count, left_out;
	uint64_t answered_ns; /* the last look, on clock_machine; 0: none yet */
	uint64_t moved_ns;
	char event[TOP_TITLE]; /* the last one */
	uint64_t event_ns;
	char remark[COUNTS_REMARK]; /* what counting by reason would need */
};

/* With reasons, by reason, too, where it can be. EXIT_MACHINE: the module for libvirt cannot be
 * loaded. Ended by domains_close. */
int top_domains_open(struct top_domains *d, const char *uri, const char *domain, bool reasons,
		     struct err *err);

/* A look that was asked for (ops->stats_ask), as a rate to the one before. */
void top_domains_take(struct top_domains *d, const struct libvirt_look *look, uint64_t now_ns);

/* Fills a cleared view, which is good until the next look is taken. */
int top_domains_show(struct top_domains *d, uint64_t now_ns, struct top_view *v, struct err *err);

void top_domains_close(struct top_domains *d);

#endif
