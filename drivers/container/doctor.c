/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What doctor says of containers, and what a run needs for one. */
#include <inttypes.h>

#include "drivers/container/ability.h"
#include "drivers/container/container.h"

static void say_lack(const struct driver_probe *p, enum finding f, const char *topic, bool lacks,
		     const struct err *why, const char *fine)
{
	p->say(p->ctx, lacks ? f : FINDING_OK, topic, "%s", lacks ? why->text : fine);
}

static void say_limits(const struct driver_probe *p, const struct ability *a)
{
	if (a->groups[0])
		p->say(p->ctx, FINDING_NOTE, "container limits",
		       "the memory of containers cannot be limited: %s", a->groups);
	else
		p->say(p->ctx, FINDING_OK, "container limits",
		       "control groups of version %d limit the memory of containers", a->cgroup);
}

static void say_all(const struct driver_probe *p, enum container_by by, const struct ability *a,
		    enum finding missing)
{
	struct err lxc, bwrap;
	bool no_lxc = ability_lacks_lxc(a, &lxc), no_bwrap = ability_lacks_bwrap(a, &bwrap);
	bool other = by == BY_AUTO && (!no_lxc || !no_bwrap);

	if (by != BY_BWRAP)
		say_lack(p, other ? FINDING_NOTE : missing, "container:lxc", no_lxc, &lxc,
			 "libvirt's LXC driver is there, and we are root");
	if (by != BY_LXC)
		say_lack(p, other ? FINDING_NOTE : missing, "container:bwrap", no_bwrap, &bwrap,
			 a->admin ? "bubblewrap is there, and may make namespaces"
				  : "bubblewrap is there, and users may make user namespaces");
	if (by != BY_LXC || a->groups[0])
		say_limits(p, a);
}

void container_probe(const struct driver_probe *p)
{
	struct ability a;

	ability_read("", &a);
	/* Other kinds may do. */
	say_all(p, BY_AUTO, &a, FINDING_NOTE);
}

/* A guest's kernel and user can do it; the image has the programs that are installed here. */
static void say_image(const struct driver_probe *p, enum container_by by)
{
	bool no_bwrap, no_lxc;
	struct ability a;

	ability_read("", &a);
	no_bwrap = !a.bwrap[0];
	no_lxc = !a.lxc.libvirtd[0] || !a.lxc.driver[0] || !a.lxc.controller[0];
	if ((by == BY_AUTO && no_bwrap && no_lxc) || (by == BY_BWRAP && no_bwrap))
		p->say(p->ctx, FINDING_FAIL, "container",
		       "the guest image cannot get bwrap, which is not installed here: apt-get "
		       "install " BWRAP_PACKAGE);
	else if (by == BY_LXC && no_lxc)
		p->say(p->ctx, FINDING_FAIL, "container",
		       "the guest image cannot get libvirt's LXC driver, which is not installed "
		       "here: apt-get install libvirt-daemon libvirt-daemon-driver-lxc");
	else
		p->say(p->ctx, FINDING_OK, "container",
		       "the guest image of its parent layer has what makes it, and the agent there "
		       "is root");
}

void container_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	const struct driver *parent = spec->outer ? spec->outer[spec->depth - 1] : NULL;
	enum container_by by;
	struct ability a;
	struct err err;

	if (container_read_options(spec, &by, &err) < 0) {
		p->say(p->ctx, FINDING_FAIL, "container", "%s", err.text);
		return;
	}
	if (spec->depth > 1 && parent && parent->caps & CAP_OWN_KERNEL) {
		say_image(p, by);
		return;
	}
	if (spec->depth > 1 && parent && parent->caps & CAP_ATTACHED) {
		p->say(p->ctx, FINDING_NOTE, "container",
		       "only its parent layer, a machine of its own, can tell whether it can be "
		       "started there");
		return;
	}
	ability_read("", &a);
	say_all(p, by, &a, FINDING_FAIL);
}
