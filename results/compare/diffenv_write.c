/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differences of the environment as text, as JSON and as a refusal. */
#include "results/compare/diffenv.h"

#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "results/compare/compare_parts.h"
#include "results/table/text.h"

enum { WIDTH = 96, REASONS = 4, PLACE_MOST = 24 };

static const char *const weight_names[] = {
	[ENV_REFUSES] = "refuses", [ENV_MATTERS] = "matters", [ENV_VARIES] = "varies"};

const char *env_place(const struct env_difference *item, char text[LAYER_NAME])
{
	if (item->layer < 0)
		snprintf(text, LAYER_NAME, "run");
	else if (item->name[0])
		snprintf(text, LAYER_NAME, "%s", item->name);
	else
		snprintf(text, LAYER_NAME, "L%d", item->layer);
	return text;
}

static const char *known(const char *value)
{
	return *value ? value : "(not known)";
}

int env_refuse(const struct env_differences *d, struct err *err)
{
	struct buf text = BUF_INIT;
	size_t refusing = 0;
	char where[LAYER_NAME];

	for (; refusing < d->count && d->item[refusing].weight == ENV_REFUSES; refusing++) {
		const struct env_difference *item = &d->item[refusing];

		if (refusing < REASONS)
			buf_addf(&text, "%s%s %s is %.80s in BASE and %.80s in NEW (%s)",
				 refusing ? "; " : "", env_place(item, where), item->key,
				 item->base, item->new, item->why);
	}
	if (refusing > REASONS)
		buf_addf(&text, "; and %zu more", refusing - REASONS);
	if (refusing)
		err_set(err, EXIT_USAGE,
			"these runs do not answer the same question: %s; --force compares them "
			"anyway",
			buf_str(&text));
	buf_release(&text);
	return refusing ? -1 : 0;
}

static size_t widest_place(const struct env_differences *d)
{
	size_t widest = 4;
	char where[LAYER_NAME];

	for (size_t i = 0; i < d->count; i++)
		if (strlen(env_place(&d->item[i], where)) + 1 > widest)
			widest = strlen(where) + 1;
	return widest < PLACE_MOST ? widest : PLACE_MOST;
}

static void add_group(const struct env_differences *d, enum env_weight weight, const char *title,
		      struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < d->count; i++) {
		const struct env_difference *item = &d->item[i];
		struct buf left = BUF_INIT;
		char where[LAYER_NAME];

		if (item->weight != weight)
			continue;
		if (first)
			buf_addf(out, "%s\n", title);
		first = false;
		buf_addstr(&left, "  ");
		text_pad(&left, env_place(item, where), widest_place(d));
		text_pad(&left, item->key, 22);
		buf_addstr(&left, " ");
		text_wrapf(out, buf_str(&left), WIDTH, "%s -> %s (%s)", known(item->base),
			   known(item->new), item->why);
		buf_done(&left, out);
	}
}

void env_format(const struct env_differences *d, enum env_weight up_to, struct buf *out)
{
	static const char *const titles[] = {
		[ENV_REFUSES] = "The runs do not answer the same question:",
		[ENV_MATTERS] = "Differences that can change the figures (BASE -> NEW):",
		[ENV_VARIES] = "Differences to be expected from run to run (BASE -> NEW):",
	};
	size_t shown = 0;

	for (int i = 0; i < 2; i++)
		if (d->trouble[i][0])
			text_wrap(out, i ? "NEW: " : "BASE: ", d->trouble[i], WIDTH);
	if (d->damage.count)
		buf_addf(out, "%llu damaged lines were left out, the first: %s\n",
			 (unsigned long long)d->damage.count, d->damage.text[0]);
	for (int weight = ENV_REFUSES; weight <= ENV_VARIES; weight++)
		if (weight <= (int)up_to)
			add_group(d, weight, titles[weight], out);
	for (size_t i = 0; i < d->count; i++)
		shown += d->item[i].weight <= up_to;
	if (d->facts == 0)
		buf_addstr(out, "Nothing is known about the environment of one of the runs.\n");
	else if (shown == 0)
		buf_addf(out,
			 "The environments do not differ in anything that matters (%u facts).\n",
			 (unsigned)d->facts);
}

static json_t *if_known(const char *text)
{
	return json_text(text[0] ? text : NULL);
}

json_t *env_json(const struct env_differences *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->count; i++) {
		const struct env_difference *item = &d->item[i];
		char place[LAYER_NAME];

		env_place(item, place);
		list = json_and(list,
				json_pack("{s:o, s:o, s:s, s:o, s:o, s:o}", "layer",
					  item->layer < 0 ? json_null() : json_text(place), "key",
					  json_text(item->key), "weight",
					  weight_names[item->weight], "base", if_known(item->base),
					  "new", if_known(item->new), "why", json_text(item->why)));
	}
	return json_pack("{s:i, s:I, s:o, s:o, s:o}", "facts", (int)d->facts, "damaged_lines",
			 (json_int_t)d->damage.count, "base_trouble", if_known(d->trouble[0]),
			 "new_trouble", if_known(d->trouble[1]), "differences", list);
}

int env_format_json(const struct env_differences *d, struct buf *out, struct err *err)
{
	return json_write_answer("diff-env", 1, env_json(d), out, err);
}
