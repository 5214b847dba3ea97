/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation of a comparison as text. */
#include <inttypes.h>
#include <string.h>

#include "results/compare/compare_parts.h"
#include "results/table/text.h"

enum { WIDTH = 98, NAMES = 160 };

static const struct text_column columns[] = {
	{"exits per operation", -40, 1},
	{"BASE", 11, 0},
	{"NEW", 11, 2},
	{"change", -26, 0},
	{"p", 7, 0},
};

/* A name that is too long for its column has a line of its own. */
static void add_line(const struct compare_item *item, struct text_table *t)
{
	char text[TEXT_SHORT], what[COMPARE_WHAT];
	struct buf name = BUF_INIT;
	bool is_long;

	compare_label(item, &name);
	buf_addf(&name, " %s", compare_what(item, what));
	is_long = strlen(buf_str(&name)) > 40;
	if (is_long)
		text_wrap(t->out, "  ", buf_str(&name), WIDTH);
	text_cell(t, "%s", is_long ? "" : buf_str(&name));
	text_cell(t, "%s", compare_level(item, item->base, text));
	text_cell(t, "%s", compare_level(item, item->new, text));
	text_cell(t, "%s", compare_change(item, text));
	text_cell(t, "%s", compare_p(item, text));
	buf_release(&name);
}

/* The names of what follows time, each once. */
static void add_refused(const struct comparison *c, struct buf *out)
{
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < c->refuseds; i++) {
		const char *reason = c->refused[i].item.reason;
		bool known = false;
		char text[EXITS_REASON];

		for (size_t k = 0; k < i && !known; k++)
			known = strcmp(c->refused[k].item.reason, reason) == 0;
		if (!known && names.len < NAMES)
			buf_addf(&names, "%s%s", names.len ? ", " : "",
				 csv_printable(reason, text, sizeof(text)));
	}
	text_wrapf(out, "", WIDTH,
		   "Not compared, because they follow time and not operations: %zu counts, of %s.",
		   c->refuseds, buf_str(&names));
	buf_release(&names);
}

/* Why a side has none, if its first run says so. */
static void add_uncounted(const struct comparison *c, struct buf *out)
{
	const struct compare_side *side = c->base.counted ? &c->new : &c->base;
	const struct exit_counts *first = side->exits;
	char text[EXITS_REMARK];

	text_wrapf(out, "", WIDTH,
		   "Exits per operation are not compared: %s has no counts (%s). Times are not "
		   "affected.",
		   side == &c->new ? "NEW" : "BASE",
		   side->uncounted[0] ? side->uncounted
		   : first->remarks   ? csv_printable(first->remark[0].text, text, sizeof(text))
				    : "it was run without counting, or with an earlier nestbench");
}

void compare_exits_damage(const struct comparison *c, struct buf *out)
{
	const struct compare_side *const sides[] = {&c->base, &c->new};

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sides[k]->runs; i++)
			damage_format(sides[k]->run[i].dir, &sides[k]->exits[i].damage, out);
}

static void add_grounds(const struct comparison *c, struct buf *out)
{
	size_t loose = 0;

	for (size_t i = 0; i < c->exits; i++)
		loose += c->exit[i].one_boot;
	text_wrapf(
		out, "", WIDTH,
		"Exits per operation, p corrected for their %zu comparisons. Worse and better: p "
		"is at most %.2g and the change exceeds %.1f %%.",
		c->exits, COMPARE_EXITS_LEVEL, 100 * COMPARE_EXITS_SAME);
	if (loose)
		text_wrapf(out, "", WIDTH,
			   "Of %zu the counts vary from batch to batch as those of outside events "
			   "do, and there is one boot: of them only a change to less than half or "
			   "more than twice counts.",
			   loose);
}

static bool are_both_counted(const struct comparison *c)
{
	return c->base.counted && c->new.counted;
}

void compare_format_exits(const struct comparison *c, bool all, struct buf *out)
{
	const struct compare_list list = {c->exit, c->exits};
	struct text_table t = TEXT_TABLE(out, columns);

	if (!c->base.counted && !c->new.counted)
		return;
	buf_addstr(out, "\n");
	if (!are_both_counted(c)) {
		add_uncounted(c, out);
		return;
	}
	compare_exits_damage(c, out);
	text_titles(&t);
	compare_add_groups(&list, all, add_line, &t);
	buf_addstr(out, "\n");
	add_grounds(c, out);
	if (c->refuseds)
		add_refused(c, out);
}

void compare_format_exits_markdown(const struct comparison *c, bool all, struct buf *out)
{
	const struct compare_list list = {c->exit, c->exits};

	if (!c->base.counted && !c->new.counted)
		return;
	if (!are_both_counted(c)) {
		add_uncounted(c, out);
		buf_addstr(out, "\n");
		return;
	}
	buf_addf(out, "**Exits per operation: %zu worse, %zu better** of %zu.\n\n",
		 compare_count(&list, CHANGE_WORSE), compare_count(&list, CHANGE_BETTER),
		 list.count);
	compare_add_markdown(&list, all, out);
}
