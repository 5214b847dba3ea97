/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which nodes a fleet has. */
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/printable.h"
#include "results/fleet/compare_parts.h"
#include "results/fleet/nodes.h"

bool fleet_is_read(const struct compared_node *node)
{
	return node->outcome == FLEET_COMPARED || node->outcome == FLEET_ALONE;
}

int fleet_leave_out(struct compared_node *node, enum fleet_outcome outcome, struct err *err,
		    const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	free(node->reason);
	node->outcome = outcome;
	node->reason = buf_take(&text);
	if (!node->reason)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	printable(node->reason);
	return 0;
}

/* Takes over the name, and the run. */
static int add(struct fleet_comparison *c, struct fleet_found *found, struct err *err)
{
	struct compared_node *node = array_grow(c->node, c->nodes, sizeof(*node));
	char path[RUNDIR_PATH];

	if (rundir_path(c->dir, found->name, path, err) < 0)
		return -1;
	if (node) {
		c->node = node;
		node += c->nodes++;
		*node = (struct compared_node){
			.name = found->name, .dir = strdup(path), .expected = found->run};
		found->name = found->run = NULL;
	}
	if (!node || !node->dir)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu nodes", c->nodes);
	return found->why ? fleet_leave_out(node, FLEET_UNMEASURED, err, "%s", found->why) : 0;
}

int fleet_list_nodes(struct fleet_comparison *c, struct err *err)
{
	struct fleet_nodes found = {0};
	int rc = fleet_nodes_find(c->dir, &found, err);

	for (size_t i = 0; i < found.count && rc == 0; i++)
		rc = add(c, &found.node[i], err);
	fleet_nodes_release(&found);
	return rc;
}
