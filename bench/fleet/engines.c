/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/engines.h"

#include <string.h>

static const struct fleet_engine *const engines[] = {&fleet_engine_ssh, &fleet_engine_slurm};

const struct fleet_engine *fleet_engine_find(const char *name, struct err *err)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	err_set(err, EXIT_USAGE,
		"nothing here reaches nodes by \"%.20s\": use the nestbench that made the fleet",
		name);
	return NULL;
}
