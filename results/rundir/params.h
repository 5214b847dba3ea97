/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters as rows have them: "size=16MiB stride=64 pages=4k", words with a '=' between blanks.
 */
#ifndef NB_PARAMS_H
#define NB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARAM_TEXT = 64 };

/* The value of a parameter. False: it is not there, or too long. */
bool params_get(const char *params, const char *name, char value[PARAM_TEXT]);

/* The value as a count or a size in bytes; fallback when it is not there, or is no number. */
double params_number(const char *params, const char *name, double fallback);

/* Orders two texts as strcmp does, but numbers and sizes of one parameter by what they are worth.
 */
int params_compare(const char *a, const char *b);

/* Copies the parameters without those that are named (NULL-terminated), cut to size. Returns out.
 */
const char *params_without(const char *params, const char *const *names, char *out, size_t size);

/*
 * What rows have in place of a number of threads where there was one on each CPU of the layer: how
 * many differs between layers, and still it is the same work. The reason of each row says how many.
 */
enum { THREADS_ON_EACH_CPU = 0 };

/* "threads=4", or "threads=all" for one on each CPU. Returns text. */
enum { THREADS_TEXT = 24 };
const char *threads_word(uint32_t threads, char text[THREADS_TEXT]);

#endif
