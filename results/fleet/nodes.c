/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "results/fleet/state.h"
#include "results/rundir/layers.h"
#include "results/rundir/rundir.h"
#include "results/rundir/rows.h"

static bool is_run(const char *dir, const char *name)
{
	return file_exists("%s/%s/" ROWS_FILE, dir, name);
}

bool fleet_has_nodes(const char *dir)
{
	DIR *all = file_exists("%s/" ROWS_FILE, dir) ? NULL : file_dir("%s", dir);
	const char *name;

	while ((name = file_dir_next(all)) && !is_run(dir, name))
		;
	file_dir_close(all);
	return name != NULL || (all && fleet_is_there(dir));
}

static int compare(const void *a, const void *b)
{
	return fleet_order(((const struct fleet_found *)a)->name,
			   ((const struct fleet_found *)b)->name);
}

static struct fleet_found *add(struct fleet_nodes *n, const char *name, struct err *err)
{
	struct fleet_found *node = array_grow(n->node, n->count, sizeof(*node));

	if (node) {
		n->node = node;
		node += n->count++;
		*node = (struct fleet_found){.name = strdup(name)};
	}
	if (node && node->name)
		return node;
	err_set(err, EXIT_INTERNAL, "out of memory for the names of nodes");
	return NULL;
}

static int add_runs(const char *dir, struct fleet_nodes *n, struct err *err)
{
	DIR *all = file_dir("%s", dir);
	const char *name;
	int rc = 0;

	while (rc == 0 && (name = file_dir_next(all)))
		if (is_run(dir, name) && !add(n, name, err))
			rc = -1;
	file_dir_close(all);
	if (rc == 0 && n->count == 0)
		rc = err_set(err, EXIT_USAGE,
			     "%s: expected a directory of run directories, one a node; none of its "
			     "folders has a " ROWS_FILE,
			     dir);
	return rc;
}

static int add_state(struct fleet_found *node, const struct fleet_node *is, struct err *err)
{
	struct buf why = BUF_INIT;

	if (is->state == FLEET_DONE)
		node->run = strdup(is->run);
	else if (is->state == FLEET_FAILED)
		buf_addf(&why, "failed: %s", is->reason);
	else
		buf_addstr(&why,
			   is->state == FLEET_WAITING ? "not measured yet" : "is being measured");
	node->why = why.len ? buf_take(&why) : NULL;
	return node->run || node->why ? 0
				      : err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
}

static int add_fleet(const char *dir, struct fleet_nodes *n, struct err *err)
{
	struct fleet fleet = {0};
	int rc = fleet_load(dir, &fleet, err);

	for (size_t i = 0; i < fleet.nodes && rc == 0; i++) {
		struct fleet_found *node = add(n, fleet.node[i].name, err);

		rc = node ? add_state(node, &fleet.node[i], err) : -1;
	}
	fleet_release(&fleet);
	return rc;
}

int fleet_nodes_find(const char *dir, struct fleet_nodes *n, struct err *err)
{
	int rc = fleet_is_there(dir) ? add_fleet(dir, n, err) : add_runs(dir, n, err);

	if (rc < 0)
		fleet_nodes_release(n);
	else if (n->count)
		qsort(n->node, n->count, sizeof(*n->node), compare);
	return rc;
}

void fleet_nodes_release(struct fleet_nodes *n)
{
	while (n->count) {
		struct fleet_found *node = &n->node[--n->count];

		free(node->name);
		free(node->run);
		free(node->why);
	}
	free(n->node);
	n->node = NULL;
}

int fleet_node_own(const char *own, const char *run, struct err *err)
{
	return !own || strcmp(own, run) == 0
		       ? 0
		       : err_set(err, EXIT_USAGE,
				 "holds the run \"%s\", but the fleet made \"%s\" there", run, own);
}

static int check_file(const char *dir, const char *name, bool must, off_t most, struct err *err)
{
	char path[RUNDIR_PATH];
	struct stat st;

	if (rundir_path(dir, name, path, err) < 0)
		return -1;
	if (lstat(path, &st) < 0)
		return errno == ENOENT && !must
			       ? 0
			       : err_errno(err, EXIT_USAGE, "%s cannot be read", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EXIT_USAGE, "%s is no regular file", name);
	if (st.st_size > most)
		return err_set(err, EXIT_USAGE, "%s has %lld MiB; a node of a fleet may bring %lld",
			       name, (long long)st.st_size >> 20, (long long)most >> 20);
	return 0;
}

int fleet_node_check(const char *dir, struct err *err)
{
	static const struct {
		const char *name;
		bool must;
		off_t most;
	} files[] = {
		{ROWS_FILE, true, FLEET_ROWS_MAX},
		{LAYERS_FILE, false, FLEET_LAYERS_MAX},
		{MANIFEST_FILE, true, FLEET_LAYERS_MAX},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (check_file(dir, files[i].name, files[i].must, files[i].most, err) < 0)
			return -1;
	return 0;
}
