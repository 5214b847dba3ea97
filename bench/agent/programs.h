/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the programs of the suite are the same in every layer.
 */
#ifndef NB_PROGRAMS_H
#define NB_PROGRAMS_H

#include "lib/err.h"
#include "lib/file.h"
#include "lib/program.h"
#include "lib/sha256.h"

/*
 * SHA-256 of what of the program `name` of the suite is executed: whether it is the same work that
 * is measured. Of an ELF program these are its loaded parts (code, constants and data, each with
 * its address) without the build id, so that neither debugging information nor the place and time
 * of the build decides; of another file it is the whole.
 */
int program_hash(const char *name, char hex[SHA256_HEX], struct err *err);
int program_hash_file(const char *path, char hex[SHA256_HEX], struct err *err);

#endif
