/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent.h"
#include "bench/agent/guest_devices.h"
#include "bench/cleanup/reaper.h"
#include "bench/commands/command.h"
#include "lib/clock.h"
#include "lib/options.h"

struct options {
	const char *port;
	uint64_t lease_ns;
};

static const struct option options[] = {
	{"port", OPT_TEXT, offsetof(struct options, port), "PATH", "-", 0, 0,
	 "device to who started it; -: standard input and output", .value = VALUE_FILE},
	{"lease", OPT_DURATION, offsetof(struct options, lease_ns), "TIME", NULL, NS_PER_S,
	 3600 * NS_PER_S,
	 "end when nothing, not even an empty line, comes through the port for so long"},
	{0},
};

const struct cli cli_agent = {
	.name = "nestbench agent",
	.examples = "  nestbench agent --port /dev/vport0p1\n",
	.about = "Serves one layer: describes it, runs workloads, starts its child layers. What "
		 "starts the\n"
		 "layer starts the agent in it, and tells it which layer that is.",
	.options = options,
};

int cmd_agent(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	int done = options_parse(&cli_agent, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	/* It outlives us only to end what we may leave behind. */
	reaper_at_end(assignment_after_death);
	if (assignment_survive(err) < 0 || reaper_start(err) < 0)
		return -1;
	return agent_serve(opt.port, opt.lease_ns, err);
}
