/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Evidence of a layer that was lost (drivers/evidence.h) on its way up to the host, and in the run
 * directory: evidence/boot-1-L2/ with reason.txt, console.txt, log.txt, events.txt, registers.txt,
 * as far as there are. It comes from guests, in part: what is kept is printable ASCII and bounded.
 */
#ifndef NB_EVIDENCE_MESSAGE_H
#define NB_EVIDENCE_MESSAGE_H

#include <jansson.h>
#include <stdint.h>

#include "drivers/evidence.h"
#include "lib/err.h"

/* In run directories. */
#define EVIDENCE_DIR "evidence"

/* A new reference; NULL without memory. */
json_t *evidence_to_json(const struct evidence *e);

/* What is not as it should be is left out; json may be NULL. *e is empty before. */
void evidence_from_json(const json_t *json, struct evidence *e);

/*
 * Writes it below the run directory, beside what was kept before of that layer and boot. reason is
 * what is known of the loss beside the evidence. name gets the directory's, "evidence/boot-1-L2".
 */
enum { EVIDENCE_NAME = 64 };
int evidence_keep(const struct evidence *e, const char *dir, uint32_t boot, uint32_t layer,
		  const char *reason, char name[EVIDENCE_NAME], struct err *err);

#endif
