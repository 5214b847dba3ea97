/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as people read it: in the terminal and as Markdown. */
#include "results/compare/compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/rundir/params.h"
#include "results/table/text.h"

enum { WIDTH = 98, NAME_WIDTH = 30, WHAT_WIDTH = 9, COST_WIDTH = 11, RATIO_WIDTH = 26 };

static const char *const change_names[] = {
	[CHANGE_WORSE] = "worse",
	[CHANGE_NOT_RESOLVED] = "not resolved",
	[CHANGE_BETTER] = "better",
	[CHANGE_SAME] = "same",
};
enum { CHANGES = sizeof(change_names) / sizeof(change_names[0]) };

const char *change_name(enum change c)
{
	return change_names[c];
}

void compare_label(const struct compare_item *item, struct buf *out)
{
	char text[TEXT_LABEL], threads[THREADS_TEXT];

	buf_addstr(out, csv_printable(item->workload, text, sizeof(text)));
	if (item->params[0])
		buf_addf(out, " %s", csv_printable(item->params, text, sizeof(text)));
	if (item->threads != 1)
		buf_addf(out, " %s", threads_word(item->threads, threads));
}

const char *compare_what(const struct compare_item *item, char text[32])
{
	if (item->over == item->layer)
		snprintf(text, 32, "L%" PRIu32 " %s", item->layer,
			 strcmp(item->unit, "ns/op") == 0 ? "cost" : "size");
	else
		snprintf(text, 32, "L%" PRIu32 "/L%" PRIu32, item->layer, item->over);
	return text;
}

const char *compare_level(const struct compare_item *item, double x, char text[COMPARE_TEXT])
{
	const struct summary_entry unit = {.unit = item->unit};
	char ratio[TEXT_SHORT];

	if (item->over == item->layer)
		return text_cost(&unit, x, text);
	snprintf(text, TEXT_SHORT, "×%s", text_ratio(x, ratio));
	return text;
}

const char *compare_change(const struct compare_item *item, char text[COMPARE_TEXT])
{
	double mid = 100 * (item->ratio.mid - 1), low = 100 * (item->ratio.low - 1),
	       high = 100 * (item->ratio.high - 1);
	int digits = fabs(mid) < 9.95 ? 1 : 0;

	if (isnan(low))
		snprintf(text, TEXT_SHORT, "%+.*f %%", digits, mid);
	else if (high > 99999)
		snprintf(text, TEXT_SHORT, "%+.3g %% [%+.3g, %+.3g]", mid, low, high);
	else
		snprintf(text, TEXT_SHORT, "%+.*f %% [%+.*f, %+.*f]", digits, mid, digits, low,
			 digits, high);
	return text;
}

const char *compare_p(const struct compare_item *item, char text[COMPARE_TEXT])
{
	if (isnan(item->ratio.low))
		snprintf(text, TEXT_SHORT, "-");
	else if (item->p < 0.0001)
		snprintf(text, TEXT_SHORT, "<0.0001");
	else
		snprintf(text, TEXT_SHORT, "%.4f", item->p);
	return text;
}

static size_t count_of(const struct comparison *c, enum change change)
{
	size_t count = 0;

	for (size_t i = 0; i < c->items; i++)
		count += c->item[i].change == change;
	return count;
}

static void add_line(const struct compare_item *item, struct buf *out)
{
	char text[TEXT_SHORT], what[32];
	struct buf label = BUF_INIT;

	compare_label(item, &label);
	buf_addstr(out, "  ");
	text_pad(out, buf_str(&label), NAME_WIDTH);
	buf_addstr(out, " ");
	text_pad(out, compare_what(item, what), WHAT_WIDTH);
	text_pad_left(out, compare_level(item, item->base, text), COST_WIDTH);
	text_pad_left(out, compare_level(item, item->new, text), COST_WIDTH);
	buf_addstr(out, "  ");
	text_pad(out, compare_change(item, text), RATIO_WIDTH);
	text_pad_left(out, compare_p(item, text), 7);
	buf_addstr(out, "\n");
	out->failed |= label.failed;
	buf_release(&label);
}

static void add_side(const char *name, const struct compare_side *side, struct buf *out)
{
	char text[MANIFEST_NAME];

	for (size_t i = 0; i < side->runs; i++) {
		const struct summary *s = &side->run[i];

		buf_addf(out, "%s  %s: %zu boot%s, %zu round%s, %s", name,
			 csv_printable(s->manifest.run[0] ? s->manifest.run : "a run", text,
				       sizeof(text)),
			 s->boots, s->boots == 1 ? "" : "s", s->rounds, s->rounds == 1 ? "" : "s",
			 s->manifest_trouble[0] ? "without a readable manifest"
						: run_state_name(s->manifest.state));
		if (s->failed + s->timed_out)
			buf_addf(out, ", %" PRIu64 " rows failed", s->failed + s->timed_out);
		if (s->damage.count)
			buf_addf(out, ", %" PRIu64 " damaged lines left out", s->damage.count);
		buf_addstr(out, "\n");
	}
}

static bool any_one_boot(const struct comparison *c)
{
	for (size_t i = 0; i < c->items; i++)
		if (c->item[i].one_boot)
			return true;
	return false;
}

/* What the verdicts mean and stand on. */
static void add_grounds(const struct comparison *c, struct buf *out)
{
	struct buf words = BUF_INIT;

	buf_addf(&words,
		 "Per cent are the change of the cost or of the overhead factor, with the %.0f %% "
		 "interval; above 0 is worse. p is corrected for all %zu comparisons (Holm). Worse "
		 "and better: p is at most "
		 "%.2g and the change exceeds %.3g %%. Same: the interval that holds for all "
		 "comparisons together lies within %.3g %%.",
		 100 * c->options.confidence, c->items, 1 - c->options.confidence,
		 100 * c->options.same, 100 * c->options.same);
	text_wrap(out, "", buf_str(&words), WIDTH);
	if (any_one_boot(c))
		text_wrap(
			out, "",
			"One boot on each side: what is found holds between these two boots only, "
			"and two boots of the very same thing may differ by as much. Give more "
			"boots "
			"(run --boots 5), or alternate several runs of each and name them with "
			"--base "
			"and --new.",
			WIDTH);
	if (c->missings) {
		buf_clear(&words);
		buf_addf(&words,
			 "Not compared: %zu costs that only BASE has, %zu that only NEW has.",
			 compare_count_missing(c, true), compare_count_missing(c, false));
		text_wrap(out, "", buf_str(&words), WIDTH);
	}
	out->failed |= words.failed;
	buf_release(&words);
}

static void add_group(const struct comparison *c, enum change change, bool shown, struct buf *out)
{
	static const char *const titles[] = {
		[CHANGE_WORSE] = "Worse",
		[CHANGE_NOT_RESOLVED] = "Not resolved",
		[CHANGE_BETTER] = "Better",
		[CHANGE_SAME] = "Same",
	};
	size_t count = count_of(c, change);

	buf_addf(out, "%s: %zu of %zu%s\n", titles[change], count, c->items,
		 count && !shown ? " (--all shows them)" : "");
	for (size_t i = 0; i < c->items && shown; i++)
		if (c->item[i].change == change)
			add_line(&c->item[i], out);
}

void compare_format(const struct comparison *c, bool all, struct buf *out)
{
	add_side("BASE", &c->base, out);
	add_side("NEW ", &c->new, out);
	buf_addstr(out, "\n");
	env_format(&c->env, ENV_MATTERS, out);
	buf_addstr(out, "\n");
	if (c->items == 0) {
		buf_addstr(out, "There is nothing that both sides measured.\n");
		return;
	}
	buf_addstr(out, "  ");
	text_pad(out, "", NAME_WIDTH + WHAT_WIDTH + 1);
	text_pad_left(out, "BASE", COST_WIDTH);
	text_pad_left(out, "NEW", COST_WIDTH);
	buf_addstr(out, "  ");
	text_pad(out, "change", RATIO_WIDTH);
	text_pad_left(out, "p", 7);
	buf_addstr(out, "\n");
	add_group(c, CHANGE_WORSE, true, out);
	add_group(c, CHANGE_BETTER, true, out);
	add_group(c, CHANGE_NOT_RESOLVED, all, out);
	add_group(c, CHANGE_SAME, all, out);
	buf_addstr(out, "\n");
	add_grounds(c, out);
}

/* Markdown */

/* Text into a cell of a table: what Markdown or HTML would take for its own is escaped. */
static void add_cell(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_{}[]<>|#~&", *text))
			buf_addstr(out, "\\");
		buf_add(out, text, 1);
	}
}

static void add_markdown_line(const struct compare_item *item, struct buf *out)
{
	char text[TEXT_SHORT], what[32];
	struct buf label = BUF_INIT;

	compare_label(item, &label);
	buf_addstr(out, "| ");
	add_cell(out, buf_str(&label));
	buf_addf(out, " | %s | %s ", compare_what(item, what),
		 compare_level(item, item->base, text));
	buf_addf(out, "| %s ", compare_level(item, item->new, text));
	buf_addf(out, "| %s ", compare_change(item, text));
	buf_addf(out, "| %s | %s |\n", compare_p(item, text), change_name(item->change));
	out->failed |= label.failed;
	buf_release(&label);
}

static void add_markdown_table(const struct comparison *c, bool all, struct buf *out)
{
	bool any = false;

	for (int change = 0; change < CHANGES; change++) {
		any |= count_of(c, (enum change)change) &&
		       (all || change == CHANGE_WORSE || change == CHANGE_BETTER);
		buf_addf(out, "%s%zu %s", change ? ", " : "**", count_of(c, (enum change)change),
			 change_name((enum change)change));
	}
	buf_addf(out, "** of %zu comparisons.\n\n", c->items);
	if (!any)
		return;
	buf_addstr(out, "| workload | what | base | new | change | p | verdict |\n"
			"|:--|:--|--:|--:|:--|--:|:--|\n");
	for (size_t i = 0; i < c->items; i++)
		if (all || c->item[i].change == CHANGE_WORSE || c->item[i].change == CHANGE_BETTER)
			add_markdown_line(&c->item[i], out);
	buf_addstr(out, "\n");
}

void compare_format_markdown(const struct comparison *c, bool all, struct buf *out)
{
	struct buf text = BUF_INIT;

	buf_addstr(out, "### nestbench: new against base\n\n");
	add_markdown_table(c, all, out);
	env_format(&c->env, ENV_MATTERS, &text);
	buf_addstr(out, "<details><summary>Runs, environment, method</summary>\n\n```\n");
	add_side("BASE", &c->base, out);
	add_side("NEW ", &c->new, out);
	buf_addf(out, "\n%s\n", buf_str(&text));
	add_grounds(c, out);
	buf_addstr(out, "```\n\n</details>\n");
	out->failed |= text.failed;
	buf_release(&text);
}
