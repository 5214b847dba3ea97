/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <inttypes.h>
#include <string.h>

#include "bench/agent/layer_message.h"
#include "bench/session/kept.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/layers.h"

/* Longer, no boot is believed to have taken. */
#define BOOT_MAX_NS (3600 * NS_PER_S)

/* Whether its CPU is made by software, whatever accelerator it has itself. */
static bool is_emulated(const struct session *s, uint32_t layer, const struct facts *facts)
{
	const struct layer_tree *tree = &s->c->stack->tree;
	struct layer_facts item[DEPTH_MAX + 1];
	uint32_t depth = tree->layer[layer].depth, at = layer;
	struct layers layers = {.item = item, .count = depth + 1};

	/* The way to it is a chain. */
	for (uint32_t k = depth + 1; k-- > 0; at = tree->layer[at].parent)
		item[k] = (struct layer_facts){.layer = k,
					       .facts = at == layer ? *facts : s->known[at]};
	return layers_cpu(&layers, depth) == CPU_EMULATED;
}

/* What it was given, shares, or has. */
static const char *describe_memory(const struct session *s, uint32_t layer,
				   const struct facts *facts, char text[SIZE_TEXT])
{
	const struct driver *d = s->c->stack->driver[layer];
	const char *given = facts_get(facts, "vm_memory_bytes"),
		   *own = facts_get(facts, "memory_bytes");
	struct err ignored;
	uint64_t bytes;

	if (!given && !(d->caps & CAP_EXISTS))
		return "memory of its parent layer";
	if (!given && !own)
		return "unknown memory";
	if (parse_u64(given ? given : own, "memory", 0, UINT64_MAX, &bytes, &ignored) < 0)
		return "unknown memory";
	return format_size_short(bytes, text);
}

static void say_layer(struct session *s, uint32_t layer, const struct facts *facts)
{
	static const char *const more[] = {"accel_reason", "warning", "parent_check"};
	const char *boot = facts_get(facts, "boot_ns"), *place = facts_get(facts, "placement");
	const char *vcpus = facts_get(facts, "vcpus");
	char memory[SIZE_TEXT], time[SIZE_TEXT];
	uint64_t ns = 0;
	struct err ignored;

	if (layer == 0)
		return;
	if (boot)
		(void)parse_u64(boot, "boot_ns", 0, UINT64_MAX, &ns, &ignored);
	progress_note(s->p, "%s is up after %s: %s%s, %s vCPU%s, %s%s%s", session_name(s, layer),
		      format_duration_short((double)ns, time), facts_get(facts, "accel"),
		      is_emulated(s, layer, facts) ? " (emulated CPU)" : "",
		      vcpus ? vcpus : "unknown", vcpus && strcmp(vcpus, "1") == 0 ? "" : "s",
		      describe_memory(s, layer, facts, memory), place ? ", " : "",
		      place ? place : "");
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (facts_get(facts, more[i]))
			progress_note(s->p, "   %s", facts_get(facts, more[i]));
}

/* What its parent layer could not do for it, and what it cannot do itself. */
static void say_not_honoured(struct session *s, uint32_t layer, const struct facts *facts)
{
	static const char *const keys[] = {"not_honoured", "not_honoured.pinning"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (facts_get(facts, keys[i]))
			progress_say(s->p, "   %s not as asked: %s", session_name(s, layer),
				     facts_get(facts, keys[i]));
}

static uint32_t depth_of(const struct session *s, uint32_t layer)
{
	return s->c->stack->tree.layer[layer].depth;
}

/* Net kernels need a card and a peer, a few others a balloon or an HPET; other runs are spared. */
static struct device_request devices_of(const struct session_config *c, uint32_t layer,
					uint32_t sibling)
{
	struct device_request devices = c->devices;

	if (!work_list_needs(c->works, NEEDS_NET) || !(c->stack->driver[layer]->caps & CAP_NET))
		devices.net = NET_NONE;
	devices.balloon = work_list_needs(c->works, NEEDS_BALLOON);
	devices.hpet = work_list_needs(c->works, NEEDS_HPET);
	if (!(c->stack->driver[layer]->caps & CAP_RESOURCES))
		devices.hugepages = false;
	/* A device is assigned once. */
	if (sibling)
		devices.hostdevs = 0;
	return devices;
}

/* Of `layer`, the first or a sibling, what its parent layer is asked for. */
static int make_spec(const struct session *s, uint32_t layer, uint32_t sibling,
		     struct layer_spec *spec, struct err *err)
{
	const struct session_config *c = s->c;
	struct vm_size size;

	if (vm_size_of(&c->vm_size, layer, &size, err) < 0)
		return -1;
	*spec = (struct layer_spec){
		.layer = (int)layer,
		.depth = (int)c->stack->tree.layer[layer].depth,
		.below = (int)stack_below(c->stack, layer),
		.sibling = (int)sibling,
		.siblings = layer == session_sibling_layer(s) ? (int)c->vm_size.guests : 1,
		.vcpus = (int)size.vcpus,
		.measured_vcpus = (int)size.planned,
		.memory_bytes = size.memory_bytes,
		.run = c->run,
		.options = &c->stack->options[layer],
		.hostdevs = depth_of(s, layer) == 1 ? c->devices.hostdevs : 0,
		.boot_limit_ns = c->boot_limit_ns,
		.boot_limit_firm = c->boot_limit_ns > 0,
	};
	return 0;
}

/* Asks for the start of `layer`: the first, or a sibling. */
static int start_child(struct session *s, uint32_t layer, uint32_t sibling, struct facts *facts,
		       struct err *err)
{
	const struct driver *driver = s->c->stack->driver[layer];
	struct device_request devices = devices_of(s->c, layer, sibling);
	struct start_limit limit;
	struct layer_spec spec;
	struct kept kept;
	json_t *done, *body;
	int up;

	if (driver->caps & CAP_OWN_KERNEL && depth_of(s, layer) == 1 &&
	    image_watch_same(s->image, err) < 0)
		return -1;
	if (make_spec(s, layer, sibling, &spec, err) < 0)
		return -1;
	limit = timeouts_start(&s->link.timeouts, driver, &spec);
	spec.boot_limit_ns = limit.attempt_ns;
	kept_find(s, layer, &kept);
	spec.kept = kept.text;
	body = start_message(driver, &spec, &devices);
	up = body ? 0 : err_set(err, EXIT_INTERNAL, "out of memory");
	/* This limit only ends a driver that hangs in an agent that lives. */
	if (up == 0)
		up = link_call(&s->link, (int)s->link.via[layer], "start_child", body,
			       limit.total_ns, &done, err);
	if (up == 0)
		kept_take(&kept, json_string_value(json_object_get(done, "keep")));
	else if (kept_drop(&kept, err))
		s->link.start_lost = true;
	kept_release(&kept);
	if (up < 0)
		return -1;
	session_take_facts(done, THE_STARTER, facts);
	json_decref(done);
	/* A layer that was started here is not believed; a machine that exists is, as L0 is. */
	if (!facts_get(facts, "emulated") && !(driver->caps & CAP_ATTACHED))
		facts_set(facts, "emulated", "unknown");
	if (!facts_get(facts, "accel"))
		facts_set(facts, "accel", "%s", driver->name);
	if (driver->caps & CAP_RESOURCES)
		facts_set(facts, "vm_memory_bytes", "%" PRIu64, spec.memory_bytes);
	return 0;
}

/* Whether a machine that exists stands where it was said to, as far as that can be seen. */
static void check_parent(struct session *s, uint32_t layer, struct facts *facts)
{
	uint32_t parent = s->c->stack->tree.layer[layer].parent;
	const char *uuid = facts_get(facts, "dmi_uuid"), *found;
	struct facts answer = FACTS_INIT;
	struct err err;
	json_t *done;

	if (!(s->c->stack->driver[layer]->caps & CAP_ATTACHED) || parent == LAYER_NO_PARENT)
		return;
	if (!uuid) {
		facts_set(facts, "parent_check", "not checked: its UUID cannot be read there");
		return;
	}
	if (link_call(&s->link, (int)parent, "find_machine", json_pack("{s:s}", "uuid", uuid),
		      timeouts_talk_ns(&s->link.timeouts, parent), &done, &err) < 0) {
		facts_set(facts, "parent_check", "not checked: %s", err.text);
		return;
	}
	session_take_facts(done, THE_STARTER, &answer);
	json_decref(done);
	found = facts_get(&answer, "found");
	if (found && found[0])
		facts_set(facts, "parent_check", "it is %s of %s", found, session_name(s, parent));
	else
		facts_set(facts, "parent_check", "no VM of %s has its UUID: is it really there?",
			  session_name(s, parent));
	facts_release(&answer);
}

static int start_layer(struct session *s, uint32_t layer, struct facts *facts, struct err *err)
{
	struct err ignored;
	const char *boot;
	int failed;

	if (start_child(s, layer, 0, facts, err) < 0)
		return -1;
	boot = facts_get(facts, "boot_ns");
	if (boot && parse_u64(boot, "boot_ns", 0, BOOT_MAX_NS, &s->boot_ns, &ignored) < 0)
		s->boot_ns = 0;
	s->link.timeouts.boot_ns[layer] = s->boot_ns;
	link_up(&s->link, (int)layer);
	s->link.guests = 1;
	if (session_describe(s, layer, 1, facts, &failed, err) < 0)
		return -1;
	check_parent(s, layer, facts);
	return 0;
}

/* Of L0's own CPU the machine tells. */
static void copy_kind(const struct facts *from, struct facts *to)
{
	static const char *const keys[] = {"kind", "isolation"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (facts_get(from, keys[i]))
			facts_set(to, keys[i], "%s", facts_get(from, keys[i]));
}

/* An agent on this machine: L0's or, before a first layer that is elsewhere, the relay. */
static int start_local(struct session *s, const struct driver *driver,
		       const struct text_list *options, struct err *err)
{
	const struct session_config *c = s->c;

	s->l0 = (struct layer)LAYER_INIT;
	s->l0.driver = driver;
	s->l0.spec = (struct layer_spec){.below = (int)stack_below(c->stack, 0),
					 .run = c->run,
					 .options = options,
					 .work_dir = c->work_dir,
					 .kernel = c->kernel,
					 .initrd = c->initrd,
					 .disk = c->disk,
					 .scratch = c->scratch,
					 .program = c->program,
					 .cancel_fd = -1};
	return driver->start(&s->l0, err);
}

static void tick(void *ctx)
{
	progress_tick(ctx);
}

/* The channel to the agent on this machine, and the ways to all layers. */
static void open_link(struct session *s)
{
	const struct stack *stack = s->c->stack;
	uint32_t via[LAYERS_MAX];

	for (uint32_t layer = 0; layer < stack->tree.count; layer++)
		via[layer] = stack_via(stack, layer);
	link_open(&s->link, s->l0.fd, s->c->clock, s->c->interrupt_fd);
	s->link.waiting = tick;
	s->link.waiting_ctx = s->p;
	link_layers(&s->link, &stack->tree, via);
}

static int start_relay(struct session *s, struct err *err)
{
	if (start_local(s, &driver_bare, NULL, err) < 0)
		return -1;
	open_link(s);
	return channel_send(&s->link.channel, configure_message(LAYER_RELAY, 0, &s->l0.inside),
			    err);
}

static int start_l0(struct session *s, struct facts *facts, struct err *err)
{
	const struct session_config *c = s->c;
	int failed;

	if (stack_via(c->stack, 0) == LAYER_RELAY) {
		if (start_relay(s, err) < 0 || start_layer(s, 0, facts, err) < 0)
			return -1;
		facts_set(facts, "accel", "none");
		return 0;
	}
	if (start_local(s, c->stack->driver[0], &c->stack->options[0], err) < 0)
		return -1;
	open_link(s);
	if (channel_send(&s->link.channel, configure_message(0, 0, &s->l0.inside), err) < 0)
		return -1;
	copy_kind(&s->l0.facts, facts);
	facts_set(facts, "accel", "none");
	return session_describe(s, 0, 1, facts, &failed, err);
}

int session_start_layer(struct session *s, uint32_t layer, struct facts *facts, struct err *err)
{
	session_exits_forget(s, layer);
	if ((layer ? start_layer(s, layer, facts, err) : start_l0(s, facts, err)) < 0)
		return -1;
	say_layer(s, layer, facts);
	say_not_honoured(s, layer, facts);
	return 0;
}

/* Starts the siblings of the deepest layer, up to the first that cannot be. */
static int start_siblings(struct session *s, uint32_t layer, struct facts *all, struct err *err)
{
	uint32_t guests = s->c->vm_size.guests;

	for (uint32_t i = 1; i < guests; i++) {
		struct facts facts = FACTS_INIT;
		char key[40];
		int up;

		progress_phase(s->p, "starting guest %u of %u in %s", i + 1, guests,
			       session_name(s, s->c->stack->tree.layer[layer].parent));
		up = start_child(s, layer, i, &facts, err);
		for (size_t k = 0; up == 0 && k < facts.count; k++) {
			snprintf(key, sizeof(key), "guest%u.%.20s", i + 1, facts.item[k].key);
			facts_set(all, key, "%s", facts.item[k].value);
		}
		facts_release(&facts);
		if (up < 0)
			return -1;
		s->link.guests = (int)i + 1;
	}
	return 0;
}

/*
 * Continues without a sibling, and those behind it; without the first, there is no layer. -1: the
 * user wants to stop.
 */
static int lose_sibling(struct session *s, uint32_t layer, int guest, const struct err *why,
			struct err *err)
{
	if (why->code == EXIT_INTERRUPTED) {
		*err = *why;
		return -1;
	}
	if (guest == 0)
		link_lose(&s->link, (int)layer, why->text);
	else if (guest > 0)
		link_lose_guest(&s->link, guest, why->text);
	progress_say(s->p, "guest %d could not be started: %s",
		     (guest < 0 ? s->link.guests : guest) + 1, why->text);
	return 0;
}

int session_siblings_up(struct session *s, struct err *err)
{
	uint32_t layer = session_sibling_layer(s);
	struct facts all = FACTS_INIT;
	struct err trouble;
	int done = 0, failed;

	if (s->c->vm_size.guests == 1)
		return 0;
	if (start_siblings(s, layer, &all, &trouble) < 0)
		done = lose_sibling(s, layer, s->link.guests, &trouble, err);
	if (done == 0 && s->link.up[layer] && s->link.guests > 1 &&
	    session_describe(s, layer, (uint32_t)s->link.guests, &all, &failed, &trouble) < 0)
		done = lose_sibling(s, layer, failed, &trouble, err);
	facts_set(&all, "guests", "%d", s->link.guests);
	if (done == 0)
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, &all, err);
	facts_release(&all);
	return done;
}

void session_layers_down(struct session *s)
{
	/* Hanging up is enough: the agent stops what it started, and the driver waits for that. */
	link_release(&s->link);
	if (s->l0.driver)
		s->l0.driver->stop(&s->l0);
	facts_release(&s->l0.facts);
	s->l0 = (struct layer)LAYER_INIT;
}
