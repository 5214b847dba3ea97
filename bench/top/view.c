/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/top/view.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/counts.h"
#include "lib/array.h"
#include "lib/clock.h"
#include "lib/str.h"

void top_block_add(struct top_block *b, const char *reason, uint64_t n)
{
	struct top_count *item;

	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->item[i].reason, reason) == 0) {
			b->item[i].n += n;
			return;
		}
	item = b->count < COUNTS_MAX ? array_grow(b->item, b->count, sizeof(*item)) : NULL;
	if (!item)
		return;
	b->item = item;
	str_copy(item[b->count].reason, sizeof(item->reason), reason);
	item[b->count++].n = n;
}

void top_block_clear(struct top_block *b)
{
	b->count = 0;
	b->interval_ns = 0;
}

/* What all others are a part of, or happen in (drivers/counts.h). */
static bool is_sum(const struct top_count *c)
{
	return strcmp(c->reason, "exits") == 0;
}

static int larger_first(const void *a, const void *b)
{
	const struct top_count *x = a, *y = b;

	if (is_sum(x) != is_sum(y))
		return is_sum(x) ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->reason, y->reason);
}

void top_block_sort(struct top_block *b)
{
	if (b->count)
		qsort(b->item, b->count, sizeof(*b->item), larger_first);
}

bool top_block_tells(const struct top_block *b)
{
	int source = count_source_find(b->source);

	if (source != COUNT_NESTED_VMEXIT && source != COUNT_NESTED_INJECT)
		return b->count > 0;
	return b->count > 0 && b->item[0].n > 0;
}

void top_block_release(struct top_block *b)
{
	free(b->item);
	*b = (struct top_block){0};
}

double top_rate(const struct top_block *b, size_t item)
{
	return b->interval_ns ? (double)b->item[item].n * (double)NS_PER_S / (double)b->interval_ns
			      : 0;
}

int top_view_add(struct top_view *v, const struct top_block *b, struct err *err)
{
	const struct top_block **grown = array_grow(v->block, v->count, sizeof(void *));

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu blocks", v->count + 1);
	v->block = grown;
	v->block[v->count++] = b;
	return 0;
}

void top_view_remark(struct top_view *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&v->remarks, fmt, ap);
	va_end(ap);
	buf_addstr(&v->remarks, "\n");
}

void top_view_clear(struct top_view *v)
{
	v->count = 0;
	buf_clear(&v->remarks);
}

void top_view_release(struct top_view *v)
{
	free(v->block);
	buf_release(&v->remarks);
	*v = (struct top_view){0};
}
