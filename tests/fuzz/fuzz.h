/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One fuzz target is one file that defines LLVMFuzzerTestOneInput, as libFuzzer wants it. Built
 * with clang and -DNESTBENCH_FUZZ=ON it is linked with libFuzzer (tests/fuzz/run); else with
 * replay.c, which feeds it the files that it is given.
 */
#ifndef NB_TEST_FUZZ_H
#define NB_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is a finding. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What was refused must have been refused with a whole sentence and a code. */
static inline void must_explain(const struct err *err)
{
	must(err->text[0] && memchr(err->text, '\0', sizeof(err->text)));
	must(err->code == EXIT_USAGE || err->code == EXIT_INTERNAL);
}

/* The input as a file to read; NULL where it is empty, which fmemopen does not take. */
static inline FILE *fuzz_file(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

	must(file || size == 0);
	return file;
}

/* The input as a string; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
