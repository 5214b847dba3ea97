/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logarithmic axes: where the tics stand, and what is written there.
 */
#ifndef NB_AXIS_H
#define NB_AXIS_H

#include <stddef.h>

enum { AXIS_TICS = 32, AXIS_TEXT = 32 };

/*
 * Round numbers from low to high (above 0), at most `most` (3 to AXIS_TICS) and at least two where
 * that can be: even steps where they are close to each other, else 1, 2 and 5 times powers of ten,
 * or each 2nd or 3rd power of ten. Ascending.
 */
size_t axis_tics(double low, double high, size_t most, double tic[AXIS_TICS]);

/* A round time in ns as people write it: "10 ns", "2 us", "1.5 ms". */
const char *axis_time(double ns, char text[AXIS_TEXT]);

#endif
