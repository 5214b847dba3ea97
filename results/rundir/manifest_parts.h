/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the manifest: the simple members of manifest.json, as writing and reading know them.
 */
#ifndef NB_MANIFEST_PARTS_H
#define NB_MANIFEST_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "results/rundir/rundir.h"

enum manifest_kind { MEMBER_TEXT, MEMBER_U32, MEMBER_U64, MEMBER_BOOL };

struct manifest_member {
	const char *name;
	enum manifest_kind kind;
	size_t offset;	/* in struct manifest */
	uint64_t limit; /* the largest number; of texts, the size with the NUL */
};

extern const struct manifest_member manifest_members[]; /* ends with a NULL name */

#endif
