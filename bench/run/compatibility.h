/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Can these layers be started here? What decides it is known to each kind (driver->require); this
 * asks the kinds of a tree before anything is started: for doctor, which says all of it, for run,
 * which refuses in the same words, and for what compares kinds.
 */
#ifndef NB_COMPATIBILITY_H
#define NB_COMPATIBILITY_H

#include "bench/plan/stack.h"

/* Has the kind of a layer say to p what decides whether it can be started where it stands. */
void compatibility_ask(const struct stack *s, uint32_t layer, const struct driver_probe *p);

/* EXIT_MACHINE with the first layer that cannot, what is in the way, and how to fix it. */
int compatibility_check(const struct stack *s, struct err *err);

/* The same of one chain, as of --layers. EXIT_USAGE where no layers can stand so anywhere. */
int compatibility_check_chain(const char *chain, struct err *err);

/*
 * Adds the chains whose kinds are to be compared and which can be started here: a container, a VM,
 * and the guests of Xen, as far as there are such kinds. EXIT_MACHINE where there is none.
 */
int compatibility_kinds(struct text_list *chains, struct err *err);

#endif
