/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
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

/* The kind of the layer that the text begins with; NULL: there is none of that name. */
static const struct driver *kind_of(const char *text)
{
	int i = 0;

	while (drivers[i] && !begins_with(text, drivers[i]))
		i++;
	return drivers[i];
}

/* Up to the slash that parts a layer from the next; paths and URIs in options have others. */
static size_t layer_length(const char *text)
{
	size_t len = strcspn(text, KIND_END);
	bool options = text[len] && text[len] != '/';

	len += strcspn(text + len, "/");
	while (options && text[len] && !kind_of(text + len + 1))
		len += 1 + strcspn(text + len + 1, "/");
	return len;
}

/* Whether a word is a value without a name: "HOST:PORT" in "ssh=HOST:PORT", "kvm" in "kvm:kvm". */
static bool is_argument(const struct driver *d, const char *word, size_t len)
{
	return d->argument && (word[-1] == '=' || !memchr(word, '=', len));
}

/* The options of "KIND=VALUE,OPTION" or "KIND:OPTION,OPTION", of so many bytes. */
static int read_options(const struct driver *d, const char *text, size_t len,
			struct text_list *options, struct err *err)
{
	size_t at = strcspn(text, KIND_END) + 1;

	while (at < len) {
		const char *comma = memchr(text + at, ',', len - at);
		size_t option = comma ? (size_t)(comma - text) - at : len - at;

		if (add_text(options, is_argument(d, text + at, option) ? d->argument : NULL,
			     text + at, option, err) < 0)
			return -1;
		at += option + 1;
	}
	return 0;
}

static void release_options(struct text_list *options)
{
	for (size_t i = 0; i < options->count; i++)
		free((char *)options->item[i]);
	options->count = 0;
}

static bool same_options(const struct text_list *a, const struct text_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->item[i], b->item[i]) != 0)
			return false;
	return true;
}

/* Takes the options over. The layer of this kind and options in `parent`, which may be there
 * already; LAYERS_MAX: there are too many. */
static uint32_t place_layer(struct stack *s, uint32_t parent, const struct driver *d,
			    struct text_list *options)
{
	uint32_t layer;

	for (layer = 0; layer < s->tree.count; layer++)
		if (s->tree.layer[layer].parent == parent && s->driver[layer] == d &&
		    same_options(&s->options[layer], options))
			break;
	if (layer == s->tree.count) {
		layer = layer_tree_add(&s->tree, parent, "");
		if (layer == LAYERS_MAX)
			return layer;
		s->driver[layer] = d;
		s->options[layer] = *options;
		options->count = 0;
	}
	release_options(options);
	return layer;
}

/* Puts the layer that begins a text of so many bytes into *parent, which it becomes. */
static int add_layer(struct stack *s, uint32_t *parent, const char *text, size_t len,
		     struct err *err)
{
	size_t kind = strcspn(text, KIND_END);
	struct text_list options = {0};
	const struct driver *d;
	char name[48];

	snprintf(name, sizeof(name), "%.*s", (int)kind, text);
	d = driver_find(name, err);
	if (!d)
		return err_context(err, "--layers");
	if (text[kind] == '=' && !d->argument)
		return err_set(err, EXIT_USAGE, "--layers: %s takes no value behind \"=\"", name);
	if (*parent != LAYER_NO_PARENT && s->tree.layer[*parent].depth == DEPTH_MAX)
		return err_set(err, EXIT_USAGE, "--layers: at most %d layers in the machine itself",
			       DEPTH_MAX);
	/* The machine itself, unless another stands in its place. */
	if (*parent == LAYER_NO_PARENT && d != &driver_bare && !(d->caps & CAP_ATTACHED))
		*parent = place_layer(s, LAYER_NO_PARENT, &driver_bare, &options);
	if (read_options(d, text, len, &options, err) < 0) {
		release_options(&options);
		return -1;
	}
	*parent = *parent == LAYERS_MAX ? LAYERS_MAX : place_layer(s, *parent, d, &options);
	release_options(&options);
	if (*parent == LAYERS_MAX)
		return err_set(err, EXIT_USAGE, "--layers: at most %d layers in all", LAYERS_MAX);
	return 0;
}

static int add_chain(struct stack *s, const char *chain, struct err *err)
{
	uint32_t parent = LAYER_NO_PARENT;
	size_t len;

	/* They go into messages, which are JSON. */
	if (utf8_check(chain, "--layers", err) < 0)
		return -1;
	for (const char *text = chain;; text += len + 1) {
		len = layer_length(text);
		if (add_layer(s, &parent, text, len, err) < 0)
			return -1;
		if (!text[len])
			return 0;
	}
}

/* "kvm", "ssh=node": the kind and the value of its argument. */
static void short_word(const struct stack *s, uint32_t layer, char word[LAYER_NAME])
{
	const struct driver *d = s->driver[layer];
	const char *value = d->argument ? stack_option(s, layer, d->argument) : NULL;

	snprintf(word, LAYER_NAME, "%s%s%s", d->name, value ? "=" : "", value ? value : "");
}

/* The same with all options, where one of its siblings would be called the same. */
static void layer_word(const struct stack *s, uint32_t layer, char word[LAYER_NAME])
{
	const struct text_list *options = &s->options[layer];
	char other[LAYER_NAME];
	bool alone = true;

	short_word(s, layer, word);
	for (uint32_t i = 0; i < s->tree.count; i++)
		if (i != layer && s->tree.layer[i].parent == s->tree.layer[layer].parent) {
			short_word(s, i, other);
			alone = alone && strcmp(word, other) != 0;
		}
	for (size_t i = 0; i < options->count && !alone; i++)
		str_addf(word, LAYER_NAME, "%s%s", i ? "," : ":", options->item[i]);
}

/* The path to a layer, from the machine on, which it does not name. */
static void layer_path(const struct stack *s, uint32_t layer, char path[LAYER_NAME])
{
	uint32_t parent = s->tree.layer[layer].parent;
	char word[LAYER_NAME];

	path[0] = '\0';
	if (layer == 0)
		return;
	if (parent != LAYER_NO_PARENT)
		layer_path(s, parent, path);
	layer_word(s, layer, word);
	str_addf(path, LAYER_NAME, "%s%s", path[0] ? "/" : "", word);
}

/* Names tell layers of several chains apart. */
static int name_layers(struct stack *s, struct err *err)
{
	struct layer_tree named = {0};
	char path[LAYER_NAME];

	if (layer_tree_is_chain(&s->tree))
		return 0;
	for (uint32_t i = 0; i < s->tree.count; i++) {
		layer_path(s, i, path);
		layer_tree_add(&named, s->tree.layer[i].parent, path);
		if (layer_tree_find(&named, named.layer[i].name) < i ||
		    strlen(path) > LAYER_NAME / 2)
			return err_set(err, EXIT_USAGE,
				       "--layers: \"%s\" is too long to be told from the others",
				       path);
	}
	s->tree = named;
	return 0;
}

/* Whether a chain begins with a machine that exists elsewhere. */
static bool begins_elsewhere(const char *chain)
{
	const struct driver *d = kind_of(chain);

	return d && d->caps & CAP_ATTACHED;
}

static int begin(struct stack *s, struct err *err)
{
	*s = (struct stack){.options = calloc(LAYERS_MAX, sizeof(*s->options))};
	return s->options ? 0 : err_set(err, EXIT_INTERNAL, "out of memory");
}

int stack_parse(struct stack *s, const struct text_list *chains, struct err *err)
{
	if (begin(s, err) < 0)
		return -1;
	for (int elsewhere = 0; elsewhere <= 1; elsewhere++)
		for (size_t i = 0; i < chains->count; i++)
			if (begins_elsewhere(chains->item[i]) == (bool)elsewhere &&
			    add_chain(s, chains->item[i], err) < 0)
				return -1;
	if (name_layers(s, err) < 0)
		return -1;
	return stack_check(s, NULL, err) < 0 ? err_context(err, "--layers") : 0;
}

int stack_of_vms(struct stack *s, uint32_t depth, struct err *err)
{
	const struct driver *kvm = driver_find("kvm", err);

	if (!kvm || begin(s, err) < 0)
		return -1;
	s->driver[0] = &driver_bare;
	layer_tree_chain(&s->tree, depth + 1);
	for (uint32_t layer = 1; layer <= depth; layer++)
		s->driver[layer] = kvm;
	return 0;
}

void stack_outer(const struct stack *s, uint32_t layer, const struct driver *outer[DEPTH_MAX + 1])
{
	uint32_t depth = s->tree.layer[layer].depth;

	while (depth > 0) {
		layer = s->tree.layer[layer].parent;
		outer[--depth] = s->driver[layer];
	}
}

/* A machine that exists is not started, nor is what stands in it, by its parent layer. */
static bool is_started_in(const struct stack *s, uint32_t inner, uint32_t layer)
{
	if (!layer_tree_is_in(&s->tree, inner, layer))
		return false;
	while (inner != layer && !(s->driver[inner]->caps & CAP_ATTACHED))
		inner = s->tree.layer[inner].parent;
	return inner == layer;
}

uint32_t stack_below(const struct stack *s, uint32_t layer)
{
	uint32_t deepest = s->tree.layer[layer].depth;

	for (uint32_t i = layer + 1; i < s->tree.count; i++)
		if (is_started_in(s, i, layer) && s->tree.layer[i].depth > deepest)
			deepest = s->tree.layer[i].depth;
	return deepest - s->tree.layer[layer].depth;
}

uint32_t stack_via(const struct stack *s, uint32_t layer)
{
	if (!(s->driver[layer]->caps & CAP_ATTACHED))
		return s->tree.layer[layer].parent;
	return s->driver[0]->caps & CAP_ATTACHED ? LAYER_RELAY : 0;
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

/* Whether the kinds that have such an option take the value; a layer that exists cannot be asked
 * without what names it. */
static int check_option(const char *name, const char *word, struct err *err)
{
	const struct text_list list = {.item = {word}, .count = 1};
	const struct layer_spec spec = {.depth = 1, .options = &list};

	for (int i = 0; drivers[i]; i++)
		if (has_option(drivers[i], name) && !(drivers[i]->caps & CAP_EXISTS) &&
		    drivers[i]->check(&spec, err) < 0)
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
	for (uint32_t layer = 0; done == 0 && layer < s->tree.count; layer++)
		if (s->tree.layer[layer].depth >= from && s->tree.layer[layer].depth <= to &&
		    has_option(s->driver[layer], name) && !stack_option(s, layer, name))
			done = add_text(&s->options[layer], NULL, word, strlen(word), err);
	free(word);
	return done;
}

int stack_check(const struct stack *s, const char *scratch, struct err *err)
{
	for (uint32_t layer = 0; layer < s->tree.count; layer++) {
		const struct driver *d = s->driver[layer], *outer[DEPTH_MAX + 1];
		const struct layer_spec spec = {.layer = (int)layer,
						.depth = (int)s->tree.layer[layer].depth,
						.below = (int)stack_below(s, layer),
						.outer = outer,
						.options = &s->options[layer],
						.scratch = scratch};

		stack_outer(s, layer, outer);
		if (spec.below && !(d->caps & CAP_HOSTS))
			return err_set(err, EXIT_USAGE,
				       "no layer can be started in %s, which is of kind %s",
				       s->tree.layer[layer].name, d->name);
		if (driver_check(d, &spec, err) < 0)
			return -1;
	}
	return 0;
}

bool stack_any(const struct stack *s, unsigned caps)
{
	for (uint32_t layer = 0; layer < s->tree.count; layer++)
		if ((s->driver[layer]->caps & caps) == caps)
			return true;
	return false;
}

bool stack_all(const struct stack *s, unsigned caps)
{
	for (uint32_t layer = 1; layer < s->tree.count; layer++)
		if ((s->driver[layer]->caps & caps) != caps)
			return false;
	return true;
}

void stack_release(struct stack *s)
{
	for (uint32_t layer = 0; layer < s->tree.count; layer++)
		release_options(&s->options[layer]);
	free(s->options);
	*s = (struct stack){0};
}
