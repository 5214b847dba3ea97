/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/completion/line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a shell takes for more than itself, unquoted and in double quotes. */
#define SPECIAL " \t\\\"'`$&|;<>()*?[]{}!#~"
#define SPECIAL_IN_QUOTES "\\\"`$"

/* The word that is being read, in l->text. */
struct reading {
	struct line *l;
	char *begin, *end;
	const char *breaks;
	bool inside; /* a word has begun, were it empty */
};

static void add(struct reading *r, char c)
{
	*r->end++ = c;
	r->inside = true;
}

static void replace_from_here(struct reading *r)
{
	r->l->replaced = (size_t)(r->end - r->begin);
}

static int end_word(struct reading *r)
{
	if (r->l->count == LINE_WORDS)
		return -1;
	*r->end++ = '\0';
	r->l->word[r->l->count++] = r->begin;
	r->begin = r->end;
	r->inside = false;
	r->l->replaced = 0;
	return 0;
}

/* One character outside of quotes. Returns how many were read, or -1. */
static int take_plain(struct reading *r, const char *c)
{
	if (*c == '\\') {
		if (c[1])
			add(r, c[1]);
		return c[1] ? 2 : 1;
	}
	if (*c == '"' || *c == '\'') {
		r->l->quote = *c;
		r->inside = true;
		replace_from_here(r);
		return 1;
	}
	if (*c == ' ' || *c == '\t')
		return r->inside && end_word(r) < 0 ? -1 : 1;
	add(r, *c);
	if (strchr(r->breaks, *c))
		replace_from_here(r);
	return 1;
}

static int take_quoted(struct reading *r, const char *c)
{
	bool escaped = r->l->quote == '"' && *c == '\\' && c[1] && strchr(SPECIAL_IN_QUOTES, c[1]);

	if (*c == r->l->quote) {
		r->l->quote = 0;
		return 1;
	}
	add(r, escaped ? c[1] : *c);
	return escaped ? 2 : 1;
}

int line_split(struct line *l, const char *line, const char *breaks)
{
	struct reading r = {.l = l, .breaks = breaks};

	*l = (struct line){.text = malloc(2 * strlen(line) + 2)};
	if (!l->text)
		return -1;
	r.begin = r.end = l->text;
	while (*line) {
		int took = l->quote ? take_quoted(&r, line) : take_plain(&r, line);

		if (took < 0)
			return -1;
		line += took;
	}
	*r.end = '\0';
	if (l->count == LINE_WORDS)
		return -1;
	l->word[l->count++] = r.begin;
	return 0;
}

void line_release(struct line *l)
{
	free(l->text);
	l->text = NULL;
}

void line_quote(const struct line *l, struct buf *out, const char *word, size_t len)
{
	const char *special = l->quote == '\'' ? "" : l->quote ? SPECIAL_IN_QUOTES : SPECIAL;

	for (size_t i = l->replaced; i < len; i++) {
		if (strchr(special, word[i]))
			buf_addstr(out, "\\");
		buf_add(out, word + i, 1);
	}
}
