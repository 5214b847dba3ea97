/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A PostgreSQL of the distribution, started for one kernel alone: a cluster of its own in memory,
 * reached by a socket in it, and by no network. PostgreSQL refuses root, so that a kernel of root
 * runs it as nobody. When this process ends, in whatever way, the server ends, and its cluster,
 * which no path leads to, is gone.
 */
#ifndef NB_POSTGRES_SERVER_H
#define NB_POSTGRES_SERVER_H

#include "lib/child.h"
#include "workloads/app/postgres_client.h"

struct pg_server {
	struct child child;
	int dir; /* the file system in memory; 0: none */
};

/* Can one be started here? EXIT_MACHINE with the reason. */
int pg_server_probe(struct err *err);

/* Makes a cluster, starts a server on it and connects to it. After a failure pg_server_stop() is
 * called all the same. */
int pg_server_start(struct pg_server *s, struct pg_client *c, struct err *err);

/* Nothing started is fine, as in a zeroed state. */
void pg_server_stop(struct pg_server *s);

#endif
