/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of bash up to the cursor. */
#include "tests/fuzz/fuzz.h"

#include "bench/completion/completion.h"
#include "bench/completion/line.h"

/* "WORD\tHELP\n" each, whose word goes on with what stands at the cursor. */
static void check_offers(const struct offers *o)
{
	size_t typed = strlen(o->word);

	must(o->before <= typed);
	for (const char *line = buf_str(&o->lines); *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\t\n");

		must(line[len] == '\t' && strchr(line, '\n'));
		must(len >= typed && memcmp(line, o->word, typed) == 0);
	}
}

/* What was taken apart, each word again in a line, quoted, must be the same words. */
static void check_quoting(const struct line *l)
{
	struct line plain = {.quote = 0}, again;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < l->count; i++) {
		if (!*l->word[i] || strpbrk(l->word[i], "\n")) {
			buf_release(&text);
			return;
		}
		buf_addstr(&text, i ? " " : "");
		line_quote(&plain, &text, l->word[i], strlen(l->word[i]));
	}
	must(line_split(&again, buf_str(&text), "") == 0 && again.count == l->count);
	for (size_t i = 0; i < l->count; i++)
		must(strcmp(again.word[i], l->word[i]) == 0);
	line_release(&again);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct offers o;
	struct line l;

	if (line_split(&l, text, " \t\n\"'><=;|&(:") == 0) {
		must(l.count > 0 && l.replaced <= strlen(l.word[l.count - 1]));
		completion_find(commands, l.word, l.count, &o);
		check_offers(&o);
		offers_release(&o);
		check_quoting(&l);
	}
	line_release(&l);
	free(text);
	return 0;
}
