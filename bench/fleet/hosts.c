/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/hosts.h"

#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/str.h"

#define EXPAND_LIMIT_NS (30 * NS_PER_S)
enum { ITEM = 4096 };

/* "node[1-8]", "@group"; an address of IPv6, "[::1]:22", has its bracket in front. */
static bool is_range(const char *item)
{
	return item[0] == '@' || (item[0] != '[' && strchr(item, '['));
}

/* Each word of what a tool printed. */
static int add_words(struct fleet *f, char *text, struct err *err)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
		if (fleet_add_node(f, word, err) < 0)
			return -1;
	return 0;
}

static int expand(struct fleet *f, const char *item, struct err *err)
{
	const char *const tools[][5] = {{"nodeset", "-e", "--", item, NULL},
					{"scontrol", "show", "hostnames", item, NULL}};
	struct buf out = BUF_INIT;
	int done = -1;

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		buf_clear(&out);
		done = child_run(tools[i], NULL, NULL, EXPAND_LIMIT_NS, &out, err);
		if (done == 0 || err->code != EXIT_MACHINE)
			break;
	}
	if (done == 0 && out.len)
		done = add_words(f, out.data, err);
	else if (done < 0 && err->code == EXIT_MACHINE)
		err_set(err, EXIT_MACHINE,
			"\"%.80s\" is expanded by nodeset or scontrol, and neither is installed "
			"here: install clustershell, or name each host",
			item);
	else if (done < 0 && err->code == EXIT_INTERNAL)
		err->code = EXIT_USAGE;
	buf_release(&out);
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
