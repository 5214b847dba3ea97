/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view as lines that fit a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/top/view.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "lib/wrap.h"

enum { NARROW = 40, LINE = 1536 };

struct page {
	struct buf *out;
	size_t width, lines, height; /* height SIZE_MAX: no limit */
};

/* One line, cut to the width; nothing where the page is full. */
static void put(struct page *p, const char *text)
{
	size_t bytes = text_fit(text, p->width), line = strcspn(text, "\n");

	if (p->lines == p->height)
		return;
	buf_add(p->out, text, bytes < line ? bytes : line);
	buf_addstr(p->out, "\n");
	p->lines++;
}

/* At most six characters: "12.3k". */
static void short_number(double x, char *text, size_t size)
{
	static const char *const unit[] = {"", "k", "M", "G", "T", "P", "E"};
	size_t i = 0;

	for (; x >= 999.5 && i + 1 < sizeof(unit) / sizeof(unit[0]); i++)
		x /= 1000;
	snprintf(text, size, "%.*f%s",
		 x >= 99.95 || (i == 0 && x == 0) ? 0
		 : x >= 9.995			  ? 1
						  : 2,
		 x, unit[i]);
}

static void number(const struct page *p, double x, char *text, size_t size)
{
	if (p->width < NARROW)
		short_number(x, text, size);
	else if (x >= 99.95)
		snprintf(text, size, "%.0f", x);
	else
		snprintf(text, size, "%.2f", x);
}

static void put_count(struct page *p, const struct top_block *b, size_t item)
{
	char n[48], line[LINE];

	number(p, top_rate(b, item), n, sizeof(n));
	snprintf(line, sizeof(line), "%*s%s  %s", p->width < NARROW ? 7 : 14, n,
		 p->width < NARROW ? "" : "/s", b->item[item].reason);
	put(p, line);
}

/* Whole seconds, as far as they tell. */
static const char *ago(uint64_t ns, char text[SIZE_TEXT])
{
	if (ns >= 100 * NS_PER_S)
		return format_duration_short((double)ns, text);
	snprintf(text, SIZE_TEXT, "%" PRIu64 " s", ns / NS_PER_S);
	return text;
}

static void put_head(struct page *p, const struct top_block *b)
{
	char line[LINE] = "", age[SIZE_TEXT], interval[SIZE_TEXT];

	bool counted = !b->remark || !b->remark[0];

	str_addf(line, sizeof(line), "%s%s%s: %s", b->of, b->counted_in[0] ? " in " : "",
		 b->counted_in, counted ? b->source : b->remark);
	if (b->holds)
		for (size_t i = 0; i < b->count; i++)
			str_addf(line, sizeof(line), "%s %s %" PRIu64, i ? "," : "",
				 b->item[i].reason, b->item[i].n);
	else if (counted && !b->interval_ns)
		str_addf(line, sizeof(line), ", nothing counted yet");
	if (b->workload[0])
		str_addf(line, sizeof(line), ", %s%s%s in %s", b->workload, b->params[0] ? " " : "",
			 b->params, b->measured);
	if (counted && b->interval_ns && !b->holds)
		str_addf(line, sizeof(line), ", over %s",
			 format_duration_short((double)b->interval_ns, interval));
	if (b->age_ns >= NS_PER_S)
		str_addf(line, sizeof(line), ", %s ago", ago(b->age_ns, age));
	put(p, line);
}

/* How many lines a block would take. */
static size_t wanted(const struct top_block *b)
{
	return b->holds ? 1 : 1 + b->count;
}

/* What tells most, in one line. */
static void put_sum(struct page *p, const struct top_block *b)
{
	char n[48], line[LINE];

	if (b->holds || !b->count || !b->interval_ns) {
		put_head(p, b);
		return;
	}
	number(p, top_rate(b, 0), n, sizeof(n));
	snprintf(line, sizeof(line), "%s: %s/s %s", b->of, n, b->item[0].reason);
	put(p, line);
}

/* In so many lines, at least one. */
static void put_block(struct page *p, const struct top_block *b, size_t lines)
{
	size_t all = wanted(b) - 1, shown = all < lines ? all : lines - 1;
	bool tell = shown < all && shown > 1; /* how many there are besides */
	char line[64];

	if (lines == 1) {
		put_sum(p, b);
		return;
	}
	put_head(p, b);
	for (size_t i = 0; i < shown - tell; i++)
		put_count(p, b, i);
	snprintf(line, sizeof(line), "  and %zu more", all - shown + 1);
	if (tell)
		put(p, line);
}

/* What all blocks take when none gets more lines than this. */
static size_t needed(const struct top_view *v, size_t most)
{
	size_t sum = 0;

	for (size_t i = 0; i < v->count; i++)
		sum += wanted(v->block[i]) < most ? wanted(v->block[i]) : most;
	return sum;
}

/* How many lines a block gets at the most, so that all fit; 0: there are too many blocks. */
static size_t share(const struct top_view *v, size_t lines)
{
	size_t most = 1;

	if (lines == SIZE_MAX || needed(v, lines) <= lines)
		return lines;
	while (needed(v, most) <= lines)
		most++;
	return most - 1;
}

static void put_blocks(struct page *p, const struct top_view *v)
{
	size_t left = p->height == SIZE_MAX ? SIZE_MAX : p->height - p->lines;
	size_t most = share(v, left), shown = most ? v->count : left ? left - 1 : 0;
	size_t more = most && left != SIZE_MAX ? left - needed(v, most) : 0;
	char line[64];

	for (size_t i = 0; i < shown; i++) {
		bool one_more = more && wanted(v->block[i]) > most;

		put_block(p, v->block[i], most ? most + one_more : 1);
		more -= one_more;
	}
	snprintf(line, sizeof(line), "%zu more do not fit", v->count - shown);
	if (shown < v->count)
		put(p, line);
}

static void put_remarks(struct page *p, const struct top_view *v)
{
	for (const char *line = buf_str(&v->remarks); line && *line; line = str_next_line(line))
		put(p, line);
}

static void put_title(struct page *p, const struct top_view *v)
{
	char line[LINE] = "", age[SIZE_TEXT];

	str_addf(line, sizeof(line), "%s", v->title);
	if (v->moved && v->age_ns < NS_PER_S)
		str_addf(line, sizeof(line), "; counters moved just now");
	else if (v->moved)
		str_addf(line, sizeof(line), "; counters moved %s ago", ago(v->age_ns, age));
	put(p, line);
}

void top_text(const struct top_view *v, size_t width, size_t height, struct buf *out)
{
	struct page p = {.out = out, .width = width, .height = height ? height : SIZE_MAX};

	put_title(&p, v);
	put_remarks(&p, v);
	put_blocks(&p, v);
}
