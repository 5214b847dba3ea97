/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stack of layers of a run: of which kind each is, and its options. */
#ifndef NB_STACK_H
#define NB_STACK_H

#include <stdint.h>

#include "bench/link/channel.h"
#include "drivers/driver.h"

struct stack {
	uint32_t depth; /* of the deepest layer */
	const struct driver *driver[DEPTH_MAX + 1];
	struct text_list options[DEPTH_MAX + 1]; /* items owned by the stack */
};

/*
 * As --layers says it, "bare/kvm:accel=kvm/kvm": kinds from the outermost layer on, each with
 * options of its own behind a colon, parted by commas; the machine itself, bare, may be left out. A
 * slash in an option begins the next layer only in front of the name of a kind.
 * Whether the layers can stand there is checked (driver->check). EXIT_USAGE. An empty stack is
 * fine.
 */
int stack_parse(struct stack *s, const char *layers, struct err *err);

/* The machine itself and so many VMs, each in the one before: "bare/kvm/kvm". */
int stack_of_vms(struct stack *s, uint32_t depth, struct err *err);

/*
 * Adds an option to the layers from `from` to `to` whose kind has it, and that do not say it
 * themselves. The value is checked even where there is none.
 */
int stack_add_option(struct stack *s, uint32_t from, uint32_t to, const char *name,
		     const char *value, struct err *err);

/* The value of an option as the layer says it, borrowed; NULL: it does not. */
const char *stack_option(const struct stack *s, uint32_t layer, const char *name);

/* Checks each layer as it is, with this scratch (NULL: none), which the first error is about. */
int stack_check(const struct stack *s, const char *scratch, struct err *err);

/* Whether some layer of it, or every one that is not the machine itself, has these caps. */
bool stack_any(const struct stack *s, unsigned caps);
bool stack_all(const struct stack *s, unsigned caps);

void stack_release(struct stack *s);

#endif
