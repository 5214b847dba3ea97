/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrays that grow by one item at a time. How much room there is follows from the count: the next
 * power of two.
 */
#ifndef NB_ARRAY_H
#define NB_ARRAY_H

#include <stdlib.h>

/* The array, perhaps elsewhere, with room for one item of size bytes more than count. NULL when
 * memory runs out: then items is as before. */
static inline void *array_grow(void *items, size_t count, size_t size)
{
	return count & (count - 1) ? items : realloc(items, (count ? 2 * count : 1) * size);
}

#endif
