/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <inttypes.h>

#include "lib/file.h"
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

/* Draws one script in both forms. */
static int draw(const char *dir, const struct plot *plot, const struct buf *script, unsigned width,
		unsigned height, struct err *err)
{
	static const enum gnuplot_form forms[] = {GNUPLOT_SVG, GNUPLOT_PNG};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (gnuplot_draw(dir, plot->name, forms[i], buf_str(script), width, height, err) <
		    0)
			return -1;
	return 0;
}

static void nothing(const char *dir, const struct summary *s, struct err *err)
{
	err_set(err, EXIT_INCONCLUSIVE,
		"%s holds nothing that could be drawn: of %" PRIu64 " rows %" PRIu64
		" failed, %" PRIu64 " were skipped and %" PRIu64 " timed out; %" PRIu64
		" lines are damaged%s%s",
		dir, s->rows, s->failed, s->skipped, s->timed_out, s->damage.count,
		s->damage.count ? ", the first " : "", s->damage.count ? s->damage.text[0] : "");
}

int plot_run(const char *dir, const struct summary *s, struct err *err)
{
	char place[RUNDIR_PATH];
	struct buf script = BUF_INIT;
	struct err why;
	size_t drawn = 0;
	int rc = -1;

	if (rundir_path(dir, PLOTS_DIR, place, err) < 0)
		return -1;
	for (const struct plot *const *plot = plots; *plot; plot++) {
		unsigned width, height;

		buf_clear(&script);
		if ((*plot)->script(s, &script, &width, &height, &why) < 0) {
			if (why.code == EXIT_INCONCLUSIVE)
				continue;
			*err = why;
			goto cleanup;
		}
		if (drawn++ == 0 && file_make_dirs(place, err) < 0)
			goto cleanup;
		if (draw(place, *plot, &script, width, height, err) < 0)
			goto cleanup;
	}
	if (drawn == 0)
		nothing(dir, s, err);
	else
		rc = 0;
cleanup:
	buf_release(&script);
	return rc;
}
