/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures made of many small ones, in rows of four below the title.
 */
#ifndef NB_PANELS_H
#define NB_PANELS_H

#include <stddef.h>

#include "bench/base/buf.h"

enum { PANELS_MAX = 48, PANEL_WIDTH = 340, PANEL_HEIGHT = 250 };

/* The size of a picture with so many panels. */
void panels_size(size_t panels, unsigned *width, unsigned *height);

/* Behind script_begin() and script_key(), and behind the last panel. */
void panels_begin(struct buf *out);
void panels_end(struct buf *out);

/* Place and title of a panel, counted from 0; its axes and its plot command follow. */
void panel_begin(struct buf *out, size_t panel, const char *title, unsigned width, unsigned height);

/* A time axis ("x" or "y", data in seconds) that spans whole powers of ten around low to high. */
void panel_time_axis(struct buf *out, const char *axis, double low, double high);

#endif
