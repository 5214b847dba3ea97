/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands between a layer's stream and the client that carries it: a thread that forwards both
 * directions and, where nothing was sent for a while, adds an empty line between two messages. An
 * agent with a lease (nestbench agent --lease) ends when it hears nothing for longer: so it ends
 * where the network goes dead, or the client hangs, though no end of file ever gets there.
 */
#ifndef NB_SSH_RELAY_H
#define NB_SSH_RELAY_H

#include "lib/err.h"

struct relay;

/*
 * Takes over client, a socket. *fd becomes the end for the layer, non-blocking and close-on-exec,
 * the caller's. log: the file that what the other side prints is appended to, which is kept short.
 */
struct relay *relay_start(int client, const char *log, int *fd, struct err *err);

/* Ends the thread; NULL is fine. */
void relay_stop(struct relay *r);

#endif
