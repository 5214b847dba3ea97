/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/counts_message.h"

#include <inttypes.h>
#include <string.h>

#include "lib/printable.h"
#include "lib/str.h"

static const char *const hows[] = {
	[COUNTING_READ] = "read", [COUNTING_BEGIN] = "begin", [COUNTING_END] = "end"};
enum { HOWS = sizeof(hows) / sizeof(hows[0]) };

const char *counting_name(enum counting how)
{
	return (unsigned)how < HOWS ? hows[how] : NULL;
}

int counting_find(const char *name)
{
	for (int i = 0; name && i < HOWS; i++)
		if (strcmp(hows[i], name) == 0)
			return i;
	return -1;
}

/* Reasons of a source in an object of their own, in their order. */
static void add_count(json_t *sources, const struct count *item)
{
	const char *name = count_source_name(item->source);
	json_t *reasons = json_object_get(sources, name);

	if (!reasons) {
		reasons = json_object();
		json_object_set_new(sources, name, reasons);
	}
	json_object_set_new(reasons, item->reason,
			    json_integer(item->n > INT64_MAX ? INT64_MAX : (json_int_t)item->n));
}

json_t *counts_to_json(const struct counts *c)
{
	json_t *sources = json_object();
	char remark[COUNTS_REMARK];

	for (size_t i = 0; i < c->count; i++)
		add_count(sources, &c->item[i]);
	return json_pack("{s:o, s:I, s:s}", "counts", sources, "at_ns", (json_int_t)c->at_ns,
			 "remark", printable(str_copy(remark, sizeof(remark), c->remark)));
}

static bool is_reason(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= COUNT_REASON)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == ',' || *name == '"')
			return false;
	return true;
}

static void take_source(enum count_source source, json_t *reasons, struct counts *c)
{
	const char *name;
	json_t *n;

	json_object_foreach(reasons, name, n)
	{
		if (!is_reason(name) || !json_is_integer(n) || json_integer_value(n) < 0)
			counts_remark(c, "a counter of %s that is none", count_source_name(source));
		else
			counts_add(c, source, name, (uint64_t)json_integer_value(n));
	}
}

void counts_from_json(const json_t *json, struct counts *c)
{
	json_t *sources = json_object_get(json, "counts"), *reasons;
	const char *remark = json_string_value(json_object_get(json, "remark")), *name;
	json_int_t at = json_integer_value(json_object_get(json, "at_ns"));

	c->at_ns = at > 0 ? (uint64_t)at : 0;
	if (remark) {
		str_copy(c->remark, sizeof(c->remark), remark);
		printable(c->remark);
	}
	json_object_foreach(sources, name, reasons)
	{
		int source = count_source_find(name);

		if (source < 0)
			counts_remark(c, "a source of counts that is not known");
		else
			take_source((enum count_source)source, reasons, c);
	}
}
