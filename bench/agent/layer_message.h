/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two messages by which layers come up: what the orchestrator asks a parent layer to start
 * (start_child), and what an agent is told once by its parent layer (configure).
 */
#ifndef NB_LAYER_MESSAGE_H
#define NB_LAYER_MESSAGE_H

#include <jansson.h>

#include "bench/agent/guest_devices.h"
#include "drivers/driver.h"

/*
 * The members of start_child: the kind, of the spec what is not the parent layer's own, and what it
 * is to be assigned. NULL: out of memory.
 */
json_t *start_message(const struct driver *driver, const struct layer_spec *spec,
		      const struct device_request *devices);

/*
 * Reads one, strictly. Texts of the spec are borrowed from the request, options holds its list. A
 * fault is the sender's, EXIT_INTERNAL, but for the options and the kind, EXIT_USAGE.
 */
int start_message_read(const json_t *request, const struct driver **driver, struct layer_spec *spec,
		       struct text_list *options, struct device_request *devices, struct err *err);

/* configure, for the agent of this layer, LAYER_RELAY among them. NULL: out of memory. */
json_t *configure_message(int layer, int depth, const struct layer_inside *inside);

/* Texts are borrowed from the message, where paths become the bytes that they stand for.
 * EXIT_INTERNAL. */
int configure_message_read(json_t *message, int *layer, int *depth, struct layer_inside *inside,
			   struct err *err);

#endif
