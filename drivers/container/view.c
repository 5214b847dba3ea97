/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/container/view.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/agent_process.h"
#include "lib/file.h"
#include "lib/str.h"

static int add(struct view *v, enum view_kind kind, const char *path, struct err *err)
{
	if (v->count == VIEW_MAX || strlen(path) >= VIEW_PATH)
		return err_set(err, EXIT_USAGE,
			       "a container cannot be given %.64s…: its path has more than %d "
			       "characters, or it is the %dth",
			       path, VIEW_PATH - 1, VIEW_MAX + 1);
	v->item[v->count].kind = kind;
	str_copy(v->item[v->count++].path, VIEW_PATH, path);
	return 0;
}

/* A file or a block device that the layer is given; NULL: it is not. */
static int add_given(struct view *v, const char *path, enum view_kind of_file, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (!path)
		return 0;
	if (!realpath(path, real) || stat(real, &st) < 0)
		return err_errno(err, EXIT_USAGE, "cannot open %s for a container", path);
	return add(v, S_ISBLK(st.st_mode) ? VIEW_BLOCKS : of_file, real, err);
}

/* What guests, containers and GPUs are reached by, as far as the parent layer has it. */
static int add_devices(struct view *v, struct err *err)
{
	static const char pattern[] = "/dev/{kvm,fuse,dri,nvidia*}";
	glob_t found = {0};
	int done = 0;

	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
		for (size_t i = 0; done == 0 && i < found.gl_pathc; i++)
			done = add(v, VIEW_CHARS, found.gl_pathv[i], err);
	globfree(&found);
	return done;
}

/* The programs of the suite lie beside each other. */
static int add_program(struct view *v, const struct layer_spec *spec, struct err *err)
{
	char dir[PATH_MAX], *slash;

	if (agent_process_program(spec, v->program, err) < 0)
		return -1;
	if (!realpath(v->program, dir))
		return err_errno(err, EXIT_MACHINE, "cannot find the program %s", v->program);
	slash = strrchr(dir, '/');
	if (slash > dir)
		*slash = '\0';
	return add(v, VIEW_READ, dir, err);
}

int view_make(struct view *v, const struct layer_spec *spec, const char *sub_dir, struct err *err)
{
	static const char *const empty[] = {"/tmp", "/var/tmp", "/run", "/dev/shm"};
	char dir[PATH_MAX];

	*v = (struct view){0};
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (file_exists("%s", empty[i]) && add(v, VIEW_EMPTY, empty[i], err) < 0)
			return -1;
	if (!realpath(spec->work_dir, dir))
		return err_errno(err, EXIT_USAGE, "cannot use the work directory %s",
				 spec->work_dir);
	snprintf(v->work_dir, sizeof(v->work_dir), "%.*s/%s", VIEW_PATH - 64, dir, sub_dir);
	if (add_program(v, spec, err) < 0 || add_devices(v, err) < 0 ||
	    add_given(v, spec->kernel, VIEW_READ, err) < 0 ||
	    add_given(v, spec->initrd, VIEW_READ, err) < 0 ||
	    add_given(v, spec->disk, VIEW_READ, err) < 0 ||
	    add_given(v, spec->scratch, VIEW_WRITE, err) < 0)
		return -1;
	return add(v, VIEW_WRITE, v->work_dir, err);
}
