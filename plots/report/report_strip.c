/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distribution of a workload in little: one line per layer, one dot per round, logarithmic. */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Pixels of a picture that is to be read on a phone, too. */
enum { WIDTH = 480, LEFT = 34, RIGHT = 18, ROW = 26, TOP = 6, AXIS = 22, DOTS = 240 };

/* In a tree layers have longer names. */
enum { LEFT_NAMED = 130, NAME_MOST = 20 };

struct scale {
	double low, high; /* logarithms */
	double left;	  /* of the axis, behind the names of the layers */
};

static double place(const struct scale *scale, double cost)
{
	return scale->left + (log10(cost) - scale->low) / (scale->high - scale->low) *
				     (WIDTH - scale->left - RIGHT);
}

/* At least a factor of 1.2 is shown, so that noise is not blown up to look like more. */
static bool find_scale(const struct family *work, struct scale *scale)
{
	const struct summary_entry *e = work->first;
	double low = INFINITY, high = 0, gap;
	size_t dots = 0;

	for (; e < work->first + work->count; e++)
		for (size_t k = 0; k < e->cells; k++) {
			double cost = e->cell[k].cost;

			if (cost <= 0)
				continue;
			low = fmin(low, cost);
			high = fmax(high, cost);
			dots++;
		}
	if (dots < 2)
		return false;
	gap = fmax(0, log10(1.2) - log10(high / low)) / 2;
	scale->low = log10(low) - gap;
	scale->high = log10(high) + gap;
	return true;
}

/* 1, 2 or 5 times a power of ten that is not below x. */
static double round_up(double x)
{
	double ten = pow(10, floor(log10(x)));

	return x <= ten ? ten : x <= 2 * ten ? 2 * ten : x <= 5 * ten ? 5 * ten : 10 * ten;
}

static size_t even_tics(double low, double high, size_t most, double tic[AXIS_TICS])
{
	double step = round_up((high - low) / (double)(most - 1));
	double first = ceil(low / step - 1e-9);
	size_t count = 0;

	while ((first + (double)count) * step <= high * (1 + 1e-9)) {
		tic[count] = (first + (double)count) * step;
		count++;
	}
	return count;
}

/* The first `bases` of 1, 2 and 5 times every so manyth power of ten; counts those beyond
 * AXIS_TICS, too. */
static size_t decade_tics(double low, double high, size_t bases, int every, double tic[AXIS_TICS])
{
	static const double base[] = {1, 2, 5};
	size_t count = 0;

	for (int k = (int)floor(log10(low)); k <= (int)ceil(log10(high)); k++)
		for (size_t i = 0; i < bases && k % every == 0; i++) {
			double x = base[i] * pow(10, k);

			if (x < low * (1 - 1e-9) || x > high * (1 + 1e-9))
				continue;
			if (count < AXIS_TICS)
				tic[count] = x;
			count++;
		}
	return count;
}

size_t axis_tics(double low, double high, size_t most, double tic[AXIS_TICS])
{
	size_t count = high < 5 * low ? even_tics(low, high, most, tic)
				      : decade_tics(low, high, 3, 1, tic);

	for (int every = 1; count > most; every++)
		count = decade_tics(low, high, 1, every, tic);
	return count;
}

const char *axis_time(double ns, char text[AXIS_TEXT])
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
	size_t i = 0;

	while (i < 3 && ns < units[i].ns * (1 - 1e-9))
		i++;
	snprintf(text, AXIS_TEXT, "%.3g %s", ns / units[i].ns, units[i].name);
	return text;
}

static void add_axis(struct doc *d, const struct scale *scale, double bottom)
{
	double tic[AXIS_TICS];
	size_t tics = axis_tics(pow(10, scale->low), pow(10, scale->high), 6, tic);
	char text[AXIS_TEXT];

	for (size_t i = 0; i < tics; i++) {
		double x = place(scale, tic[i]);

		doc_tag(d,
			"<path class=\"grid\" d=\"M%.1f %d V%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%s</text>",
			x, TOP, bottom, x, bottom + 15, axis_time(tic[i], text));
	}
}

static void add_layer(struct doc *d, const struct summary *s, const struct summary_entry *e,
		      const struct scale *scale, double y)
{
	size_t step = e->cells / DOTS + 1;
	uint32_t colour = e->layer ? 1 + (e->layer - 1) % 5 : 0;
	struct buf name = BUF_INIT;

	text_pad(&name, summary_layer_name(s, e->layer), NAME_MOST);
	while (name.len && name.data[name.len - 1] == ' ')
		name.data[--name.len] = '\0';
	doc_tag(d, "<g class=\"s%" PRIu32 "\"><text x=\"0\" y=\"%.1f\">", colour, y + 4);
	doc_escape(d, buf_str(&name));
	doc_tag(d, "</text>");
	buf_done(&name, &d->out);
	if (e->cost.low > 0 && e->cost.high > 0)
		doc_tag(d,
			"<rect class=\"range\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"14\"/>",
			place(scale, e->cost.low), y - 7,
			fmax(1, place(scale, e->cost.high) - place(scale, e->cost.low)));
	for (size_t i = 0; i < e->cells; i += step)
		if (e->cell[i].cost > 0)
			doc_tag(d, "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"3.4\"/>",
				e->cell[i].suspect || e->cell[i].disturbed ? " class=\"suspect\""
									   : "",
				place(scale, e->cell[i].cost), y);
	if (e->cost.mid > 0)
		doc_tag(d, "<path class=\"median\" d=\"M%.1f %.1f v18\"/>",
			place(scale, e->cost.mid), y - 9);
	doc_tag(d, "</g>\n");
}

static void add_words(struct doc *d, const struct summary *s, const struct family *work)
{
	char text[TEXT_LABEL];

	doc_tag(d, " aria-label=\"Distribution over the rounds of ");
	doc_escape(d, text_workload(s, work->first, text));
	for (size_t i = 0; i < work->count; i++) {
		const struct summary_entry *e = &work->first[i];

		doc_tag(d, "%s ", i ? "," : ": median in");
		doc_escape(d, summary_layer_name(s, e->layer));
		doc_tag(d, " ");
		doc_escape(d, text_cost(e, e->cost.mid, text));
	}
	doc_tag(d, "\">\n");
}

void report_strip(struct doc *d, const struct summary *s, const struct family *work)
{
	double bottom = TOP + (double)work->count * ROW;
	struct scale scale;

	if (d->form != DOC_HTML || summary_is_size(work->first) || !find_scale(work, &scale))
		return;
	doc_tag(d, "<svg class=\"strip\" role=\"img\" viewBox=\"0 0 %d %.0f\"", WIDTH,
		bottom + AXIS);
	scale.left = s->is_tree ? LEFT_NAMED : LEFT;
	add_words(d, s, work);
	add_axis(d, &scale, bottom);
	for (size_t i = 0; i < work->count; i++)
		add_layer(d, s, &work->first[i], &scale, TOP + ROW * ((double)i + 0.5));
	doc_tag(d, "</svg>\n");
}
