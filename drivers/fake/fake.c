/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that is none: its agent is a process of its parent layer. The whole pipeline runs without
 * a VM, and what it measures is real: the same work in the same place, so that every ratio must
 * come out as 1, which makes it a control.
 */
#include <stdio.h>

#include "drivers/agent_process.h"

static int check(const struct layer_spec *spec, struct err *err)
{
	if (spec->depth > 0)
		return 0;
	return err_set(err, EXIT_USAGE, "a fake layer needs a parent layer: the first is bare");
}

static int start(struct layer *layer, struct err *err)
{
	char dir[32];
	const struct agent_launch launch = {.sub_dir = dir};

	snprintf(dir, sizeof(dir), "fake-%d-%d", layer->spec.depth, layer->spec.sibling);
	return agent_process_start(layer, &launch, err);
}

const struct driver driver_fake = {
	.name = "fake",
	.summary = "a process of the parent layer: no layer at all, as a control",
	.caps = CAP_SCRATCH | CAP_SIBLINGS | CAP_HOSTS | CAP_VIRT,
	.isolation = ISOLATION_NONE,
	.check = check,
	.start = start,
	.stop = agent_process_stop,
};
