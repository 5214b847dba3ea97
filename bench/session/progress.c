/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/progress.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/streams.h"

#define REDRAW_NS (100 * NS_PER_MS)

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
	p->last_ns = 0;
}

static void clear(struct progress *p)
{
	if (p->drawn)
		fprintf(stderr, "\r\033[K");
	p->drawn = false;
}

/* Time left, from the mean of the jobs so far. */
static const char *time_left(const struct progress *p, char text[SIZE_TEXT])
{
	double spent = (double)(clock_now(p->clock) - p->start_ns);

	if (p->done < 3) {
		snprintf(text, SIZE_TEXT, "?");
		return text;
	}
	return format_duration_short(spent / (double)p->done * (double)(p->all - p->done), text);
}

void progress_job(struct progress *p, uint32_t round, uint32_t rounds, const char *layer,
		  const char *workload)
{
	uint64_t now = clock_now(p->clock);
	bool new_round = round != p->round;
	char left[SIZE_TEXT];

	if (p->quiet || (p->terminal ? now - p->last_ns < REDRAW_NS : !new_round))
		return;
	p->last_ns = now;
	p->round = round;
	if (p->terminal) {
		fprintf(stderr, "\r\033[Kround %u/%u  %s %-18s %3zu %%  %s left", round, rounds,
			layer, workload, p->done * 100 / p->all, time_left(p, left));
		p->drawn = true;
	} else {
		fprintf(stderr, "round %u of %u, %zu of %zu jobs done, %s left\n", round, rounds,
			p->done, p->all, time_left(p, left));
	}
	fflush(stderr);
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

void progress_say(struct progress *p, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	clear(p);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", printable(text));
}

void progress_end(struct progress *p)
{
	clear(p);
	fflush(stderr);
}
