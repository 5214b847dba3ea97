/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a fleet came: a line for each node, and how long the rest will take. */
#ifndef NB_FLEET_STATUS_H
#define NB_FLEET_STATUS_H

#include <time.h>

#include "lib/buf.h"
#include "results/fleet/state.h"

struct fleet_status {
	const struct fleet *fleet; /* borrowed, as is dir */
	const char *dir;
	bool under_way; /* a command works on it */
	time_t now;
	size_t count[FLEET_STATES]; /* nodes in each state */
	double node_s;		    /* a node takes, as the median of those done; NAN: none is */
	double left_s;		    /* until all are done; NAN: not known */
};

/* Seconds since 1970 of a time in UTC, as manifest_now writes it; -1: it is none. */
time_t fleet_time(const char *text);

/* How long the node has been at work, or was; NAN where it did not begin. */
double fleet_node_took(const struct fleet_node *node, time_t now);

/* Computes it of a fleet as it stands. EXIT_INTERNAL when memory runs out. */
int fleet_status_make(struct fleet_status *s, const struct fleet *f, const char *dir, time_t now,
		      struct err *err);

void fleet_status_text(const struct fleet_status *s, struct buf *out);

/* One object, of the schema nestbench-fleet-status. */
int fleet_status_json(const struct fleet_status *s, struct buf *out, struct err *err);

#endif
