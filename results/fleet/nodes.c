/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/file.h"
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
	return name != NULL;
}

static int add(struct fleet_nodes *n, const char *name, struct err *err)
{
	char **grown = array_grow(n->name, n->count, sizeof(*n->name));

	if (grown)
		n->name = grown;
	if (!grown || !(n->name[n->count] = strdup(name)))
		return err_set(err, EXIT_INTERNAL, "out of memory for the names of nodes");
	n->count++;
	return 0;
}

int fleet_order(const char *a, const char *b)
{
	return strverscmp(a, b);
}

static int compare(const void *a, const void *b)
{
	return fleet_order(*(char *const *)a, *(char *const *)b);
}

int fleet_nodes_find(const char *dir, struct fleet_nodes *n, struct err *err)
{
	DIR *all = file_dir("%s", dir);
	const char *name;
	int rc = 0;

	while (rc == 0 && (name = file_dir_next(all)))
		if (is_run(dir, name))
			rc = add(n, name, err);
	file_dir_close(all);
	if (rc == 0 && n->count == 0)
		rc = err_set(err, EXIT_USAGE,
			     "%s: expected a directory of run directories, one a node; none of its "
			     "folders has a " ROWS_FILE,
			     dir);
	if (rc < 0)
		fleet_nodes_release(n);
	else
		qsort(n->name, n->count, sizeof(*n->name), compare);
	return rc;
}

void fleet_nodes_release(struct fleet_nodes *n)
{
	while (n->count)
		free(n->name[--n->count]);
	free(n->name);
	n->name = NULL;
}
