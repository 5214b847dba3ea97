/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent.h"
#include "bench/agent/guest_devices.h"
#include "bench/cleanup/reaper.h"
#include "bench/commands/command.h"
#include "bench/link/channel.h"
#include "lib/options.h"

#define AT(member) offsetof(struct agent_options, member)

static const struct option options[] = {
	{"depth", OPT_COUNT, AT(depth), "N", "0", 0, DEPTH_MAX, "the layer that is served"},
	{"port", OPT_TEXT, AT(port), "PATH", "-", 0, 0,
	 "device to the layer above; -: standard input and output"},
	{"work-dir", OPT_TEXT, AT(work_dir), "DIR", "/tmp", 0, 0, "for sockets and logs"},
	{"scratch", OPT_TEXT, AT(scratch), "PATH", NULL, 0, 0, "what io workloads may overwrite"},
	{"disk", OPT_TEXT, AT(disk), "PATH", NULL, 0, 0, "root disk of the layer below"},
	{"kernel", OPT_TEXT, AT(kernel), "PATH", NULL, 0, 0, "kernel of the layer below"},
	{"initrd", OPT_TEXT, AT(initrd), "PATH", NULL, 0, 0, "initramfs of the layer below"},
	{"connect", OPT_TEXT, AT(connect), "URI", NULL, 0, 0,
	 "libvirt to start the layer below with (default: the embedded driver)"},
	{"emulator", OPT_TEXT, AT(emulator), "PATH", NULL, 0, 0,
	 "QEMU to run the layer below (default: the one libvirt finds)"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench agent",
	.examples = "  echo '{\"id\":1,\"to\":0,\"do\":\"ping\"}' | nestbench agent\n",
	.about = "Serves one layer: describes it, runs workloads, starts the layer below. "
		 "nestbench run\n"
		 "starts the agent of the machine itself; the guest image starts those of the VMs.",
	.options = options,
};

int cmd_agent(int argc, char **argv, struct err *err)
{
	struct agent_options opt = {0};
	struct text_list words = {0};
	int done = options_parse(&cli, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	/* It outlives us only to end what we may leave behind. */
	keeper_at_end(lend_after_death);
	if (lend_survive(err) < 0 || keeper_start(err) < 0)
		return -1;
	return agent_serve(&opt, err);
}
