/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which nodes a fleet has. */
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/printable.h"
#include "results/fleet/compare_parts.h"
#include "results/fleet/nodes.h"
#include "results/fleet/state.h"

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

struct compared_node *fleet_list_node(struct fleet_comparison *c, const char *name, struct err *err)
{
	struct compared_node *node = array_grow(c->node, c->nodes, sizeof(*node));
	char path[RUNDIR_PATH];

	if (rundir_path(c->dir, name, path, err) < 0)
		return NULL;
	if (node) {
		c->node = node;
		node += c->nodes++;
		*node = (struct compared_node){.name = strdup(name), .dir = strdup(path)};
	}
	if (node && node->name && node->dir)
		return node;
	err_set(err, EXIT_INTERNAL, "out of memory for %zu nodes", c->nodes);
	return NULL;
}

static int compare_nodes(const void *left, const void *right)
{
	const struct compared_node *a = left, *b = right;

	return fleet_order(a->name, b->name);
}

/* Of a folder without fleet.json: what is a run directory. */
static int list_runs(struct fleet_comparison *c, struct err *err)
{
	struct fleet_nodes found = {0};
	int rc = fleet_nodes_find(c->dir, &found, err);

	for (size_t i = 0; i < found.count && rc == 0; i++)
		rc = fleet_list_node(c, found.name[i], err) ? 0 : -1;
	fleet_nodes_release(&found);
	return rc;
}

/* What fleet.json says of a node that was not measured. */
static int take_state(struct compared_node *node, const struct fleet_node *is, struct err *err)
{
	switch (is->state) {
	case FLEET_FAILED:
		return fleet_leave_out(node, FLEET_UNMEASURED, err, "failed: %s", is->reason);
	case FLEET_WAITING:
		return fleet_leave_out(node, FLEET_UNMEASURED, err, "not measured yet");
	case FLEET_RUNNING:
		return fleet_leave_out(node, FLEET_UNMEASURED, err, "is being measured");
	case FLEET_DONE:
		break;
	}
	node->expected = strdup(is->run);
	return node->expected ? 0 : err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
}

static int list_fleet(struct fleet_comparison *c, struct err *err)
{
	struct fleet fleet = {0};
	int rc = fleet_load(c->dir, &fleet, err);

	for (size_t i = 0; i < fleet.nodes && rc == 0; i++) {
		struct compared_node *node = fleet_list_node(c, fleet.node[i].name, err);

		rc = node ? take_state(node, &fleet.node[i], err) : -1;
	}
	fleet_release(&fleet);
	return rc;
}

int fleet_list_nodes(struct fleet_comparison *c, struct err *err)
{
	int rc = fleet_is_there(c->dir) ? list_fleet(c, err) : list_runs(c, err);

	if (rc == 0 && c->nodes)
		qsort(c->node, c->nodes, sizeof(*c->node), compare_nodes);
	return rc;
}
