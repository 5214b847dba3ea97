/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "results/table/text.h"

#define INK "#222222"
#define FAINT "#666666"
#define WARNING "#B03A00"

static const struct {
	const char *colour;
	int point, pattern;
} styles[] = {
	{"#444444", 7, 3},  /* L0 */
	{"#0072B2", 5, 3},  /* blue */
	{"#E69F00", 9, 4},  /* orange */
	{"#009E73", 13, 2}, /* green */
	{"#CC79A7", 11, 5}, /* purple */
	{"#56B4E9", 15, 1}, /* sky */
};

/* L0 has its own style; deeper layers than the table knows begin again at L1's. */
static size_t style_of(uint32_t layer)
{
	enum { STYLES = sizeof(styles) / sizeof(styles[0]) };

	return layer ? 1 + (layer - 1) % (STYLES - 1) : 0;
}

const char *script_colour(uint32_t layer)
{
	return styles[style_of(layer)].colour;
}

const char *script_series_colour(size_t series)
{
	static const char *const colours[] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7",
					      "#8C6D00", "#444444", "#56B4E9", "#7A4FBF"};

	return colours[series % (sizeof(colours) / sizeof(colours[0]))];
}

int script_point(uint32_t layer)
{
	return styles[style_of(layer)].point;
}

int script_pattern(uint32_t layer)
{
	return styles[style_of(layer)].pattern;
}

/* XML knows no "]]>" in a text, and gnuplot's SVG escapes no ">". */
static bool ends_cdata(const char *text, size_t at)
{
	return at >= 2 && memcmp(text + at - 2, "]]>", 3) == 0;
}

/* percent: what stands for the sign. */
static void add_text(struct buf *out, const char *text, const char *percent)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		" .,:;=_+-/()[]*<>";

	buf_addstr(out, "'");
	for (size_t i = 0; text[i]; i++)
		if (text[i] == '%')
			buf_addstr(out, percent);
		else if (ends_cdata(text, i) || !strchr(allowed, text[i]))
			buf_addstr(out, "?");
		else
			buf_add(out, text + i, 1);
	buf_addstr(out, "'");
}

void script_text(struct buf *out, const char *text)
{
	add_text(out, text, "%");
}

void script_tic(struct buf *out, const char *text)
{
	add_text(out, text, "%%");
}

const char *script_fit(const char *text, size_t most, char out[TEXT_LABEL])
{
	size_t len = strlen(text), tail = (most - 3) / 2, head = most - 3 - tail;

	if (len <= most || most < 8)
		snprintf(out, TEXT_LABEL, "%s", text);
	else
		snprintf(out, TEXT_LABEL, "%.*s...%s", (int)head, text, text + len - tail);
	return out;
}

void script_label(struct buf *out, const char *text, double x, double y, int size,
		  const char *colour, unsigned width, unsigned height)
{
	buf_addstr(out, "set label ");
	script_text(out, text);
	buf_addf(out, " at screen %.4f,%.4f left font ',%d' textcolor rgb '%s' front\n", x / width,
		 1 - y / height, size, colour);
}

uint32_t script_depth(const struct summary *s)
{
	uint32_t depth = 0;

	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].cells && s->entry[i].layer > depth)
			depth = s->entry[i].layer;
	return depth;
}

const char *script_whiskers(const struct summary *s)
{
	return s->boots == 1 && s->rounds < 6 ? "medians; no intervals below 6 rounds"
					      : "medians with 95 % intervals";
}

static void add_run_line(struct buf *out, const struct summary *s, const char *remark)
{
	const struct manifest *m = &s->manifest;

	if (m->run[0])
		buf_addf(out, "run %s%s%s, ", m->run, m->host[0] ? " on " : "", m->host);
	buf_addf(out, "%zu round%s ", s->rounds, s->rounds == 1 ? "" : "s");
	if (s->boots == 1)
		buf_addstr(out, "within one boot");
	else
		buf_addf(out, "in each of %zu boots", s->boots);
	if (remark)
		buf_addf(out, "; %s", remark);
	if (s->manifest.state == RUN_INTERRUPTED)
		buf_addstr(out, "; INTERRUPTED");
}

/* Of the layers that have rows. */
static uint32_t first_seen(const struct summary *s, enum layer_cpu cpu)
{
	uint32_t k = summary_first_cpu(s, cpu);

	while (k < s->layers && !(s->layer[k].seen && s->layer[k].cpu == cpu))
		k++;
	return k;
}

static void add_warning_line(struct buf *out, const struct summary *s)
{
	uint32_t emulated = first_seen(s, CPU_EMULATED), unknown = first_seen(s, CPU_UNKNOWN);

	if (emulated < s->layers) {
		buf_addf(out, "EMULATED CPU from L%" PRIu32 " on", emulated);
		if (unknown < emulated)
			buf_addf(out, ", perhaps from L%" PRIu32, unknown);
		buf_addstr(out, ": the shape of the cost, not what hardware would give");
	} else if (unknown < s->layers)
		buf_addf(out,
			 "Unknown CPU from L%" PRIu32 " on: whether it was emulated was not said",
			 unknown);
	if (s->manifest.host_is_vm)
		buf_addf(out, "%sL0 is itself a VM", out->len ? ".  " : "");
}

void script_begin(struct buf *out, const struct summary *s, const char *title, const char *remark,
		  unsigned width, unsigned height)
{
	struct buf line = BUF_INIT;

	buf_addstr(out, "set encoding utf8\n"
			"set termoption noenhanced\n"
			"set datafile missing 'NaN'\n"
			"set border 0\n"
			"set tics scale 0 textcolor rgb '" INK "'\n"
			"set grid xtics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'\n");
	script_label(out, title, 24, 30, 20, INK, width, height);
	add_run_line(&line, s, remark);
	script_label(out, buf_str(&line), 24, 60, 12, FAINT, width, height);
	buf_clear(&line);
	add_warning_line(&line, s);
	if (line.len)
		script_label(out, buf_str(&line), 24, 82, 12, WARNING, width, height);
	out->failed |= line.failed;
	buf_release(&line);
}

static void add_mark(struct buf *out, uint32_t layer, enum key_form form, double x, double y,
		     unsigned width, unsigned height)
{
	if (form == KEY_MARKS)
		buf_addf(out,
			 "set label '' at screen %.4f,%.4f point pointtype %d pointsize 1.5 "
			 "linecolor rgb "
			 "'%s'\n",
			 x / width, 1 - y / height, script_point(layer), script_colour(layer));
	else
		buf_addf(out,
			 "set object rectangle from screen %.4f,%.4f to screen %.4f,%.4f fillcolor "
			 "rgb "
			 "'%s' fillstyle pattern %d border linecolor rgb '%s'\n",
			 (x - 10) / width, 1 - (y + 7) / height, (x + 10) / width,
			 1 - (y - 7) / height, script_colour(layer), script_pattern(layer),
			 script_colour(layer));
}

void script_key(struct buf *out, const struct summary *s, uint32_t first, uint32_t last,
		enum key_form form, unsigned width, unsigned height)
{
	double x = 36, y = 112;
	char text[TEXT_SHORT];

	for (uint32_t k = first; k <= last; k++) {
		double taken = 50 + 9.5 * (double)strlen(text_layer(s, k, text));

		if (x + taken > width) {
			x = 36;
			y += 20;
		}
		add_mark(out, k, form, x, y, width, height);
		script_label(out, text, x + 16, y, 12, INK, width, height);
		x += taken;
	}
}
