/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory against the size of the working set: where each layer leaves which cache. */
#include "plots/plot.h"

#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "plots/pictures/sweep.h"
#include "results/rundir/params.h"

static bool belongs(const struct summary_entry *e)
{
	return strcmp(e->class, "mem") == 0 && params_number(e->params, "size", 0) > 0;
}

static double size_of(const struct summary_entry *e)
{
	return params_number(e->params, "size", 0);
}

static double seconds(const struct summary_entry *e, double cost)
{
	(void)e;
	return cost * 1e-9;
}

static void show(const struct summary_entry *e, double y, char text[TEXT_SHORT])
{
	text_cost(e, y * 1e9, text);
}

static void show_size(double x, char text[TEXT_SHORT])
{
	format_size_short((uint64_t)x, text);
}

static const struct sweep_kind kinds[] = {
	{"working set", "size", belongs, size_of},
	{0},
};

static const struct sweep sweep = {
	.remark = "time per operation; medians with 95 % intervals",
	.nothing = "each workload of memory was measured with one size only, so there is no curve",
	.kind = kinds,
	.y = seconds,
	.show = show,
	.show_x = show_size,
};

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	return sweep_make(&sweep, s, p, err);
}

const struct plot plot_latency = {
	.name = "latency",
	.title = "Memory against the working set",
	.summary = "time of one access to memory for each size of the working set, in each layer",
	.place = PLOT_OF_WORKLOADS,
	.make = make,
};
