/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "container:by=lxc/kvm": kinds of layers and their options. */
#include <string.h>

#include "bench/completion/layers.h"
#include "bench/completion/values.h"
#include "drivers/driver.h"

static const struct driver *find_kind(const char *name, size_t len)
{
	for (const struct driver *const *d = drivers; *d; d++)
		if (strlen((*d)->name) == len && strncmp((*d)->name, name, len) == 0)
			return *d;
	return NULL;
}

/* The machine itself is the first. */
static void offer_kinds(struct offers *o, bool is_first)
{
	for (const struct driver *const *d = drivers; *d; d++)
		if (is_first || *d != &driver_bare)
			offers_add(o, (*d)->name, "", (*d)->summary);
}

/* The value of an option of a layer, which the cursor is in. */
static void offer_option_value(struct offers *o, const struct option *option, const char *value)
{
	if (!option)
		return;
	o->before = (size_t)(value - o->word);
	offer_value(o, option->choices, option->value);
}

/* Behind "KIND:" or a comma: options by name, and what its argument may be without one. */
static void offer_options(struct offers *o, const struct driver *d, const char *from)
{
	const struct option *argument =
		d->argument ? option_find(d->options, d->argument, strlen(d->argument)) : NULL;

	o->before = (size_t)(from - o->word);
	for (const struct option *p = d->options; p && p->name; p++)
		offers_add(o, p->name, "=", p->help);
	if (argument)
		offers_add_choices(o, argument->choices);
}

/* Where the option that the cursor is in begins. */
static const char *last_option(const char *options)
{
	const char *comma = strrchr(options, ',');

	return comma ? comma + 1 : options;
}

static void offer_layer(struct offers *o, const char *layer, bool is_first)
{
	size_t len = strcspn(layer, ":=");
	const struct driver *d = layer[len] ? find_kind(layer, len) : NULL;
	const char *option, *value;

	if (!layer[len]) {
		o->before = (size_t)(layer - o->word);
		offer_kinds(o, is_first);
		return;
	}
	if (!d)
		return;
	option = last_option(layer + len + 1);
	if (layer[len] == '=' && option == layer + len + 1) {
		if (d->argument)
			offer_option_value(
				o, option_find(d->options, d->argument, strlen(d->argument)),
				option);
		return;
	}
	value = strchr(option, '=');
	if (value)
		offer_option_value(o, option_find(d->options, option, (size_t)(value - option)),
				   value + 1);
	else
		offer_options(o, d, option);
}

/* Whether a slash stands in the path, or the URI, that an option of the layer has. */
static bool in_path(const char *layer, const char *slash)
{
	const char *value = memrchr(layer, '=', (size_t)(slash - layer));

	return value && (value[1] == '/' || strstr(value, "://"));
}

/* A slash ends a layer where the name of a kind stands behind it, or may begin. */
static const char *last_layer(const char *typed)
{
	const char *last = typed;

	for (const char *slash = strchr(typed, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = strcspn(slash + 1, ":=/,");

		if (find_kind(slash + 1, len) || (!slash[1 + len] && !in_path(last, slash)))
			last = slash + 1;
	}
	return last;
}

void offer_layers(struct offers *o)
{
	const char *typed = offers_typed(o), *last = last_layer(typed);

	offer_layer(o, last, last == typed);
}
