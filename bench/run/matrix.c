/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/matrix.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/compatibility.h"
#include "lib/json.h"
#include "lib/str.h"
#include "lib/wrap.h"

enum { WIDTH = 80, NOTES_MAX = 64, CELL = 16, CHAIN = 80, LINE = 512, FIRST = 9 };

/* Reasons, each once. */
struct notes {
	struct err item[NOTES_MAX];
	int count;
};

/* The number of a reason, from 1; 0: there are too many. */
static int note_number(struct notes *n, const struct err *why)
{
	int i = 0;

	while (i < n->count && strcmp(n->item[i].text, why->text) != 0)
		i++;
	if (i == NOTES_MAX)
		return 0;
	if (i == n->count)
		n->item[n->count++] = *why;
	return i + 1;
}

/* "L2" becomes "the layer": how deep it is in the chain that was tried tells nothing. */
static void forget_numbers(struct err *why)
{
	const struct err old = *why;
	const char *from = old.text;

	why->text[0] = '\0';
	while (*from) {
		size_t plain = 1 + strcspn(from + 1, "L");

		if (*from == 'L' && isdigit((unsigned char)from[1])) {
			str_addf(why->text, sizeof(why->text), "the layer");
			from += 1 + strspn(from + 1, "0123456789");
		} else {
			str_addf(why->text, sizeof(why->text), "%.*s", (int)plain, from);
			from += plain;
		}
	}
}

/* The reason without what the table says itself: the option, and the layer's number. */
static void strip(struct err *why)
{
	static const char *const before[] = {"cannot be started here: ", "--layers: "};

	forget_numbers(why);

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		const char *at = strstr(why->text, before[i]);

		if (at) {
			at += strlen(before[i]);
			memmove(why->text, at, strlen(at) + 1);
			return;
		}
	}
}

static bool can_stand(const char *chain, struct err *why)
{
	const struct text_list one = {.item = {chain}, .count = 1};
	struct stack s;
	bool can = stack_parse(&s, &one, why) == 0;

	stack_release(&s);
	return can;
}

/* Tries the kind alone and in each kind that can host it, until one is found that can be started
 * here or, where none is, that can stand somewhere. */
static bool find_chain(const struct driver *d, bool here, char chain[CHAIN])
{
	struct err ignored;

	for (int i = -1; i < 0 || drivers[i]; i++) {
		if (i >= 0 && (!(drivers[i]->caps & CAP_HOSTS) || drivers[i]->caps & CAP_ATTACHED ||
			       drivers[i] == d || drivers[i] == &driver_bare))
			continue;
		snprintf(chain, CHAIN, "%s%s%s", i < 0 ? "" : drivers[i]->name, i < 0 ? "" : "/",
			 d->name);
		if (here ? compatibility_check_chain(chain, &ignored) == 0
			 : can_stand(chain, &ignored))
			return true;
	}
	return false;
}

enum state { BOOTS, NAMED, NO, IF, MAY };
static const char *const state_names[] = {
	[BOOTS] = "boots", [NAMED] = "named", [NO] = "no", [IF] = "if", [MAY] = "may"};

/* why: of NO and IF. */
static enum state judge(const struct proofs *proofs, const struct driver *parent,
			const struct driver *child, struct err *why)
{
	char chain[CHAIN];

	if (!find_chain(parent, true, chain))
		find_chain(parent, false, chain);
	str_addf(chain, sizeof(chain), "/%s", child->name);
	if (proofs_have(proofs, parent->name, child->name))
		return BOOTS;
	if ((parent->caps | child->caps) & CAP_ATTACHED)
		return NAMED;
	if (!can_stand(chain, why)) {
		strip(why);
		return NO;
	}
	if (compatibility_check_chain(chain, why) < 0) {
		strip(why);
		return IF;
	}
	return MAY;
}

static void fill_cell(const struct proofs *proofs, const struct driver *parent,
		      const struct driver *child, struct notes *notes, char cell[CELL])
{
	struct err why;
	enum state state = judge(proofs, parent, child, &why);

	if (state == NO || state == IF)
		snprintf(cell, CELL, "%s %d", state_names[state], note_number(notes, &why));
	else
		snprintf(cell, CELL, "%s", state_names[state]);
}

static int column_width(const char *name)
{
	return (int)strlen(name) > 5 ? (int)strlen(name) : 5;
}

/* Without the blanks that fill up the last column. */
static void add_line(struct buf *out, char line[LINE])
{
	size_t len = strlen(line);

	while (len && line[len - 1] == ' ')
		len--;
	buf_addf(out, "%.*s\n", (int)len, line);
}

static void add_head(struct buf *out)
{
	char line[LINE];

	snprintf(line, sizeof(line), "%-*s", FIRST, "in \\ kind");
	for (int i = 0; drivers[i]; i++)
		if (drivers[i] != &driver_bare)
			str_addf(line, sizeof(line), " %-*s", column_width(drivers[i]->name),
				 drivers[i]->name);
	add_line(out, line);
}

static void add_row(const struct proofs *proofs, const struct driver *parent, struct notes *notes,
		    struct buf *out)
{
	char cell[CELL], line[LINE];

	snprintf(line, sizeof(line), "%-*s", FIRST, parent->name);
	for (int i = 0; drivers[i]; i++) {
		if (drivers[i] == &driver_bare)
			continue;
		fill_cell(proofs, parent, drivers[i], notes, cell);
		str_addf(line, sizeof(line), " %-*s", column_width(drivers[i]->name), cell);
	}
	add_line(out, line);
}

static void add_legend(const struct notes *notes, struct buf *out)
{
	char number[16];

	buf_addstr(out,
		   "\nboots  a layer of that kind came up there, with this kernel and version\n"
		   "may    nothing is known to stand in its way\n"
		   "if N   with what is missing, see N\n"
		   "no N   not on any machine, see N\n"
		   "named  it depends on the machine that is named: nestbench doctor --layers\n");
	if (notes->count)
		buf_addstr(out, "\n");
	for (int i = 0; i < notes->count; i++) {
		snprintf(number, sizeof(number), "%-4d", i + 1);
		text_wrap(out, number, notes->item[i].text, WIDTH);
	}
}

static json_t *add_cells(json_t *list, const struct proofs *proofs, const struct driver *parent)
{
	struct err why;

	for (int i = 0; drivers[i]; i++) {
		enum state state;

		if (drivers[i] == &driver_bare)
			continue;
		state = judge(proofs, parent, drivers[i], &why);
		list = json_and(list,
				json_pack("{s:s, s:s, s:s, s:o}", "parent", parent->name, "kind",
					  drivers[i]->name, "state", state_names[state], "why",
					  json_text(state == NO || state == IF ? why.text : NULL)));
	}
	return list;
}

int matrix_json(const struct proofs *proofs, struct buf *out, struct err *err)
{
	json_t *list = add_cells(json_array(), proofs, &driver_bare);

	for (int i = 0; drivers[i]; i++)
		if (drivers[i]->caps & CAP_HOSTS && drivers[i] != &driver_bare)
			list = add_cells(list, proofs, drivers[i]);
	return json_write_answer("doctor-matrix", 1, json_pack("{s:o}", "cells", list), out, err);
}

void matrix_format(const struct proofs *proofs, struct buf *out)
{
	struct notes notes = {.count = 0};

	add_head(out);
	add_row(proofs, &driver_bare, &notes, out);
	for (int i = 0; drivers[i]; i++)
		if (drivers[i]->caps & CAP_HOSTS && drivers[i] != &driver_bare)
			add_row(proofs, drivers[i], &notes, out);
	add_legend(&notes, out);
}
