/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/gnuplot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static bool holds(const char *path, const struct buf *data)
{
	struct buf there = BUF_INIT;
	struct err ignored;
	bool same = file_read(path, PICTURE_LIMIT, &there, &ignored) == 0 &&
		    there.len == data->len &&
		    memcmp(buf_str(&there), buf_str(data), data->len) == 0;

	buf_release(&there);
	return same;
}

/* What is the same is left, with its time: pictures are drawn from it only once. */
int gnuplot_write(const char *dir, const char *name, const struct picture *p, struct err *err)
{
	char file[FILE_LENGTH], path[RUNDIR_PATH];

	snprintf(file, sizeof(file), "%s.tsv", name);
	if (buf_check(&p->data, err) < 0 || file_make_dirs(dir, err) < 0 ||
	    rundir_path(dir, file, path, err) < 0)
		return -1;
	if (holds(path, &p->data))
		return 0;
	return file_write_private(path, p->data.data, p->data.len, err);
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* When any of the scripts was last changed, or installed. */
static struct timespec scripts_changed(const char *script)
{
	int folder = (int)(file_name(script) - script);
	DIR *dir = file_dir("%.*s", folder, script);
	struct timespec last = {0};
	char path[PATH_MAX];
	const char *name;
	struct stat st;

	while ((name = file_dir_next(dir)))
		if (snprintf(path, sizeof(path), "%.*s%s", folder, script, name) < PATH_MAX &&
		    stat(path, &st) == 0 && is_later(&st.st_ctim, &last))
			last = st.st_ctim;
	file_dir_close(dir);
	return last;
}

/* Whether a picture is there that was drawn from the data and by the scripts as they are. */
static bool is_drawn(const char *dir, const char *name, const char *form,
		     const struct timespec *scripts)
{
	char path[PATH_MAX];
	struct stat picture, data;

	if (snprintf(path, sizeof(path), "%s/%s.%s", dir, name, form) >= PATH_MAX ||
	    stat(path, &picture) < 0 ||
	    snprintf(path, sizeof(path), "%s/%s.tsv", dir, name) >= PATH_MAX ||
	    stat(path, &data) < 0)
		return false;
	return picture.st_size > 0 && is_later(&picture.st_mtim, &data.st_ctim) &&
	       is_later(&picture.st_mtim, scripts);
}

int gnuplot_draw(const char *dir, const char *name, const char *script, struct err *err)
{
	static const char *const forms[] = {"svg", "png"};
	char file[FILE_LENGTH], *path;
	struct timespec changed;
	int rc = 0;

	snprintf(file, sizeof(file), "plots/%s.gp", script);
	path = program_path(file, err);
	if (!path)
		return -1;
	changed = scripts_changed(path);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && rc == 0; i++)
		if (!is_drawn(dir, name, forms[i], &changed))
			rc = draw_form(dir, name, path, forms[i], err);
	free(path);
	return rc;
}
