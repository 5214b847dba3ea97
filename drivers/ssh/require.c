/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ssh/complaint.h"
#include "drivers/ssh/files.h"
#include "drivers/ssh/options.h"
#include "drivers/ssh/script.h"
#include "drivers/ssh/talk.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"

#define ASK_LIMIT_NS (20 * NS_PER_S)

int ssh_version(char version[SSH_VERSION], struct err *err)
{
	static const char *const argv[] = {"ssh", "-V", NULL};
	struct buf out = BUF_INIT;
	int done = child_run(argv, NULL, NULL, ASK_LIMIT_NS, &out, err);

	if (done == 0)
		snprintf(version, SSH_VERSION, "%.*s", (int)strcspn(buf_str(&out), " ,\n"),
			 buf_str(&out));
	buf_release(&out);
	return done;
}

static bool probe_client(const struct driver_probe *p, enum finding missing)
{
	char version[SSH_VERSION];
	struct err err;

	if (ssh_version(version, &err) == 0) {
		p->say(p->ctx, FINDING_OK, "ssh", "%s", version);
		return true;
	}
	p->say(p->ctx, missing, "ssh", "%s; install it: apt-get install openssh-client", err.text);
	return false;
}

void ssh_probe(const struct driver_probe *p)
{
	probe_client(p, FINDING_NOTE);
}

/* Kilobytes as df has them, against what is sent. */
static void say_space(const struct driver_probe *p, const struct ssh_target *to, const char *free,
		      uint64_t needed)
{
	char there[SIZE_TEXT], want[SIZE_TEXT];
	struct err ignored;
	uint64_t kib;

	if (parse_u64(free, "free", 0, UINT64_MAX >> 10, &kib, &ignored) < 0)
		return;
	format_size_short(kib << 10, there);
	format_size_short(needed, want);
	if (kib << 10 > needed)
		p->say(p->ctx, FINDING_OK, to->host, "free for the files, which take %s: %s", want,
		       there);
	else
		p->say(p->ctx, FINDING_FAIL, to->host,
		       "only %s are free where %s of files go: free some space, or choose another "
		       "place with dir=PATH",
		       there, want);
}

/* What a machine that starts layers itself shows; none of it is needed for all of their kinds. */
static void say_found(const struct driver_probe *p, const struct ssh_target *to, const char *said)
{
	const char *rest = strchr(said, ' ');

	if (strncmp(said, "has ", 4) == 0)
		p->say(p->ctx, FINDING_OK, to->host, "it has %.200s", rest + 1);
	else if (strncmp(said, "lacks ", 6) == 0)
		p->say(p->ctx, FINDING_NOTE, to->host, "it has no %.200s", rest + 1);
}

/* One line of the script. */
static void judge(const struct driver_probe *p, const struct ssh_target *to, const char *said,
		  uint64_t needed)
{
	struct err err;

	if (strncmp(said, "fail ", 5) == 0) {
		complaint_of_script(to->who, "dir=PATH", said + 5, &err);
		p->say(p->ctx, FINDING_FAIL, to->host, "%s", err.text);
	} else if (strncmp(said, "machine ", 8) == 0) {
		p->say(p->ctx, FINDING_OK, to->host, "reached: %.200s", said + 8);
	} else if (strncmp(said, "free ", 5) == 0) {
		say_space(p, to, said + 5, needed);
	} else {
		say_found(p, to, said);
	}
}

static void judge_all(const struct driver_probe *p, const struct ssh_target *to, const char *text,
		      uint64_t needed)
{
	for (const char *at = text; at; at = str_next_line(at)) {
		char line[TALK_LINE];

		if (strncmp(at, TALK_MARK, strlen(TALK_MARK)) != 0)
			continue;
		at += strlen(TALK_MARK);
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\r\n"), at);
		judge(p, to, line, needed);
	}
}

/* Logs in and looks around. */
static void ask(const struct driver_probe *p, const struct ssh_options *o,
		const struct ssh_target *to, bool full, uint64_t needed)
{
	struct buf command = BUF_INIT, out = BUF_INIT;
	const char *argv[SSH_ARGS];
	struct err err;

	script_add_look(o->dir, full, &command);
	ssh_arguments(o, to, buf_str(&command), argv);
	if (buf_check(&command, &err) == 0 &&
	    (child_run(argv, NULL, NULL, ASK_LIMIT_NS, &out, &err) == 0 ||
	     strstr(buf_str(&out), TALK_MARK "fail"))) {
		judge_all(p, to, buf_str(&out), needed);
	} else {
		if (out.len > TALK_HEARD_MAX)
			complaint_of_login(to->who, &err);
		else
			complaint_of_ssh(to->who, buf_str(&out), &err);
		p->say(p->ctx, FINDING_FAIL, to->host, "%s", err.text);
	}
	buf_release(&command);
	buf_release(&out);
}

static int count_bytes(const struct layer_spec *spec, bool full, uint64_t *bytes, struct err *err)
{
	struct payload *files = calloc(1, sizeof(*files));
	int done = -1;

	if (!files)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	done = full ? files_add_full(files, spec->kernel, spec->initrd, spec->disk, err)
		    : files_add_small(files, err);
	*bytes = payload_bytes(files);
	free(files);
	return done;
}

void ssh_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	struct ssh_options o;
	struct ssh_target to;
	uint64_t bytes;
	struct err err;
	bool full;

	if (ssh_options_read(spec, &o, &to, &err) < 0) {
		p->say(p->ctx, FINDING_FAIL, "ssh", "%s", err.text);
		return;
	}
	full = ssh_sends_full(&o, spec);
	if (count_bytes(spec, full, &bytes, &err) < 0)
		p->say(p->ctx, FINDING_FAIL, "ssh", "%s", err.text);
	else if (probe_client(p, FINDING_FAIL))
		ask(p, &o, &to, full, bytes);
}
