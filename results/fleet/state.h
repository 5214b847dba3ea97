/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory of a fleet: the same measurement on many machines, its nodes. DIR/fleet.json is
 * what was asked for and how far it came, DIR/NODE/ an ordinary run directory. Written by
 * bench/fleet alone, whole or not at all; read by whoever computes something of a fleet. What is
 * read is checked: it may come from another machine. doc/schema/fleet.schema.json describes it.
 */
#ifndef NB_FLEET_STATE_H
#define NB_FLEET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/facts.h"
#include "results/rundir/rundir.h"

#define FLEET_FILE "fleet.json"

enum { FLEET_VERSION = 1, FLEET_NODES_MAX = 10000, FLEET_NAME = 256, FLEET_ENGINE = 16 };
enum { FLEET_JOB = 64 };

/* DONE: its run directory is there, and complete. FAILED: `reason` says why, and a directory may be
 * there all the same. */
enum fleet_node_state { FLEET_WAITING, FLEET_RUNNING, FLEET_DONE, FLEET_FAILED };
#define FLEET_STATES (FLEET_FAILED + 1)

const char *fleet_state_name(enum fleet_node_state s); /* "waiting", "running", "done", "failed" */

struct fleet_node {
	char name[FLEET_NAME]; /* as the engine calls it, and its directory; see fleet_name_fits */
	enum fleet_node_state state;
	char reason[ERR_TEXT];	   /* of FAILED, a sentence; else "" */
	char job[FLEET_JOB];	   /* what the engine calls the work on it; "": nothing */
	char begin[MANIFEST_TIME]; /* UTC, as manifest_now writes it; "": not yet */
	char end[MANIFEST_TIME];   /* "": not yet */
	char run[MANIFEST_NAME];   /* id of the run in its directory; "": there is none */
};

/* Zeroed: an empty one. */
struct fleet {
	char engine[FLEET_ENGINE]; /* "ssh", … */
	struct facts options;	   /* of the engine, by the names that it gives them */
	uint32_t parallel;	   /* so many nodes at once; 0: as many as there are */
	char started[MANIFEST_TIME];
	char **run_options; /* of nestbench run, as the user gave them; NULL-terminated, or NULL */
	/* The words for every node, from "run" on, without those that say where; NULL until the
	 * pilot has found the counts. */
	char **plan;
	uint64_t seed;
	char pilot[FLEET_NAME]; /* the node that was measured first to find the counts; "": none */
	uint32_t boots, rounds, batches; /* the counts; 0: not known yet */
	struct facts hashes;		 /* SHA-256 of the programs and the hash of the image */
	struct fleet_node *node;	 /* in the user's order, each name once */
	size_t nodes;
};

/* Sorts the nodes by fleet_order(), to list them. A fleet that is written keeps the order
 * that was asked for, by which its pilot is found. */
void fleet_sort(struct fleet *f);

/* Whether a name can be a node's, and that of its directory: letters, digits and "._-+@:%[]", no
 * dot, dash or other mark in front but '['. */
bool fleet_name_fits(const char *name);

/* Adds a node that waits. EXIT_USAGE when the name does not fit or is there already, or there are
 * too many. */
int fleet_add_node(struct fleet *f, const char *name, struct err *err);

/* Whether dir holds a fleet.json. */
bool fleet_is_there(const char *dir);

/* Writes dir/fleet.json whole or not at all. */
int fleet_save(const char *dir, const struct fleet *f, struct err *err);

/*
 * Reads dir/fleet.json (at most 32 MiB). *f is empty before, and untouched on failure. EXIT_USAGE
 * with the line, or the member and what was expected of it.
 */
int fleet_load(const char *dir, struct fleet *f, struct err *err);

/* The same from a text of len bytes; `name` stands in for the path in errors. */
int fleet_parse(const char *name, const char *text, size_t len, struct fleet *f, struct err *err);

void fleet_release(struct fleet *f);

/*
 * One command at a time works on a fleet: the lock is on its directory and ends with the process.
 * The caller closes the descriptor. -1 with EXIT_USAGE when another one has it.
 */
int fleet_lock(const char *dir, struct err *err);

/* Whether a command works on it at this moment. */
bool fleet_is_locked(const char *dir);

/* <0, 0, >0 as strcmp. The order in which nodes are listed everywhere, as people count: node2
 * before node10. */
int fleet_order(const char *a, const char *b);

#endif
