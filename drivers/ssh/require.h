/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether an attached machine can be a layer; see struct driver. */
#ifndef NB_SSH_REQUIRE_H
#define NB_SSH_REQUIRE_H

#include "drivers/driver.h"

void ssh_probe(const struct driver_probe *p);
void ssh_require(const struct driver_probe *p, const struct layer_spec *spec);

#endif
