/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ssh, or the script on the other machine, says of a failure, as one sentence with the way
 * out. */
#ifndef NB_SSH_COMPLAINT_H
#define NB_SSH_COMPLAINT_H

#include "lib/err.h"

/* ssh ended, and this is what it printed. who: as in struct ssh_target. Fills err, returns -1. */
int complaint_of_ssh(const char *who, const char *printed, struct err *err);

/* The login prints more than TALK_HEARD_MAX without a line of the script. */
int complaint_of_login(const char *who, struct err *err);

/* Behind "fail": a word and its detail, as script.h lists them. place: the option that chooses the
 * directory there, "dir=PATH". Fills err, returns -1. */
int complaint_of_script(const char *who, const char *place, const char *said, struct err *err);

/* What a text says of a disk that is full, "No space left on device"; NULL: nothing. */
const char *complaint_of_space(const char *said);

#endif
