/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cleanup/owners.h"
#include "bench/cleanup/reaper.h"
#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/plan/stack.h"
#include "bench/plan/vm_size.h"
#include "bench/run/compatibility.h"
#include "bench/run/matrix.h"
#include "bench/session/disturbance.h"
#include "drivers/driver.h"
#include "drivers/host/hostdev.h"
#include "drivers/host/machine.h"
#include "drivers/host/net_link.h"
#include "drivers/host/placement.h"
#include "drivers/image/image.h"
#include "lib/clock.h"
#include "lib/environment.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/json.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "lib/streams.h"

struct doctor_options {
	uint64_t boot_limit_ns;
	struct text_list layers;
	bool matrix, json;
};

#define AT(member) offsetof(struct doctor_options, member)

static const struct option options[] = {
	{"layers", OPT_LIST, AT(layers), "A/B/C", NULL, 0, 0,
	 "say of each of these layers whether it can be started here, and what decides that; as of "
	 "nestbench run",
	 .value = VALUE_LAYERS},
	{"matrix", OPT_FLAG, AT(matrix), NULL, NULL, 0, 0,
	 "print which kind of layer can stand in which here, proved by earlier runs or not"},
	{"json", OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print one JSON object, when all is known"},
	{"boot-limit", OPT_DURATION, AT(boot_limit_ns), "TIME", NULL, NS_PER_S, 3600 * NS_PER_S,
	 "give the probe boots up after this time (default: 20 s, not counting waits for a CPU, "
	 "and "
	 "longer while the VM makes progress)"},
	{0},
};

static const char *const rivals[] = {"layers", "matrix", NULL};

const struct cli cli_doctor = {
	.name = "nestbench doctor",
	.examples = "  nestbench doctor\n"
		    "  nestbench doctor --layers kvm/container/kvm\n"
		    "  nestbench doctor --matrix\n",
	.about = "Says what this machine can do: hardware virtualization, whether KVM really boots "
		 "a VM,\n"
		 "libvirt, QEMU, the guest image, the noise to expect; and how to fix what is "
		 "missing.\n"
		 "Exit code 3 when `nestbench run` cannot work here.",
	.options = options,
	.rivals = rivals,
};

struct doctor {
	struct doctor_options opt;
	bool broken;	  /* the default run cannot work */
	json_t *findings; /* with --json, in place of printing them */
	struct facts facts;
	struct image image;
	bool have_image;
	struct claim claim;
};

static void add_finding(struct doctor *d, enum finding v, const char *topic, const char *text)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_FAIL] = "fail"};

	d->findings =
		json_and(d->findings, json_pack("{s:s, s:o, s:o}", "finding", names[v], "topic",
						json_text(topic), "text", json_text(text)));
}

static void __attribute__((format(printf, 4, 5)))
say(void *ctx, enum finding v, const char *topic, const char *fmt, ...)
{
	static const struct {
		const char *word;
		enum ink ink;
	} verdict[] = {{"ok", INK_GREEN}, {"note", INK_YELLOW}, {"FAIL", INK_RED}};
	struct doctor *d = ctx;
	char text[2 * sizeof(((struct err *)0)->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->broken |= v == FINDING_FAIL;
	if (d->opt.json) {
		add_finding(d, v, topic, text);
	} else {
		printf("%s%s%s%*s%-15s %s\n", tty_ink(1, verdict[v].ink), verdict[v].word,
		       tty_ink(1, INK_NONE), 6 - (int)strlen(verdict[v].word), "", topic, text);
		fflush(stdout);
	}
}

static const char *fact(const struct doctor *d, const char *key)
{
	const char *value = facts_get(&d->facts, key);

	return value ? value : "unknown";
}

static void check_cpu(struct doctor *d)
{
	say(d, FINDING_OK, "machine", "%s", fact(d, "cpu_model"));
	say(d, FINDING_OK, "topology", "%s", fact(d, "topology"));
	if (strcmp(fact(d, "emulated"), "yes") == 0)
		say(d, FINDING_NOTE, "host",
		    "is a VM whose CPU is emulated: figures show the shape of the cost, not what "
		    "hardware gives");
	else if (strcmp(fact(d, "hypervisor"), "none") != 0)
		say(d, FINDING_NOTE, "host",
		    "is itself a VM (%s): L0 is the outermost layer that can be seen, "
		    "not bare metal",
		    fact(d, "hypervisor"));
	else
		say(d, FINDING_OK, "host", "bare metal, as far as the CPU tells");
}

/* What the options --net tap and --hostdev need; nothing else does. */
static void check_devices(struct doctor *d)
{
	int groups = hostdev_count_groups("");
	struct err err;

	if (net_tap_check(&err) < 0)
		say(d, FINDING_NOTE, "tap", "no --net tap: %s", err.text);
	else if (net_vhost_opens())
		say(d, FINDING_OK, "tap", "--net tap works, with vhost");
	else
		say(d, FINDING_NOTE, "tap",
		    "--net tap works without vhost: /dev/vhost-net does not open (modprobe "
		    "vhost_net)");
	if (groups)
		say(d, FINDING_OK, "iommu",
		    "%d groups of PCI devices; --hostdev ADDRESS says of each "
		    "whether it can go to L1",
		    groups);
	else
		say(d, FINDING_NOTE, "iommu",
		    "none, so no --hostdev: switch on VT-d or AMD-Vi in the firmware, and on "
		    "Intel add intel_iommu=on to the kernel's command line");
}

static void check_memory(struct doctor *d)
{
	const char *text = facts_get(&d->facts, "memory_available_bytes");
	/* What a run without options takes. */
	const struct vm_size_config c = {.mode = MODE_SHAPE,
					 .depth = 2,
					 .guests = 1,
					 .host_cpus = 1,
					 .vcpus = 1,
					 .memory_bytes = VM_DEFAULT_BYTES};
	struct vm_size l1;
	char size[SIZE_TEXT], needed[SIZE_TEXT];
	uint64_t have = 0, need;
	struct err err;

	if (vm_size_of(&c, 1, &l1, &err) < 0)
		return;
	need = l1.memory_bytes + VM_HOST_BYTES;
	if (!text || parse_u64(text, "memory", 0, UINT64_MAX, &have, &err) < 0)
		return;
	if (have >= need)
		say(d, FINDING_OK, "memory", "%s available", format_size_short(have, size));
	else
		say(d, FINDING_FAIL, "memory",
		    "only %s available, the default run needs %s: close something, or run with a "
		    "smaller --memory",
		    format_size_short(have, size), format_size_short(need, needed));
}

static void check_noise(struct doctor *d)
{
	const char *governor = fact(d, "governor"), *turbo = fact(d, "turbo");
	double load = 0;
	struct err err;

	if (strcmp(governor, "performance") == 0 || strcmp(governor, "unknown") == 0)
		say(d, FINDING_OK, "governor", "%s", governor);
	else
		say(d, FINDING_NOTE, "governor",
		    "%s: frequencies will move; for quiet figures: cpupower "
		    "frequency-set -g performance",
		    governor);
	say(d, FINDING_OK, "turbo", "%s", turbo);
	if (parse_double(fact(d, "load1"), "load", 0, 1e6, &load, &err) == 0 &&
	    disturbance_load_is_high(load, sysconf(_SC_NPROCESSORS_ONLN)))
		say(d, FINDING_NOTE, "load",
		    "%.2f: something else is running and will be in the figures", load);
	else
		say(d, FINDING_OK, "load", "%s", fact(d, "load1"));
}

/* Without it figures are less steady, and a layer may get more of the machine than it should. */
static void check_pinning(struct doctor *d)
{
	struct err err;

	if (placement_permitted(&err) < 0)
		say(d, FINDING_NOTE, "pinning", "%s", err.text);
	else
		say(d, FINDING_OK, "pinning", "threads may be pinned to CPUs");
}

/* What the user has set for libraries and programs. */
static void check_environment(struct doctor *d)
{
	const struct environment_note *note;

	for (size_t i = 0; (note = environment_note(i)); i++)
		say(d, FINDING_NOTE, "environment", "%s %s: %s", note->name,
		    note->removed ? "is not handed on" : "stays, and is recorded", note->why);
}

static void check_image(struct doctor *d)
{
	const struct image_config config = {0};
	char size[SIZE_TEXT];
	struct err err;

	d->have_image = image_find(&config, &d->image, &err) == 0;
	if (d->have_image)
		say(d, FINDING_OK, "image", "%s, %s", d->image.hash,
		    format_size_short(d->image.size_bytes, size));
	else
		say(d, FINDING_NOTE, "image", "%s", err.text);
}

/* What each kind of layer says of this machine; some start one to see. */
static void check_kinds(struct doctor *d, struct driver_probe *p)
{
	const struct owner who = {.what = "doctor"};
	struct err err;

	if (registry_claim(&d->claim, &who, false, &err) < 0) {
		say(d, FINDING_FAIL, "layers", "%s", err.text);
		return;
	}
	p->work_dir = d->claim.work_dir;
	p->kernel = d->have_image ? d->image.kernel : NULL;
	p->initrd = d->have_image ? d->image.initrd : NULL;
	for (int i = 0; drivers[i] && !interrupt_pending(); i++)
		if (drivers[i]->probe)
			drivers[i]->probe(p);
	if (registry_release(&d->claim, &err) < 0)
		say(d, FINDING_NOTE, "layers", "%s", err.text);
}

/* ---- layers that are asked for ---- */

static void print_heading(const struct stack *s, uint32_t layer)
{
	const struct text_list *said = &s->options[layer];

	printf("%s%s, %s", layer ? "\n" : "", s->tree.layer[layer].name, s->driver[layer]->name);
	for (size_t i = 0; i < said->count; i++)
		printf("%s%s", i ? "," : ":", said->item[i]);
	puts("");
}

static json_t *layer_json(const struct stack *s, uint32_t layer, const struct doctor *d)
{
	json_t *said = json_array();

	for (size_t i = 0; i < s->options[layer].count; i++)
		said = json_and(said, json_text(s->options[layer].item[i]));
	return json_pack("{s:o, s:s, s:o, s:b, s:o}", "layer", json_text(s->tree.layer[layer].name),
			 "kind", s->driver[layer]->name, "options", said, "can_start", !d->broken,
			 "findings", d->findings);
}

/* Appends the names of the layers that cannot be started to broken, and with --json each layer to
 * *list. */
static void check_layers(struct doctor *d, const struct stack *s, struct buf *broken, json_t **list)
{
	const struct driver_probe p = {.cancel_fd = -1, .say = say, .ctx = d};

	for (uint32_t layer = 0; layer < s->tree.count; layer++) {
		d->broken = false;
		if (d->opt.json)
			d->findings = json_array();
		else
			print_heading(s, layer);
		compatibility_ask(s, layer, &p);
		if (d->broken)
			buf_addf(broken, "%s%s", broken->len ? ", " : "",
				 s->tree.layer[layer].name);
		if (d->opt.json)
			*list = json_and(*list, layer_json(s, layer, d));
	}
}

/* Takes list. */
static int conclude_layers(const struct doctor *d, const struct buf *broken, json_t *list,
			   struct err *err)
{
	if (d->opt.json)
		return answer_json(
			"doctor-layers", 1,
			json_pack("{s:b, s:o}", "works", broken->len == 0, "layers", list), err);
	if (broken->len)
		printf("\n%s cannot be started here until the items marked FAIL are fixed.\n",
		       buf_str(broken));
	else
		puts("\nNothing stands in the way of these layers.");
	return 0;
}

static int say_layers(struct doctor *d, struct err *err)
{
	json_t *list = d->opt.json ? json_array() : NULL;
	struct buf broken = BUF_INIT;
	struct stack s;
	int done = stack_parse(&s, &d->opt.layers, err);

	if (done == 0) {
		check_layers(d, &s, &broken, &list);
		done = conclude_layers(d, &broken, list, err);
	} else {
		json_decref(list);
	}
	if (done == 0 && broken.len)
		done = EXIT_MACHINE;
	buf_release(&broken);
	stack_release(&s);
	return done;
}

static int say_matrix(bool json, struct err *err)
{
	struct buf text = BUF_INIT;
	struct proofs proofs;
	int done = 0;

	proofs_read(&proofs);
	if (json)
		done = matrix_json(&proofs, &text, err);
	else
		matrix_format(&proofs, &text);
	proofs_release(&proofs);
	return answer_give(&text, NULL, done, err);
}

static int conclude(struct doctor *d, struct err *err)
{
	if (d->opt.json)
		return answer_json(
			"doctor", 1,
			json_pack("{s:b, s:o}", "works", !d->broken, "findings", d->findings), err);
	puts(d->broken ? "\nnestbench run cannot work here until the items marked FAIL are fixed."
		       : "\nnestbench run works here.");
	return 0;
}

int cmd_doctor(int argc, char **argv, struct err *err)
{
	struct doctor d = {.image = IMAGE_NONE, .claim = CLAIM_NONE};
	struct driver_probe probe = {.say = say, .ctx = &d};
	struct text_list words = {0};
	int done = options_parse(&cli_doctor, argc, argv, &d.opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (d.opt.layers.count && d.opt.matrix)
		return err_set(err, EXIT_USAGE, "--layers and --matrix exclude each other");
	if (d.opt.layers.count)
		return say_layers(&d, err);
	if (d.opt.matrix)
		return say_matrix(d.opt.json, err);
	if (reaper_start(err) < 0 || interrupt_install(err) < 0)
		return -1;
	probe.boot_limit_ns = d.opt.boot_limit_ns;
	probe.cancel_fd = interrupt_fd();
	d.findings = d.opt.json ? json_array() : NULL;
	machine_describe(&d.facts);
	check_cpu(&d);
	check_devices(&d);
	check_memory(&d);
	check_noise(&d);
	check_pinning(&d);
	check_environment(&d);
	driver_probe_tool(&probe, "gnuplot", "gnuplot", "gnuplot-nox", FINDING_NOTE);
	check_image(&d);
	check_kinds(&d, &probe);
	done = interrupt_check(err);
	if (done == 0)
		done = conclude(&d, err);
	else
		json_decref(d.findings);
	image_release(&d.image);
	facts_release(&d.facts);
	return done < 0 ? -1 : d.broken ? EXIT_MACHINE : EXIT_FINE;
}
