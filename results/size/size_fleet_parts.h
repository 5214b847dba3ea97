/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of sizing over a fleet. */
#ifndef NB_SIZE_FLEET_PARTS_H
#define NB_SIZE_FLEET_PARTS_H

#include "results/size/size_fleet.h"

/* Reads and sizes the nodes in dir: f's nodes, those left out, and damage. */
int size_nodes_read(const char *dir, struct size_fleet *f, struct err *err);
void size_nodes_release(struct size_fleet *f);

/* The number of a node's place of this name; its count of places: it has none. */
size_t size_node_place(const struct size_node *node, const char *name);

/* Makes kinds of hosts of the nodes, and what they hold in each of f's places. */
int size_hosts_make(struct size_fleet *f, struct err *err);

/* Appends to f's notes. */
int size_fleet_note(struct size_fleet *f, struct err *err);

/* "on bare metal", "in L2". Returns text. */
enum { SIZE_WHERE = LAYER_NAME + 16 };
const char *size_where(const struct size_fleet_place *place, char text[SIZE_WHERE]);

/* Whether some node that was sized has this price. */
bool size_price_is_used(const struct size_fleet *f, const struct price *price);

/* Appends "A, B and C", or "A, B, C, D, E and 3 more", of count texts. */
void size_add_list(struct buf *out, size_t count, const char *(*text)(const void *ctx, size_t i),
		   const void *ctx);

#endif
