/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of runs before layers.csv had the fact emulated: what it would have been is derived from how the
 * layer was accelerated. */
#ifndef NB_SCHEMA1_LAYERS_H
#define NB_SCHEMA1_LAYERS_H

#include "results/rundir/layers.h"

/* "yes", "no", "unknown"; NULL: nothing of this boot tells. */
const char *schema1_emulated(const struct layer_facts *item);

#endif
