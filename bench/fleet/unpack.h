/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of a run as a node sends them: the tar stream of drivers/ssh/payload.h, read in
 * whatever pieces it comes. It is untrusted input: only ordinary files with the names of a run
 * directory and of one directory below it are taken, each once, at most so many bytes and files;
 * anything else is an error, at which nothing more is taken.
 */
#ifndef NB_FLEET_UNPACK_H
#define NB_FLEET_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/ssh/payload.h"
#include "lib/err.h"

enum { UNPACK_BLOCK = 512, UNPACK_FILES = 10000 };
#define UNPACK_BYTES (UINT64_C(8) << 30) /* of all files together */

/* Takes the files: begin, then data until size bytes of it came, then end. -1 with an err ends it.
 */
struct unpack_sink {
	int (*begin)(void *ctx, const char *name, uint64_t size, struct err *err);
	int (*data)(void *ctx, const void *data, size_t len, struct err *err);
	int (*end)(void *ctx, struct err *err);
};

/* Zeroed, but for sink and ctx, to begin with. */
struct unpack {
	const struct unpack_sink *sink;
	void *ctx;
	char block[UNPACK_BLOCK]; /* of a header */
	size_t filled;
	uint64_t left, padding; /* of the file */
	uint64_t bytes;		/* of all */
	uint32_t files, empty_blocks;
};

/* EXIT_MACHINE: what came is no such stream. */
int unpack_take(struct unpack *u, const void *data, size_t len, struct err *err);

/* Whether the end of the stream was there. */
bool unpack_is_whole(const struct unpack *u);

/* Whether a file may have this name: "samples.csv", "evidence/L1-console.txt". */
bool unpack_name_fits(const char *name);

#endif
