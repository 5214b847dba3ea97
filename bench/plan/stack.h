/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layers of a run: the tree that they are, of which kind each is, and its options. */
#ifndef NB_STACK_H
#define NB_STACK_H

#include <stdint.h>

#include "bench/link/channel.h"
#include "drivers/driver.h"
#include "lib/layer_tree.h"

struct stack {
	struct layer_tree tree;
	const struct driver *driver[LAYERS_MAX];
	struct text_list *options; /* of each layer; owned by the stack, as their items are */
};

/*
 * As each --layers says it, "bare/kvm:accel=kvm/kvm": kinds from the outermost layer on, each with
 * options of its own behind a colon, parted by commas ("kvm:kvm", "ssh=HOST": a value without a
 * name is that of the kind's argument). The machine itself, bare, may be left out, unless a machine
 * that exists elsewhere stands first. A slash in an option begins the next layer only in front of
 * the name of a kind.
 * Several chains are one tree, which has what they begin with in common once. Where some begin with
 * the machine itself, that is L0, else the machine that comes first; others at the beginning of a
 * chain have no parent in the run. Of a single chain the names are L0, L1, …,
 * else they hold the path. Whether the layers can stand there is checked (driver->check).
 * EXIT_USAGE. An empty stack is fine.
 */
int stack_parse(struct stack *s, const struct text_list *chains, struct err *err);

/* The machine itself and so many VMs, each in the one before: "bare/kvm/kvm". */
int stack_of_vms(struct stack *s, uint32_t depth, struct err *err);

/*
 * Adds an option to the layers of the depths `from` to `to` whose kind has it, and that do not say
 * it themselves. The value is checked even where there is none.
 */
int stack_add_option(struct stack *s, uint32_t from, uint32_t to, const char *name,
		     const char *value, struct err *err);

/* The value of an option as the layer says it, borrowed; NULL: it does not. */
const char *stack_option(const struct stack *s, uint32_t layer, const char *name);

/* The kinds of the layers around a layer, outermost first, as of layer_spec.outer. */
void stack_outer(const struct stack *s, uint32_t layer, const struct driver *outer[DEPTH_MAX + 1]);

/* How many layers are nested in it, one in the other, at the most; without machines that exist
 * (CAP_ATTACHED), which are not started from it, and what is nested in those. */
uint32_t stack_below(const struct stack *s, uint32_t layer);

/* The layer whose agent starts this one: its parent, or of a machine that exists elsewhere the
 * first layer where that is the machine itself, else LAYER_RELAY. Of the first one likewise:
 * LAYER_RELAY or, started by nobody's agent, LAYER_NO_PARENT. */
uint32_t stack_via(const struct stack *s, uint32_t layer);

/* Checks each layer as it is, with this scratch (NULL: none), which the first error is about. */
int stack_check(const struct stack *s, const char *scratch, struct err *err);

/* Whether some layer of it, or every one that is not the machine itself, has these caps. */
bool stack_any(const struct stack *s, unsigned caps);
bool stack_all(const struct stack *s, unsigned caps);

void stack_release(struct stack *s);

#endif
