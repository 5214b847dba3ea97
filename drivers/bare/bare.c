/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/program.h"

/* STOP_S covers the VMs that a running agent has to end first. */
enum { ARGS = 24, FIRST_BYTE_S = 20, STOP_S = 15, STOP_UNHEARD_S = 1, KILL_S = 3 };

struct agent {
	struct child child;
	bool heard; /* it said its first byte */
	char program[PATH_MAX];
	char log[PATH_MAX];
};

static void add_option(const char *argv[ARGS], int *argc, const char *name, const char *value)
{
	if (!value)
		return;
	argv[(*argc)++] = name;
	argv[(*argc)++] = value;
}

static int choose_program(struct agent *a, const struct layer_config *c, struct err *err)
{
	if (c->program) {
		snprintf(a->program, sizeof(a->program), "%s", c->program);
		return 0;
	}
	/* Not /proc/self/exe itself: the child would be itself by then. */
	return program_self(a->program, err);
}

static int start_child(struct agent *a, const struct layer_config *c, int fd, struct err *err)
{
	const struct child_options opt = {.stdio_fd = fd, .log = a->log};
	const char *argv[ARGS] = {a->program, "agent", "--depth", "0", "--port", "-"};
	int argc = 6;

	add_option(argv, &argc, "--work-dir", c->work_dir);
	add_option(argv, &argc, "--connect", c->uri);
	add_option(argv, &argc, "--emulator", c->emulator);
	add_option(argv, &argc, "--disk", c->disk);
	add_option(argv, &argc, "--kernel", c->kernel);
	add_option(argv, &argc, "--initrd", c->initrd);
	add_option(argv, &argc, "--scratch", c->scratch);
	return child_start(&a->child, argv, &opt, err);
}

static int wait_first_byte(const struct layer *layer, const struct agent *a, uint64_t start,
			   struct err *err)
{
	const struct layer_config *c = &layer->config;
	uint64_t limit = c->boot_limit_ns ? c->boot_limit_ns : FIRST_BYTE_S * NS_PER_S;

	for (;;) {
		struct pollfd p[2] = {{.fd = layer->fd, .events = POLLIN}, {.fd = c->cancel_fd}};
		uint64_t used = clock_now(&clock_machine) - start;
		ssize_t got;
		char byte;

		if (used >= limit)
			return err_set(
				err, EXIT_INTERNAL,
				"the agent of layer %d (%s) said nothing within %.1f s; see %s",
				c->depth, a->program, (double)limit / (double)NS_PER_S, a->log);
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
			return err_set(
				err, EXIT_INTERNAL,
				"the agent of layer %d (%s) ended before it said a word; see %s",
				c->depth, a->program, a->log);
	}
}

static void stop(struct layer *layer)
{
	struct agent *a = layer->priv;
	int status;

	/* End of file tells the agent to end its own VMs and then itself. */
	if (layer->fd >= 0) {
		shutdown(layer->fd, SHUT_RDWR);
		close(layer->fd);
		layer->fd = -1;
	}
	layer->priv = NULL;
	if (!a)
		return;
	child_wait(&a->child, (a->heard ? STOP_S : STOP_UNHEARD_S) * NS_PER_S, &status);
	child_stop(&a->child, KILL_S * NS_PER_S);
	free(a);
}

static int start(struct layer *layer, struct err *err)
{
	struct agent *a = calloc(1, sizeof(*a));
	uint64_t begin = clock_now(&clock_machine);
	int pair[2] = {-1, -1}, rc = -1;

	if (!a)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	a->child = (struct child)CHILD_NONE;
	layer->priv = a;
	layer->fd = -1;
	if (choose_program(a, &layer->config, err) < 0)
		goto out;
	snprintf(a->log, sizeof(a->log), "%s/agent.log", layer->config.work_dir);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot make a pair of sockets for the agent");
		goto out;
	}
	layer->fd = pair[0];
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	if (start_child(a, &layer->config, pair[1], err) < 0)
		goto out;
	close(pair[1]);
	pair[1] = -1;
	if (wait_first_byte(layer, a, begin, err) < 0)
		goto out;
	a->heard = true;
	facts_set(&layer->facts, "boot_ns", "%" PRIu64, clock_now(&clock_machine) - begin);
	rc = 0;
out:
	if (pair[1] >= 0)
		close(pair[1]);
	if (rc < 0)
		stop(layer);
	return rc;
}

const struct driver driver_bare = {.name = "bare", .start = start, .stop = stop};
