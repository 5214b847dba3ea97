/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "plots/gnuplot/gnuplot.h"
#include "results/compare/compare.h"
#include "results/history/history.h"

static void add_notes(struct picture *p, const struct history_series *s, bool time)
{
	const struct compare_item key = history_series_key(s);
	struct buf title = BUF_INIT, line = BUF_INIT;
	char what[COMPARE_WHAT];

	compare_label(&key, &title);
	buf_addf(&title, ": %s over %zu runs", compare_what(&key, what), s->points);
	buf_addf(&line, "%s; %s; %s", s->machine, s->stack,
		 s->changes ? "lines: levels between change points" : "no change point");
	picture_note(p, "title", buf_str(&title));
	picture_note(p, "run", buf_str(&line));
	picture_note(p, "unit", time ? "s" : s->unit);
	buf_done(&title, &p->data);
	buf_done(&line, &p->data);
}

/* The level of a point; *begins: it is the first after a change. */
static double level_of(const struct history_series *s, size_t point, bool *begins)
{
	double level = s->changes ? s->change[0].before : NAN;

	*begins = false;
	for (size_t i = 0; i < s->changes && s->change[i].at <= point; i++) {
		level = s->change[i].after;
		*begins = s->change[i].at == point;
	}
	return level;
}

static int make(const struct history_series *s, struct picture *p, struct err *err)
{
	bool time = strcmp(s->unit, "ns/op") == 0;
	double scale = time ? 1e-9 : 1;

	if (s->points < 2)
		return err_set(err, EXIT_INCONCLUSIVE, "a trend takes two runs or more");
	add_notes(p, s, time);
	picture_columns(p, "n", "day\tvalue\tlow\thigh\tlevel\tchange");
	for (size_t i = 0; i < s->points; i++) {
		const struct history_point *point = &s->point[i];
		const struct estimate value = {point->mid, point->low, point->high};
		char day[11];
		bool begins;

		snprintf(day, sizeof(day), "%.10s", point->started);
		picture_row(p, (double)(i + 1), s->layer, s->workload);
		picture_text(p, day);
		picture_estimate(p, &value, scale);
		picture_number(p, scale * level_of(s, i, &begins));
		picture_number(p, begins);
	}
	return buf_check(&p->data, err);
}

static void keep_plain(char *text)
{
	for (char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			*c = '-';
}

/* "001-mem.chase-size-4MiB-L2": a file name that nothing in a name can lead astray. */
static void make_name(char name[80], const struct history_series *s, size_t index)
{
	char raw[34], layer[22];

	snprintf(raw, sizeof(raw), "%.16s-%.16s", s->workload, s->params);
	if (s->layer_name)
		snprintf(layer, sizeof(layer), "%.20s", s->layer_name);
	else
		snprintf(layer, sizeof(layer), "L%u", (unsigned)s->layer);
	keep_plain(raw);
	keep_plain(layer);
	snprintf(name, 80, "%03zu-%s-%s", index + 1, raw, layer);
}

int trend_draw(const struct history_trend *t, const char *dir, size_t *drawn, struct err *err)
{
	int rc = file_make_dirs(dir, err);

	*drawn = 0;
	for (size_t i = 0; i < t->count && rc == 0; i++) {
		struct picture picture = {0};
		char name[80];

		if (t->series[i].points < 2)
			continue;
		make_name(name, &t->series[i], i);
		rc = make(&t->series[i], &picture, err);
		if (rc == 0)
			rc = gnuplot_write(dir, name, &picture, err);
		if (rc == 0)
			rc = gnuplot_draw(dir, name, "trend", err);
		picture_release(&picture);
		*drawn += rc == 0;
	}
	return rc;
}
