/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the answers of one run and of a fleet have in common when they are written. */
#ifndef NB_SIZE_WRITE_H
#define NB_SIZE_WRITE_H

#include <jansson.h>

#include "results/size/size.h"
#include "results/table/text.h"

enum { SIZE_COLUMNS = 96 };

/* "64", "512 GiB"; "-" when it is not known. Returns text. */
const char *size_amount(enum size_resource r, double x, char text[TEXT_SHORT]);

/* One line, and an empty one; and the notes with their heading. */
void size_demand_text(const struct size_demand *d, struct buf *out);
void size_notes_text(const struct buf *notes, struct buf *out);

json_t *size_demand_json(const struct size_demand *d);
json_t *size_emulated_json(enum layer_cpu cpu); /* null: not known */
json_t *size_notes_json(const struct buf *notes);

#endif
