/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <stdio.h>

#include "lib/printable.h"

int agent_send_up(struct agent *a, json_t *answer)
{
	struct err err;

	if (channel_send(&a->up, answer, &err) == 0)
		return 0;
	/* The parent layer is gone: end, so that nothing is left behind. */
	fprintf(stderr, "nestbench agent: %s\n", err.text);
	a->stopping = true;
	return -1;
}

int agent_answer(struct agent *a, json_int_t id, const char *is, json_t *body)
{
	json_t *m = json_pack("{s:I, s:I, s:s}", "id", id, "from", (json_int_t)a->layer, "is", is);

	if (m && body && json_object_update(m, body) < 0) {
		json_decref(m);
		m = NULL;
	}
	json_decref(body);
	return agent_send_up(a, m);
}

/* A text may be about a path that is no UTF-8. */
json_t *agent_error_body(const struct err *err)
{
	struct err told = *err;

	return json_pack("{s:s, s:i}", "text", printable(told.text), "code", (int)told.code);
}

int agent_answer_error(struct agent *a, json_int_t id, const struct err *err)
{
	return agent_answer(a, id, "error", agent_error_body(err));
}

json_t *agent_facts_to_json(const struct facts *facts)
{
	json_t *o = json_object();

	for (size_t i = 0; i < facts->count; i++)
		json_object_set_new(o, facts->item[i].key, json_string(facts->item[i].value));
	return json_pack("{s:o}", "facts", o);
}
