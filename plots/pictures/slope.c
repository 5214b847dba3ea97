/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From layer to layer: one line for each kind of work, with its name at its end; thin lines behind
 * are the workloads it is made of. */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"

enum {
	WIDTH = 1000,
	HEIGHT = 700,
	LEFT = 90,
	RIGHT = 270,
	BOTTOM = 60,
	LINES = 16,
	LABEL_GAP = 21
};

/* One kind of work: its ratios from L1 to the deepest layer that it has. */
struct line {
	const char *class;
	const struct summary_class *at[LAYERS_MAX];
	uint32_t depth;
	double end, label_y; /* pixels from the bottom of the plot */
};

static size_t list_lines(const struct summary *s, struct line *line)
{
	size_t count = 0;

	for (size_t i = 0; i < s->classes && count < LINES; i++) {
		const struct summary_class *c = &s->class[i];
		struct line *l = &line[count];

		if (c->layer != 1 || strcmp(c->class, "control") == 0 ||
		    strcmp(c->class, "capacity") == 0 || isnan(c->ratio_l0.mid))
			continue;
		l->class = c->class;
		for (uint32_t k = 1; k < s->layers; k++) {
			l->at[k] = pick_class(s, c->class, k);
			if (!l->at[k] || isnan(l->at[k]->ratio_l0.mid))
				break;
			l->depth = k;
		}
		count++;
	}
	return count;
}

static bool is_thin(const struct summary_entry *e)
{
	return strcmp(e->class, "control") != 0 && strcmp(e->class, "capacity") != 0;
}

static void find_range(const struct summary *s, double *low, double *high)
{
	*low = *high = 1;
	for (size_t i = 0; i < s->entries; i++)
		if (is_thin(&s->entry[i]) && !isnan(s->entry[i].ratio_l0.mid)) {
			*low = fmin(*low, s->entry[i].ratio_l0.mid);
			*high = fmax(*high, s->entry[i].ratio_l0.mid);
		}
	*low *= 0.8;
	*high = fmax(*high * 1.25, 1.5);
}

static void add_thin(struct buf *out, const struct summary *s)
{
	buf_addstr(out, "$thin << END\n");
	for (size_t i = 0, count; i < s->entries; i += count) {
		count = pick_variant(s, i);
		for (size_t k = i; k < i + count && is_thin(&s->entry[i]); k++)
			if (!isnan(s->entry[k].ratio_l0.mid))
				buf_addf(out, "%" PRIu32 " %.6g\n", s->entry[k].layer,
					 s->entry[k].ratio_l0.mid);
		buf_addstr(out, "\n");
	}
	buf_addstr(out, "END\n");
}

static void add_data(struct buf *out, const struct line *line, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_addf(out, "$C%zu << END\n0 1 1 1\n", i);
		for (uint32_t k = 1; k <= line[i].depth; k++) {
			const struct estimate *r = &line[i].at[k]->ratio_l0;

			buf_addf(out, "%" PRIu32 " %.6g %.6g %.6g\n", k, r->mid,
				 isnan(r->low) ? r->mid : r->low,
				 isnan(r->high) ? r->mid : r->high);
		}
		buf_addstr(out, "END\n");
	}
}

static int compare_ends(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	return (a->end < b->end) - (a->end > b->end);
}

/* Moves labels apart from the top down, then lifts what fell below the bottom. */
static void spread(struct line *line, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		line[i].label_y = line[i].end;
		if (i && line[i].label_y > line[i - 1].label_y - LABEL_GAP)
			line[i].label_y = line[i - 1].label_y - LABEL_GAP;
	}
	for (size_t i = count; i-- > 0;) {
		double least = 8 + (double)(count - 1 - i) * LABEL_GAP;

		if (line[i].label_y < least)
			line[i].label_y = least;
	}
}

static void add_labels(struct buf *out, const struct line *line, size_t count, uint32_t depth)
{
	double x = WIDTH - RIGHT;
	char name[TEXT_SHORT], ratio[TEXT_SHORT];

	for (size_t i = 0; i < count; i++) {
		const struct summary_class *last = line[i].at[line[i].depth];
		double y = (BOTTOM + line[i].label_y) / HEIGHT,
		       from = (BOTTOM + line[i].end) / HEIGHT;

		buf_addf(out,
			 "set arrow from screen %.4f,%.4f to screen %.4f,%.4f nohead linewidth 1 "
			 "linecolor rgb '#C8C8C8'\nset label ",
			 (x + 8) / WIDTH, from, (x + 34) / WIDTH, y);
		script_text(out, csv_printable(last->class, name, sizeof(name)));
		buf_addf(out, ".'  %s×%s' at screen %.4f,%.4f left font ',14' textcolor rgb '%s'\n",
			 text_ratio(last->ratio_l0.mid, ratio),
			 line[i].depth < depth ? " (no data deeper)" : "", (x + 40) / WIDTH, y,
			 script_series_colour(i));
	}
}

static void add_axes(struct buf *out, const struct summary *s, uint32_t depth, double low,
		     double high)
{
	char text[TEXT_SHORT];

	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
		 "set logscale y 10\nset yrange [%.6g:%.6g]\nset ytics format '%%g×' font ',12'\n"
		 "set xrange [0:%" PRIu32 "]\nset grid xtics ytics\nset xtics (",
		 (double)LEFT / WIDTH, 1 - (double)RIGHT / WIDTH, 1 - (double)SCRIPT_TOP / HEIGHT,
		 (double)BOTTOM / HEIGHT, low, high, depth);
	for (uint32_t k = 0; k <= depth; k++) {
		buf_addstr(out, k ? ", " : "");
		script_tic(out, text_layer(s, k, text));
		buf_addf(out, " %" PRIu32, k);
	}
	buf_addstr(out, ") font ',13'\nset arrow from graph 0, first 1 to graph 1, first 1 nohead "
			"linewidth 2 "
			"linecolor rgb '#444444' back\n");
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	struct line line[LINES] = {0};
	size_t count = list_lines(s, line);
	double low, high, plot = HEIGHT - SCRIPT_TOP - BOTTOM;
	uint32_t depth = 0;

	for (size_t i = 0; i < count; i++)
		depth = line[i].depth > depth ? line[i].depth : depth;
	if (count == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in a VM");
	find_range(s, &low, &high);
	for (size_t i = 0; i < count; i++)
		line[i].end =
			plot * log(line[i].at[line[i].depth]->ratio_l0.mid / low) / log(high / low);
	qsort(line, count, sizeof(*line), compare_ends);
	spread(line, count);
	*width = WIDTH;
	*height = HEIGHT;
	script_begin(out, s, "From layer to layer: time per operation, against L0",
		     "bold: kinds of work (geometric means), thin: workloads", WIDTH, HEIGHT);
	add_thin(out, s);
	add_data(out, line, count);
	add_labels(out, line, count, depth);
	add_axes(out, s, depth, low, high);
	buf_addstr(out,
		   "plot $thin using 1:2 with lines linewidth 1 linecolor rgb '#C8C8C8' notitle");
	for (size_t i = 0; i < count; i++)
		buf_addf(out,
			 ", \\\n  $C%zu using 1:2 with linespoints pointtype 7 pointsize 1.2 "
			 "linewidth 3 "
			 "linecolor rgb '%s' notitle",
			 i, script_series_colour(i));
	buf_addstr(out, "\n");
	return buf_check(out, err);
}

static void table(const struct summary *s, struct grid *g)
{
	struct line line[LINES] = {0};
	size_t count = list_lines(s, line);
	char text[TEXT_LABEL];

	pick_head(s, "work: × L0", 1, g);
	for (size_t i = 0; i < count; i++) {
		grid_add(g, csv_printable(line[i].class, text, sizeof(text)));
		for (uint32_t k = 1; k < s->layers; k++)
			grid_add(g, k <= line[i].depth ? pick_ratio(&line[i].at[k]->ratio_l0, text)
						       : "no data");
	}
}

const struct plot plot_slope = {
	.name = "slope",
	.title = "From layer to layer",
	.summary =
		"how the cost of each kind of work rises from layer to layer, as a multiple of L0",
	.place = PLOT_OF_CLASSES,
	.script = script,
	.table = table,
};
