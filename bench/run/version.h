/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A version under test: a kernel of the guests, or a QEMU for L1, as --kernel, --qemu and --ab name
 * them.
 */
#ifndef NB_VERSION_H
#define NB_VERSION_H

#include "lib/err.h"
#include "results/rundir/rundir.h"

/* The option that names an emulator, without its dashes. */
#define EMULATOR_OPTION "qemu"
/* Of the manifest's hashes: the program that it names. */
#define EMULATOR_SHA256 "qemu_sha256"

enum version_kind { VERSION_DEFAULT, VERSION_KERNEL, VERSION_EMULATOR };

/*
 * What a text names: the word "default"; a kernel, as drivers/image/image.h says; or the path of a
 * QEMU, which is asked for its version. EXIT_USAGE with what was expected.
 */
int version_kind_of(const char *text, enum version_kind *kind, struct err *err);

/* Checks that a path is a QEMU, by running it with --version; real gets its absolute path. */
int version_emulator(const char *path, char real[RUNDIR_PATH], struct err *err);

#endif
