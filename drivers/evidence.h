/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a layer that went down, or does not answer, leaves for those who look for the cause. Its
 * driver collects it before the layer is ended.
 *
 * The texts are what the hypervisor and the guest wrote: bounded, but not clean. What prints or
 * keeps them cleans them.
 */
#ifndef NB_EVIDENCE_H
#define NB_EVIDENCE_H

#include <stddef.h>

#include "lib/buf.h"

enum evidence_part {
	EVIDENCE_EVENTS,    /* of what runs the layer, one a line, with the time since the start */
	EVIDENCE_CONSOLE,   /* the end of what the guest printed */
	EVIDENCE_LOG,	    /* the end of the hypervisor's log */
	EVIDENCE_REGISTERS, /* of each vCPU, of a VM that still exists */
	EVIDENCE_PARTS
};

/* Of each part its end is kept. */
enum { EVIDENCE_LIMIT = 16 << 10, EVIDENCE_WHY = 320 };

struct evidence {
	char why[EVIDENCE_WHY]; /* in one line: how it ended, or what state it is in; "" unknown */
	struct buf part[EVIDENCE_PARTS]; /* empty: none */
};

#define EVIDENCE_NONE                                                                              \
	{                                                                                          \
		.why = ""                                                                          \
	}

/* The name of a part, which is that of its file: "console.txt". */
const char *evidence_name(enum evidence_part part);

/* Sets a part to the last EVIDENCE_LIMIT bytes of a text, from the beginning of a line on. */
void evidence_set(struct evidence *e, enum evidence_part part, const char *text, size_t len);

/* The same from a file; one that cannot be read leaves the part empty. */
void evidence_set_file(struct evidence *e, enum evidence_part part, const char *path);

/* Empty again; safe when it is. */
void evidence_release(struct evidence *e);

#endif
