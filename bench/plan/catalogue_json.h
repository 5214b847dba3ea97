/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue of workloads as JSON. */
#ifndef NB_CATALOGUE_JSON_H
#define NB_CATALOGUE_JSON_H

#include <jansson.h>

#include "workloads/workload.h"

/* What catalogue_add() says of a workload. NULL without memory. */
json_t *catalogue_json(const struct workload *w);

#endif
