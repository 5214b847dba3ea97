/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as text: for the terminal and as Markdown. */
#include "results/compare/compare_parts.h"

#include <inttypes.h>

#include "results/table/text.h"

enum { WIDTH = 98 };

static const struct text_column columns[] = {
	{"", -30, 1}, {"", -9, 0}, {"BASE", 11, 0}, {"NEW", 11, 2}, {"change", -26, 0}, {"p", 7, 0},
};

static void add_line(const struct compare_item *item, struct text_table *t)
{
	char text[TEXT_SHORT], what[COMPARE_WHAT];
	struct buf label = BUF_INIT;

	compare_label(item, &label);
	compare_what(item, what);
	/* The names of a tree are too long for the column. */
	if (item->layer_name)
		text_wrapf(t->out, "  ", WIDTH, "%s %s", buf_str(&label), what);
	text_cell(t, "%s", item->layer_name ? "" : buf_str(&label));
	text_cell(t, "%s", item->layer_name ? "" : what);
	text_cell(t, "%s", compare_level(item, item->base, text));
	text_cell(t, "%s", compare_level(item, item->new, text));
	text_cell(t, "%s", compare_change(item, text));
	text_cell(t, "%s", compare_p(item, text));
	buf_done(&label, t->out);
}

static void add_sides(const struct comparison *c, struct buf *out)
{
	const struct {
		const char *name;
		const struct compare_side *side;
	} sides[] = {{"BASE", &c->base}, {"NEW ", &c->new}};
	char text[MANIFEST_NAME];

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sides[k].side->runs; i++) {
			const struct summary *s = &sides[k].side->run[i];
			const char *run = s->manifest.run[0] ? s->manifest.run : "a run";

			buf_addf(out, "%s  %s: %zu boot%s, %zu round%s, %s", sides[k].name,
				 csv_printable(run, text, sizeof(text)), s->boots,
				 s->boots == 1 ? "" : "s", s->rounds, s->rounds == 1 ? "" : "s",
				 s->manifest_trouble[0] ? "without a readable manifest"
							: run_state_name(s->manifest.state));
			if (s->failed + s->timed_out)
				buf_addf(out, ", %" PRIu64 " rows failed",
					 s->failed + s->timed_out);
			if (s->damage.count)
				buf_addf(out, ", %" PRIu64 " damaged lines left out",
					 s->damage.count);
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

/* The meaning and the basis of the verdicts. */
static void add_grounds(const struct comparison *c, struct buf *out)
{
	text_wrapf(out, "", WIDTH,
		   "Per cent: the change of the cost or of the overhead factor, with its %.0f "
		   "%% interval; above 0 is worse. p is corrected for all %zu comparisons (Holm). "
		   "Worse and better: p is at most %.2g and the change exceeds %.3g %%. Same: the "
		   "interval that holds for all comparisons together is within %.3g %%.",
		   100 * COMPARE_CONFIDENCE, c->items, 1 - COMPARE_CONFIDENCE,
		   100 * c->options.same, 100 * c->options.same);
	if (any_one_boot(c))
		text_wrap(out, "",
			  "One boot on each side: the findings hold between these two boots "
			  "only, and two boots of the same version may differ by as much. Give "
			  "more boots (run --boots 5), or alternate several runs of each and name "
			  "them with --base and --new.",
			  WIDTH);
	if (c->missings)
		text_wrapf(out, "", WIDTH,
			   "Not compared: %zu costs that only BASE has, %zu that only NEW has.",
			   compare_count_missing(c, true), compare_count_missing(c, false));
}

void compare_format(const struct comparison *c, bool all, struct buf *out)
{
	const struct compare_list list = {c->item, c->items};
	struct text_table t = TEXT_TABLE(out, columns);

	add_sides(c, out);
	buf_addstr(out, "\n");
	env_format(&c->env, ENV_MATTERS, out);
	buf_addstr(out, "\n");
	if (c->items == 0) {
		buf_addstr(out, "There is nothing that both sides measured.\n");
		compare_format_exits(c, all, out);
		return;
	}
	text_titles(&t);
	compare_add_groups(&list, all, add_line, &t);
	buf_addstr(out, "\n");
	add_grounds(c, out);
	compare_format_exits(c, all, out);
}

/* Markdown */

static void add_markdown_table(const struct comparison *c, bool all, struct buf *out)
{
	const struct compare_list list = {c->item, c->items};

	for (int change = 0; change <= CHANGE_SAME; change++)
		buf_addf(out, "%s%zu %s", change ? ", " : "**",
			 compare_count(&list, (enum change)change),
			 change_name((enum change)change));
	buf_addf(out, "** of %zu comparisons.\n\n", c->items);
	compare_add_markdown(&list, all, out);
}

void compare_format_markdown(const struct comparison *c, bool all, struct buf *out)
{
	buf_addstr(out, "### nestbench: new against base\n\n");
	add_markdown_table(c, all, out);
	compare_format_exits_markdown(c, all, out);
	buf_addstr(out, "<details><summary>Runs, environment, method</summary>\n\n```\n");
	add_sides(c, out);
	buf_addstr(out, "\n");
	env_format(&c->env, ENV_MATTERS, out);
	buf_addstr(out, "\n");
	add_grounds(c, out);
	buf_addstr(out, "```\n\n</details>\n");
}
