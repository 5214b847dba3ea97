/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <inttypes.h>
#include <stdbool.h>

#include "plots/gnuplot/gnuplot.h"

const struct plot *const plots[] = {&plot_share,
				    &plot_slope,
				    &plot_waterfall,
				    &plot_tax,
				    &plot_ratio,
				    &plot_percentiles,
				    &plot_latency,
				    &plot_concurrency,
				    &plot_rounds,
				    &plot_boot,
				    NULL};

static void nothing(const char *dir, const struct summary *s, struct err *err)
{
	err_set(err, EXIT_INCONCLUSIVE,
		"%s holds nothing that could be drawn: of %" PRIu64 " rows %" PRIu64
		" failed, %" PRIu64 " were skipped and %" PRIu64 " timed out; %" PRIu64
		" lines are damaged%s%s",
		dir, s->rows, s->failed, s->skipped, s->timed_out, s->damage.count,
		s->damage.count ? ", the first " : "", s->damage.count ? s->damage.text[0] : "");
}

static int draw(const char *place, const struct plot *plot, const struct summary *s, bool *drawn,
		struct err *err)
{
	struct picture picture = PICTURE_INIT;
	struct err why;
	int rc = plot->make(s, &picture, &why);

	*drawn = rc == 0;
	if (rc < 0 && why.code == EXIT_INCONCLUSIVE)
		rc = 0;
	else if (rc < 0)
		*err = why;
	if (*drawn)
		rc = gnuplot_draw(place, plot->name, plot->name, &picture, err);
	picture_release(&picture);
	return rc;
}

int plot_run(const char *dir, const struct summary *s, struct err *err)
{
	char place[RUNDIR_PATH];
	bool any = false;

	if (rundir_path(dir, PLOTS_DIR, place, err) < 0)
		return -1;
	for (const struct plot *const *plot = plots; *plot; plot++) {
		bool drawn;

		if (draw(place, *plot, s, &drawn, err) < 0)
			return -1;
		any |= drawn;
	}
	if (!any)
		nothing(dir, s, err);
	return any ? 0 : -1;
}
