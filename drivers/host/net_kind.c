/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "drivers/host/net_link.h"

static const char *const names[] = {"none", "user", "tap", "tap+vhost"};

const char *net_kind_name(enum net_kind kind)
{
	return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

int net_kind_parse(const char *text, enum net_kind *out, struct err *err)
{
	if (strcmp(text, "user") == 0)
		*out = NET_USER;
	else if (strcmp(text, "tap") == 0)
		*out = NET_TAP;
	else
		return err_set(err, EXIT_USAGE, "\"%.64s\" is not a kind of network: user or tap",
			       text);
	return 0;
}
