/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hosts cost, from an INI file (lib/ini/inifile.h):
 *
 *	[default]
 *	currency = EUR
 *	[class AMD EPYC*]	; a glob of the class of a machine
 *	price = 1.10		; of a host for an hour
 *	[node big*]		; a glob of the name of a node
 *	price = 2.35
 *	count = 4		; so many hosts can be had; else any number
 *
 * The nodes that a section fits stand for the hosts that cost its price. A section for nodes
 * overrides one for a class; two of the same kind for one node are an error, as are a section
 * without a price, and a key or a section that is there twice.
 */
#ifndef NB_PRICES_H
#define NB_PRICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/ini/inifile.h"

enum { PRICES_CURRENCY = 16, PRICES_FILE = 256 };

#define PRICES_ANY UINT64_MAX /* any number of hosts */
#define PRICES_NONE SIZE_MAX  /* no section */

struct price {
	enum price_scope { PRICE_CLASS, PRICE_NODE } scope;
	char glob[INIFILE_SECTION];
	int line; /* of its section */
	bool has_price;
	double per_hour;
	uint64_t count; /* of hosts that can be had; PRICES_ANY */
};

struct prices {
	struct price *item; /* in the order of the file */
	size_t count;
	char currency[PRICES_CURRENCY]; /* printable; "" */
	char file[PRICES_FILE];		/* its path, for messages */
};

const char *price_scope_name(enum price_scope scope); /* "class", "node" */

/* Zeroed before. EXIT_USAGE with file and line. */
int prices_read(const char *path, struct prices *p, struct err *err);

/* The same from a stream, which stays open; `name` stands in for the path. */
int prices_parse(FILE *file, const char *name, struct prices *p, struct err *err);

void prices_release(struct prices *p);

/* The index of the section for a node and its class, or PRICES_NONE. EXIT_USAGE where it is not
 * clear which. */
int prices_find(const struct prices *p, const char *class, const char *node, size_t *found,
		struct err *err);

/* Whether a section is for this class, or this node. */
bool price_fits(const struct price *price, const char *class, const char *node);

/* -1 with EXIT_USAGE: `FILE:LINE: [node x]: expected EXPECTED`. */
int price_unexpected(const struct prices *p, size_t index, const char *expected, struct err *err);

#endif
