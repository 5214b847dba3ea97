/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/utf8.h"

/* Where the name of a kind ends. */
#define KIND_END ":/="

/* A value without a name is that of the option `argument`. */
static int add_text(struct text_list *list, const char *argument, const char *text, size_t len,
		    struct err *err)
{
	char *copy;

	if (list->count == LIST_MAX)
		return err_set(err, EXIT_USAGE, "--layers: too many options of a layer");
	if (asprintf(&copy, "%s%s%.*s", argument ? argument : "", argument ? "=" : "", (int)len,
		     text) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	list->item[list->count++] = copy;
	return 0;
}

/* Whether the text begins with a layer of this kind. */
static bool begins_with(const char *text, const struct driver *d)
{
	size_t len = strcspn(text, KIND_END);

	return strlen(d->name) == len && strncmp(d->name, text, len) == 0;
}

static bool begins_with_kind(const char *text)
{
	for (int i = 0; drivers[i]; i++)
		if (begins_with(text, drivers[i]))
			return true;
	return false;
}

/* Up to the slash that parts a layer from the next; paths and URIs in options have others. */
static size_t layer_length(const char *text)
{
	size_t len = strcspn(text, KIND_END);
	bool options = text[len] && text[len] != '/';

	len += strcspn(text + len, "/");
	while (options && text[len] && !begins_with_kind(text + len + 1))
		len += 1 + strcspn(text + len + 1, "/");
	return len;
}

/* Whether a word is a value without a name: "HOST:PORT" in "ssh=HOST:PORT", "kvm" in "kvm:kvm". */
static bool is_argument(const struct driver *d, const char *word, size_t len)
{
	return d->argument && (word[-1] == '=' || !memchr(word, '=', len));
}

/* Appends the layer that "KIND=VALUE,OPTION" or "KIND:OPTION,OPTION" names, of so many bytes. */
static int add_layer(struct stack *s, const char *text, size_t len, struct err *err)
{
	size_t kind = strcspn(text, KIND_END), at = kind + 1;
	const struct driver *d;
	char name[48];

	if (s->depth == DEPTH_MAX && s->driver[s->depth])
		return err_set(err, EXIT_USAGE, "--layers: at most %d layers in the machine itself",
			       DEPTH_MAX);
	snprintf(name, sizeof(name), "%.*s", (int)kind, text);
	if (s->driver[0])
		s->depth++;
	d = s->driver[s->depth] = driver_find(name, err);
	if (!d)
		return err_context(err, "--layers");
	if (text[kind] == '=' && !d->argument)
		return err_set(err, EXIT_USAGE, "--layers: %s takes no value behind \"=\"", name);
	while (at < len) {
		const char *comma = memchr(text + at, ',', len - at);
		size_t option = comma ? (size_t)(comma - text) - at : len - at;

		if (add_text(&s->options[s->depth],
			     is_argument(d, text + at, option) ? d->argument : NULL, text + at,
			     option, err) < 0)
			return -1;
		at += option + 1;
	}
	return 0;
}

int stack_parse(struct stack *s, const char *layers, struct err *err)
{
	size_t len;

	*s = (struct stack){0};
	/* They go into messages, which are JSON. */
	if (utf8_check(layers, "--layers", err) < 0)
		return -1;
	if (!begins_with(layers, &driver_bare))
		s->driver[0] = &driver_bare;
	for (const char *text = layers;; text += len + 1) {
		len = layer_length(text);
		if (add_layer(s, text, len, err) < 0)
			return -1;
		if (!text[len])
			break;
	}
	return stack_check(s, NULL, err) < 0 ? err_context(err, "--layers") : 0;
}

int stack_of_vms(struct stack *s, uint32_t depth, struct err *err)
{
	const struct driver *kvm = driver_find("kvm", err);

	*s = (struct stack){.depth = depth, .driver = {&driver_bare}};
	for (uint32_t layer = 1; layer <= depth; layer++)
		s->driver[layer] = kvm;
	return kvm ? 0 : -1;
}

static bool has_option(const struct driver *d, const char *name)
{
	for (const struct option *o = d->options; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

const char *stack_option(const struct stack *s, uint32_t layer, const char *name)
{
	const struct text_list *list = &s->options[layer];
	const char *value = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->item[i], name, len) == 0 && list->item[i][len] == '=')
			value = list->item[i] + len + 1;
	return value;
}

/* Whether the kinds that have such an option take the value. */
static int check_option(const char *name, const char *word, struct err *err)
{
	const struct text_list list = {.item = {word}, .count = 1};
	const struct layer_spec spec = {.depth = 1, .options = &list};

	for (int i = 0; drivers[i]; i++)
		if (has_option(drivers[i], name) && drivers[i]->check(&spec, err) < 0)
			return -1;
	return 0;
}

int stack_add_option(struct stack *s, uint32_t from, uint32_t to, const char *name,
		     const char *value, struct err *err)
{
	char *word;
	int done;

	if (asprintf(&word, "%s=%s", name, value) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	done = check_option(name, word, err);
	for (uint32_t layer = from; done == 0 && layer <= to && layer <= s->depth; layer++)
		if (has_option(s->driver[layer], name) && !stack_option(s, layer, name))
			done = add_text(&s->options[layer], NULL, word, strlen(word), err);
	free(word);
	return done;
}

int stack_check(const struct stack *s, const char *scratch, struct err *err)
{
	for (uint32_t layer = 0; layer <= s->depth; layer++) {
		const struct driver *d = s->driver[layer];
		const struct layer_spec spec = {.depth = (int)layer,
						.below = (int)(s->depth - layer),
						.outer = s->driver,
						.options = &s->options[layer],
						.scratch = scratch};

		if (layer < s->depth && !(d->caps & CAP_HOSTS))
			return err_set(err, EXIT_USAGE,
				       "no layer can be started in L%u, which is of kind %s", layer,
				       d->name);
		if (driver_check(d, &spec, err) < 0)
			return -1;
	}
	return 0;
}

bool stack_any(const struct stack *s, unsigned caps)
{
	for (uint32_t layer = 0; layer <= s->depth; layer++)
		if ((s->driver[layer]->caps & caps) == caps)
			return true;
	return false;
}

bool stack_all(const struct stack *s, unsigned caps)
{
	for (uint32_t layer = 1; layer <= s->depth; layer++)
		if ((s->driver[layer]->caps & caps) != caps)
			return false;
	return true;
}

void stack_release(struct stack *s)
{
	for (int layer = 0; layer <= DEPTH_MAX; layer++)
		for (size_t i = 0; i < s->options[layer].count; i++)
			free((char *)s->options[layer].item[i]);
	*s = (struct stack){0};
}
