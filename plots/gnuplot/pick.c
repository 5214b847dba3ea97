/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/pick.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t pick_variant(const struct summary *s, size_t index)
{
	const struct summary_entry *a = &s->entry[index];
	size_t count = 1;

	while (index + count < s->entries && a[count].threads == a->threads &&
	       strcmp(a[count].workload, a->workload) == 0 &&
	       strcmp(a[count].params, a->params) == 0)
		count++;
	return count;
}

const struct summary_entry *pick_layer(const struct summary_entry *first, size_t count,
				       uint32_t layer)
{
	for (size_t i = 0; i < count; i++)
		if (first[i].layer == layer)
			return &first[i];
	return NULL;
}

const struct summary_class *pick_class(const struct summary *s, const char *class, uint32_t layer)
{
	for (size_t i = 0; i < s->classes; i++)
		if (s->class[i].layer == layer && strcmp(s->class[i].class, class) == 0)
			return &s->class[i];
	return NULL;
}

const char *pick_ratio(const struct estimate *ratio, char text[TEXT_LABEL])
{
	char mid[TEXT_SHORT], low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(ratio->mid))
		snprintf(text, TEXT_LABEL, "–");
	else if (isnan(ratio->low))
		snprintf(text, TEXT_LABEL, "%s", text_ratio(ratio->mid, mid));
	else
		snprintf(text, TEXT_LABEL, "%s [%s, %s]", text_ratio(ratio->mid, mid),
			 text_ratio(ratio->low, low), text_ratio(ratio->high, high));
	return text;
}

void pick_head(const struct summary *s, const char *name, uint32_t first, struct grid *g)
{
	char text[TEXT_SHORT];

	grid_begin(g, s->layers - first + 1);
	grid_add(g, name);
	for (uint32_t k = first; k < s->layers; k++)
		grid_add(g, text_layer(s, k, text));
}
