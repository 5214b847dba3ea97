/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A container by libvirt's LXC driver, as root: namespaces, and control groups for CPUs and memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/agent_process.h"
#include "drivers/container/container.h"
#include "drivers/container/daemon.h"
#include "drivers/container/lxc_xml.h"
#include "drivers/libvirt/ops.h"
#include "lib/clock.h"
#include "lib/file.h"

/* END_S covers the guests that a running agent has to end first. */
enum { HELLO_S = 60, END_S = 15 };

struct lxc {
	struct daemon daemon;
	struct libvirt_domain *domain; /* NULL: none */
	char root[DAEMON_PATH + 16], log[VIEW_PATH + 16];
	bool heard;
};

static char *make_xml(const struct layer *layer, const struct container *c, struct lxc *x,
		      struct err *err)
{
	const struct lxc_config config = {
		.name = c->name,
		.cpus = c->cpus,
		.vcpus = layer->spec.vcpus,
		.memory_bytes = layer->spec.memory_bytes,
		.root = x->root,
		.view = &c->view,
		.log = x->log,
	};

	snprintf(x->root, sizeof(x->root), "%s/root", x->daemon.dir);
	snprintf(x->log, sizeof(x->log), "%s/agent.log", c->view.work_dir);
	if (file_make_dirs(x->root, err) < 0 || file_make_dirs(c->view.work_dir, err) < 0)
		return NULL;
	return lxc_xml(&config, err);
}

/* Creates the domain with one end of a pair of sockets, of which the other is the layer's. */
static int create(struct layer *layer, struct lxc *x, const struct libvirt_ops *ops,
		  const char *uri, const char *xml, struct err *err)
{
	char version[32];
	int pair[2], done;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pair of sockets for the agent");
	layer->fd = pair[0];
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	done = ops->start_with_fd(&layer->spec, uri, xml, pair[1], &x->domain, version, err);
	close(pair[1]);
	if (done == 0)
		facts_set(&layer->facts, "starter", "libvirt %s, LXC", version);
	return done;
}

/* It was started and did not come up: another start may go better. */
static void note_lost(struct layer *layer, const struct lxc *x, struct err *err)
{
	const struct err was = *err;
	char line[EVIDENCE_WHY];

	if (was.code == EXIT_INTERRUPTED)
		return;
	layer->lost = true;
	evidence_set_file(&layer->evidence, EVIDENCE_CONSOLE, x->log);
	if (file_line(line, sizeof(line), "%s", x->log) && line[0])
		err_set(err, was.code, "%s: %s", was.text, line);
}

static int bring_up(struct layer *layer, struct container *c, struct lxc *x, struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);
	const struct layer_spec *s = &layer->spec;
	uint64_t limit = s->boot_limit_ns ? s->boot_limit_ns : HELLO_S * NS_PER_S;
	char dir[VIEW_PATH], uri[DAEMON_PATH + 64], said[8], *xml;
	uint64_t begin;
	int done;

	snprintf(dir, sizeof(dir), "%.*s/l%d-%d",
		 (int)(strrchr(c->view.work_dir, '/') - c->view.work_dir), c->view.work_dir,
		 s->layer, s->sibling);
	if (s->waits_for)
		s->waits_for(s->waits_ctx, "a private libvirtd");
	if (!ops || daemon_start(&x->daemon, dir, s->cancel_fd, uri, err) < 0)
		return -1;
	xml = make_xml(layer, c, x, err);
	begin = clock_now(&clock_machine);
	done = xml ? create(layer, x, ops, uri, xml, err) : -1;
	free(xml);
	if (done < 0) {
		/* Its agent has said something: it ran, and was gone before libvirt was done. */
		if (file_line(said, sizeof(said), "%s", x->log) && said[0]) {
			agent_process_ended(layer, c->view.program, err);
			note_lost(layer, x, err);
		}
		return -1;
	}
	if (agent_process_wait(layer, c->view.program, begin, limit, err) < 0) {
		note_lost(layer, x, err);
		return -1;
	}
	x->heard = true;
	facts_set(&layer->facts, "boot_ns", "%" PRIu64, clock_now(&clock_machine) - begin);
	return 0;
}

int lxc_start(struct layer *layer, struct container *c, struct err *err)
{
	struct lxc *x = calloc(1, sizeof(*x));
	const struct layer_spec *s = &layer->spec;

	if (!x)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	x->daemon = (struct daemon)DAEMON_NONE;
	c->priv = x;
	layer->fd = -1;
	layer->lost = false;
	if (bring_up(layer, c, x, err) < 0)
		return -1;
	layer->inside = (struct layer_inside){.work_dir = c->view.work_dir,
					      .scratch = s->scratch,
					      .kernel = s->kernel,
					      .initrd = s->initrd,
					      .disk = s->disk};
	layer_tell_kind(layer, "no");
	return 0;
}

/* libvirt's controller of the container, as the daemon keeps it. */
pid_t lxc_pid(const struct container *c)
{
	const struct lxc *x = c->priv;
	uint64_t pid;

	return file_number(&pid, "%s/run/lxc/%s.pid", x->daemon.dir, c->name) ? (pid_t)pid : 0;
}

/* Tells the agent to end, and waits until it has. */
static void end_agent(struct layer *layer, const struct lxc *x)
{
	uint64_t end = clock_now(&clock_machine) + (x->heard ? END_S * NS_PER_S : 0);
	struct pollfd p = {.fd = layer->fd, .events = POLLIN};
	char ignored[4096];

	shutdown(layer->fd, SHUT_WR);
	for (uint64_t now; (now = clock_now(&clock_machine)) < end;)
		if (poll(&p, 1, (int)((end - now) / NS_PER_MS) + 1) > 0 &&
		    read(layer->fd, ignored, sizeof(ignored)) <= 0 && errno != EINTR)
			break;
	close(layer->fd);
	layer->fd = -1;
}

#define GROUPS "/sys/fs/cgroup/{,*/}machine"

static int remove_matching(const char *pattern, bool dry_run, struct buf *said)
{
	glob_t found = {0};
	int count = 0;

	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (dry_run || rmdir(found.gl_pathv[i]) == 0) {
				buf_addf(said, "%s%s", said->len ? ", " : "", found.gl_pathv[i]);
				count++;
			}
	globfree(&found);
	return count;
}

/* The group around the domains' groups that libvirt makes and leaves. */
static void remove_groups(void)
{
	struct buf ignored = BUF_INIT;

	(void)remove_matching(GROUPS, false, &ignored);
	buf_release(&ignored);
}

int lxc_tidy(const char *prefix, bool dry_run, struct buf *said)
{
	char pattern[PATH_MAX];
	int count;

	snprintf(pattern, sizeof(pattern), GROUPS "/*%s*{/libvirt,}", prefix);
	count = remove_matching(pattern, dry_run, said);
	count += daemon_tidy(dry_run, said);
	if (!dry_run)
		remove_groups();
	return count;
}

void lxc_stop(struct layer *layer, struct container *c)
{
	struct lxc *x = c->priv;
	struct err err;

	if (!x)
		return;
	if (layer->fd >= 0)
		end_agent(layer, x);
	if (x->domain)
		libvirt_ops_load(&err)->end(x->domain);
	daemon_stop(&x->daemon);
	if (file_remove_tree(c->view.work_dir, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
	remove_groups();
	c->priv = NULL;
	free(x);
}
