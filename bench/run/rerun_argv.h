/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line that measures again what an earlier run measured, made from its manifest: the
 * plan comes from the manifest, the rest (size of VMs, accelerator, image, …) from its command
 * line.
 */
#ifndef NB_RERUN_ARGV_H
#define NB_RERUN_ARGV_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/rundir/rundir.h"

/* Words of a command line. Owns them. */
struct words {
	char **item; /* NULL-terminated; NULL while there are none */
	size_t count;
};

#define WORDS_INIT                                                                                 \
	{                                                                                          \
		0                                                                                  \
	}

int words_add(struct words *w, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void words_release(struct words *w);

/* Appends them as a shell reads them, with blanks between. What must not reach a terminal stands in
 * $'…', which bash and newer shells know. */
void words_format(const struct words *w, struct buf *out);

/* What shall be otherwise than in the earlier run. All-zero: nothing. */
struct rerun {
	const char *out;  /* the run directory; NULL: the default */
	const bool *job;  /* which jobs of the manifest; NULL: all */
	uint32_t boots;	  /* 0: as many as there were */
	uint64_t seed;	  /* 0: the same */
	bool any_version; /* leave out kernel and emulator: the caller says which */
};

/*
 * The words from "run" on. EXIT_USAGE when the manifest holds no plan, or one that this nestbench
 * would not make again: the err says what differs (workloads or parameters that exist no more).
 */
int rerun_words(const struct manifest *m, const struct rerun *how, struct words *w,
		struct err *err);

/* The value of the last "--NAME VALUE" or "--NAME=VALUE" in a command line; NULL without one. */
const char *rerun_option(char *const *command, const char *name);

#endif
