/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the parts of the suite lie: beside the program that runs, as in a build directory, or in
 * ../libexec/nestbench (programs) or ../share/nestbench (what is read) from there, as `cmake
 * --install` puts them. Nothing of it is compiled in, so
 * that an installed tree can be moved.
 */
#ifndef NB_PROGRAM_H
#define NB_PROGRAM_H

#include <limits.h>

#include "lib/err.h"

/* The file name, one of the suite's, for a program that lies in dir. The caller frees it; NULL with
 * EXIT_MACHINE where it is in none of these places. */
char *program_path_from(const char *dir, const char *name, struct err *err);

/* The same for the running program. */
char *program_path(const char *name, struct err *err);

/* The path of the running program itself, whatever links led to it. */
int program_self(char path[PATH_MAX], struct err *err);

#endif
