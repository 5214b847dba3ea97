/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/buf.h"
#include "bench/base/child.h"
#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "results/rundir.h"

static const struct {
	const char *suffix, *terminal;
} forms[] = {
	[GNUPLOT_SVG] = {"svg", "svg noenhanced font 'DejaVu Sans,Helvetica,Arial,sans-serif,13' "
				"background rgb 'white' dynamic"},
	[GNUPLOT_PNG] = {"png", "pngcairo noenhanced font 'DejaVu Sans,13' background rgb 'white'"},
};

/* A picture takes a second or two on a slow machine. */
#define LIMIT_NS (60 * NS_PER_S)

/* gnuplot writes beside the picture; what it has finished takes the picture's place. */
static int run(const char *dir, const char *aside, const struct buf *script, struct err *err)
{
	static const char *const argv[] = {"gnuplot", "-d", "-", NULL};
	struct buf said = BUF_INIT;
	char path[RUNDIR_PATH];
	struct stat st;
	int rc;

	/* gnuplot leaves the mode of a file that is there as it is. */
	if (rundir_path(dir, aside, path, err) < 0 || file_write_private(path, "", 0, err) < 0)
		return -1;
	rc = child_run(argv, dir, buf_str(script), LIMIT_NS, &said, err);
	buf_release(&said);
	if (rc < 0 && err->code == EXIT_MACHINE)
		return err_set(err, EXIT_MACHINE,
			       "gnuplot is not installed, and it draws the plots: apt-get install "
			       "gnuplot-nox");
	if (rc < 0)
		return err_context(err, "cannot draw %s", aside);
	if (stat(path, &st) < 0 || st.st_size == 0)
		return err_set(err, EXIT_INTERNAL,
			       "gnuplot left no picture in %s; is the disk full?", path);
	return 0;
}

int gnuplot_draw(const char *dir, const char *name, enum gnuplot_form form, const char *script,
		 unsigned width, unsigned height, struct err *err)
{
	char file[64], aside[80], from[RUNDIR_PATH], to[RUNDIR_PATH];
	struct buf text = BUF_INIT;
	int rc = -1;

	snprintf(file, sizeof(file), "%s.%s", name, forms[form].suffix);
	snprintf(aside, sizeof(aside), "%s.new", file);
	if (rundir_path(dir, file, to, err) < 0 || rundir_path(dir, aside, from, err) < 0)
		return -1;
	buf_addf(&text, "set terminal %s size %u,%u\nset output '%s'\n%sset output\n",
		 forms[form].terminal, width, height, aside, script);
	if (buf_check(&text, err) < 0 || run(dir, aside, &text, err) < 0)
		goto cleanup;
	if (rename(from, to) < 0)
		err_errno(err, EXIT_INTERNAL, "cannot rename %s to %s", from, to);
	else
		rc = 0;
cleanup:
	if (rc < 0)
		unlink(from);
	buf_release(&text);
	return rc;
}
