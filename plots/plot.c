/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <inttypes.h>
#include <stdbool.h>

#include "plots/gnuplot/gnuplot.h"

const struct plot *const plots[] = {
	&plot_share,  &plot_slope, &plot_chains,      &plot_kinds,   &plot_waterfall,
	&plot_tax,    &plot_ratio, &plot_percentiles, &plot_latency, &plot_concurrency,
	&plot_rounds, &plot_boot,  &plot_why,	      NULL};

static void nothing(const char *dir, const struct summary *s, struct err *err)
{
	err_set(err, EXIT_INCONCLUSIVE,
		"%s holds nothing that could be drawn: of %" PRIu64 " rows %" PRIu64
		" failed, %" PRIu64 " were skipped and %" PRIu64 " timed out; %" PRIu64
		" lines are damaged%s%s",
		dir, s->rows, s->failed, s->skipped, s->timed_out, s->damage.count,
		s->damage.count ? ", the first " : "", s->damage.count ? s->damage.text[0] : "");
}

/* *wanted: there is something to draw. */
static int write_data(const char *place, const struct plot *plot, const struct summary *s,
		      bool *wanted, struct err *err)
{
	struct picture picture = {0};
	struct err why;
	int rc = plot->make(s, &picture, &why);

	*wanted = rc == 0;
	if (rc < 0 && why.code == EXIT_INCONCLUSIVE)
		rc = 0;
	else if (rc < 0)
		*err = why;
	else
		rc = gnuplot_write(place, plot->name, &picture, err);
	picture_release(&picture);
	return rc;
}

/* The data first: they are there to be drawn elsewhere, whatever becomes of gnuplot. */
int plot_run(const char *dir, const struct summary *s, struct err *err)
{
	bool wanted[sizeof(plots) / sizeof(plots[0])] = {false}, any = false;
	char place[RUNDIR_PATH];

	if (rundir_path(dir, PLOTS_DIR, place, err) < 0)
		return -1;
	for (size_t i = 0; plots[i]; i++) {
		if (write_data(place, plots[i], s, &wanted[i], err) < 0)
			return -1;
		any |= wanted[i];
	}
	for (size_t i = 0; plots[i]; i++)
		if (wanted[i] && gnuplot_draw(place, plots[i]->name, plots[i]->name, err) < 0)
			return -1;
	if (!any)
		nothing(dir, s, err);
	return any ? 0 : -1;
}
