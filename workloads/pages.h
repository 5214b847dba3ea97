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

#include "bench/base/err.h"
#include "workloads/workload.h"

enum { PAGES_HUGE_BYTES = 2 << 20 };

enum pages_kind { PAGES_4K, PAGES_HUGE, PAGES_DEFAULT };

extern const char *const pages_choices[]; /* "4k", "huge", "default" */

/* The line of a parameter table. */
#define PAGES_PARAM                                                                                \
	{                                                                                          \
		.name = "pages", .kind = PARAM_CHOICE, .fallback = PAGES_4K,                       \
		.choices = pages_choices,                                                          \
		.help = "4k, huge (transparent, where the layer has them) or as the layer is set"  \
	}

struct pages {
	char *at; /* starts at a multiple of 2 MiB; NULL: none */
	size_t bytes;
	enum pages_kind kind;
	void *mapping;
	size_t mapped;
	char note[64];
};

/* Does the layer give transparent huge pages to those who ask? */
bool pages_has_huge(void);

/* Maps fresh zeroed memory that nobody has touched yet. */
int pages_reserve(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* The same for a kernel that is going to write all of it in its setup. */
int pages_map(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err);

/* How much of the memory this process has touched lies in huge pages; NULL for 4k, where none can
 * be. */
const char *pages_note(struct pages *p);

/* Does this process have memory in huge pages? false where that cannot be known. */
bool pages_got_huge(void);

void pages_unmap(struct pages *p); /* nothing mapped is fine */

#endif
