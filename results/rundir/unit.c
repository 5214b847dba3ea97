/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/unit.h"

#include <stdbool.h>
#include <string.h>

static const double MILLI = 1e-3;

static bool is_cpus(const char *workload)
{
	return strcmp(workload, "capacity.cpus") == 0;
}

const char *unit_of(const char *class, const char *workload)
{
	if (strcmp(class, "capacity") != 0)
		return "ns/op";
	return is_cpus(workload) ? "cpus" : "bytes";
}

double unit_cost(const char *class, const char *workload, const struct sample *s)
{
	if (strcmp(class, "capacity") != 0)
		return (double)s->elapsed_ns / (double)s->ops;
	return (double)s->bytes * (is_cpus(workload) ? MILLI : 1);
}
