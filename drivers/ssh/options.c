/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"

#define AT(member) offsetof(struct ssh_options, member)

static const char *const agents[] = {"auto", "small", "full", NULL};

const struct option ssh_option_table[] = {
	{"host", OPT_TEXT, AT(host), "[USER@]HOST[:PORT]", NULL, 0, 0,
	 "the machine, or a Host of ssh's configuration"},
	{"agent", OPT_TEXT, AT(agent), "NAME", "auto", 0, 0,
	 "small: needs nothing there; full: can start layers there, with the machine's libvirt and "
	 "QEMU; auto: full where a layer is to be started there",
	 .choices = agents},
	{"config", OPT_TEXT, AT(config), "FILE", NULL, 0, 0, "configuration for ssh (its -F)",
	 .value = VALUE_FILE},
	{"dir", OPT_TEXT, AT(dir), "DIR", NULL, 0, 0,
	 "where there a directory is made and removed (default: $TMPDIR there, or /tmp)"},
	{0},
};

/* A word that ssh cannot take for an option, and no shell for anything but a word. */
static bool is_plain(const char *word, const char *others)
{
	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(others, *c))
			return false;
	return word[0] && word[0] != '-';
}

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT"; an address of IPv6 has colons of its own. What is left is
 * no host then, or no port. */
static void split_port(const char *text, struct ssh_target *to)
{
	const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
	size_t len = end ? (size_t)(end - text) - 1 : strcspn(text, ":");
	const char *behind = end ? end + 1 : text + len;

	if (behind[0] && (behind[0] != ':' || strchr(behind + 1, ':'))) {
		str_copy(to->host, sizeof(to->host), end ? "" : text);
		return;
	}
	snprintf(to->host, sizeof(to->host), "%.*s", (int)len, end ? text + 1 : text);
	if (behind[0])
		str_copy(to->port, sizeof(to->port), behind[1] ? behind + 1 : "?");
}

int ssh_target_read(const char *text, struct ssh_target *to, struct err *err)
{
	const char *at = strrchr(text, '@');
	uint64_t port;

	*to = (struct ssh_target){.host = ""};
	if (strlen(text) >= SSH_WORD)
		return err_set(err, EXIT_USAGE, "the name of the host is too long: \"%.80s\"...",
			       text);
	if (at) {
		str_copy(to->user, sizeof(to->user), text);
		to->user[at - text] = '\0';
	}
	split_port(at ? at + 1 : text, to);
	if (!is_plain(to->host, "._-:%") || (at && !is_plain(to->user, "._-+@\\")))
		return err_set(err, EXIT_USAGE, "\"%.80s\" is no host: expected [USER@]HOST[:PORT]",
			       text);
	snprintf(to->who, sizeof(to->who), "ssh to %s", to->host);
	return to->port[0] ? parse_u64(to->port, "the port of the host", 1, 65535, &port, err) : 0;
}

bool ssh_path_is_plain(const char *path)
{
	return path[0] == '/' && is_plain(path, "/._-+");
}

int ssh_options_read(const struct layer_spec *spec, struct ssh_options *o, struct ssh_target *to,
		     struct err *err)
{
	*o = (struct ssh_options){0};
	if (options_set(ssh_option_table, spec->options, o, err) < 0)
		return err_context(err, "a layer of kind ssh");
	if (!o->host)
		return err_set(err, EXIT_USAGE,
			       "ssh needs the machine: expected ssh=[USER@]HOST[:PORT]");
	if (o->dir && !ssh_path_is_plain(o->dir))
		return err_set(err, EXIT_USAGE,
			       "dir=%.80s: expected an absolute path of letters, digits and /._-+",
			       o->dir);
	return ssh_target_read(o->host, to, err);
}

bool ssh_sends_full(const struct ssh_options *o, const struct layer_spec *spec)
{
	return strcmp(o->agent, "full") == 0 || (strcmp(o->agent, "auto") == 0 && spec->below > 0);
}

void ssh_arguments(const struct ssh_options *o, const struct ssh_target *to, const char *command,
		   const char *argv[SSH_ARGS])
{
	/* Nothing is asked, forwarded, shared with another connection, or left in the background.
	 */
	static const char *const fixed[] = {"ssh",
					    "-T",
					    "-x",
					    "-a",
					    "-oBatchMode=yes",
					    "-oConnectTimeout=10",
					    "-oServerAliveInterval=2",
					    "-oServerAliveCountMax=3",
					    "-oClearAllForwardings=yes",
					    "-oControlMaster=no",
					    "-oControlPath=none",
					    "-oForkAfterAuthentication=no",
					    "-oPermitLocalCommand=no",
					    "-oRemoteCommand=none",
					    "-oLogLevel=INFO"};
	size_t n = 0;

	for (; n < sizeof(fixed) / sizeof(fixed[0]); n++)
		argv[n] = fixed[n];
	if (o->config) {
		argv[n++] = "-F";
		argv[n++] = o->config;
	}
	if (to->user[0]) {
		argv[n++] = "-l";
		argv[n++] = to->user;
	}
	if (to->port[0]) {
		argv[n++] = "-p";
		argv[n++] = to->port;
	}
	argv[n++] = "--";
	argv[n++] = to->host;
	argv[n++] = command;
	argv[n] = NULL;
}
