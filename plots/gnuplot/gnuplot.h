/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs gnuplot: the one module that does.
 */
#ifndef NB_GNUPLOT_H
#define NB_GNUPLOT_H

#include "lib/err.h"

enum gnuplot_form { GNUPLOT_SVG, GNUPLOT_PNG };

/*
 * Draws a script, which sets neither terminal nor output, into dir/NAME.svg or NAME.png; size in
 * pixels. The file is whole or not there, and the user's alone (mode 0600). EXIT_MACHINE when
 * gnuplot is not installed.
 */
int gnuplot_draw(const char *dir, const char *name, enum gnuplot_form form, const char *script,
		 unsigned width, unsigned height, struct err *err);

#endif
