/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/panels.h"

#include <math.h>

#include "plots/script.h"

enum { COLUMNS = 4, BOTTOM = 20 };

void panels_size(size_t panels, unsigned *width, unsigned *height)
{
	/* Below three the title has no room. */
	size_t columns = panels < 3 ? 3 : panels < COLUMNS ? panels : COLUMNS;

	*width = (unsigned)(columns * PANEL_WIDTH) + 48;
	*height = (unsigned)((panels + COLUMNS - 1) / COLUMNS * PANEL_HEIGHT) + SCRIPT_TOP + BOTTOM;
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

void panel_begin(struct buf *out, size_t panel, const char *title, unsigned width, unsigned height)
{
	double left = 24 + (double)(panel % COLUMNS) * PANEL_WIDTH,
	       top = SCRIPT_TOP + (double)(panel / COLUMNS) * PANEL_HEIGHT;

	if (panel) /* title and key are drawn with the first panel only */
		buf_addstr(out, "unset label\nunset object\n");
	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
		 (left + 66) / width, (left + PANEL_WIDTH - 16) / width, 1 - (top + 28) / height,
		 1 - (top + PANEL_HEIGHT - 54) / height);
	buf_addstr(out, "set title ");
	script_text(out, title);
	buf_addstr(out, " font ',13' offset 0,-0.5\n");
}

void panel_time_axis(struct buf *out, const char *axis, double low, double high)
{
	low = pow(10, floor(log10(low * 0.9)));
	high = pow(10, ceil(log10(high * 1.1)));
	buf_addf(out,
		 "set logscale %s 10\nset %stics format '%%.0s %%cs'\nset %srange [%.6g:%.6g]\n",
		 axis, axis, axis, low, high);
}
