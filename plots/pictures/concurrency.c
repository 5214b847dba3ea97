/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Total rate against how much runs at the same time: threads of one copy, copies in one VM
 * (parameter copies=N) and sibling VMs (guests=N). Time per operation counts the threads of a copy
 * together, and each copy by itself; so the total is copies × guests ÷ time.
 */
#include "plots/plot.h"

#include <stdio.h>
#include <string.h>

#include "plots/pictures/sweep.h"
#include "results/rundir/params.h"

static double copies(const struct summary_entry *e)
{
	return params_number(e->params, "copies", 1);
}

static double guests(const struct summary_entry *e)
{
	return params_number(e->params, "guests", 1);
}

static double threads(const struct summary_entry *e)
{
	return e->threads;
}

/* What is swept besides guests is swept within one VM; and threads within one copy. */
static bool sweeps_guests(const struct summary_entry *e)
{
	return strcmp(e->class, "capacity") != 0 && strcmp(e->class, "control") != 0;
}

static bool sweeps_copies(const struct summary_entry *e)
{
	return sweeps_guests(e) && guests(e) == 1;
}

static bool sweeps_threads(const struct summary_entry *e)
{
	return sweeps_copies(e) && copies(e) == 1 && e->threads != THREADS_ON_EACH_CPU;
}

static double rate(const struct summary_entry *e, double cost)
{
	return copies(e) * guests(e) * 1e9 / cost;
}

static void show(const struct summary_entry *e, double y, char text[TEXT_SHORT])
{
	(void)e;
	snprintf(text, TEXT_SHORT, "%.3g/s", y);
}

static void show_count(double x, char text[TEXT_SHORT])
{
	snprintf(text, TEXT_SHORT, "%.0f", x);
}

static const struct sweep_kind kinds[] = {
	{"threads in one VM", NULL, sweeps_threads, threads},
	{"copies in one VM", "copies", sweeps_copies, copies},
	{"guests: VMs side by side", "guests", sweeps_guests, guests},
	{0},
};

static const struct sweep sweep = {
	.remark = "operations per second of all together; medians with 95 % intervals",
	.nothing = "no workload was measured with different numbers of threads, copies or guests",
	.kind = kinds,
	.y = rate,
	.show = show,
	.show_x = show_count,
};

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	return sweep_make(&sweep, s, p, err);
}

const struct plot plot_concurrency = {
	.name = "concurrency",
	.title = "Under concurrency",
	.summary =
		"total operations per second against threads, copies and guests that run at once",
	.place = PLOT_OF_WORKLOADS,
	.make = make,
};
