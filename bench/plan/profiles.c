/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profiles themselves. What they measure, the workloads say: see workload.h. */
#include "bench/plan/profile.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/nearest.h"

/* Memory that was never used before is touched at 200 MB/s where the CPU is emulated. */
enum { QUICK_TOUCH = 64 << 20 };

/* Rounds, batches and warm-up batches in each round, what a batch takes at least. */
static const struct profile profiles[] = {
	{"smoke", PROFILE_SMOKE, 2, 2, 1, NS_PER_MS},
	{"quick", PROFILE_QUICK, 6, 3, 1, 20 * NS_PER_MS, QUICK_TOUCH},
	{"standard", PROFILE_STANDARD, 10, 5, 1, 50 * NS_PER_MS},
	{"full", PROFILE_FULL, 40, 7, 2, 100 * NS_PER_MS},
	{"kinds", PROFILE_KINDS, 9, 2, 1, 10 * NS_PER_MS},
	{0},
};

const struct profile *profile_at(size_t i)
{
	return i < sizeof(profiles) / sizeof(profiles[0]) && profiles[i].name ? &profiles[i] : NULL;
}

bool profile_is_known(const char *name)
{
	for (const struct profile *p = profiles; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

size_t profile_names(const char **names, size_t size)
{
	size_t count = 0;

	for (; profiles[count].name && count + 1 < size; count++)
		names[count] = profiles[count].name;
	names[count] = NULL;
	return count;
}

const struct profile *profile_find(const char *name, struct err *err)
{
	const char *names[PROFILE_NAMES];
	int i;

	profile_names(names, PROFILE_NAMES);
	i = choice_find("--profile", name, names, err);
	return i < 0 ? NULL : &profiles[i];
}
