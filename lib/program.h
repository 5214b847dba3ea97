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

/*
 * Loads the part NAME.so and returns its object NAME_ops. Parts are loaded only when they are
 * needed because of the libraries that they use: commands that need none of them start faster, and
 * work where those are not installed. The module stays loaded until the process ends. NULL with
 * EXIT_MACHINE: the module (what, in the message) or a library of one of the Debian packages is
 * missing, or the module's string NAME_stamp is another than stamp: it was built from other headers
 * than this program.
 */
const void *module_load(const char *name, const char *stamp, const char *what, const char *packages,
			struct err *err);

#endif
