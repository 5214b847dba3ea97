/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anonymous memory whose page size is part of the measurement: with nesting, every level of every
 * page table is walked through the tables of the layer above, so 4 KiB and 2 MiB pages are
 * different worlds.
 */
#ifndef NB_PAGES_H
#define NB_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "workloads/workload.h"

enum { PAGES_HUGE_BYTES = 2 << 20 };

enum pages_kind { PAGES_4K, PAGES_HUGE, PAGES_DEFAULT };

extern const char *const pages_choices[]; /* "4k", "huge", "default" */

/* The line of a parameter table. */
#define PAGES_PARAM                                                                                \
	{                                                                                          \
		"pages", PARAM_CHOICE, PAGES_4K, .choices = pages_choices, .probe = pages_probe,   \
						 .help = "4k, huge (transparent, where the layer " \
							 "has them) or as the layer is set"        \
	}

struct pages {
	char *at;     /* starts at a multiple of 2 MiB; NULL: none */
	size_t bytes; /* as asked for; the mapping of huge pages goes on to the end of the last */
	enum pages_kind kind;
	void *mapping;
	size_t mapped;
};

/* Does the layer give transparent huge pages to those who ask, and to this process? */
bool pages_has_huge(void);

/* For a probe: -1 with EXIT_MACHINE where memory of this kind cannot be had. */
int pages_probe(uint64_t kind, struct err *err);

/* Maps fresh zeroed memory that nobody has touched yet. */
int pages_reserve(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* The same for a kernel that is going to write all of it in its setup. */
int pages_map(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* Remarks how much of this memory, once touched, lies in huge pages; of 4k, where none can,
 * nothing.
 */
void pages_note(const struct pages *p, const struct workload_env *env);

/* Does any of it lie in huge pages? false where that cannot be known. */
bool pages_got_huge(const struct pages *p);

void pages_unmap(struct pages *p); /* nothing mapped is fine */
void pages_teardown(void *state);  /* the same for a state that begins with its struct pages */

/*
 * For kernels that map memory while they are measured: from now on the layer's kernel gives this
 * process 4k pages alone, however it is set. Each call is undone by one of pages_as_set().
 */
void pages_4k_alone(void);
void pages_as_set(void);

#endif
