/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client of PostgreSQL: as much of its frontend protocol, version 3.0, as queries over a
 * Unix-domain socket take. So nestkernel needs no library of the layer, and the client is the same
 * bytes everywhere. Source: PostgreSQL's manual, "Frontend/Backend Protocol".
 */
#ifndef NB_POSTGRES_CLIENT_H
#define NB_POSTGRES_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum { PG_BUFFER = 8192, PG_VERSION = 40 };

struct pg_client {
	int fd;			  /* 0: none */
	size_t at, len;		  /* what of the buffer was received, and not taken yet */
	uint32_t rows;		  /* of the last query: returned, */
	char value[64];		  /* and the first column of its last row, as text */
	char version[PG_VERSION]; /* of the server, "15.18 (Debian 15.18-0+deb12u1)" */
	char buffer[PG_BUFFER];
};

/* Connects as the user and to the database "postgres", without a password. */
int pg_connect(struct pg_client *c, const char *socket_path, struct err *err);

/* One query, or several parted by semicolons; waits until the server is ready for the next. */
int pg_query(struct pg_client *c, const char *sql, struct err *err);

/* None is fine. */
void pg_close(struct pg_client *c);

#endif
