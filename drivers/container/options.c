/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <string.h>

#include "drivers/container/container.h"

struct options {
	const char *by;
};

const struct option container_options[] = {
	{"by", OPT_TEXT, offsetof(struct options, by), "NAME", "auto", 0, 0,
	 "what makes the container: auto, lxc or bwrap"},
	{0},
};

int container_read_options(const struct layer_spec *spec, enum container_by *by, struct err *err)
{
	static const char *const names[] = {
		[BY_AUTO] = "auto", [BY_LXC] = "lxc", [BY_BWRAP] = "bwrap"};
	struct options o = {0};

	if (options_set(container_options, spec->options, &o, err) < 0)
		return err_context(err, "a layer of kind container");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(o.by, names[i]) == 0) {
			*by = (enum container_by)i;
			return 0;
		}
	return err_set(err, EXIT_USAGE,
		       "\"%.40s\" makes no containers: expected auto, lxc or bwrap", o.by);
}
