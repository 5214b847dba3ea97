/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads and their parameters. */
#include <stdio.h>
#include <string.h>

#include "bench/completion/work.h"
#include "workloads/workload.h"

void offer_workloads(struct offers *o)
{
	for (const struct workload *const *w = workloads; *w; w++)
		offers_add(o, (*w)->name, "", (*w)->summary);
}

static bool is_given(const char *param, const char *const *words, size_t count)
{
	size_t len = strlen(param);

	for (size_t i = 0; i < count; i++)
		if (strncmp(words[i], param, len) == 0 && words[i][len] == '=')
			return true;
	return false;
}

/* Of a number the ends of its range and its default stand for all. */
static void offer_values(struct offers *o, const struct param *p)
{
	char name[64], text[SIZE_TEXT];

	snprintf(name, sizeof(name), "%s=", p->name);
	for (size_t i = 0; p->kind == PARAM_CHOICE && p->choices[i]; i++)
		offers_add(o, name, p->choices[i], i == p->fallback ? "the default" : NULL);
	if (p->kind == PARAM_CHOICE)
		return;
	offers_add(o, name, param_format(p, p->fallback, text), "the default");
	if (p->min != p->fallback)
		offers_add(o, name, param_format(p, p->min, text), "the least");
	if (p->max != p->fallback)
		offers_add(o, name, param_format(p, p->max, text), "the most");
}

/* Whether what is typed is a beginning of "NAME=", or goes on behind it. */
static bool is_meant(const struct offers *o, const struct param *p)
{
	const char *typed = offers_typed(o);
	size_t len = strcspn(typed, "=");

	return strncmp(p->name, typed, len) == 0 && (!typed[len] || !p->name[len]);
}

void offer_param(struct offers *o, const char *workload, const char *const *words, size_t count)
{
	const struct workload *w = workload_find(workload);
	const struct param *only = NULL;
	size_t meant = 0;

	for (const struct param *p = w ? w->params : NULL; p && p->name; p++)
		if (is_meant(o, p) && !is_given(p->name, words, count)) {
			only = p;
			meant++;
		}
	if (meant == 1) {
		offer_values(o, only);
		return;
	}
	for (const struct param *p = w ? w->params : NULL; p && p->name; p++)
		if (!is_given(p->name, words, count))
			offers_add(o, p->name, "=", p->help);
}

/* "mem.chase size=1MiB pa": a group is parted by '|'. */
void offer_work(struct offers *o)
{
	const char *typed = offers_typed(o), *bar = strrchr(typed, '|');
	const char *word[PARAMS_MAX + 1] = {NULL};
	char text[PARAMS_TEXT];
	size_t count = 0;
	char *rest = text;

	if (strlen(typed) >= sizeof(text))
		return;
	typed = bar ? bar + 1 : typed;
	typed += strspn(typed, " ");
	snprintf(text, sizeof(text), "%s", typed);
	/* All but the last, which the cursor is in. */
	for (char *end; count < PARAMS_MAX + 1 && (end = strchr(rest, ' ')); rest = end + 1) {
		*end = '\0';
		word[count++] = rest;
	}
	o->before = (size_t)(typed - o->word) + (size_t)(rest - text);
	if (count)
		offer_param(o, word[0], word + 1, count - 1);
	else
		offer_workloads(o);
}
