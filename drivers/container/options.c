/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "drivers/container/container.h"
#include "lib/nearest.h"

struct options {
	const char *by;
};

static const char *const by_names[] = {
	[BY_AUTO] = "auto", [BY_LXC] = "lxc", [BY_BWRAP] = "bwrap", NULL};

const struct option container_options[] = {
	{"by", OPT_TEXT, offsetof(struct options, by), "NAME", "auto", 0, 0,
	 "what makes the container: auto, lxc or bwrap", .choices = by_names},
	{0},
};

int container_read_options(const struct layer_spec *spec, enum container_by *by, struct err *err)
{
	struct options o = {0};
	int i;

	if (options_set(container_options, spec->options, &o, err) < 0)
		return err_context(err, "a layer of kind container");
	i = choice_find("by", o.by, by_names, err);
	if (i >= 0)
		*by = (enum container_by)i;
	return i < 0 ? -1 : 0;
}
