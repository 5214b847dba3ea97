/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/str.h"
#include "results/size/size_fleet_parts.h"

enum { LISTED = 5 };

void size_add_list(struct buf *out, size_t count, const char *(*text)(const void *ctx, size_t i),
		   const void *ctx)
{
	size_t shown = count > LISTED + 1 ? LISTED : count;

	for (size_t i = 0; i < shown; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", text(ctx, i));
	if (shown < count)
		buf_addf(out, " and %zu more", count - shown);
}

const char *size_where(const struct size_fleet_place *place, char text[SIZE_WHERE])
{
	text[0] = '\0';
	if (place->depth)
		str_addf(text, SIZE_WHERE, "in %s", place->name);
	else
		str_addf(text, SIZE_WHERE, "on bare metal");
	return text;
}

bool size_price_is_used(const struct size_fleet *f, const struct price *price)
{
	char class[FLEET_CLASS_TEXT];

	for (size_t i = 0; i < f->nodes; i++)
		if (price_fits(price, fleet_class_name(&f->node[i].class, class), f->node[i].name))
			return true;
	return false;
}
