/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind guest: a domain that exists and has the QEMU guest agent. What is here needs no libvirt;
 * the rest of the folder is in the module of drivers/libvirt.
 *
 * Facts beside those of every kind: accel ("kvm" or "tcg", by the domain's type), libvirt,
 * guest_agent (versions), uri, domain, guest_ping_ns (a request to the guest agent).
 */
#include "drivers/guest/guest.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "drivers/agent_process.h"
#include "drivers/libvirt/ops.h"
#include "lib/clock.h"
#include "lib/file.h"

/* The programs are 6 MB, which take a second to copy, and several into an emulated guest. */
#define START_NS (120 * NS_PER_S)

enum { DIR_MAX = 64 };

struct guest_options {
	const char *domain, *uri, *dir;
};

#define AT(member) offsetof(struct guest_options, member)

static const struct option options[] = {
	{"domain", OPT_TEXT, AT(domain), "NAME", NULL, 0, 0, "of a domain that runs"},
	{"uri", OPT_TEXT, AT(uri), "URI", GUEST_URI, 0, 0, "of the libvirt that has it"},
	{"dir", OPT_TEXT, AT(dir), "PATH", "/tmp", 0, 0,
	 "in the guest, where a directory is made for the time of the run"},
	{0},
};

extern const struct driver driver_guest;

/* A layer that is up, or was. */
struct guest {
	void *process; /* as agent_process.c keeps it */
	char dir[DIR_MAX + 40];
	char log[PATH_MAX];
};

static int read_options(const struct layer_spec *spec, struct guest_options *o, struct err *err)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";

	*o = (struct guest_options){0};
	if (driver_options(&driver_guest, spec->options, o, err) < 0)
		return -1;
	if (!o->domain || !*o->domain)
		return err_set(err, EXIT_USAGE,
			       "a layer of kind guest needs the name of a domain: guest=NAME");
	/* A shell there gets it as a word. */
	if (o->dir[0] != '/' || strlen(o->dir) > DIR_MAX || o->dir[strspn(o->dir, allowed)] != '\0')
		return err_set(err, EXIT_USAGE,
			       "dir \"%.80s\" is not an absolute path of at most %d letters, "
			       "digits, \".\", \"_\", \"-\"",
			       o->dir, DIR_MAX);
	return 0;
}

static int check(const struct layer_spec *spec, struct err *err)
{
	struct guest_options o;

	if (read_options(spec, &o, err) < 0)
		return -1;
	if (spec->depth == 0)
		return err_set(err, EXIT_USAGE,
			       "guest cannot stand first: the machine whose libvirt has the domain "
			       "stands before it (bare/guest=%.80s)",
			       o.domain);
	return 0;
}

static struct guest_target target_of(const struct guest_options *o)
{
	return (struct guest_target){.uri = o->uri, .domain = o->domain, .stop_fd = -1};
}

static int look(const struct guest_options *o, struct guest_found *found, struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);
	const struct guest_target t = target_of(o);

	return ops ? ops->guest_look(&t, found, err) : -1;
}

static void require(const struct driver_probe *p, const struct layer_spec *spec)
{
	struct guest_options o;
	struct guest_found found;
	struct err err;

	if (read_options(spec, &o, &err) < 0)
		p->say(p->ctx, FINDING_FAIL, "guest", "%s", err.text);
	else if (spec->depth > 1)
		p->say(p->ctx, FINDING_NOTE, "guest",
		       "whether L%d has the domain %s is seen when it runs", spec->depth - 1,
		       o.domain);
	else if (look(&o, &found, &err) < 0)
		p->say(p->ctx, FINDING_FAIL, "guest", "%s", err.text);
	else
		p->say(p->ctx, FINDING_OK, "guest",
		       "the QEMU guest agent %s in %s answers in %.1f ms and may write files and "
		       "start programs",
		       found.agent, o.domain, (double)found.round_trip_ns / 1e6);
}

/* A directory that nothing else has. */
static int choose_dir(struct guest *g, const struct guest_options *o, struct err *err)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return err_errno(err, EXIT_INTERNAL, "cannot choose a name at random");
	snprintf(g->dir, sizeof(g->dir), "%s/nestbench-%016" PRIx64, o->dir, number);
	return 0;
}

/* What this path cannot do as others can. */
static void tell_limits(struct layer *layer, const struct guest_options *o)
{
	facts_set(&layer->facts, "warning",
		  "Layer L%d is reached through the QEMU guest agent, which has no streams: its "
		  "answers are polled, up to %d ms apart. Round trips and times on the host's "
		  "clock are too long by that, several copies do not begin together, and polls "
		  "use a little of its CPU. Times inside are its own clock's",
		  layer->spec.depth, (int)(GUEST_POLL_MAX_NS / NS_PER_MS));
	facts_set(&layer->facts, "not_honoured",
		  "The domain %s keeps the CPUs and the memory that it has.", o->domain);
}

static void tell_found(struct layer *layer, const struct guest_options *o,
		       const struct guest_found *found)
{
	struct facts *f = &layer->facts;

	layer_tell_kind(layer, found->emulated ? "yes" : "no");
	facts_set(f, "accel", "%s", found->emulated ? "tcg" : "kvm");
	facts_set(f, "starter", "libvirt %s, QEMU guest agent %s", found->libvirt, found->agent);
	facts_set(f, "libvirt", "%s", found->libvirt);
	facts_set(f, "guest_agent", "%s", found->agent);
	facts_set(f, "guest_ping_ns", "%" PRIu64, found->round_trip_ns);
	facts_set(f, "uri", "%s", o->uri);
	facts_set(f, "domain", "%s", o->domain);
	tell_limits(layer, o);
}

/* The process between us says why it ended. */
static void examine(struct layer *layer)
{
	const struct guest *g = layer->priv;

	if (!g || !file_line(layer->evidence.why, sizeof(layer->evidence.why), "%s", g->log))
		return;
	evidence_set_file(&layer->evidence, EVIDENCE_CONSOLE, g->log);
}

static void stop(struct layer *layer)
{
	struct guest *g = layer->priv;

	if (!g)
		return;
	layer->priv = g->process;
	agent_process_stop(layer);
	free(g);
}

static int launch(struct layer *layer, struct guest *g, const struct guest_options *o,
		  struct err *err)
{
	char program[PATH_MAX], sub_dir[AGENT_SUB_DIR];
	const char *const argv[] = {program, "guest", "--uri",	 o->uri,
				    "--dir", g->dir,  o->domain, NULL};
	const struct agent_launch how = {.sub_dir = sub_dir, .argv = argv, .limit_ns = START_NS};
	int done;

	agent_process_place("guest", &layer->spec, sub_dir, g->log);
	if (agent_process_program(&layer->spec, program, err) < 0)
		return -1;
	layer->priv = NULL;
	done = agent_process_start(layer, &how, err);
	g->process = layer->priv;
	return done;
}

static int start(struct layer *layer, struct err *err)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct guest_found found;
	struct guest_options o;
	int done = -1;

	layer->fd = -1;
	layer->lost = false;
	if (!g)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (read_options(&layer->spec, &o, err) == 0 && look(&o, &found, err) == 0 &&
	    choose_dir(g, &o, err) == 0)
		done = launch(layer, g, &o, err);
	layer->priv = g;
	if (done < 0) {
		stop(layer);
		return -1;
	}
	layer->inside = (struct layer_inside){.work_dir = g->dir};
	tell_found(layer, &o, &found);
	return 0;
}

static struct start_cost start_cost(const struct layer_spec *spec)
{
	return (struct start_cost){.attempt_ns = START_NS, .attempts = 2};
}

const struct driver driver_guest = {
	.name = "guest",
	.summary = "a VM that exists, through the QEMU guest agent in it, without a network",
	.caps = CAP_EXISTS,
	.polled = true,
	.isolation = ISOLATION_FULL,
	.options = options,
	.argument = "domain",
	.check = check,
	.require = require,
	.start = start,
	.start_cost = start_cost,
	.examine = examine,
	.stop = stop,
};
