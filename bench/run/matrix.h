/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kind on kind: which layers can stand in which here, for terminals of 80 columns. */
#ifndef NB_MATRIX_H
#define NB_MATRIX_H

#include "bench/run/proofs.h"

/*
 * A row for each kind that can host layers, the machine itself first, a column for each that can be
 * started in one. What is needed, and why something cannot be, stands below, numbered.
 */
void matrix_format(const struct proofs *proofs, struct buf *out);

/* The same as JSON, doc/schema/doctor-matrix.schema.json. */
int matrix_json(const struct proofs *proofs, struct buf *out, struct err *err);

#endif
