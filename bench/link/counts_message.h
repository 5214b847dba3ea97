/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reading of counters (drivers/counts.h) on its way up to the host. It may come from a guest:
 * what is read is bounded, printable and never negative, and what is not as it should be is left
 * out and remarked.
 */
#ifndef NB_COUNTS_MESSAGE_H
#define NB_COUNTS_MESSAGE_H

#include <jansson.h>

#include "drivers/counts.h"

/* "read", "begin", "end"; NULL for a number that is none of them. */
const char *counting_name(enum counting how);
int counting_find(const char *name); /* -1: there is none; NULL is fine */

/* A new reference; NULL without memory. */
json_t *counts_to_json(const struct counts *c);

/* json may be NULL. *c is empty before. */
void counts_from_json(const json_t *json, struct counts *c);

#endif
