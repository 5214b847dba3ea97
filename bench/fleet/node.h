/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `nestbench node`, which runs on a node of a fleet: what it is told on its stdin, and what it says
 * on its stdout. Told: one line of JSON, then an empty line every few seconds; where nothing is
 * heard for NODE_LEASE_S, or the stream ends, the run is ended as by Ctrl-C. Said, in lines behind
 * TALK_MARK:
 *
 *   ended CODE SENTENCE   of nestbench run; 128 and the number of the signal that ended it
 *   results               the files of the run directory come next, up to the end of the stream, as
 *                         unpack.h reads them; not where there is no run directory
 */
#ifndef NB_FLEET_NODE_H
#define NB_FLEET_NODE_H

#include <stdbool.h>

#include "bench/run/rerun_argv.h"
#include "lib/buf.h"
#include "lib/err.h"

enum { NODE_LEASE_S = 60, NODE_BEAT_S = 5, NODE_LINE_MAX = 1 << 20 };

/* Appends the line, newline included: the words of nestbench from "run" on, and whether an image
 * lies beside the program. */
int node_request_add(const struct words *argv, bool image, struct buf *out, struct err *err);

/* Reads it; the caller releases argv. EXIT_USAGE. */
int node_request_read(const char *line, struct words *argv, bool *image, struct err *err);

/* The last line that a run said, of the text of its log, without the name of the command in front.
 */
void node_last_said(const char *log, char *said, size_t size);

#endif
