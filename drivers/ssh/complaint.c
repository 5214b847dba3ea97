/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/complaint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* What it begins with, or holds, and what that means: said of the host, around the detail. What
 * ends in "with " is followed by the option that chooses the place. */
struct meaning {
	const char *part, *before, *behind;
};

static const struct meaning of_ssh[] = {
	{"IDENTIFICATION HAS CHANGED",
	 "its host key is another than the known one: find out why, and only then remove the old "
	 "one (ssh-keygen -R)",
	 ""},
	{"Host key verification failed",
	 "its host key is not known: log in by hand once, and check the key", ""},
	{"ermission denied (",
	 "it refuses the login, which must work without a password: see ssh-copy-id and ssh-add",
	 ""},
	{"Could not resolve", "there is no such host: check the name, or ssh's configuration", ""},
	{"Connection refused",
	 "it cannot be reached: no ssh server takes the connection at this port", ""},
	{"timed out", "it cannot be reached: it does not answer", ""},
	{"No route to host", "it cannot be reached: there is no route to it", ""},
	{"Network is unreachable", "it cannot be reached: the network is down", ""},
	{"not responding", "the connection was lost: it does not answer any more", ""},
};

static const struct meaning of_script[] = {
	{"machine ", "the programs are for Linux x86_64, and it is ", ""},
	{"tool ", "it has no ", ": install it there"},
	{"dir ", "no directory can be made there: ", ": choose another place with "},
	{"unpack ", "the files cannot be unpacked there: ",
	 ": free some space, or choose another place with "},
	{"hash ", "a file there is not the one that was sent: ",
	 ": see whether its disk is full or bad, and try again"},
	{"scratch ", "no scratch file can be made there: ",
	 ": choose a smaller --scratch, or another place with "},
	{"libraries ", "nestbench does not run there: ",
	 ": its libraries there are older than those it was built with"},
	{"run ", "programs do not run in a directory there: ",
	 ": where that is mounted noexec, choose another place with "},
};
enum {
	OF_SSH = sizeof(of_ssh) / sizeof(of_ssh[0]),
	OF_SCRIPT = sizeof(of_script) / sizeof(of_script[0])
};

enum { LAST_LINE = 300 };

int complaint_of_ssh(const char *who, const char *printed, struct err *err)
{
	char last[LAST_LINE];
	int found = 0;

	str_last_line(printed, last, sizeof(last));
	while (found < OF_SSH && !strstr(printed, of_ssh[found].part))
		found++;
	if (found < OF_SSH)
		err_set(err, EXIT_MACHINE, "%s: %s", who, of_ssh[found].before);
	else
		err_set(err, EXIT_MACHINE, "%s: the connection ended%s%.300s", who,
			last[0] ? ", and the last it said was: " : "", last);
	return -1;
}

int complaint_of_login(const char *who, struct err *err)
{
	return err_set(err, EXIT_MACHINE,
		       "%s: the login there prints without end: its shell must be silent where it "
		       "is not interactive",
		       who);
}

const char *complaint_of_space(const char *said)
{
	static const char *const words[] = {"No space left on device", "Disk quota exceeded"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(said, words[i]))
			return words[i];
	return NULL;
}

static bool ends_open(const char *text)
{
	size_t len = strlen(text);

	return len > 5 && strcmp(text + len - 5, "with ") == 0;
}

int complaint_of_script(const char *who, const char *place, const char *said, struct err *err)
{
	/* tar says it once a file. */
	const char *space = complaint_of_space(said);

	for (int i = 0; i < OF_SCRIPT; i++) {
		const struct meaning *m = &of_script[i];
		size_t len = strlen(m->part);

		if (strncmp(said, m->part, len) == 0)
			return err_set(err, EXIT_MACHINE, "%s: %s%.300s%s%s", who, m->before,
				       space ? space : said + len, m->behind,
				       ends_open(m->behind) ? place : "");
	}
	return err_set(err, EXIT_MACHINE, "%s: it cannot be prepared: %.200s", who, said);
}
