/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a domain can serve as a layer. Nothing is changed there. */
#include <stdlib.h>
#include <string.h>

#include "drivers/guest/requests.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"
#include "lib/str.h"

#define CHANNEL "org.qemu.guest_agent.0"

/* What is asked of the guest agent. */
static const char *const needed[] = {"guest-exec",	"guest-exec-status", "guest-file-open",
				     "guest-file-read", "guest-file-write",  "guest-file-flush",
				     "guest-file-close"};

static int check_runs(struct guest_agent *g, struct err *err)
{
	int state, reason;

	libvirt_watch_begin("virDomainGetState");
	if (virDomainGetState(g->domain, &state, &reason, 0) < 0)
		state = VIR_DOMAIN_NOSTATE;
	libvirt_watch_end();
	if (state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED)
		return 0;
	if (state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_PMSUSPENDED)
		return err_set(err, EXIT_MACHINE,
			       "the domain %s is paused: let it go on (virsh -c %s resume %s)",
			       g->name, g->session.uri, g->name);
	return err_set(err, EXIT_MACHINE,
		       "the domain %s does not run: start it (virsh -c %s start %s)", g->name,
		       g->session.uri, g->name);
}

/* The element that holds this text, up to its end; NULL: there is none. libvirt writes the XML. */
static char *element_with(const char *xml, const char *name, const char *text)
{
	char begin[32], end[32];

	snprintf(begin, sizeof(begin), "<%s ", name);
	snprintf(end, sizeof(end), "</%s>", name);
	for (const char *at = xml; (at = strstr(at, begin)); at++) {
		const char *until = strstr(at, end), *found = strstr(at, text);

		if (until && found && found < until)
			return strndup(at, (size_t)(until - at));
	}
	return NULL;
}

/* libvirt tells whether something in the guest has the channel open. */
static int check_channel(const struct guest_agent *g, const char *xml, struct err *err)
{
	char *channel = element_with(xml, "channel", "name='" CHANNEL "'");
	int done = 0;

	if (!channel)
		done = err_set(err, EXIT_MACHINE,
			       "the domain %s has no channel to a guest agent: add <channel "
			       "type='unix'><target type='virtio' name='" CHANNEL
			       "'/></channel> to it (virsh -c %s edit %s)",
			       g->name, g->session.uri, g->name);
	else if (strstr(channel, "state='disconnected'"))
		done = err_set(err, EXIT_MACHINE,
			       "no guest agent runs in the domain %s: install qemu-guest-agent "
			       "there and start it (systemctl start qemu-guest-agent)",
			       g->name);
	free(channel);
	return done;
}

static int check_xml(struct guest_agent *g, struct guest_found *found, struct err *err)
{
	char *xml;
	int done;

	libvirt_watch_begin("virDomainGetXMLDesc");
	xml = virDomainGetXMLDesc(g->domain, 0);
	libvirt_watch_end();
	if (!xml)
		return libvirt_err(err, EXIT_MACHINE, "the domain %s", g->name);
	found->emulated = strncmp(xml, "<domain type='qemu'", 19) == 0;
	if (!found->emulated && strncmp(xml, "<domain type='kvm'", 18) != 0)
		done = err_set(err, EXIT_MACHINE,
			       "the domain %s is no VM of QEMU, which a guest agent needs",
			       g->name);
	else if (!strstr(xml, "arch='x86_64'"))
		done = err_set(err, EXIT_MACHINE,
			       "the domain %s is no x86-64 VM, which the programs need", g->name);
	else
		done = check_channel(g, xml, err);
	free(xml);
	return done;
}

/* 1: it can; 0: it is switched off; -1: it has no such request. */
static int can(const json_t *info, const char *verb)
{
	const json_t *list = json_object_get(info, "supported_commands"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));

		if (name && strcmp(name, verb) == 0)
			return json_is_true(json_object_get(one, "enabled"));
	}
	return -1;
}

static int check_requests(const struct guest_agent *g, const json_t *info, struct err *err)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		int able = can(info, needed[i]);

		if (able < 0)
			return err_set(err, EXIT_MACHINE,
				       "the guest agent of %s is too old, it has no %s: install "
				       "one from QEMU 2.5 or later there",
				       g->name, needed[i]);
		if (!able)
			return err_set(
				err, EXIT_MACHINE,
				"the guest agent of %s has %s switched off: take it out of "
				"its block list there (block-rpcs or blacklist in "
				"/etc/qemu/qemu-ga.conf, BLACKLIST_RPC or FILTER_RPC_ARGS in "
				"/etc/sysconfig/qemu-ga) and restart qemu-guest-agent",
				g->name, needed[i]);
	}
	return 0;
}

/* Agents before QEMU 2.10, or with that switched off, do not tell. */
static int check_system(struct guest_agent *g, const json_t *info, struct guest_found *found,
			struct err *err)
{
	const char *machine, *kernel;
	json_t *system;
	int done = 0;

	if (can(info, "guest-get-osinfo") <= 0)
		return 0;
	system = guest_request(g, "guest-get-osinfo", NULL, err);
	if (!system)
		return -1;
	machine = json_string_value(json_object_get(system, "machine"));
	kernel = json_string_value(json_object_get(system, "kernel-release"));
	str_copy(found->kernel, sizeof(found->kernel), kernel ? kernel : "");
	if (machine && strcmp(machine, "x86_64") != 0)
		done = err_set(err, EXIT_MACHINE,
			       "the system in %s is for %.20s: the programs need Linux on x86-64",
			       g->name, machine);
	json_decref(system);
	return done;
}

/* Its first answer is slower than the ones behind it. */
static int time_ping(struct guest_agent *g, struct guest_found *found, struct err *err)
{
	uint64_t start = 0;

	for (int i = 0; i < 2; i++) {
		json_t *answer;

		start = clock_now(&clock_machine);
		answer = guest_request(g, "guest-ping", NULL, err);
		if (!answer)
			return -1;
		json_decref(answer);
	}
	found->round_trip_ns = clock_now(&clock_machine) - start;
	return 0;
}

static int ask_agent(struct guest_agent *g, struct guest_found *found, struct err *err)
{
	json_t *info = guest_request(g, "guest-info", NULL, err);
	const char *version = json_string_value(json_object_get(info, "version"));
	int done = -1;

	str_copy(found->agent, sizeof(found->agent), version ? version : "?");
	if (info && check_requests(g, info, err) == 0 && check_system(g, info, found, err) == 0)
		done = time_ping(g, found, err);
	json_decref(info);
	return done;
}

int guest_look(const struct guest_target *t, struct guest_found *found, struct err *err)
{
	struct guest_agent g;
	int done = -1;

	*found = (struct guest_found){.emulated = false};
	if (guest_agent_open(&g, t, err) < 0)
		return -1;
	str_copy(found->libvirt, sizeof(found->libvirt), g.session.version);
	if (check_runs(&g, err) == 0 && check_xml(&g, found, err) == 0)
		done = ask_agent(&g, found, err);
	guest_agent_close(&g);
	return done;
}
