/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link between a layer and the VM that it starts, for net kernels: one network card whose only
 * peer is the parent layer. The parent layer connects to the guest, which listens on LAYER_NET_PORT
 * of its own address; the guest cannot begin a connection.
 *
 *  - user: the emulator's user-mode network with its way out shut, which drops every connection
 * that the guest begins. The connection goes to a port of the layer's loopback that the emulator
 * forwards. Needs no privilege.
 *  - tap: a tap device of the layer with an address of its own (a /30 of 169.254.128.0/17 that no
 *    interface there uses), no bridge, no route, no IPv6, nothing forwarded from it; the emulator
 * carries the packets. Needs root or CAP_NET_ADMIN. No port is opened. The guest can reach services
 * of the parent layer that listen on all its addresses, and nothing else.
 *  - tap+vhost: the same where /dev/vhost-net opens: the layer's kernel carries the packets.
 *
 * Firewall rules are neither needed nor touched (one that drops what comes in from new interfaces
 * also drops the answers of the guest).
 */
#ifndef NB_NET_LINK_H
#define NB_NET_LINK_H

#include <stdbool.h>

#include "lib/err.h"

enum net_kind { NET_NONE, NET_USER, NET_TAP, NET_TAP_VHOST };

/* Port of the guest, on its own address, that the parent layer connects to. */
#define LAYER_NET_PORT 5000

enum { NET_TAP_NAME = 16, NET_ADDRESS_TEXT = 24 };

struct net_link {
	enum net_kind kind;
	char tap[NET_TAP_NAME];	      /* name of the tap device; "" for user */
	char guest[NET_ADDRESS_TEXT]; /* the guest's own address, "10.0.2.15/24" */
};

/* "none", "user", "tap", "tap+vhost"; NULL for a number that is none. */
const char *net_kind_name(enum net_kind kind);

/* What the user may choose: user or tap; NULL ends it. */
extern const char *const net_choices[];
int net_kind_parse(const char *text, enum net_kind *out, struct err *err);

/*
 * Makes the link of the requested kind: NET_USER, or NET_TAP, which becomes NET_TAP_VHOST where
 * that is possible. EXIT_MACHINE with the reason when a tap cannot be made. Also removes taps of
 * processes that no longer exist.
 */
int net_link_make(struct net_link *link, enum net_kind wanted, struct err *err);

/* Removes what net_link_make made; the VM must have ended. An empty link is fine. */
void net_link_remove(struct net_link *link);

/* Removes a tap by its name, if it is one of ours and exists. */
void net_tap_remove(const char *name);

/*
 * Removes the taps of processes that no longer exist (with dry_run only lists them): those of runs
 * that were killed together with their reapers. found gets the name of each; it may be NULL.
 */
void net_tap_sweep(bool dry_run, void (*found)(void *ctx, const char *name), void *ctx);

/* Whether taps have vhost in this layer. */
bool net_vhost_opens(void);

/* Whether a tap can be made in this layer; else err holds the reason. Leaves nothing behind. */
int net_tap_check(struct err *err);

#endif
