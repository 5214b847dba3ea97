/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the programs of the suite lie.
 */
#ifndef NB_PROGRAM_H
#define NB_PROGRAM_H

#include "lib/err.h"
#include "lib/file.h"

/* The path of the program `name` beside the running one. The caller frees it. */
char *program_path(const char *name, struct err *err);

/*
 * SHA-256 of what of that program is executed: whether it is the same work that is measured. Of an
 * ELF program these are its loaded parts (code, constants and data, each with its address) without
 * the build id, so that neither debugging information nor the place and time of the build decides;
 * of another file it is the whole.
 */
int program_hash(const char *name, char hex[SHA256_HEX], struct err *err);
int program_hash_file(const char *path, char hex[SHA256_HEX], struct err *err);

#endif
