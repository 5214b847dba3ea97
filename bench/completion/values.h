/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_COMPLETION_VALUES_H
#define NB_COMPLETION_VALUES_H

#include "bench/completion/offers.h"
#include "lib/options.h"

/* A value of an option, or a word: by its choices, else by its kind. VALUE_LAYERS is layers.h's. */
void offer_value(struct offers *o, const char *const *choices, enum value_kind kind);

#endif
