/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view as JSON. */
#include "bench/top/view.h"

#include "lib/clock.h"
#include "lib/json.h"

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

/* Empty: there is none. */
static json_t *with_text(json_t *object, const char *key, const char *text)
{
	return json_with(object, key, text[0] ? json_bytes(text) : json_null());
}

static json_t *make_counts(const struct top_block *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->count; i++) {
		const struct top_count *c = &b->item[i];
		json_t *item = json_with(json_object(), "reason", json_bytes(c->reason));

		item = json_with(item, "count", json_integer((json_int_t)c->n));
		item = json_with(item, "per_s", b->holds ? json_null() : json_real(top_rate(b, i)));
		list = json_and(list, item);
	}
	return list;
}

static json_t *make_block(const struct top_block *b)
{
	json_t *block = json_object();

	block = with_text(block, "layer", b->counted_in[0] ? b->of : "");
	block = with_text(block, "vm", b->counted_in[0] ? "" : b->of);
	block = with_text(block, "counted_in", b->counted_in);
	block = json_with(block, "source", json_bytes(b->source));
	block = with_text(block, "measured_in", b->measured);
	block = with_text(block, "workload", b->workload);
	block = with_text(block, "params", b->params);
	block = with_text(block, "remark", b->remark ? b->remark : "");
	block = json_with(block, "is_state", json_boolean(b->holds));
	block = json_with(block, "interval_s",
			  b->holds ? json_null() : json_real(seconds(b->interval_ns)));
	block = json_with(block, "age_s", json_real(seconds(b->age_ns)));
	return json_with(block, "counters", make_counts(b));
}

static json_t *make_remarks(const struct top_view *v)
{
	json_t *list = json_array();
	const char *line = buf_str(&v->remarks), *end;

	for (; (end = strchr(line, '\n')); line = end + 1)
		list = json_and(list, json_stringn(line, (size_t)(end - line)));
	return list;
}

int top_json(const struct top_view *v, struct buf *out, struct err *err)
{
	bool is_run = strcmp(v->kind, "run") == 0;
	json_t *root = with_text(json_object(), "run", is_run ? v->name : ""), *blocks;

	root = with_text(root, "connect", is_run ? "" : v->name);
	root = with_text(root, "state", v->state);
	root = json_with(root, "counters_moved_ago_s",
			 v->moved ? json_real(seconds(v->age_ns)) : json_null());
	root = json_with(root, "remarks", make_remarks(v));
	blocks = json_array();
	for (size_t i = 0; i < v->count; i++)
		blocks = json_and(blocks, make_block(v->block[i]));
	root = json_with(root, "blocks", blocks);
	return json_write_answer("top", 1, root, out, err);
}
