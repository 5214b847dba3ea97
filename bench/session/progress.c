/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/progress.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/streams.h"
#include "lib/wrap.h"

#define REDRAW_NS (100 * NS_PER_MS)

/* Where the terminal does not know its width. */
enum { USUAL_WIDTH = 80 };

void progress_init(struct progress *p, const struct clock *clock, bool quiet)
{
	*p = (struct progress){.clock = clock, .quiet = quiet, .terminal = tty_redraws(2)};
}

void progress_start(struct progress *p, size_t jobs)
{
	p->done = 0;
	p->all = jobs;
	p->round = 0;
	p->start_ns = clock_now(p->clock);
	p->drawn_ns = 0;
}

static void clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[J", stderr);
	p->drawn = false;
}

/* Time left, from the mean of the jobs before this one. */
static const char *time_left(const struct progress *p, uint64_t now, char text[SIZE_TEXT])
{
	double spent = (double)(p->begin_ns - p->start_ns), left;

	if (p->done < 3)
		return "?";
	left = spent / (double)p->done * (double)(p->all - p->done) - (double)(now - p->begin_ns);
	return left > 0 ? format_duration_short(left, text) : "0 s";
}

/* What goes on in `width` columns: what tells most is what a narrow terminal shows. */
static void make_line(const struct progress *p, uint64_t now, size_t width, char *line, size_t size)
{
	uint64_t seconds = (now - p->begin_ns) / NS_PER_S;
	size_t percent = p->all ? p->done * 100 / p->all : 0;
	char left[SIZE_TEXT];

	if (!p->jobs) {
		snprintf(line, size, "%s  %llu s", p->what, (unsigned long long)seconds);
		if (text_columns(line) > width)
			snprintf(line, size, "%llu s  %s", (unsigned long long)seconds, p->what);
		return;
	}
	snprintf(line, size, "round %u/%u  %-21s %3zu %%  %s left", p->round, p->rounds, p->what,
		 percent, time_left(p, now, left));
	if (text_columns(line) > width)
		snprintf(line, size, "%zu %% %s  %s  round %u/%u", percent, time_left(p, now, left),
			 p->what, p->round, p->rounds);
}

/*
 * The line ends before the last column, so that it never wraps, and the cursor goes back to its
 * begin: where the terminal becomes narrower and wraps it after all, all of it stands behind the
 * cursor, and is erased.
 */
static void draw(struct progress *p, uint64_t now)
{
	size_t width = tty_width(2);
	char line[PROGRESS_WHAT + 128];

	width = (width ? width : USUAL_WIDTH) - 1;
	make_line(p, now, width, line, sizeof(line));
	fprintf(stderr, "\r%.*s\033[J\r", (int)text_fit(line, width), line);
	fflush(stderr);
	p->drawn = true;
	p->drawn_ns = now;
}

void progress_phase(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->what, sizeof(p->what), fmt, ap);
	va_end(ap);
	printable(p->what);
	p->begin_ns = clock_now(p->clock);
	p->jobs = false;
	if (p->quiet)
		return;
	if (p->terminal)
		draw(p, p->begin_ns);
	else
		fprintf(stderr, "%s\n", p->what);
}

void progress_job(struct progress *p, uint32_t round, uint32_t rounds, const char *layer,
		  const char *workload)
{
	bool new_round = round != p->round;
	char left[SIZE_TEXT];

	p->begin_ns = clock_now(p->clock);
	p->round = round;
	p->rounds = rounds;
	p->jobs = true;
	snprintf(p->what, sizeof(p->what), "%s %s", layer, workload);
	printable(p->what);
	if (p->quiet)
		return;
	if (!p->terminal && new_round) {
		fprintf(stderr, "round %u of %u, %zu of %zu jobs done, %s left\n", round, rounds,
			p->done, p->all, time_left(p, p->begin_ns, left));
		fflush(stderr);
	} else if (p->terminal && p->begin_ns - p->drawn_ns >= REDRAW_NS) {
		draw(p, p->begin_ns);
	}
}

void progress_tick(struct progress *p)
{
	uint64_t now;

	if (p->quiet || !p->terminal || !p->what[0])
		return;
	now = clock_now(p->clock);
	if (now - p->drawn_ns >= NS_PER_S)
		draw(p, now);
}

void progress_done(struct progress *p)
{
	p->done++;
}

void progress_left(struct progress *p, size_t jobs)
{
	p->all = p->done + jobs;
}

void progress_add(struct progress *p, size_t jobs)
{
	p->all += jobs;
}

static void __attribute__((format(printf, 2, 0)))
say(struct progress *p, const char *fmt, va_list ap)
{
	char text[2048];

	clear(p);
	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%s\n", printable(text));
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(p, fmt, ap);
	va_end(ap);
}

void progress_note(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!p->quiet)
		say(p, fmt, ap);
	va_end(ap);
}

void progress_end(struct progress *p)
{
	clear(p);
	p->what[0] = '\0';
	fflush(stderr);
}
