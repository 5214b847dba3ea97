/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ssh, or the script on the other machine, says of a failure, as one sentence with the way
 * out. */
#ifndef NB_SSH_COMPLAINT_H
#define NB_SSH_COMPLAINT_H

#include "drivers/ssh/options.h"

/* ssh ended, and this is what it printed. Fills err, returns -1. */
int complaint_of_ssh(const struct ssh_target *to, const char *printed, struct err *err);

/* The login prints more than TALK_HEARD_MAX without a line of the script. */
int complaint_of_login(const struct ssh_target *to, struct err *err);

/* Behind "fail": a word and its detail, as script.h lists them. Fills err, returns -1. */
int complaint_of_script(const struct ssh_target *to, const char *said, struct err *err);

#endif
