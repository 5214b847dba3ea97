/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the plots: the look that all pictures share, and the one way by which a text from a
 * file gets into a gnuplot script.
 */
#ifndef NB_SCRIPT_H
#define NB_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "results/summary/summary.h"
#include "results/table/text.h"

/*
 * Appends a text as a gnuplot string, quotes included. In single quotes gnuplot expands nothing,
 * and only letters, digits and harmless signs are let through, others become '?': what a guest said
 * cannot end the string.
 */
void script_text(struct buf *out, const char *text);

/* The same as the label of a tic, which gnuplot takes for a format. */
void script_tic(struct buf *out, const char *text);

/* Cuts the middle out of a text that is longer than `most` characters (at least 8), "a...z".
 * Returns out. */
const char *script_fit(const char *text, size_t most, char out[TEXT_LABEL]);

/* Okabe & Ito's colours, which colour-blind readers can tell apart, and a shape for each layer as
 * well. */
const char *script_colour(uint32_t layer);
/* For lines that are no layers; after eight they begin again. */
const char *script_series_colour(size_t series);
int script_point(uint32_t layer);   /* gnuplot's pointtype in pngcairo and svg */
int script_pattern(uint32_t layer); /* gnuplot's fill pattern */

/*
 * Common settings, title and subtitles at the top left of the picture: run, rounds and boots; below
 * in red whether it was emulated, or may have been, or L0 is a VM. remark, which may be NULL,
 * follows the first. height is that of the picture in pixels.
 */
void script_begin(struct buf *out, const struct summary *s, const char *title, const char *remark,
		  unsigned width, unsigned height);

/* One line with a mark and a name for every layer from first to last, below the subtitles. */
enum key_form { KEY_MARKS, KEY_BARS };
void script_key(struct buf *out, const struct summary *s, uint32_t first, uint32_t last,
		enum key_form form, unsigned width, unsigned height);

/* Pixels that script_begin() and script_key() take at the top. */
enum { SCRIPT_TOP = 148 };

/* "set label … at screen" for a text at pixels from the top left. colour: "#rrggbb". */
void script_label(struct buf *out, const char *text, double x, double y, int size,
		  const char *colour, unsigned width, unsigned height);

/* What the whiskers are, or why there are none. */
const char *script_whiskers(const struct summary *s);

/* The deepest layer that any entry or class has figures of. */
uint32_t script_depth(const struct summary *s);

#endif
