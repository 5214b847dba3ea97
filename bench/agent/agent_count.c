/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "bench/agent/agent_parts.h"
#include "bench/link/counts_message.h"
#include "lib/clock.h"

static void count_guest(struct layer *layer, enum counting how, struct counts *sum)
{
	struct counts *one = calloc(1, sizeof(*one));

	if (!one || !layer->driver->count)
		counts_remark(sum, one ? "nothing is counted of a layer of kind %s" : "no memory",
			      layer->driver->name);
	else
		layer->driver->count(layer, how, one);
	for (size_t i = 0; one && i < one->count; i++)
		counts_add(sum, one->item[i].source, one->item[i].reason, one->item[i].n);
	if (one && one->at_ns)
		sum->at_ns = one->at_ns;
	if (one && one->remark[0])
		counts_remark(sum, "%s", one->remark);
	free(one);
}

void agent_guest_count(struct agent *a, json_int_t id, json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "how"));
	int layer = (int)json_integer_value(json_object_get(request, "layer"));
	int how = counting_find(name), guests = 0;
	struct counts *sum = calloc(1, sizeof(*sum));
	struct err err;

	for (int i = 0; sum && how >= 0 && i < GUESTS_MAX; i++)
		if (a->guest[i] && a->guest[i]->layer.spec.layer == layer) {
			count_guest(&a->guest[i]->layer, (enum counting)how, sum);
			guests++;
		}
	if (guests) {
		if (!sum->at_ns)
			sum->at_ns = clock_now(&clock_machine);
		agent_answer(a, id, "done", counts_to_json(sum));
	} else {
		err_set(&err, EXIT_INTERNAL, "count: L%d has no layer %d, or is not told how",
			a->depth, layer);
		agent_answer_error(a, id, &err);
	}
	free(sum);
}
