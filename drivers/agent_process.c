/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/agent_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/program.h"
#include "lib/str.h"

/* STOP_S covers the VMs that a running agent has to end first. */
enum { FIRST_BYTE_S = 20, STOP_S = 15, STOP_UNHEARD_S = 1, KILL_S = 3 };

struct agent {
	struct child child;
	bool heard; /* it said its first byte */
	uint64_t stop_ns;
	bool own_dir; /* work_dir was made for it */
	char program[PATH_MAX];
	char work_dir[PATH_MAX], log[PATH_MAX];
};

void agent_process_place(const char *kind, const struct layer_spec *spec,
			 char sub_dir[AGENT_SUB_DIR], char log[PATH_MAX])
{
	snprintf(sub_dir, AGENT_SUB_DIR, "%.16s-%d-%d", kind, spec->layer, spec->sibling);
	if (log)
		snprintf(log, PATH_MAX, "%s/%s/agent.log", spec->work_dir, sub_dir);
}

int agent_process_program(const struct layer_spec *spec, char path[PATH_MAX], struct err *err)
{
	if (spec->program) {
		snprintf(path, PATH_MAX, "%s", spec->program);
		return 0;
	}
	/* Not /proc/self/exe itself: the child would be itself by then. */
	return program_self(path, err);
}

int agent_process_ended(const struct layer *layer, const char *program, struct err *err)
{
	return err_set(err, EXIT_INTERNAL, "the agent of layer %d (%s) ended before it said hello",
		       layer->spec.depth, program);
}

int agent_process_wait(const struct layer *layer, const char *program, uint64_t start,
		       uint64_t limit, struct err *err)
{
	const struct layer_spec *c = &layer->spec;

	for (;;) {
		struct pollfd p[2] = {{.fd = layer->fd, .events = POLLIN}, {.fd = c->cancel_fd}};
		uint64_t used = clock_now(&clock_machine) - start;
		ssize_t got;
		char byte;

		if (used >= limit)
			return err_set(err, EXIT_INTERNAL,
				       "the agent of layer %d (%s) said nothing within %.1f s",
				       c->depth, program, (double)limit / (double)NS_PER_S);
		if (poll(p, 2, (int)((limit - used) / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the agent");
		if (p[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return err_set(err, EXIT_INTERRUPTED, "starting the agent was cancelled");
		if (!p[0].revents)
			continue;
		got = recv(layer->fd, &byte, 1, MSG_PEEK);
		if (got == 1)
			return 0;
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return agent_process_ended(layer, program, err);
	}
}

static int make_work_dir(struct agent *a, const char *parent, const char *name, struct err *err)
{
	a->own_dir = name != NULL;
	snprintf(a->work_dir, sizeof(a->work_dir), "%s%s%s", parent, name ? "/" : "",
		 name ? name : "");
	snprintf(a->log, sizeof(a->log), "%s%s%s/agent.log", parent, name ? "/" : "",
		 name ? name : "");
	if (!name || mkdir(a->work_dir, 0700) == 0)
		return 0;
	a->own_dir = false;
	return err_errno(err, EXIT_MACHINE, "cannot make the work directory %s", a->work_dir);
}

static void remove_work_dir(const struct agent *a)
{
	struct err err;

	if (a->own_dir && file_remove_tree(a->work_dir, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
}

void agent_process_stop(struct layer *layer)
{
	struct agent *a = layer->priv;
	int status;

	/* End of file tells the agent to end its own child layers and then itself. */
	if (layer->fd >= 0) {
		shutdown(layer->fd, SHUT_RDWR);
		close(layer->fd);
		layer->fd = -1;
	}
	layer->priv = NULL;
	if (!a)
		return;
	child_wait(&a->child, a->heard ? a->stop_ns : STOP_UNHEARD_S * NS_PER_S, &status);
	child_stop(&a->child, KILL_S * NS_PER_S);
	remove_work_dir(a);
	free(a);
}

/* Starts the process at one end of a pair of sockets, of which the other is the layer's. */
static int start_process(struct layer *layer, struct agent *a, const char *const *argv,
			 struct err *err)
{
	const char *const plain[] = {a->program, "agent", "--port", "-", NULL};
	struct child_options opt = {.log = a->log};
	int pair[2], done;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pair of sockets for the agent");
	layer->fd = pair[0];
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	opt.stdio_fd = pair[1];
	done = child_start(&a->child, argv ? argv : plain, &opt, err);
	close(pair[1]);
	return done;
}

/* It was started and did not come up: another start may go better. Its log goes with its directory.
 */
static void note_lost(struct layer *layer, const struct agent *a, struct err *err)
{
	const struct err was = *err;
	char line[EVIDENCE_WHY];

	layer->lost = true;
	evidence_set_file(&layer->evidence, EVIDENCE_CONSOLE, a->log);
	if (file_line(line, sizeof(line), "%s", a->log) && line[0])
		err_set(err, was.code, "%s: %s", was.text, line);
}

/* What is run here. */
static int name_program(struct agent *a, const struct layer_spec *spec,
			const struct agent_launch *launch, struct err *err)
{
	if (!launch->argv)
		return agent_process_program(spec, a->program, err);
	str_copy(a->program, sizeof(a->program), launch->argv[0]);
	return 0;
}

/* How long its first byte may take. */
static uint64_t first_byte_ns(const struct layer_spec *spec, const struct agent_launch *launch)
{
	if (spec->boot_limit_ns)
		return spec->boot_limit_ns;
	return launch->limit_ns ? launch->limit_ns : FIRST_BYTE_S * NS_PER_S;
}

int agent_process_start(struct layer *layer, const struct agent_launch *launch, struct err *err)
{
	const struct layer_spec *c = &layer->spec;
	struct agent *a = calloc(1, sizeof(*a));
	uint64_t begin = clock_now(&clock_machine);

	if (!a)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	a->child = (struct child)CHILD_NONE;
	a->stop_ns = launch->stop_ns ? launch->stop_ns : STOP_S * NS_PER_S;
	layer->priv = a;
	layer->fd = -1;
	layer->lost = false;
	if (make_work_dir(a, c->work_dir, launch->sub_dir, err) < 0 ||
	    name_program(a, c, launch, err) < 0 || start_process(layer, a, launch->argv, err) < 0 ||
	    (launch->prepare && launch->prepare(layer, launch->ctx, err) < 0)) {
		agent_process_stop(layer);
		return -1;
	}
	if (agent_process_wait(layer, a->program, begin, first_byte_ns(c, launch), err) < 0) {
		if (err->code != EXIT_INTERRUPTED)
			note_lost(layer, a, err);
		agent_process_stop(layer);
		return -1;
	}
	a->heard = true;
	layer->inside = (struct layer_inside){.work_dir = a->work_dir,
					      .scratch = c->scratch,
					      .kernel = c->kernel,
					      .initrd = c->initrd,
					      .disk = c->disk};
	facts_set(&layer->facts, "boot_ns", "%" PRIu64, clock_now(&clock_machine) - begin);
	/* Of a CPU elsewhere that side tells. */
	layer_tell_kind(layer, launch->prepare ? NULL : "no");
	return 0;
}

pid_t agent_process_pid(const void *priv)
{
	const struct agent *a = priv;

	return a->child.pid;
}
