/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anonymous memory whose page size is part of the measurement: with nesting, every level of every
 * page table is walked through the tables of the parent layer, so 4 KiB and 2 MiB pages cost very
 * different walks.
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
	size_t bytes; /* as requested; the mapping of huge pages extends to the end of the last */
	enum pages_kind kind;
	void *mapping;
	size_t mapped;
};

/* Can this process have transparent huge pages on request? */
bool pages_has_huge(void);

/* For a probe: -1 with EXIT_MACHINE where memory of this kind cannot be had. */
int pages_probe(uint64_t kind, struct err *err);

/* Maps fresh, untouched zeroed memory. */
int pages_reserve(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* The same for a kernel that writes all of it in its setup. */
int pages_map(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* Notes how much of this memory, once touched, is in huge pages; nothing for 4k, where none can
 * be. */
void pages_note(const struct pages *p, const struct workload_env *env);

/* Is any of it in huge pages? false where that cannot be known. */
bool pages_got_huge(const struct pages *p);

void pages_unmap(struct pages *p); /* nothing mapped is fine */
void pages_teardown(void *state);  /* the same for a state that begins with its struct pages */

/*
 * For kernels that map memory while they are measured: from now on the layer's kernel gives this
 * process only 4k pages, whatever its settings. Each call is undone by one of pages_as_set().
 */
void pages_4k_alone(void);
void pages_as_set(void);

#endif
