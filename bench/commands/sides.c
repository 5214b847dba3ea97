/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/sides.h"

#include <string.h>

/* The word of a side and then its further runs. */
static void make_side(const char *word, const struct text_list *more,
		      const char *side[LIST_MAX + 2])
{
	side[0] = word;
	memcpy(side + 1, more->item, (more->count + 1) * sizeof(*side));
}

int comparing_read(const struct comparing_options *opt, const struct text_list *words,
		   const struct compare_options *how, struct comparison *c, struct err *err)
{
	const char *base[LIST_MAX + 2], *new[LIST_MAX + 2];
	struct compare_options options = *how;

	make_side(words->item[0], &opt->base, base);
	make_side(words->item[1], &opt->new, new);
	if (opt->workloads.count)
		options.workloads = opt->workloads.item;
	if (compare_runs(base, new, &options, opt->force, c, err) < 0)
		return -1;
	if (opt->force || compare_distinct(c, err) == 0)
		return 0;
	comparison_release(c);
	return -1;
}
