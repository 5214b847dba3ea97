/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/hosts.h"

#include <string.h>

#include "bench/fleet/hostnames.h"

enum { ITEM = 4096 };

/* "node[1-8]", "@group"; an address of IPv6, "[::1]:22", has its bracket in front. */
static bool is_range(const char *item)
{
	return item[0] == '@' || (item[0] != '[' && strchr(item, '['));
}

static int expand(struct fleet *f, const char *item, struct err *err)
{
	struct words names = WORDS_INIT;
	int done = hostnames_expand(item, &names, err);

	for (size_t i = 0; i < names.count && done == 0; i++)
		done = fleet_add_node(f, names.item[i], err);
	words_release(&names);
	return done;
}

/* Up to the next comma that stands in no bracket. */
static size_t item_length(const char *text)
{
	size_t len = 0, depth = 0;

	for (; text[len] && (text[len] != ',' || depth); len++)
		depth += text[len] == '[' ? 1 : text[len] == ']' && depth ? -1 : 0;
	return len;
}

int fleet_hosts_add(struct fleet *f, const char *list, struct err *err)
{
	size_t before = f->nodes;

	for (const char *at = list; *at;) {
		size_t len = item_length(at);
		char item[ITEM];

		if (len >= sizeof(item))
			return err_set(err, EXIT_USAGE, "--hosts: a part is too long: %.80s...",
				       at);
		snprintf(item, sizeof(item), "%.*s", (int)len, at);
		if (len &&
		    (is_range(item) ? expand(f, item, err) : fleet_add_node(f, item, err)) < 0)
			return err_context(err, "--hosts");
		at += len + (at[len] == ',');
	}
	if (f->nodes == before)
		return err_set(err, EXIT_USAGE, "--hosts: \"%.80s\" names no host", list);
	return 0;
}
