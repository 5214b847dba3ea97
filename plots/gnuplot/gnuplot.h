/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs gnuplot: the one module that does.
 */
#ifndef NB_GNUPLOT_H
#define NB_GNUPLOT_H

#include "plots/gnuplot/picture.h"

/* Writes what is drawn, dir/NAME.tsv; dir and its parents are made. The file is whole or not there,
 * and the user's alone (mode 0600). */
int gnuplot_write(const char *dir, const char *name, const struct picture *p, struct err *err);

/*
 * Draws dir/NAME.svg and NAME.png from it by a script of share/nestbench/plots (its name without
 * .gp); the files are like that one. A picture that was drawn from the same data by the same scripts
 * is left. EXIT_MACHINE when gnuplot or the script is not installed. Threads may draw at once.
 */
int gnuplot_draw(const char *dir, const char *name, const char *script, struct err *err);

#endif
