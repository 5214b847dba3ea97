/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that many nodes say alike, kept once: each has a number.
 */
#ifndef NB_FLEET_TEXTS_H
#define NB_FLEET_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/* Zeroed: an empty one. */
struct fleet_texts {
	char **text;
	size_t count;
	size_t *slot; /* open addressing: number + 1; 0: nothing there */
	size_t slots;
};

/* The number of a text, new or known. EXIT_INTERNAL when memory runs out. */
int fleet_texts_add(struct fleet_texts *n, const char *text, uint32_t *number, struct err *err);

/* UINT32_MAX: not known. */
uint32_t fleet_texts_find(const struct fleet_texts *n, const char *text);

void fleet_texts_release(struct fleet_texts *n);

#endif
