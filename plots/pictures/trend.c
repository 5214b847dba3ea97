/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/pictures/trend.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "plots/gnuplot/gnuplot.h"
#include "plots/gnuplot/script.h"
#include "results/compare/compare.h"

enum { TICS = 12 };

static void add_data(struct buf *out, const struct history_series *s, double scale)
{
	buf_addstr(out, "$D << END\n");
	for (size_t i = 0; i < s->points; i++) {
		const struct history_point *p = &s->point[i];
		double low = isnan(p->low) ? p->mid : p->low,
		       high = isnan(p->high) ? p->mid : p->high;

		buf_addf(out, "%zu %.8g %.8g %.8g\n", i + 1, scale * p->mid, scale * low,
			 scale * high);
	}
	buf_addstr(out, "END\n");
}

/* Levels as lines from change to change, and a line where it changed. */
static void add_levels(struct buf *out, const struct history_series *s, double scale)
{
	for (size_t i = 0; i <= s->changes && s->changes; i++) {
		double from = i ? (double)s->change[i - 1].at + 0.5 : 0.5;
		double to =
			i < s->changes ? (double)s->change[i].at + 0.5 : (double)s->points + 0.5;
		double level = i ? s->change[i - 1].after : s->change[0].before;

		buf_addf(out,
			 "set arrow from %.1f,%.8g to %.1f,%.8g nohead linewidth 2 linecolor rgb "
			 "'#D55E00' back\n",
			 from, scale * level, to, scale * level);
		if (i)
			buf_addf(out,
				 "set arrow from %.1f, graph 0 to %.1f, graph 1 nohead dashtype 2 "
				 "linecolor rgb '#D55E00' back\n",
				 from, from);
	}
}

/* Days of some runs below the axis, so that they do not run into each other. */
static void add_days(struct buf *out, const struct history_series *s)
{
	size_t step = (s->points + TICS - 1) / TICS;

	buf_addstr(out, "set xtics rotate by -30 font ',11' (");
	for (size_t i = 0; i < s->points; i += step) {
		char day[11];

		snprintf(day, sizeof(day), "%.10s", s->point[i].started);
		if (i)
			buf_addstr(out, ", ");
		script_tic(out, day);
		buf_addf(out, " %zu", i + 1);
	}
	buf_addstr(out, ")\n");
}

int trend_script(const struct history_series *s, struct buf *out, struct err *err)
{
	const struct compare_item key = {.workload = s->workload,
					 .params = s->params,
					 .threads = s->threads,
					 .layer = s->layer,
					 .over = s->over,
					 .unit = s->unit};
	bool time = strcmp(s->unit, "ns/op") == 0;
	struct buf title = BUF_INIT, line = BUF_INIT;
	char what[32];

	if (s->points < 2)
		return err_set(err, EXIT_INCONCLUSIVE, "a trend takes two runs or more");
	compare_label(&key, &title);
	buf_addf(&title, ": %s over %zu runs", compare_what(&key, what), s->points);
	buf_addf(&line, "%s; %s; %s", s->machine, s->stack,
		 s->changes ? "lines: levels between change points" : "no change point");
	buf_addstr(out,
		   "set encoding utf8\nset termoption noenhanced\nset border 3 linecolor rgb "
		   "'#AAAAAA'\nset grid ytics linetype 1 linecolor rgb '#E4E4E4'\nset tmargin 6\n"
		   "set tics nomirror textcolor rgb '#222222'\n"
		   "set key off\n");
	script_label(out, buf_str(&title), 24, 28, 17, "#222222", TREND_WIDTH, TREND_HEIGHT);
	script_label(out, buf_str(&line), 24, 56, 12, "#666666", TREND_WIDTH, TREND_HEIGHT);
	buf_addf(out, "set yrange [0:*]\nset xrange [0.5:%.1f]\nset ytics font ',11' format '%s'\n",
		 (double)s->points + 0.5, time ? "%.1s %cs" : "%.3s%c");
	add_days(out, s);
	add_levels(out, s, time ? 1e-9 : 1);
	add_data(out, s, time ? 1e-9 : 1);
	buf_addf(out,
		 "plot $D using 1:2:3:4 with yerrorbars pointtype %d pointsize 0.9 linecolor rgb "
		 "'%s'\n",
		 script_point(s->layer), script_colour(s->layer));
	out->failed |= title.failed || line.failed;
	buf_release(&title);
	buf_release(&line);
	return buf_check(out, err);
}

/* "001-mem.chase-size-4MiB-L2": a file name that nothing in a name can lead astray. */
static void make_name(char name[80], const struct history_series *s, size_t index)
{
	char raw[34];

	snprintf(raw, sizeof(raw), "%.16s-%.16s", s->workload, s->params);
	for (char *c = raw; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			*c = '-';
	snprintf(name, 80, "%03zu-%s-L%u", index + 1, raw, (unsigned)s->layer);
}

int trend_draw(const struct history_trend *t, const char *dir, size_t *drawn, struct err *err)
{
	struct buf script = BUF_INIT;
	int rc = file_make_dirs(dir, err);

	*drawn = 0;
	for (size_t i = 0; i < t->count && rc == 0; i++) {
		char name[80];

		if (t->series[i].points < 2)
			continue;
		buf_clear(&script);
		make_name(name, &t->series[i], i);
		rc = trend_script(&t->series[i], &script, err);
		if (rc == 0)
			rc = gnuplot_draw(dir, name, GNUPLOT_SVG, buf_str(&script), TREND_WIDTH,
					  TREND_HEIGHT, err);
		if (rc == 0)
			rc = gnuplot_draw(dir, name, GNUPLOT_PNG, buf_str(&script), TREND_WIDTH,
					  TREND_HEIGHT, err);
		*drawn += rc == 0;
	}
	buf_release(&script);
	return rc;
}
