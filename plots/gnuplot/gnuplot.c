/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/gnuplot.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "results/rundir/rundir.h"

static const struct {
	const char *suffix, *terminal;
} forms[] = {
	[GNUPLOT_SVG] = {"svg", "svg noenhanced font 'DejaVu Sans,Helvetica,Arial,sans-serif,13' "
				"background rgb 'white' dynamic"},
	[GNUPLOT_PNG] = {"png", "pngcairo noenhanced font 'DejaVu Sans,13' background rgb 'white'"},
};

/* A picture takes a second or two on a slow machine. */
#define LIMIT_NS (60 * NS_PER_S)
enum { PICTURE_LIMIT = 64 << 20 };

/* Draws into a file of this name in dir. */
static int run(const char *dir, const char *name, const struct buf *script, struct err *err)
{
	static const char *const argv[] = {"gnuplot", "-d", "-", NULL};
	struct buf said = BUF_INIT;
	int rc = child_run(argv, dir, buf_str(script), LIMIT_NS, &said, err);

	buf_release(&said);
	if (rc < 0 && err->code == EXIT_MACHINE)
		return err_set(err, EXIT_MACHINE,
			       "gnuplot is not installed, and it draws the plots: apt-get install "
			       "gnuplot-nox");
	return rc < 0 ? err_context(err, "cannot draw %s", name) : 0;
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

int gnuplot_draw(const char *dir, const char *name, enum gnuplot_form form, const char *script,
		 unsigned width, unsigned height, struct err *err)
{
	char file[64], path[RUNDIR_PATH], aside[PATH_MAX];
	struct buf text = BUF_INIT;
	int rc;

	snprintf(file, sizeof(file), "%s.%s", name, forms[form].suffix);
	/* gnuplot leaves the mode of a file that is there as it is. */
	if (rundir_path(dir, file, path, err) < 0 || file_beside(path, aside, err) < 0)
		return -1;
	buf_addf(&text, "set terminal %s size %u,%u\nset output '%s'\n%sset output\n",
		 forms[form].terminal, width, height, strrchr(aside, '/') + 1, script);
	rc = buf_check(&text, err);
	if (rc == 0)
		rc = run(dir, file, &text, err);
	if (rc == 0)
		rc = keep(aside, path, err);
	unlink(aside);
	buf_release(&text);
	return rc;
}
