/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs gnuplot: the one module that does.
 */
#ifndef NB_GNUPLOT_H
#define NB_GNUPLOT_H

#include "plots/gnuplot/picture.h"

/*
 * Writes dir/NAME.tsv and lets a script of share/nestbench/plots (its name without .gp) draw
 * dir/NAME.svg and dir/NAME.png from it; dir and its parents are made. Each file is whole or not
 * there, and the user's alone (mode 0600). EXIT_MACHINE when gnuplot or the script is not
 * installed.
 */
int gnuplot_draw(const char *dir, const char *name, const char *script, const struct picture *p,
		 struct err *err);

#endif
