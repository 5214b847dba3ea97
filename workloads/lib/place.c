/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/place.h"

const char *const place_choices[] = {
	[PLACE_TOGETHER] = "together",
	[PLACE_APART] = "apart",
	NULL,
};

int place_probe(uint64_t place, struct err *err)
{
	struct affinity cpus;
	int done = 0;

	if (affinity_read(&cpus, err) < 0)
		return -1;
	if (place == PLACE_APART && affinity_count(&cpus) < 2)
		done = err_set(err, EXIT_MACHINE,
			       "place=apart needs two CPUs, and only one may be used here");
	else if (affinity_apply(&cpus) < 0)
		done = err_errno(err, EXIT_MACHINE,
				 "pinning to CPUs is refused here (sched_setaffinity)");
	affinity_release(&cpus);
	return done;
}

int place_pin(enum place place, int second, const struct affinity *cpus, struct err *err)
{
	int cpu = affinity_nth(cpus, place == PLACE_APART && second);

	if (cpu < 0)
		return err_set(err, EXIT_MACHINE,
			       "place=apart needs two CPUs, and only one is left here");
	if (affinity_pin(cpu) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot run on CPU %d", cpu);
	return 0;
}

void place_restore(struct affinity *cpus)
{
	if (cpus->set)
		affinity_apply(cpus);
	affinity_release(cpus);
}
