/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scripts of the shells are told. */
#include <stdio.h>
#include <string.h>

#include "bench/completion/completion.h"
#include "bench/completion/line.h"

static void add_head(struct buf *out, const struct offers *o)
{
	static const char *const by[] = {[OFFERS_WORDS] = "words",
					 [OFFERS_PATHS] = "paths",
					 [OFFERS_FILES] = "files",
					 [OFFERS_DIRS] = "dirs"};

	buf_addf(out, "%s\t%.*s\n", by[o->by], (int)o->before, o->word);
}

static int print(struct buf *out, struct err *err)
{
	int rc = buf_print(out, stdout, err);

	buf_release(out);
	return rc < 0 ? -1 : EXIT_FINE;
}

static int answer_words(const struct command *table, const char *const *words, size_t count,
			struct err *err)
{
	struct buf out = BUF_INIT;
	struct offers o;

	completion_find(table, words, count, &o);
	add_head(&out, &o);
	buf_addstr(&out, buf_str(&o.lines));
	out.failed |= o.lines.failed;
	offers_release(&o);
	return print(&out, err);
}

/* What bash puts in the place of the end of the word: without help, and quoted, but for paths,
 * which it quotes itself. */
static void add_replacements(struct buf *out, const struct line *l, const struct offers *o)
{
	for (const char *word = buf_str(&o->lines); *word; word += strcspn(word, "\n") + 1) {
		size_t len = strcspn(word, "\t");

		if (l->replaced > len)
			continue;
		if (o->by == OFFERS_PATHS)
			buf_add(out, word + l->replaced, len - l->replaced);
		else
			line_quote(l, out, word, len);
		buf_addstr(out, "\n");
	}
}

static int answer_line(const struct command *table, const char *line, const char *breaks,
		       struct err *err)
{
	struct buf out = BUF_INIT;
	struct offers o;
	struct line l;

	if (line_split(&l, line, breaks) == 0) {
		size_t first = 0;

		/* Variables that are set for the command stand before it. */
		while (first + 1 < l.count && strchr(l.word[first], '='))
			first++;
		completion_find(table, l.word + first, l.count - first, &o);
		add_head(&out, &o);
		add_replacements(&out, &l, &o);
		out.failed |= o.lines.failed;
		offers_release(&o);
	}
	line_release(&l);
	return print(&out, err);
}

int completion_main(const struct command *table, int argc, char **argv, struct err *err)
{
	if (strcmp(argv[0], "--complete-line") == 0 && argc == 3)
		return answer_line(table, argv[1], argv[2], err);
	if (strcmp(argv[0], "--complete") == 0 && argc > 1)
		return answer_words(table, (const char *const *)argv + 1, (size_t)argc - 1, err);
	return err_set(err, EXIT_USAGE,
		       "expected --complete PROGRAM WORD… or --complete-line LINE BREAKS, as the "
		       "completion scripts of the shells call it");
}
