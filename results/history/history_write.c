/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history as text. */
#include <math.h>
#include <stdio.h>

#include "results/history/history_parts.h"
#include "results/rundir/csvfile.h"
#include "results/table/text.h"

enum { PART = 256 };

static void list_run(void *ctx, const struct history_run *r)
{
	struct buf *out = ctx;
	char text[PART];

	buf_addf(out, "%s  ", csv_printable(r->started, text, sizeof(text)));
	text_pad(out, csv_printable(r->run, text, sizeof(text)), 34);
	buf_addf(out, " %s", csv_printable(r->state, text, sizeof(text)));
	buf_addf(out, ", %lld x %lld rounds", (long long)r->boots, (long long)r->rounds);
	buf_addf(out, ", %s", csv_printable(r->stack, text, sizeof(text)));
	buf_addf(out, "; %s", csv_printable(r->machine, text, sizeof(text)));
	buf_addf(out, "; %s\n", csv_printable(r->versions, text, sizeof(text)));
}

int history_list(struct history *h, struct buf *out, struct err *err)
{
	return history_each_run(h, NULL, list_run, out, err) < 0 ? -1 : buf_check(out, err);
}

/* ---- one run ---- */

struct shown {
	struct buf *out;
	sqlite3_int64 id; /* 0: none was found */
};

static void show_run(void *ctx, const struct history_run *r)
{
	struct shown *shown = ctx;
	const struct {
		const char *name, *value;
	} lines[] = {{"run", r->run},	  {"started", r->started},   {"machine", r->machine},
		     {"stack", r->stack}, {"versions", r->versions}, {"directory", r->place}};
	char text[PART];

	shown->id = r->id;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		buf_addf(shown->out, "%s: %s\n", lines[i].name,
			 csv_printable(lines[i].value ? lines[i].value : "", text, sizeof(text)));
}

static void show_figure(void *ctx, const struct history_figure *f)
{
	struct buf *out = ctx;
	char text[COMPARE_TEXT], what[COMPARE_WHAT];

	buf_addstr(out, "  ");
	compare_label(&f->key, out);
	buf_addf(out, " %s: %s", compare_what(&f->key, what),
		 compare_level(&f->key, f->value.mid, text));
	if (!isnan(f->value.low)) {
		buf_addf(out, " [%s", compare_level(&f->key, f->value.low, text));
		buf_addf(out, ", %s]", compare_level(&f->key, f->value.high, text));
	}
	buf_addstr(out, "\n");
}

static void show_fact(void *ctx, const struct history_fact *f)
{
	struct buf *out = ctx;
	char text[PART];

	buf_addf(out, "  %s", f->place);
	buf_addf(out, " %s", csv_printable(f->key, text, sizeof(text)));
	buf_addf(out, ": %s\n", csv_printable(f->value, text, sizeof(text)));
}

int history_show(struct history *h, const char *run, struct buf *out, struct err *err)
{
	struct shown shown = {.out = out};

	if (history_each_run(h, run, show_run, &shown, err) < 0)
		return -1;
	if (!shown.id)
		return history_no_run(run, err);
	buf_addstr(out, "figures:\n");
	if (history_each_figure(h, shown.id, show_figure, out, err) < 0)
		return -1;
	buf_addstr(out, "environment:\n");
	return history_each_fact(h, shown.id, show_fact, out, err) < 0 ? -1 : buf_check(out, err);
}

/* ---- trend ---- */

static const char *known(const char *value, char text[PART])
{
	return value ? csv_printable(value, text, PART) : "(not known)";
}

static int add_surroundings(struct history *h, const struct history_series *s, size_t change,
			    struct buf *out, struct err *err)
{
	struct history_surroundings at;
	char text[PART];

	if (history_find_surroundings(h, s, change, &at, err) < 0)
		return -1;
	if (at.at != s->change[change].at)
		buf_addf(out, "      a run %s, with %s:\n",
			 at.at < s->change[change].at ? "earlier" : "later",
			 csv_printable(s->point[at.at].run, text, sizeof(text)));
	for (size_t i = 0; i < at.differences; i++) {
		const struct history_difference *d = &at.difference[i];

		buf_addf(out, "      %s", d->place);
		buf_addf(out, " %s:", csv_printable(d->key, text, sizeof(text)));
		buf_addf(out, " %s", known(d->before, text));
		buf_addf(out, " -> %s\n", known(d->after, text));
	}
	if (at.differences == 0)
		buf_addstr(out, "      nothing that was recorded changed in the environment\n");
	history_surroundings_release(&at);
	return 0;
}

static int add_change(struct history *h, const struct history_series *s, size_t change,
		      struct buf *out, struct err *err)
{
	const struct change_point *c = &s->change[change];
	const struct history_point *p = &s->point[c->at];
	struct compare_item key = history_series_key(s);
	char before[COMPARE_TEXT], after[COMPARE_TEXT], text[PART];

	buf_addf(out, "    from run %s on", csv_printable(p->run, text, sizeof(text)));
	buf_addf(out, " (%s): %s -> %s, %+.1f %%, p %.3f\n",
		 csv_printable(p->started, text, sizeof(text)),
		 compare_level(&key, c->before, before), compare_level(&key, c->after, after),
		 100 * (c->after / c->before - 1), c->p);
	return add_surroundings(h, s, change, out, err);
}

int history_trend_format(struct history *h, const struct history_trend *trend, bool all,
			 struct buf *out, struct err *err)
{
	size_t changed = 0, shortest = 2 * CHANGE_POINT_PIECE, too_short = 0;
	char what[COMPARE_WHAT], text[PART];

	for (size_t i = 0; i < trend->count; i++) {
		const struct history_series *s = &trend->series[i];
		struct compare_item key = history_series_key(s);

		changed += s->changes > 0;
		too_short += s->points < shortest;
		if (!all && !s->changes)
			continue;
		compare_label(&key, out);
		buf_addf(out, " %s, %zu runs on %s", compare_what(&key, what), s->points,
			 csv_printable(s->machine, text, sizeof(text)));
		buf_addf(out, " (%s)%s\n", csv_printable(s->stack, text, sizeof(text)),
			 s->changes ? "" : ": no change");
		for (size_t k = 0; k < s->changes; k++)
			if (add_change(h, s, k, out, err) < 0)
				return -1;
	}
	buf_addf(out, "%zu of %zu series changed", changed, trend->count);
	if (too_short)
		buf_addf(out, "; %zu have fewer than %zu runs, too few to tell", too_short,
			 shortest);
	buf_addstr(out, "\n");
	return buf_check(out, err);
}
