/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/place.h"

const char *const place_choices[] = {
	[PLACE_TOGETHER] = "together",
	[PLACE_APART] = "apart",
	NULL,
};

int place_cpus(cpu_set_t *cpus, struct err *err)
{
	CPU_ZERO(cpus);
	if (sched_getaffinity(0, sizeof(*cpus), cpus) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot find out which CPUs there are");
	return 0;
}

int place_probe(enum place place, struct err *err)
{
	cpu_set_t cpus;

	if (place_cpus(&cpus, err) < 0)
		return -1;
	if (place == PLACE_APART && CPU_COUNT(&cpus) < 2)
		return err_set(err, EXIT_MACHINE,
			       "place=apart needs two CPUs, and only one may be used here");
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		return err_errno(err, EXIT_MACHINE,
				 "pinning to CPUs is refused here (sched_setaffinity)");
	return 0;
}

int place_pin(enum place place, int second, const cpu_set_t *cpus, struct err *err)
{
	int skip = place == PLACE_APART && second, cpu = 0;
	cpu_set_t one;

	while (cpu < CPU_SETSIZE && (!CPU_ISSET(cpu, cpus) || skip-- > 0))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot run on CPU %d", cpu);
	return 0;
}
