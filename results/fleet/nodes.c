/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/file.h"
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
