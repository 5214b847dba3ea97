/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/pictures/runs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/file.h"
#include "plots/gnuplot/gnuplot.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"

enum {
	WIDTH = 1100,
	LEFT = 150,
	RIGHT = 40,
	TITLE = 52,
	KEY_LINE = 22,
	LANE = 15,
	BOTTOM = 88,
	ROWS = 64
};

/* A kind of work in a layer. */
struct place {
	const char *class;
	uint32_t layer;
};

/* Where a row belongs: behind what lies above it in its class, else at the end. *known: it is
 * there.
 */
static size_t find_row(const struct place *row, size_t rows, const struct summary_class *c,
		       bool *known)
{
	size_t at = rows;

	*known = false;
	for (size_t i = 0; i < rows; i++) {
		if (strcmp(row[i].class, c->class) != 0)
			continue;
		*known |= row[i].layer == c->layer;
		if (row[i].layer > c->layer)
			return i;
		at = i + 1;
	}
	return at;
}

static size_t list_rows(const struct run_of_many *run, size_t count, struct place *row)
{
	size_t rows = 0;

	for (size_t r = 0; r < count; r++)
		for (size_t i = 0; i < run[r].s->classes && rows < ROWS; i++) {
			const struct summary_class *c = &run[r].s->class[i];
			bool known;
			size_t at = find_row(row, rows, c, &known);

			if (known || strcmp(c->class, "control") == 0 || isnan(c->ratio_l0.mid))
				continue;
			memmove(row + at + 1, row + at, (rows++ - at) * sizeof(*row));
			row[at] = (struct place){c->class, c->layer};
		}
	return rows;
}

/* Whether a class is made of other numbers of workloads in some run, and so is something else. */
static bool is_unlike(const struct run_of_many *run, size_t count, const struct place *row)
{
	const struct summary_class *first = NULL, *c;

	for (size_t r = 0; r < count; r++) {
		c = pick_class(run[r].s, row->class, row->layer);
		if (c && first && c->workloads != first->workloads)
			return true;
		first = c ? c : first;
	}
	return false;
}

/* Each row is a band; within it each run has a lane of its own. */
static double lane(size_t row, size_t run, size_t count)
{
	return (double)row + ((double)run + 1) / ((double)count + 1);
}

static void add_data(struct buf *out, const struct run_of_many *run, size_t count,
		     const struct place *row, size_t rows, double *low, double *high)
{
	for (size_t r = 0; r < count; r++) {
		buf_addf(out, "$R%zu << END\n", r);
		for (size_t i = 0; i < rows; i++) {
			const struct summary_class *c =
				pick_class(run[r].s, row[i].class, row[i].layer);
			const struct estimate *e = c ? &c->ratio_l0 : NULL;

			if (!e || isnan(e->mid))
				continue;
			buf_addf(out, "%.6g %.6g %.6g %.4f\n", e->mid,
				 isnan(e->low) ? e->mid : e->low, isnan(e->high) ? e->mid : e->high,
				 lane(i, r, count));
			*low = fmin(*low, fmin(e->mid, e->low));
			*high = fmax(*high, fmax(e->mid, e->high));
		}
		buf_addstr(out, "END\n");
	}
}

static void add_key(struct buf *out, const struct run_of_many *run, size_t count, unsigned height)
{
	for (size_t r = 0; r < count; r++) {
		double y = TITLE + KEY_LINE * ((double)r + 0.5);
		const struct summary *s = run[r].s;
		uint32_t emulated = summary_first_cpu(s, CPU_EMULATED),
			 unknown = summary_first_cpu(s, CPU_UNKNOWN);
		struct buf text = BUF_INIT;

		buf_addf(out,
			 "set label '' at screen %.4f,%.4f point pointtype %d pointsize 1.5 "
			 "linecolor rgb '%s'\n",
			 36.0 / WIDTH, 1 - y / height, script_point((uint32_t)r + 1),
			 script_series_colour(r));
		buf_addf(&text, "%s", run[r].name);
		if (emulated < s->layers)
			buf_addf(&text, "  (EMULATED CPU from L%" PRIu32 " on)", emulated);
		if (unknown < emulated)
			buf_addf(&text, "  (unknown CPU from L%" PRIu32 " on)", unknown);
		script_label(out, buf_str(&text), 52, y, 12,
			     emulated < s->layers || unknown < s->layers ? "#B03A00" : "#222222",
			     WIDTH, height);
		out->failed |= text.failed;
		buf_release(&text);
	}
}

/* Returns whether a class bears the mark "*". */
static bool add_rows(struct buf *out, const struct run_of_many *run, size_t count,
		     const struct place *row, size_t rows)
{
	bool marked = false;
	char name[TEXT_SHORT];

	for (size_t i = 0; i < rows; i++) {
		bool first = i == 0 || strcmp(row[i].class, row[i - 1].class) != 0;

		if (first) {
			buf_addstr(out, "set label ");
			script_text(out, csv_printable(row[i].class, name, 14));
			marked |= is_unlike(run, count, &row[i]);
			buf_addf(out, "%s at graph -0.05, first %.1f right font ',14'\n",
				 is_unlike(run, count, &row[i]) ? ".' *'" : "", (double)i + 0.5);
		}
		buf_addf(out,
			 "set label 'L%" PRIu32 "' at graph -0.012, first %.1f right font ',12'\n",
			 row[i].layer, (double)i + 0.5);
		if (i)
			buf_addf(out,
				 "set arrow from graph 0, first %zu to graph 1, first %zu nohead "
				 "linewidth %s "
				 "linecolor rgb '%s' back\n",
				 i, i, first ? "1.5" : "0.5", first ? "#AAAAAA" : "#E4E4E4");
	}
	return marked;
}

int runs_script(const struct run_of_many *run, size_t count, struct buf *out, unsigned *width,
		unsigned *height, struct err *err)
{
	struct place row[ROWS];
	size_t rows = list_rows(run, count, row);
	double low = 1, high = 1, top = TITLE + KEY_LINE * (double)count + 14;

	if (rows == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in a VM in any run");
	*width = WIDTH;
	*height = (unsigned)(top + (double)(rows * (count + 1) * LANE) + BOTTOM);
	buf_addstr(out, "set encoding utf8\nunset key\nset border 1 linecolor rgb '#AAAAAA'\nset "
			"grid xtics linetype 1 "
			"linewidth 1 linecolor rgb '#E4E4E4'\n");
	script_label(out, "Run beside run: time per operation, against its own L0", 24, 30, 20,
		     "#222222", WIDTH, *height);
	add_key(out, run, count, *height);
	if (add_rows(out, run, count, row, rows))
		script_label(out, "* not the same number of workloads in each of these runs", 24,
			     *height - 12, 11, "#B03A00", WIDTH, *height);
	add_data(out, run, count, row, rows, &low, &high);
	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen "
		 "%.4f\n"
		 "set bmargin at screen %.4f\nset yrange [%zu:0]\nunset ytics\nset logscale x 10\n"
		 "set xrange [%.6g:%.6g]\nset xtics nomirror scale 0 format '%%g×' font ',12' "
		 "textcolor rgb '#222222'\n"
		 "set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb "
		 "'#444444' back\n"
		 "set xlabel 'multiple of L0 (logarithmic); medians with 95 %% intervals; "
		 "capacity: how many times "
		 "smaller' font ',13'\nplot",
		 (double)LEFT / WIDTH, 1 - (double)RIGHT / WIDTH, 1 - top / *height,
		 (double)BOTTOM / *height, rows, low * 0.9, high * 1.12);
	for (size_t r = 0; r < count; r++)
		buf_addf(out,
			 "%s $R%zu using 1:4:2:3 with xerrorbars pointtype %d pointsize 1.3 "
			 "linewidth 2 linecolor rgb "
			 "'%s' notitle",
			 r ? ", \\\n" : "", r, script_point((uint32_t)r + 1),
			 script_series_colour(r));
	buf_addstr(out, "\n");
	return buf_check(out, err);
}

int runs_draw(const char *dir, const struct run_of_many *run, size_t count, struct err *err)
{
	static const enum gnuplot_form forms[] = {GNUPLOT_SVG, GNUPLOT_PNG};
	struct buf script = BUF_INIT;
	unsigned width, height;
	int rc = runs_script(run, count, &script, &width, &height, err);

	if (rc == 0)
		rc = file_make_dirs(dir, err);
	for (size_t i = 0; i < 2 && rc == 0; i++)
		rc = gnuplot_draw(dir, "runs", forms[i], buf_str(&script), width, height, err);
	buf_release(&script);
	return rc;
}
