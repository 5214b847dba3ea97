/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine that exists, reached by OpenSSH's client with the user's configuration. The programs
 * are copied there by one tar stream, run as that user, and removed when the connection ends; what
 * the machine must have are a shell, tar and mktemp.
 *
 * Facts beside those of every kind: ssh_host (as the user wrote it), ssh_agent ("small", "full"),
 * copied_bytes, connect_ns (until the other side spoke), dmi_uuid (of the machine, where its user
 * may read it).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/agent_process.h"
#include "drivers/ssh/complaint.h"
#include "drivers/ssh/files.h"
#include "drivers/ssh/options.h"
#include "drivers/ssh/payload.h"
#include "drivers/ssh/relay.h"
#include "drivers/ssh/require.h"
#include "drivers/ssh/script.h"
#include "drivers/ssh/talk.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"

/* Of the directory there, so that sockets in it have names that are short enough. */
#define SMALL "./nestbench-agent"
#define FULL "./nestbench"
#define AGENT " agent --port - --lease 5s"
enum {
	DIR_LIMIT = 60,
	THERE = DIR_LIMIT + 16,
	START_S = 30,
	START_FULL_S = 300,
	STOP_S = 3,
	STOP_FULL_S = 20
};

struct attached {
	void *process; /* what agent_process_start() made */
	struct relay *relay;
	struct ssh_options o;
	struct ssh_target to;
	struct payload payload;
	uint64_t began, end;
	bool full;
	enum isolation isolation; /* what the machine says of itself */
	char log[PATH_MAX];
	char dir[DIR_LIMIT + 1]; /* there, and files in it */
	char scratch[THERE], kernel[THERE], initrd[THERE], disk[THERE];
};

static int check(const struct layer_spec *spec, struct err *err)
{
	struct ssh_options o;
	struct ssh_target to;

	if (ssh_options_read(spec, &o, &to, err) < 0)
		return -1;
	if (strcmp(o.agent, "small") == 0 && spec->below > 0)
		return err_set(err, EXIT_USAGE,
			       "the small agent starts no layers: leave agent=small of %s out",
			       o.host);
	return 0;
}

static int choose_files(struct attached *a, const struct layer_spec *spec, struct err *err)
{
	if (a->full)
		return files_add_full(&a->payload, spec->kernel, spec->initrd, spec->disk, err);
	return files_add_small(&a->payload, err);
}

static int put(void *ctx, const void *data, size_t len, struct err *err)
{
	return talk_put(ctx, data, len) == TALK_FINE
		       ? 0
		       : err_set(err, EXIT_MACHINE, "it took no more of the files");
}

/* ssh ended. */
static int explain_end(const struct attached *a, struct err *err)
{
	struct buf printed = BUF_INIT;

	file_text(&printed, "%s", a->log);
	complaint_of_ssh(a->to.who, buf_str(&printed), err);
	buf_release(&printed);
	return -1;
}

static int explain(const struct attached *a, enum talk_end end, struct layer *layer,
		   struct err *err)
{
	if (end == TALK_CANCELLED)
		return err_set(err, EXIT_INTERRUPTED, "starting the agent was cancelled");
	if (end == TALK_NONSENSE)
		return complaint_of_login(a->to.who, err);
	if (end == TALK_HUNG_UP)
		return explain_end(a, err);
	layer->lost = true;
	return err_set(err, EXIT_MACHINE, "%s: it was not ready within %.0f s", a->to.who,
		       (double)(a->end - a->began) / (double)NS_PER_S);
}

/* Takes the directory that the other side names, if it is a path that can be one. */
static int take_dir(struct attached *a, const char *path, struct err *err)
{
	if (path[0] != '/' || strlen(path) > DIR_LIMIT)
		return err_set(err, EXIT_MACHINE,
			       "%s: the directory there, \"%.100s\", is not an absolute "
			       "path of at most %d characters: choose another with dir=PATH",
			       a->to.who, path, DIR_LIMIT);
	str_copy(a->dir, sizeof(a->dir), path);
	snprintf(a->scratch, THERE, "%s/scratch", path);
	snprintf(a->kernel, THERE, "%s/" FILES_KERNEL, path);
	snprintf(a->initrd, THERE, "%s/" FILES_INITRD, path);
	snprintf(a->disk, THERE, "%s/" FILES_DISK, path);
	return 0;
}

/* What one line of the script asks for. 1: the agent comes next. */
static int obey(struct layer *layer, struct attached *a, struct talk *t, const char *line,
		struct err *err)
{
	char last[TALK_LINE];
	struct err ignored;

	if (strncmp(line, "uuid ", 5) == 0)
		facts_set(&layer->facts, "dmi_uuid", "%.40s", line + 5);
	if (strncmp(line, "fail ", 5) == 0)
		return complaint_of_script(a->to.who, "dir=PATH", line + 5, err);
	if (strcmp(line, "virtual") == 0)
		a->isolation = ISOLATION_FULL;
	if (strcmp(line, "ready") == 0 && a->dir[0])
		return 1;
	if (strncmp(line, "dir ", 4) != 0)
		return 0;
	facts_set(&layer->facts, "connect_ns", "%" PRIu64, clock_now(&clock_machine) - a->began);
	if (a->dir[0] || take_dir(a, line + 4, err) < 0)
		return -1;
	/* Where it breaks off, what is said there tells why. */
	if (payload_send(&a->payload, put, t, &ignored) < 0 && talk_hear(t, last) == TALK_FINE)
		return obey(layer, a, t, last, err);
	return 0;
}

/* From the connection until the agent is started. */
static int prepare(struct layer *layer, void *ctx, struct err *err)
{
	struct attached *a = ctx;
	struct talk t = {.fd = layer->fd, .cancel_fd = layer->spec.cancel_fd, .end = a->end};
	char line[TALK_LINE];
	enum talk_end end;
	int done = 0;

	while (done == 0) {
		end = talk_hear(&t, line);
		done = end == TALK_FINE ? obey(layer, a, &t, line, err)
					: explain(a, end, layer, err);
	}
	if (done < 0)
		return -1;
	a->relay = relay_start(layer->fd, a->log, &layer->fd, err);
	if (!a->relay)
		layer->fd = -1;
	return a->relay ? 0 : -1;
}

static void stop(struct layer *layer)
{
	struct attached *a = layer->priv;

	if (!a)
		return;
	layer->priv = a->process;
	agent_process_stop(layer);
	relay_stop(a->relay);
	free(a);
}

static uint64_t scratch_bytes(const struct layer_spec *spec)
{
	struct stat st;

	return spec->scratch && stat(spec->scratch, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void describe(struct layer *layer, const struct attached *a)
{
	struct layer_inside *in = &layer->inside;
	char version[SSH_VERSION];
	struct err ignored;

	*in = (struct layer_inside){.work_dir = a->dir,
				    .scratch = scratch_bytes(&layer->spec) ? a->scratch : NULL};
	if (a->full && layer->spec.disk) {
		in->kernel = a->kernel;
		in->initrd = a->initrd;
		in->disk = a->disk;
	}
	facts_set(&layer->facts, "isolation", "%s",
		  isolation_name(layer->spec.depth ? a->isolation : ISOLATION_NONE));
	if (ssh_version(version, &ignored) == 0)
		facts_set(&layer->facts, "starter", "%s", version);
	facts_set(&layer->facts, "ssh_host", "%s", a->o.host);
	facts_set(&layer->facts, "ssh_agent", "%s", a->full ? "full" : "small");
	facts_set(&layer->facts, "copied_bytes", "%" PRIu64, payload_bytes(&a->payload));
}

/* Brings up what the attached machine is. */
static int connect_to(struct layer *layer, struct attached *a, struct err *err)
{
	const struct layer_spec *spec = &layer->spec;
	uint64_t limit = spec->boot_limit_ns ? spec->boot_limit_ns
					     : (a->full ? START_FULL_S : START_S) * NS_PER_S;
	const struct script script = {.dir = a->o.dir,
				      .bytes = payload_bytes(&a->payload),
				      .limit_s = (unsigned)(limit / NS_PER_S) + 1,
				      .scratch_bytes = scratch_bytes(spec),
				      .full = a->full,
				      .agent = a->full ? FULL AGENT : SMALL AGENT};
	struct buf command = BUF_INIT;
	const char *argv[SSH_ARGS];
	char sub_dir[AGENT_SUB_DIR];
	int done = -1;

	agent_process_place("ssh", spec, sub_dir, a->log);
	script_add(&script, &command);
	a->began = clock_now(&clock_machine);
	a->end = a->began + limit;
	if (buf_check(&command, err) == 0) {
		const struct agent_launch launch = {.sub_dir = sub_dir,
						    .argv = argv,
						    .limit_ns = limit,
						    .stop_ns = (a->full ? STOP_FULL_S : STOP_S) *
							       NS_PER_S,
						    .prepare = prepare,
						    .ctx = a};

		ssh_arguments(&a->o, &a->to, buf_str(&command), argv);
		done = agent_process_start(layer, &launch, err);
	}
	buf_release(&command);
	return done;
}

static int start(struct layer *layer, struct err *err)
{
	struct attached *a = calloc(1, sizeof(*a));
	int done = -1;

	if (!a)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (ssh_options_read(&layer->spec, &a->o, &a->to, err) == 0) {
		a->full = ssh_sends_full(&a->o, &layer->spec);
		done = choose_files(a, &layer->spec, err);
	}
	if (done == 0)
		done = connect_to(layer, a, err);
	a->process = layer->priv;
	layer->priv = a;
	if (done == 0)
		describe(layer, a);
	else
		stop(layer);
	return done;
}

static struct start_cost start_cost(const struct layer_spec *spec)
{
	struct ssh_options o;
	struct ssh_target to;
	struct err ignored;
	bool full = ssh_options_read(spec, &o, &to, &ignored) == 0 && ssh_sends_full(&o, spec);

	return (struct start_cost){.attempt_ns = (full ? START_FULL_S : START_S) * NS_PER_S,
				   .attempts = 1};
}

static void examine(struct layer *layer)
{
	const struct attached *a = layer->priv;
	struct err why;

	if (!a)
		return;
	explain_end(a, &why);
	str_copy(layer->evidence.why, sizeof(layer->evidence.why), why.text);
	evidence_set_file(&layer->evidence, EVIDENCE_CONSOLE, a->log);
}

const struct driver driver_ssh = {
	.name = "ssh",
	.summary = "a machine that exists, reached by ssh",
	.caps = CAP_SCRATCH | CAP_HOSTS | CAP_VIRT | CAP_EXISTS | CAP_ATTACHED,
	.isolation = ISOLATION_FULL,
	.options = ssh_option_table,
	.argument = "host",
	.check = check,
	.require = ssh_require,
	.probe = ssh_probe,
	.start = start,
	.start_cost = start_cost,
	.examine = examine,
	.stop = stop,
};
