/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the CPU says of a hypervisor below this layer. */
#ifndef NB_HYPERVISOR_H
#define NB_HYPERVISOR_H

#include <stdbool.h>

enum { HYPERVISOR_NAME = 13 };

/* Its signature, "KVMKVMKVM"; "" when it gives none. False: there is none, as far as the CPU tells;
 * name is left alone then. */
bool hypervisor_read(char name[HYPERVISOR_NAME]);

#endif
