/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/guest/guest.h"

#include <stdlib.h>

#include "bench/commands/command.h"
#include "drivers/libvirt/ops.h"
#include "lib/interrupt.h"
#include "lib/options.h"
#include "lib/program.h"

struct options {
	const char *uri, *dir;
};

static const struct option options[] = {
	{"uri", OPT_TEXT, OFFSET(uri), "URI", GUEST_URI, 0, 0,
	 "of the libvirt that has the domain"},
	{"dir", OPT_TEXT, OFFSET(dir), "PATH", NULL, 0, 0,
	 "directory that is made in the guest, and removed"},
	{0},
};

const struct cli cli_guest = {
	.name = "nestbench guest",
	.examples = "  nestbench guest --dir /tmp/nestbench-0123456789abcdef web1\n",
	.words = "DOMAIN",
	.min_words = 1,
	.max_words = 1,
	.about =
		"Runs the small agent in a domain through its QEMU guest agent, with the stream to "
		"it as standard input and output. nestbench run starts it for a layer of kind "
		"guest.",
	.options = options,
};

int cmd_guest(int argc, char **argv, struct err *err)
{
	const struct libvirt_ops *ops;
	struct options opt = {0};
	struct text_list words = {0};
	char *agent = NULL, *kernel = NULL;
	int done = options_parse(&cli_guest, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (!opt.dir)
		return err_set(err, EXIT_USAGE, "guest: --dir is missing");
	done = -1;
	agent = program_path("nestbench-agent", err);
	kernel = agent ? program_path("nestkernel", err) : NULL;
	ops = kernel && interrupt_install(err) == 0 ? libvirt_ops_load(err) : NULL;
	if (ops) {
		const struct guest_target t = {.uri = opt.uri,
					       .domain = words.item[0],
					       .dir = opt.dir,
					       .stop_fd = interrupt_fd()};
		const struct guest_programs programs = {.agent = agent, .kernel = kernel};

		done = ops->guest_serve(&t, &programs, err);
	}
	free(agent);
	free(kernel);
	return done < 0 ? -1 : EXIT_FINE;
}
