/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Published figures, from the papers' own tables, for the workloads that they correspond to: how
 * many times the cost one layer down, on hardware with virtualization.
 *
 * What a paper calls "VM" and "nested VM" (DVH: L1, L2, L3) are our layers 1 and 2 (1, 2, 3) where
 * the work runs in the layer itself. The exit kernels with a guest of their own time one more VM
 * run from the layer: there they are layers 0 and 1 (0, 1, 2).
 *
 * PVM: Huang et al., "PVM: Efficient Shadow Paging for Deploying Secure Containers in Cloud-native
 * Environment", SOSP 2023, tables 1 to 4 (VM on metal, nested VM; KVM, KPTI on).
 * DVH: Lim & Nieh, "Optimizing Nested Virtualization Performance Using Direct Virtual Hardware",
 * ASPLOS 2020, table 3 (cycles in L1, L2 and L3).
 */
#ifndef NB_PUBLISHED_H
#define NB_PUBLISHED_H

#include <stdint.h>

/* The cost in a layer as a multiple of that in the layer above; NAN when nothing that was published
 * corresponds. */
double published_step(const char *workload, uint32_t layer);

#endif
