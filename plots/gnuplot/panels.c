/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/panels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "plots/gnuplot/script.h"

enum { BOTTOM = 20 };

static struct panels with_size(struct panels p, size_t count)
{
	p.width = p.columns * p.panel_width + 48;
	p.height = (unsigned)((count + p.columns - 1) / p.columns) * p.panel_height + SCRIPT_TOP +
		   BOTTOM;
	return p;
}

struct panels panels_layout(size_t count)
{
	struct panels p = {.columns = 4, .panel_width = 340, .panel_height = 260};

	if (count <= 2)
		p = (struct panels){.columns = count < 2 ? 1 : 2, .panel_height = 400};
	else if (count == 3 || count == 5 || count == 6 || count == 9)
		p.columns = 3;
	if (count <= 2)
		p.panel_width = 1020 / p.columns;
	return with_size(p, count);
}

struct panels panels_layout_wide(size_t count)
{
	struct panels p = {.columns = count < 2 ? 1 : 2, .panel_height = 300};

	p.panel_width = 1020 / p.columns;
	return with_size(p, count);
}

void panels_begin(struct buf *out)
{
	buf_addstr(out, "set multiplot\nset border 3 linecolor rgb '#AAAAAA'\nset grid ytics\n"
			"set xtics font ',11'\nset ytics font ',11'\n");
}

void panels_end(struct buf *out)
{
	buf_addstr(out, "unset multiplot\n");
}

void panel_begin(struct buf *out, const struct panels *p, size_t panel, const char *title)
{
	size_t column = panel % p->columns, row = panel / p->columns;
	double left = 24 + (double)column * p->panel_width;
	double top = SCRIPT_TOP + (double)row * p->panel_height;
	char shown[TEXT_LABEL];
	bool small;

	if (panel) /* title and key are drawn with the first panel only */
		buf_addstr(out, "unset label\nunset object\n");
	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
		 (left + 66) / p->width, (left + p->panel_width - 16) / p->width,
		 1 - (top + 28) / p->height, 1 - (top + p->panel_height - 54) / p->height);
	/* About 10 pixels a character, or 8 in the smaller size. */
	small = strlen(title) * 10 > p->panel_width - 24;
	buf_addstr(out, "set title ");
	script_text(out, script_fit(title, (p->panel_width - 24) / (small ? 8 : 10), shown));
	buf_addf(out, " font ',%d' offset 0,-0.5\n", small ? 10 : 13);
}

void panel_time_axis(struct buf *out, const char *axis, double low, double high)
{
	low = pow(10, floor(log10(low * 0.9)));
	high = pow(10, ceil(log10(high * 1.1)));
	buf_addf(out,
		 "set logscale %s 10\nset %stics format '%%.0s %%cs'\nset %srange [%.6g:%.6g]\n",
		 axis, axis, axis, low, high);
}
