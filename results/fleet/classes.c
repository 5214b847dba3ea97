/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/classes.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/array.h"

size_t fleet_classes_find(const struct fleet_classes *all, const struct fleet_class *class)
{
	size_t i = 0;

	while (i < all->count && fleet_class_compare(&all->item[i].class, class) != 0)
		i++;
	return i;
}

int fleet_classes_add(struct fleet_classes *all, const struct fleet_class *class, struct err *err)
{
	size_t at = fleet_classes_find(all, class);
	struct fleet_class_nodes *grown;

	if (at == all->count) {
		grown = array_grow(all->item, all->count, sizeof(*grown));
		if (!grown)
			return err_set(err, EXIT_INTERNAL,
				       "out of memory for the classes of machines");
		all->item = grown;
		all->item[all->count++] = (struct fleet_class_nodes){.class = *class};
	}
	all->item[at].nodes++;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct fleet_class_nodes *a = left, *b = right;

	if (a->nodes != b->nodes)
		return a->nodes > b->nodes ? -1 : 1;
	return fleet_class_compare(&a->class, &b->class);
}

void fleet_classes_sort(struct fleet_classes *all)
{
	if (all->count)
		qsort(all->item, all->count, sizeof(*all->item), compare);
}

const char *fleet_letter(size_t number, char text[FLEET_LETTER])
{
	if (number < 26)
		snprintf(text, FLEET_LETTER, "%c", (int)('A' + number));
	else
		snprintf(text, FLEET_LETTER, "%c%zu", (int)('A' + number % 26), number / 26);
	return text;
}

void fleet_classes_release(struct fleet_classes *all)
{
	free(all->item);
	*all = (struct fleet_classes){0};
}
