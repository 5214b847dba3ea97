/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/hostnames.h"

#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/str.h"

#define EXPAND_LIMIT_NS (30 * NS_PER_S)

static int no_list(const char *tool, const char *list, const char *said, struct err *err)
{
	char line[200];

	str_last_line(said, line, sizeof(line));
	return err_set(err, EXIT_USAGE, "\"%.80s\" is no list of hosts for %s%s%s", list, tool,
		       line[0] ? ": " : "", line);
}

/* One name a line. What scontrol cannot read it says in a line with blanks, and exits with 0; a
 * bracket that is not closed comes back as it was. */
static int add_names(const char *tool, const char *list, const char *said, struct words *names,
		     struct err *err)
{
	for (const char *at = said; at; at = str_next_line(at)) {
		int len = (int)strcspn(at, "\n");

		if (len && (int)strcspn(at, " \t[]") < len)
			return no_list(tool, list, at, err);
		if (len && words_add(names, err, "%.*s", len, at) < 0)
			return -1;
	}
	return 0;
}

int hostnames_by_nodeset(const char *list, struct words *names, struct err *err)
{
	const char *const argv[] = {"nodeset", "-e", "-S", "\n", "--", list, NULL};
	struct buf out = BUF_INIT;
	int done = child_run(argv, NULL, NULL, EXPAND_LIMIT_NS, &out, err);

	if (done == 0)
		done = add_names(argv[0], list, buf_str(&out), names, err);
	else if (err->code == EXIT_INTERNAL)
		err->code = EXIT_USAGE;
	buf_release(&out);
	return done;
}

int hostnames_by_scontrol(const char *list, struct words *names, struct err *err)
{
	const char *const argv[] = {"scontrol", "show", "hostnames", list, NULL};
	struct buf out = BUF_INIT;
	int done;

	if (list[0] == '-') /* an option for scontrol */
		return no_list(argv[0], list, "", err);
	done = child_run(argv, NULL, NULL, EXPAND_LIMIT_NS, &out, err);
	if (done == 0)
		done = add_names(argv[0], list, buf_str(&out), names, err);
	else if (err->code == EXIT_INTERNAL)
		err->code = EXIT_MACHINE;
	buf_release(&out);
	return done;
}

int hostnames_expand(const char *list, struct words *names, struct err *err)
{
	struct err why;

	if (hostnames_by_nodeset(list, names, &why) == 0)
		return 0;
	if (why.code == EXIT_MACHINE && hostnames_by_scontrol(list, names, &why) == 0)
		return 0;
	if (why.code != EXIT_MACHINE) {
		*err = why;
		return -1;
	}
	return err_set(err, EXIT_MACHINE,
		       "\"%.80s\" is expanded by nodeset or scontrol, and neither works here: "
		       "install clustershell, or name each host (%.300s)",
		       list, why.text);
}
