/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of runs before layers.csv had the fact emulated: it is derived from how the layer was started. */
#ifndef NB_SCHEMA1_CPU_H
#define NB_SCHEMA1_CPU_H

#include "results/rundir/layers.h"

/* False: this boot says nothing of the layer's own CPU. */
bool schema1_cpu(const struct layer_facts *item, enum layer_cpu *cpu);

#endif
