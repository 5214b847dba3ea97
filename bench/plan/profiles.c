/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profiles themselves. What they measure, the workloads say: see workload.h. */
#include "bench/plan/profile.h"

#include <string.h>

#include "lib/clock.h"

static const struct profile profiles[] = {
	{.name = "smoke",
	 .id = PROFILE_SMOKE,
	 .rounds = 2,
	 .batches = 2,
	 .warm_up = 1,
	 .batch_ns = NS_PER_MS},
	{.name = "quick",
	 .id = PROFILE_QUICK,
	 .rounds = 6,
	 .batches = 3,
	 .warm_up = 1,
	 .batch_ns = 20 * NS_PER_MS},
	{.name = "standard",
	 .id = PROFILE_STANDARD,
	 .rounds = 10,
	 .batches = 5,
	 .warm_up = 1,
	 .batch_ns = 50 * NS_PER_MS},
	{.name = "full",
	 .id = PROFILE_FULL,
	 .rounds = 40,
	 .batches = 7,
	 .warm_up = 2,
	 .batch_ns = 100 * NS_PER_MS},
	{0},
};

const struct profile *profile_find(const char *name, struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (const struct profile *p = profiles; p->name; p++) {
		if (strcmp(p->name, name) == 0)
			return p;
		nearest_offer(&near, p->name);
	}
	err_set(err, EXIT_USAGE,
		"--profile: there is no profile \"%s\"; choose smoke, quick, standard or full%s", name,
		nearest_hint(&near, " (", ")", hint));
	return NULL;
}
