/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures made of many small ones, in rows of up to four below the title.
 */
#ifndef NB_PANELS_H
#define NB_PANELS_H

#include <stddef.h>

#include "lib/buf.h"

enum { PANELS_MAX = 48 };

/* In pixels. One or two panels get more room than many. */
struct panels {
	unsigned columns, panel_width, panel_height;
	unsigned width, height; /* of the whole picture */
};

struct panels panels_layout(size_t count);

/* The same in rows of two, for panels that hold much from left to right. */
struct panels panels_layout_wide(size_t count);

/* Behind script_begin() and script_key(), and behind the last panel. */
void panels_begin(struct buf *out);
void panels_end(struct buf *out);

/* Place and title of a panel, counted from 0; its axes and its plot command follow. */
void panel_begin(struct buf *out, const struct panels *p, size_t panel, const char *title);

/* A time axis ("x" or "y", data in seconds) that spans whole powers of ten around low to high. */
void panel_time_axis(struct buf *out, const char *axis, double low, double high);

#endif
