/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/help/help.h"

#include <string.h>

#include "bench/commands/command.h"
#include "lib/nearest.h"
#include "lib/streams.h"
#include "lib/wrap.h"

enum { NAMES = 11 };

const struct cli cli_help = {
	.name = "nestbench help",
	.examples = "  nestbench help                all commands and topics\n"
		    "  nestbench help run            as nestbench run --help\n"
		    "  nestbench help layers         the kinds of layers and their options\n",
	.words = "[COMMAND|TOPIC]",
	.max_words = 1,
	.about = "Prints the help of a command, a short text about a topic, or the list of both.",
};

static void add_commands(int fd, size_t width, struct buf *out)
{
	const char *group = "";

	for (const struct command *c = commands; c->name; c++) {
		if (!c->group)
			continue;
		if (strcmp(group, c->group) != 0) {
			buf_addstr(out, "\n");
			help_heading(fd, c->group, out);
		}
		group = c->group;
		help_row(width, NAMES, c->name, c->summary, out);
	}
}

static void add_topics(int fd, size_t width, struct buf *out)
{
	buf_addstr(out, "\n");
	help_heading(fd, "Help, with a command or one of these topics behind it", out);
	help_row(width, NAMES, "help", "this list; of a command, its options and examples", out);
	for (const struct topic *t = topics; t->name; t++)
		help_row(width, NAMES, t->name, t->summary, out);
}

static void add_exit_codes(size_t width, struct buf *out)
{
	struct buf words = BUF_INIT;

	for (const struct exit_meaning *e = exit_meanings; e->meaning; e++)
		buf_addf(&words, "%s %d %s", e == exit_meanings ? "Exit codes:" : ",", (int)e->code,
			 e->meaning);
	buf_addstr(out, "\n");
	text_wrapf(out, "", width, "%s.", buf_str(&words));
	buf_done(&words, out);
}

void help_overview(int fd, struct buf *out)
{
	size_t width = tty_text_width(fd);

	help_heading(fd, "Examples", out);
	buf_addstr(out,
		   "  nestbench doctor                          can this machine nest VMs?\n"
		   "  nestbench run --profile quick             measure L0, L1 and L2\n"
		   "  nestbench run --depth 1 --workloads 'mem.*'\n"
		   "  nestbench summary nestbench-runs/RUN      the table of an earlier run\n\n");
	text_wrap(out, "",
		  "nestbench measures what every layer of virtualization costs: the same workloads "
		  "on the machine (L0), in a VM (L1) and in a VM in that VM (L2).",
		  width);
	buf_addf(out, "\n%sUsage:%s nestbench COMMAND [OPTION…]\n", tty_ink(fd, INK_BOLD),
		 tty_ink(fd, INK_NONE));
	add_commands(fd, width, out);
	add_topics(fd, width, out);
	add_exit_codes(width, out);
}

static const struct topic *find_topic(const char *name)
{
	for (const struct topic *t = topics; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static int unknown(const char *name, struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (const struct command *c = commands; c->name; c++)
		nearest_offer(&near, c->name);
	for (const struct topic *t = topics; t->name; t++)
		nearest_offer(&near, t->name);
	return err_set(err, EXIT_USAGE, "there is no command or topic \"%.80s\" (%ssee %s)", name,
		       nearest_hint(&near, "", " ", hint), cli_help.name);
}

static int add_help_of(const char *name, struct buf *out, struct err *err)
{
	const struct command *command = command_find(name);
	const struct topic *topic = find_topic(name);

	if (command)
		options_help(command->cli, out);
	else if (strcmp(name, "help") == 0)
		options_help(&cli_help, out);
	else if (topic)
		topic->add(tty_text_width(1), out);
	return command || topic || out->len ? 0 : unknown(name, err);
}

int cmd_help(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	struct buf out = BUF_INIT;
	int done = options_parse(&cli_help, argc, argv, NULL, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (words.count)
		done = add_help_of(words.item[0], &out, err);
	else
		help_overview(1, &out);
	if (done == 0)
		done = buf_print(&out, stdout, err);
	buf_release(&out);
	return done;
}
