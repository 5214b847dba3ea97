/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/class.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "results/rundir/csvfile.h"
#include "results/summary/summary.h"

/* The value of a fact of L0, printable, in text; or NULL. */
static const char *fact(const struct layers *facts, const char *key, char *text, size_t size)
{
	const char *value = layers_first(facts, 0, key);

	return value ? csv_printable(value, text, size) : NULL;
}

static void add_below(const struct layers *facts, char *settings)
{
	char text[16];
	const char *below = fact(facts, "hypervisor", text, sizeof(text));

	if (below && strcmp(below, "none") == 0)
		str_addf(settings, FLEET_SETTINGS_TEXT, ", bare metal");
	else if (below)
		str_addf(settings, FLEET_SETTINGS_TEXT, ", in a VM (%s)", below);
}

static void add_kvm(const struct layers *facts, char *settings)
{
	char text[24];
	const char *kvm = fact(facts, "kvm", text, sizeof(text));

	if (kvm && strcmp(kvm, "opens") == 0)
		str_addf(settings, FLEET_SETTINGS_TEXT, ", KVM");
	else if (kvm)
		str_addf(settings, FLEET_SETTINGS_TEXT, ", KVM: %s", kvm);
}

static uint32_t depth_of(const struct layers *facts, uint32_t layer)
{
	return facts->tree ? facts->tree->layer[layer].depth : layer;
}

static void add_emulated(const struct layers *facts, char *settings)
{
	uint32_t least = LAYERS_MAX;

	for (size_t i = 0; i < facts->count; i++) {
		uint32_t layer = facts->item[i].layer, depth = depth_of(facts, layer);

		if (layer && depth < least && layers_are_emulated(facts, layer))
			least = depth;
	}
	if (least < LAYERS_MAX)
		str_addf(settings, FLEET_SETTINGS_TEXT, ", emulated from L%" PRIu32, least);
}

void fleet_class_of(const struct layers *facts, struct fleet_class *c)
{
	const char *cpu = fact(facts, "cpu_model", c->cpu, sizeof(c->cpu));
	char settings[FLEET_SETTINGS_TEXT] = "", text[16];
	const char *value;

	if (!cpu || !*cpu)
		str_copy(c->cpu, sizeof(c->cpu), "unknown CPU");
	add_below(facts, settings);
	add_kvm(facts, settings);
	value = fact(facts, "nested", text, sizeof(text));
	if (value)
		str_addf(settings, sizeof(settings), ", nested %s", value);
	value = fact(facts, "npt_ept", text, sizeof(text));
	if (value)
		str_addf(settings, sizeof(settings), ", %s", value);
	add_emulated(facts, settings);
	str_copy(c->settings, sizeof(c->settings), settings[0] ? settings + 2 : "");
}

void fleet_class_of_run(const struct summary *s, struct fleet_class *c)
{
	struct layers placed = s->facts;

	placed.tree = &s->tree;
	fleet_class_of(&placed, c);
}

int fleet_class_compare(const struct fleet_class *a, const struct fleet_class *b)
{
	int by_cpu = strcmp(a->cpu, b->cpu);

	return by_cpu ? by_cpu : strcmp(a->settings, b->settings);
}

const char *fleet_class_name(const struct fleet_class *c, char text[FLEET_CLASS_TEXT])
{
	snprintf(text, FLEET_CLASS_TEXT, "%s%s%s", c->cpu, c->settings[0] ? "; " : "", c->settings);
	return text;
}
