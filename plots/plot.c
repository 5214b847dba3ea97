/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <inttypes.h>
#include <stdbool.h>
#include <sys/param.h>

#include "lib/affinity.h"
#include "lib/thread.h"
#include "plots/gnuplot/gnuplot.h"

enum { DRAWN_AT_ONCE = 8 };

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

/* The pictures of one run, which threads take in turn. */
struct drawing {
	const char *place;
	const bool *wanted;
	pthread_mutex_t lock; /* of what follows */
	size_t next;
	bool failed;
	struct err *err; /* of the first that failed, after which none is begun */
};

/* The next picture; NULL: there is none left. */
static const struct plot *take(struct drawing *d)
{
	const struct plot *plot = NULL;

	pthread_mutex_lock(&d->lock);
	while (!d->failed && plots[d->next] && !d->wanted[d->next])
		d->next++;
	if (!d->failed && plots[d->next])
		plot = plots[d->next++];
	pthread_mutex_unlock(&d->lock);
	return plot;
}

static void *draw_some(void *ctx)
{
	struct drawing *d = ctx;
	const struct plot *plot;
	struct err why;

	while ((plot = take(d))) {
		if (gnuplot_draw(d->place, plot->name, plot->name, &why) == 0)
			continue;
		pthread_mutex_lock(&d->lock);
		if (!d->failed)
			*d->err = why;
		d->failed = true;
		pthread_mutex_unlock(&d->lock);
	}
	return NULL;
}

/* One at a time on each CPU: gnuplot uses one. */
static int draw_all(const char *place, const bool *wanted, struct err *err)
{
	struct drawing d = {
		.place = place, .wanted = wanted, .lock = PTHREAD_MUTEX_INITIALIZER, .err = err};
	pthread_t helper[DRAWN_AT_ONCE - 1];
	struct affinity cpus = {0};
	struct err ignored;
	int helpers = 0, most = 0;

	if (affinity_read(&cpus, &ignored) == 0)
		most = MIN(affinity_count(&cpus), DRAWN_AT_ONCE) - 1;
	affinity_release(&cpus);
	while (helpers < most && thread_start(&helper[helpers], draw_some, &d) == 0)
		helpers++;
	draw_some(&d);
	while (helpers > 0)
		pthread_join(helper[--helpers], NULL);
	return d.failed ? -1 : 0;
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
	if (draw_all(place, wanted, err) < 0)
		return -1;
	if (!any)
		nothing(dir, s, err);
	return any ? 0 : -1;
}
