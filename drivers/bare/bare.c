/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine itself, L0: the agent is a process of it. */
#include "drivers/agent_process.h"

static int check(const struct layer_spec *spec, struct err *err)
{
	if (spec->depth == 0)
		return 0;
	return err_set(err, EXIT_USAGE, "bare is the machine itself: it can only stand first");
}

static void require(const struct driver_probe *p, const struct layer_spec *spec)
{
	p->say(p->ctx, FINDING_OK, "machine", "it is the machine itself: nothing is started");
}

static int start(struct layer *layer, struct err *err)
{
	return agent_process_start(layer, &(struct agent_launch){0}, err);
}

const struct driver driver_bare = {
	.name = "bare",
	.summary = "the machine itself",
	.caps = CAP_SCRATCH | CAP_HOSTS | CAP_VIRT,
	.isolation = ISOLATION_NONE,
	.check = check,
	.require = require,
	.start = start,
	.stop = agent_process_stop,
};
