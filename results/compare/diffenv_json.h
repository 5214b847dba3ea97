/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the writers of JSON: the differences as a value, for what holds more than them. */
#ifndef NB_DIFFENV_JSON_H
#define NB_DIFFENV_JSON_H

#include <jansson.h>

#include "results/compare/diffenv.h"

/* Owned by the caller. NULL when out of memory. */
json_t *env_json(const struct env_differences *d);

#endif
