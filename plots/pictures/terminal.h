/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main picture, usable share per kind of work and layer, as text for a terminal.
 */
#ifndef NB_TERMINAL_H
#define NB_TERMINAL_H

#include "lib/buf.h"
#include "lib/err.h"
#include "results/summary/summary.h"

enum { TERMINAL_LEAST = 60, TERMINAL_MOST = 200 };

/*
 * Appends the picture, lines of at most `width` columns (clamped to the limits above): bars of
 * eighths of a block, UTF-8, without colours. EXIT_INCONCLUSIVE when there is nothing to draw.
 */
int terminal_share(const struct summary *s, unsigned width, struct buf *out, struct err *err);

#endif
