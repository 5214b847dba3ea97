/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which task stands for which node. */
#include "bench/fleet/slurm_engine.h"

#include <stdio.h>
#include <string.h>

#include "lib/parse.h"

const char *slurm_node_name(const struct slurm_engine *e, const struct slurm_item *it)
{
	return e->work->fleet->node[it - e->item].name;
}

size_t slurm_array_base(const struct slurm_engine *e, const struct slurm_item *it)
{
	size_t i = (size_t)(it - e->item);

	return it->id.array ? i - it->id.task : i - i % e->room;
}

void slurm_array_name(const struct slurm_engine *e, const struct slurm_item *it,
		      char name[SLURM_NAME])
{
	snprintf(name, SLURM_NAME, "%s%zu", e->front, slurm_array_base(e, it));
}

struct slurm_item *slurm_array_find(struct slurm_engine *e, const struct slurm_job *job)
{
	size_t nodes = e->work->fleet->nodes;
	uint64_t base;
	struct err none;

	if (parse_u64(job->name + strlen(e->front), "number", 0, nodes, &base, &none) < 0 ||
	    base + job->id.task >= nodes)
		return NULL;
	return &e->item[base + job->id.task];
}
