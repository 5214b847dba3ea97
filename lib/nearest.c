/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void nearest_init(struct nearest *n, const char *word, size_t len)
{
	*n = (struct nearest){.best = NULL};
	if (len < sizeof(n->word))
		memcpy(n->word, word, len);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Both shorter than NEAREST_WORD. Three rows of the table of distances of their beginnings. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][NEAREST_WORD], columns = strlen(b);
	size_t *two_ago = row[0], *last = row[1], *now = row[2];

	for (size_t k = 0; k <= columns; k++)
		last[k] = two_ago[k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *free_row = two_ago;

		now[0] = i;
		for (size_t k = 1; k <= columns; k++) {
			now[k] = least(least(last[k], now[k - 1]) + 1,
				       last[k - 1] + !same(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) && same(a[i - 2], b[k - 1]))
				now[k] = least(now[k], two_ago[k - 2] + 1);
		}
		two_ago = last;
		last = now;
		now = free_row;
	}
	return last[columns];
}

static void consider(struct nearest *n, const char *part, const char *candidate)
{
	size_t len = strlen(n->word), other = strlen(part), far;

	if (len == 0 || other >= NEAREST_WORD)
		return;
	far = distance(n->word, part);
	/* Three letters, such as "cpu" of "cpu.int", are the beginning of many. */
	if (far > 1 && len > 3 && strncasecmp(part, n->word, len) == 0 && part[len] != '.')
		far = 1;
	if (far > 1 + len / 5 || 2 * far > (len > other ? len : other))
		return;
	if (!n->best || far < n->distance) {
		n->best = candidate;
		n->distance = far;
	}
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	const char *point = strchr(candidate, '.');

	consider(n, candidate, candidate);
	if (point)
		consider(n, point + 1, candidate);
}

const char *nearest_hint(const struct nearest *n, const char *before, const char *after,
			 char text[NEAREST_TEXT])
{
	text[0] = '\0';
	if (n->best)
		snprintf(text, NEAREST_TEXT, "%sdid you mean \"%s\"?%s", before, n->best, after);
	return text;
}

void choice_list(const char *word, const char *const *names, struct buf *out)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, word, strlen(word));
	for (int i = 0; names[i]; i++) {
		nearest_offer(&near, names[i]);
		buf_addf(out, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
	}
	buf_addstr(out, nearest_hint(&near, " (", ")", hint));
}

int choice_find(const char *what, const char *word, const char *const *names, struct err *err)
{
	struct buf expected = BUF_INIT;

	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	choice_list(word, names, &expected);
	err_set(err, EXIT_USAGE, "%s: there is no \"%.40s\": expected %s", what, word,
		buf_str(&expected));
	buf_release(&expected);
	return -1;
}
