/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/host/hostdev.h"
#include "lib/file.h"

/* No driver, no override. */
#define NONE "-"

enum { NOTE_LIMIT = 4096 };

static const char *word(const char *text)
{
	return text[0] ? text : NONE;
}

int hostdev_note(const char *path, const struct hostdev_state *state, int count, struct err *err)
{
	struct buf text = BUF_INIT;
	int done;

	for (int i = 0; i < count; i++)
		buf_addf(&text, "%s %s %s\n", state[i].address, word(state[i].driver),
			 word(state[i].override));
	done = buf_check(&text, err);
	if (done == 0)
		done = file_write_whole(path, buf_str(&text), text.len, err);
	buf_release(&text);
	return done;
}

/* The word becomes a part of a path in sysfs. */
static bool is_driver(const char *name)
{
	return !strchr(name, '/') && name[0] != '.';
}

static int read_line(const char *line, struct hostdev_state *state, struct err *err)
{
	char address[64];
	int used = 0;

	*state = (struct hostdev_state){0};
	if (sscanf(line, "%63s %63s %63s%n", address, state->driver, state->override, &used) != 3 ||
	    (line[used] && line[used] != '\n') || !is_driver(state->driver) ||
	    !is_driver(state->override))
		return err_set(err, EXIT_INTERNAL,
			       "expected a PCI address, a driver and an override, not \"%.64s\"",
			       line);
	if (hostdev_parse(address, state->address, err) < 0)
		return -1;
	if (strcmp(state->driver, NONE) == 0)
		state->driver[0] = '\0';
	if (strcmp(state->override, NONE) == 0)
		state->override[0] = '\0';
	return 0;
}

int hostdev_read_note(const char *path, struct hostdev_state state[HOSTDEV_MAX], struct err *err)
{
	struct buf text = BUF_INIT;
	int count = 0;

	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, NOTE_LIMIT, &text, err) < 0)
		count = -1;
	for (const char *line = buf_str(&text); count >= 0 && line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (count == HOSTDEV_MAX)
			count = err_set(err, EXIT_INTERNAL, "more than %d devices", HOSTDEV_MAX);
		else if (read_line(line, &state[count], err) < 0)
			count = -1;
		else
			count++;
	}
	buf_release(&text);
	return count < 0 ? err_context(err, "%s", path) : count;
}
