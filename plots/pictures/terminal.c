/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <math.h>
#include <string.h>

#include "results/table/text.h"

enum { NAME = 10, LAYER = 4, LAYER_MOST = 24, FIGURES = 26 };

/* A bar of so many eighths of a column, in a track of `width` columns; beyond it stands an arrow.
 */
static void add_bar(struct buf *out, double share, unsigned width)
{
	static const char *const part[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	unsigned eighths = (unsigned)lround(fmin(share, 1) * width * 8), used = eighths / 8;
	bool beyond = share > 1.005;

	/* What is there is seen, however little it is. */
	if (eighths == 0 && share > 0)
		eighths = 1;
	for (unsigned i = 0; i < used - (beyond && used); i++)
		buf_addstr(out, "█");
	if (beyond)
		buf_addstr(out, "▶");
	buf_addstr(out, part[eighths % 8]);
	for (used += eighths % 8 != 0; used < width; used++)
		buf_addstr(out, "·");
}

static unsigned layer_width(const struct summary *s)
{
	size_t width = LAYER;

	for (uint32_t k = 1; k < s->layers; k++)
		if (strlen(summary_layer_name(s, k)) >= width)
			width = strlen(summary_layer_name(s, k)) + 1;
	return width < LAYER_MOST ? (unsigned)width : LAYER_MOST;
}

static void add_class(struct buf *out, const struct summary *s, const char *class, unsigned track)
{
	char text[TEXT_LABEL];

	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_class *c = summary_find_class(s, class, k);

		buf_addstr(out, "  ");
		text_pad(out, k == 1 ? csv_printable(class, text, sizeof(text)) : "", NAME);
		text_pad(out, summary_layer_name(s, k), layer_width(s) - 1);
		buf_addstr(out, " ");
		if (c && !isnan(c->share.mid)) {
			add_bar(out, c->share.mid, track);
			buf_addf(out, " %s\n", text_share(&c->share, text));
		} else {
			buf_addstr(out, "no data\n");
		}
	}
}

static void add_foot(struct buf *out, const struct summary *s, unsigned width)
{
	char text[TEXT_LABEL];

	struct buf line = BUF_INIT;

	for (uint32_t k = 1; k < s->layers; k++)
		buf_addf(&line, "%s%s", k == 1 ? "" : "; ", text_layer(s, k, text));
	if (s->manifest.host_is_vm)
		buf_addstr(&line, "; L0 is itself a VM");
	text_wrap(out, "  ", buf_str(&line), width);
	buf_done(&line, out);
}

int terminal_share(const struct summary *s, unsigned width, struct buf *out, struct err *err)
{
	unsigned track, classes = 0;

	if (width < TERMINAL_LEAST)
		width = TERMINAL_LEAST;
	if (width > TERMINAL_MOST)
		width = TERMINAL_MOST;
	track = width - 2 - NAME - layer_width(s) - FIGURES;
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (!summary_is_shown(c))
			continue;
		if (classes++ == 0)
			buf_addf(out, "  Usable share of L0: median [95 %% interval]\n\n");
		add_class(out, s, c->class, track);
	}
	if (classes == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of workloads was measured both in L0 and in a VM");
	buf_addstr(out, "\n");
	add_foot(out, s, width);
	return buf_check(out, err);
}
