/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "workloads/workload.h"

const struct workload *workload_find(const char *name)
{
	for (const struct workload *const *w = workloads; *w; w++)
		if (strcmp((*w)->name, name) == 0)
			return *w;
	return NULL;
}

const struct workload *workload_needing(unsigned needs)
{
	const struct workload *const *w = workloads;

	while (*w && ((*w)->needs & needs) != needs)
		w++;
	return *w;
}

const char *const *workload_modules(const char *module[WORKLOAD_MODULES])
{
	size_t count = 0;

	for (const struct workload *const *w = workloads; *w; w++) {
		size_t i = 0;

		while ((*w)->module && i < count && strcmp(module[i], (*w)->module) != 0)
			i++;
		if ((*w)->module && i == count && count < WORKLOAD_MODULES - 1)
			module[count++] = (*w)->module;
	}
	module[count] = NULL;
	return module;
}

const char *workload_hint(const char *name, size_t len, const char *before, const char *after,
			  char text[NEAREST_TEXT])
{
	struct nearest near;

	nearest_init(&near, name, len);
	for (const struct workload *const *w = workloads; *w; w++)
		nearest_offer(&near, (*w)->name);
	return nearest_hint(&near, before, after, text);
}

static size_t count_params(const struct workload *w)
{
	size_t count = 0;

	while (w->params && w->params[count].name)
		count++;
	return count;
}

const char *const *workload_items(const struct workload *w, enum profile_id profile)
{
	if (profile == PROFILE_KINDS)
		return w->profiles[profile];
	for (int p = (int)profile; p >= 0; p--)
		if (w->profiles[p])
			return w->profiles[p];
	return NULL;
}

static struct workload_env env_of(const struct workload *w, const struct workload_env *env)
{
	struct workload_env own = *env;

	own.variant = w->variant;
	return own;
}

int workload_probe(const struct workload *w, const struct workload_env *env, const uint64_t *arg,
		   struct err *err)
{
	const struct workload_env own = env_of(w, env);

	for (size_t i = 0; i < count_params(w); i++)
		if (w->params[i].probe && w->params[i].probe(arg[i], err) < 0)
			return -1;
	return w->probe ? w->probe(&own, arg, err) : 0;
}

int workload_setup(const struct workload *w, void *state, const struct workload_env *env,
		   const uint64_t *arg, struct err *err)
{
	const struct workload_env own = env_of(w, env);

	return w->setup ? w->setup(state, &own, arg, err) : 0;
}

int workload_check_threads(const struct workload *w, uint64_t threads, struct err *err)
{
	uint32_t most = w->threads_max ? w->threads_max : THREADS_MAX;

	if (threads > 1 && !(w->flags & (WORKLOAD_THREADS | WORKLOAD_EVERY_CPU)))
		return err_set(err, EXIT_USAGE,
			       "%s runs once at a time, but %" PRIu64 " threads were asked for",
			       w->name, threads);
	if (threads > most)
		return err_set(err, EXIT_USAGE,
			       "%s runs in at most %u threads, but %" PRIu64 " were asked for",
			       w->name, most, threads);
	return 0;
}

static int parse_choice(const struct param *p, const char *text, const char *what, uint64_t *out,
			struct err *err)
{
	char list[128] = "", hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, text, strlen(text));
	for (uint64_t i = 0; p->choices[i]; i++) {
		if (strcmp(text, p->choices[i]) == 0) {
			*out = i;
			return 0;
		}
		nearest_offer(&near, p->choices[i]);
		str_addf(list, sizeof(list), "%s%s", i ? ", " : "", p->choices[i]);
	}
	return err_set(err, EXIT_USAGE, "%s: \"%.64s\" is none of: %s%s", what, text, list,
		       nearest_hint(&near, " (", ")", hint));
}

const char *param_format(const struct param *p, uint64_t value, char text[SIZE_TEXT])
{
	if (p->kind == PARAM_SIZE)
		return format_size(value, text);
	snprintf(text, SIZE_TEXT, "%" PRIu64, value);
	return text;
}

static int check_step(const struct param *p, const char *text, const char *what, uint64_t value,
		      struct err *err)
{
	char step[SIZE_TEXT];

	if (p->step == 0 || value % p->step == 0)
		return 0;
	return err_set(err, EXIT_USAGE, "%s: \"%.64s\" is not a multiple of %s", what, text,
		       param_format(p, p->step, step));
}

static int parse_value(const struct workload *w, const struct param *p, const char *text,
		       uint64_t *out, struct err *err)
{
	char what[128];

	snprintf(what, sizeof(what), "%s: parameter %s", w->name, p->name);
	if (p->kind == PARAM_CHOICE)
		return parse_choice(p, text, what, out, err);
	if (p->kind == PARAM_SIZE ? parse_size(text, what, p->min, p->max, out, err) < 0
				  : parse_u64(text, what, p->min, p->max, out, err) < 0)
		return -1;
	return check_step(p, text, what, *out, err);
}

static int unknown_param(const struct workload *w, const char *word, struct err *err)
{
	struct buf names = BUF_INIT;
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, word, strcspn(word, "="));
	for (size_t i = 0; i < count_params(w); i++) {
		nearest_offer(&near, w->params[i].name);
		buf_addf(&names, "%s%s", i ? ", " : "", w->params[i].name);
	}
	if (count_params(w) == 0)
		err_set(err, EXIT_USAGE, "%s takes no parameters, but \"%.64s\" was given", w->name,
			word);
	else
		err_set(err, EXIT_USAGE,
			"%s: \"%.64s\" is not of the form name=value with one of the names %s%s",
			w->name, word, buf_str(&names), nearest_hint(&near, " (", ")", hint));
	buf_release(&names);
	return -1;
}

/* Which one "name=value" is for; the number of parameters when it is for none. */
static size_t find_param(const struct workload *w, const char *word)
{
	size_t len = strcspn(word, "="), params = count_params(w), i = 0;

	while (i < params && !(word[len] && strlen(w->params[i].name) == len &&
			       memcmp(w->params[i].name, word, len) == 0))
		i++;
	return i;
}

bool workload_has_param(const struct workload *w, const char *word)
{
	return find_param(w, word) < count_params(w);
}

int workload_parse_params(const struct workload *w, const char *const *words, size_t count,
			  uint64_t arg[PARAMS_MAX], struct err *err)
{
	uint64_t parsed[PARAMS_MAX] = {0};
	bool given[PARAMS_MAX] = {false};
	size_t params = count_params(w);
	struct err why;

	for (size_t i = 0; i < params; i++)
		parsed[i] = w->params[i].fallback;
	for (size_t k = 0; k < count; k++) {
		size_t i = find_param(w, words[k]);

		if (i == params)
			return unknown_param(w, words[k], err);
		if (given[i])
			return err_set(err, EXIT_USAGE, "%s: parameter %s is given twice", w->name,
				       w->params[i].name);
		given[i] = true;
		if (parse_value(w, &w->params[i], strchr(words[k], '=') + 1, &parsed[i], err) < 0)
			return -1;
	}
	if (w->check && w->check(parsed, &why) < 0)
		return err_set(err, EXIT_USAGE, "%s: %s", w->name, why.text);
	memcpy(arg, parsed, sizeof(parsed));
	return 0;
}

const char *workload_format_params(const struct workload *w, const uint64_t *arg,
				   char text[PARAMS_TEXT])
{
	text[0] = '\0';
	for (size_t i = 0; i < count_params(w); i++) {
		const struct param *p = &w->params[i];
		char value[SIZE_TEXT];

		str_addf(text, PARAMS_TEXT, "%s%s=%s", i ? " " : "", p->name,
			 p->kind == PARAM_CHOICE ? p->choices[arg[i]]
						 : param_format(p, arg[i], value));
	}
	return text;
}
