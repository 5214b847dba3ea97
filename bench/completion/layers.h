/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_COMPLETION_LAYERS_H
#define NB_COMPLETION_LAYERS_H

#include "bench/completion/offers.h"

/* "KIND:OPTION=VALUE,…/KIND", of which the cursor is at the end. */
void offer_layers(struct offers *o);

#endif
