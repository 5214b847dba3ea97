/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sizing over a fleet: which hosts the wanted guests need, and how many of each, from what was
 * measured on every node.
 *
 * Each node is sized by itself (size.h, spread): a host like it holds so many guests, a whole
 * number, in each layer. Nodes of one class (results/fleet/class.h) and one price are a kind of
 * host. What a host of the kind holds is expected to be the median over its nodes, and pessimistic
 * the r-th most of the pessimistic figures of its n nodes, with r the least that is at least
 * 0.95 (n + 1), or n: up to 38 nodes it is the worst one. Where nodes are alike, which is to say in
 * any order, a further host of the kind holds no fewer guests than that with the probability r/(n +
 * 1) at least, whatever the distribution: 95 % from 19 nodes on, 50 % with one. The shares that are
 * shown are taken over the nodes in the same way.
 *
 * Of each kind alone, hosts = guests ÷ (pessimistic guests on a host), rounded up. With prices, the
 * cheapest mix of kinds is the problem of mix.h; hosts that no section prices are in no mix.
 */
#ifndef NB_SIZE_FLEET_H
#define NB_SIZE_FLEET_H

#include "results/fleet/classes.h"
#include "results/size/mix.h"
#include "results/size/prices.h"
#include "results/size/size.h"

enum { SIZE_FLEET_PLACES = 8, SIZE_LABEL = FLEET_LETTER + 24 };

struct size_node {
	char *name; /* printable */
	struct fleet_class class;
	size_t machine; /* number of its class among the fleet's, once all are read */
	size_t price;	/* index of its section, or PRICES_NONE */
	struct size_answer answer;
	/* Those of the answer and, unless the layer was named, the layers between them. */
	struct size_place place[SIZE_FLEET_PLACES];
	size_t places;
	uint64_t rows, rows_hash; /* of its run */
};

/* A node that could not be sized. */
struct size_left_out {
	char *name;
	struct fleet_class class; /* its CPU "": not known */
	enum exit_code code;
	char why[ERR_TEXT]; /* a sentence */
};

/* Hosts of one kind in one layer. */
struct size_host_place {
	size_t nodes;		    /* that have figures there; 0: the others are not known */
	double share, bad_share;    /* usable for the work that the guests are like */
	double fit, bad_fit;	    /* guests on one host */
	double confidence;	    /* that a further host holds as many as bad_fit */
	enum size_resource binding; /* of bad_fit */
	double alone;		    /* hosts of this kind for all guests; NAN: there is no number */
	bool enough;		    /* so many can be had */
	uint64_t mixed;		    /* hosts of it in the mix */
};

/* A kind of hosts. */
struct size_host {
	/* "A", the letter of its class (results/fleet/classes.h); "A.1", "A.2" where the class has
	 * several prices. */
	char label[SIZE_LABEL];
	char letter[FLEET_LETTER];
	struct fleet_class class;
	const struct price *price;    /* NULL: none */
	const struct size_node *node; /* borrowed from the fleet's, where they stand side by side */
	size_t nodes;
	/* Of its nodes, the least and the most; NAN: not known. */
	double least[SIZE_RESOURCES], most[SIZE_RESOURCES];
	struct size_host_place place[SIZE_FLEET_PLACES];
};

/* All guests in one layer. */
struct size_fleet_place {
	char name[LAYER_NAME];
	uint32_t depth;
	double fewest;		   /* hosts, of those kinds alone of which enough can be had; NAN */
	bool has_mix;		   /* prices were given, and it is possible */
	struct mix mix;		   /* of has_mix */
	char infeasible[ERR_TEXT]; /* a sentence that says which constraint binds; "": possible */
};

struct size_fleet {
	struct size_demand demand;
	const struct prices *prices; /* borrowed; NULL: none */
	struct fleet_classes classes;
	struct size_node *node; /* by class, price, then fleet_order() */
	size_t nodes;
	struct size_left_out *left_out;
	size_t left_outs;
	struct size_host *host; /* by the letter of the class, then in the order of the prices */
	size_t hosts;
	struct size_fleet_place place[SIZE_FLEET_PLACES]; /* by depth; the last is the guests' */
	size_t places;
	enum layer_cpu cpu; /* emulated where that of some node was */
	struct buf damage;  /* lines on what of the runs' files was left out */
	struct buf notes;   /* lines, each a whole sentence */
};

/*
 * Answers for the nodes in a directory (results/fleet/nodes.h). prices: NULL, or they outlive f.
 * Nodes that cannot be sized are left out; where all are, the first one's err. EXIT_USAGE also for
 * prices that fit no node. The caller releases f, after a failure too.
 */
int size_fleet_make(const char *dir, const struct size_demand *d, const struct prices *prices,
		    struct size_fleet *f, struct err *err);
void size_fleet_release(struct size_fleet *f);

/* EXIT_MACHINE with the constraint that binds, where the guests' layer cannot hold them all. */
int size_fleet_check(const struct size_fleet *f, struct err *err);

/* As text, in lines of at most 96 columns where names allow it, and as one JSON object. */
void size_fleet_text(const struct size_fleet *f, struct buf *out);
int size_fleet_json(const struct size_fleet *f, struct buf *out, struct err *err);

#endif
