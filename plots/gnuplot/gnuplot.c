/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/gnuplot.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/program.h"
#include "results/rundir/rundir.h"

/* A picture takes a second or two on a slow machine. */
#define LIMIT_NS (60 * NS_PER_S)
enum { PICTURE_LIMIT = 64 << 20, FILE_LENGTH = 100 };

/* In dir, so that gnuplot sees no path but that of the script. */
static int run(const char *dir, const char *script, const char *data, const char *file,
	       const char *form, struct err *err)
{
	const char *const argv[] = {"gnuplot", "-d", "-c", script, data, file, form, NULL};
	struct buf said = BUF_INIT;
	int rc = child_run(argv, dir, NULL, LIMIT_NS, &said, err);

	buf_release(&said);
	if (rc < 0 && err->code == EXIT_MACHINE)
		return err_set(err, EXIT_MACHINE,
			       "gnuplot is not installed, and it draws the plots: apt-get install "
			       "gnuplot-nox");
	return rc;
}

/* What gnuplot has finished takes the picture's place. */
static int keep(const char *aside, const char *path, struct err *err)
{
	struct buf picture = BUF_INIT;
	int rc = file_read(aside, PICTURE_LIMIT, &picture, err);

	if (rc == 0 && picture.len == 0)
		rc = err_set(err, EXIT_INTERNAL, "gnuplot left no picture in %s; is the disk full?",
			     aside);
	if (rc == 0)
		rc = file_write_private(path, picture.data, picture.len, err);
	buf_release(&picture);
	return rc;
}

static int draw_form(const char *dir, const char *name, const char *script, const char *form,
		     struct err *err)
{
	char data[FILE_LENGTH], file[FILE_LENGTH], path[RUNDIR_PATH], aside[PATH_MAX];
	int rc;

	snprintf(data, sizeof(data), "%s.tsv", name);
	snprintf(file, sizeof(file), "%s.%s", name, form);
	/* gnuplot leaves the mode of a file that is there as it is. */
	if (rundir_path(dir, file, path, err) < 0 || file_beside(path, aside, err) < 0)
		return -1;
	rc = run(dir, script, data, file_name(aside), form, err);
	if (rc < 0)
		err_context(err, "cannot draw %s", file);
	else
		rc = keep(aside, path, err);
	unlink(aside);
	return rc;
}

int gnuplot_write(const char *dir, const char *name, const struct picture *p, struct err *err)
{
	char file[FILE_LENGTH], path[RUNDIR_PATH];

	snprintf(file, sizeof(file), "%s.tsv", name);
	if (buf_check(&p->data, err) < 0 || file_make_dirs(dir, err) < 0 ||
	    rundir_path(dir, file, path, err) < 0)
		return -1;
	return file_write_private(path, p->data.data, p->data.len, err);
}

int gnuplot_draw(const char *dir, const char *name, const char *script, struct err *err)
{
	char file[FILE_LENGTH], *path;
	int rc;

	snprintf(file, sizeof(file), "plots/%s.gp", script);
	path = program_path(file, err);
	if (!path)
		return -1;
	rc = draw_form(dir, name, path, "svg", err);
	if (rc == 0)
		rc = draw_form(dir, name, path, "png", err);
	free(path);
	return rc;
}
