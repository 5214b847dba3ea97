/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that is none: its agent is a process of its parent layer. The whole pipeline runs without
 * a VM, and what it measures is real: the same work in the same place, so that every ratio must
 * come out as 1, which makes it a control.
 */
#include <stdio.h>

#include "drivers/agent_process.h"

/* By which those side by side are told apart. */
static const struct option options[] = {
	{"name", OPT_TEXT, 0, "NAME", NULL, 0, 0, "tells it from others in the same layer"},
	{0},
};

static int check(const struct layer_spec *spec, struct err *err)
{
	struct {
		const char *name;
	} o = {0};

	if (spec->depth > 0)
		return options_set(options, spec->options, &o, err);
	return err_set(err, EXIT_USAGE, "a fake layer needs a parent layer: the first is bare");
}

static void require(const struct driver_probe *p, const struct layer_spec *spec)
{
	p->say(p->ctx, FINDING_OK, "process",
	       "it is a process of its parent layer, which any can start");
}

static int start(struct layer *layer, struct err *err)
{
	char dir[AGENT_SUB_DIR];
	const struct agent_launch launch = {.sub_dir = dir};

	agent_process_place("fake", &layer->spec, dir, NULL);
	return agent_process_start(layer, &launch, err);
}

const struct driver driver_fake = {
	.name = "fake",
	.summary = "a process of the parent layer: no layer at all, as a control",
	.caps = CAP_SCRATCH | CAP_SIBLINGS | CAP_HOSTS | CAP_VIRT,
	.isolation = ISOLATION_NONE,
	.options = options,
	.argument = "name",
	.check = check,
	.require = require,
	.start = start,
	.stop = agent_process_stop,
};
