/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/config/config.h"
#include "lib/nearest.h"
#include "lib/options.h"

struct options {
	const char *profile;
	bool json;
};

static const struct option options[] = {
	{"profile", OPT_TEXT, OFFSET(profile), "NAME",
	 .help = "what holds with this profile (default: with the one that is configured)",
	 .value = VALUE_PROFILE},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object, with all options"},
	{0},
};

const struct cli cli_config = {
	.name = "nestbench config",
	.examples = "  nestbench config\n"
		    "  nestbench config run --profile night\n",
	.words = "[COMMAND]",
	.max_words = 1,
	.word = VALUE_COMMAND,
	.about = "Shows which files hold defaults of options, the profiles in them, and what they "
		 "configure; of one COMMAND every option with its value and where that is from.\n"
		 "\n"
		 "The files are nestbench/config.ini in $XDG_CONFIG_HOME (default: ~/.config) and "
		 "./nestbench.ini, which overrides it; or the one that NESTBENCH_CONFIG names, and "
		 "with NESTBENCH_CONFIG=none there is none. They have the sections [default], "
		 "[COMMAND] and [profile NAME], with lines such as \"rounds = 20\". The command "
		 "line "
		 "overrides all, --quiet=no also what is switched on.",
	.options = options,
};

static int find_command(const char *name, const struct command **command, struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (*command = config_known(); (*command)->name; (*command)++) {
		if (!config_applies(*command))
			continue;
		if (strcmp((*command)->name, name) == 0)
			return 0;
		nearest_offer(&near, (*command)->name);
	}
	return err_set(err, EXIT_USAGE, "there is no command \"%s\" that can be configured%s", name,
		       nearest_hint(&near, " (", ")", hint));
}

int cmd_config(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	struct config config = {0};
	struct config_shown shown = {0};
	struct buf out = BUF_INIT;
	int done = options_parse(&cli_config, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	shown.profile = o.profile;
	if (words.count)
		done = find_command(words.item[0], &shown.command, err);
	if (done == 0)
		done = config_read(&config, config_known(), err);
	if (done == 0)
		done = o.json ? config_show_json(&config, &shown, &out, err)
			      : config_show(&config, &shown, &out, err);
	done = answer_give(&out, NULL, done, err);
	config_release(&config);
	return done;
}
