/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether an attached machine can be a layer; see struct driver. */
#ifndef NB_SSH_REQUIRE_H
#define NB_SSH_REQUIRE_H

#include "drivers/driver.h"

/* The version of the client: "OpenSSH_9.2p1". EXIT_MACHINE where there is none. */
enum { SSH_VERSION = 64 };
int ssh_version(char version[SSH_VERSION], struct err *err);

void ssh_probe(const struct driver_probe *p);
void ssh_require(const struct driver_probe *p, const struct layer_spec *spec);

#endif
