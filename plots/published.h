/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Published figures, from the papers' own tables, for the workloads that they correspond to: how
 * many times the cost in a nested VM (L2) was that in a VM (L1), on hardware with virtualization.
 *
 * PVM: Huang et al., "PVM: Efficient Shadow Paging for Deploying Secure Containers in Cloud-native
 * Environment", SOSP 2023, tables 1 to 4 (VM on metal, nested VM; KVM, KPTI on).
 * DVH: Lim & Nieh, "Optimizing Nested Virtualization Performance Using Direct Virtual Hardware",
 * ASPLOS 2020, table 3 (cycles in L1 and L2).
 */
#ifndef NB_PUBLISHED_H
#define NB_PUBLISHED_H

struct published {
	const char *workload, *source;
	double l1, l2; /* in the same unit */
};

/* NULL when nothing that was published corresponds. */
const struct published *published_find(const char *workload);

#endif
