/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doc/man/scdoc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

void scdoc_begin(struct buf *out, const char *name, int section)
{
	buf_addf(out, "%s(%d) \"\" \"nestbench " NESTBENCH_VERSION "\"\n", name, section);
}

void scdoc_section(struct buf *out, const char *title)
{
	buf_addf(out, "\n# %s\n\n", title);
}

void scdoc_subsection(struct buf *out, const char *title)
{
	buf_addstr(out, "\n## ");
	scdoc_text(out, title);
	buf_addstr(out, "\n\n");
}

/* A minus sign is left alone: escaped it would be a hyphen, which no shell knows. */
static void add_char(struct buf *out, char c)
{
	if (strchr("\\*_+#[]|`~^", c))
		buf_addstr(out, "\\");
	buf_add(out, &c, 1);
}

static void add_plain(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add_char(out, text[i]);
}

void scdoc_bold(struct buf *out, const char *text)
{
	buf_addstr(out, "*");
	add_plain(out, text, strlen(text));
	buf_addstr(out, "*");
}

void scdoc_underlined(struct buf *out, const char *text)
{
	buf_addstr(out, "_");
	add_plain(out, text, strlen(text));
	buf_addstr(out, "_");
}

static void add_bold(struct buf *out, const char *text, size_t len)
{
	buf_addstr(out, "*");
	add_plain(out, text, len);
	buf_addstr(out, "*");
}

/* The length of "--option" here; 0: there is none. */
static size_t option_length(const char *text, bool at_start)
{
	size_t len = 2;

	if (!at_start || text[0] != '-' || text[1] != '-' || !islower((unsigned char)text[2]))
		return 0;
	while (islower((unsigned char)text[len]) ||
	       (text[len] == '-' && islower((unsigned char)text[len + 1])))
		len++;
	return len;
}

void scdoc_text(struct buf *out, const char *text)
{
	bool at_start = true;

	for (size_t len; *text; text += len) {
		const char *end = *text == '`' ? strchr(text + 1, '`') : NULL;

		len = option_length(text, at_start);
		at_start = isspace((unsigned char)*text) || *text == '(' || *text == '"';
		if (len) {
			add_bold(out, text, len);
		} else if (end && end > text + 1) {
			add_bold(out, text + 1, (size_t)(end - text) - 1);
			len = (size_t)(end - text) + 1;
		} else if (isspace((unsigned char)*text)) {
			len = strspn(text, " \t\n");
			buf_addstr(out, " ");
		} else {
			add_char(out, *text);
			len = 1;
		}
	}
}

static bool stays(const char *line)
{
	return *line == ' ' || *line == '\n' || *line == '\0';
}

/* How much of the text is of one kind: lines that stay, or a paragraph. */
static size_t block_length(const char *text)
{
	bool literal = stays(text);
	size_t len = 0;

	while (text[len] && stays(text + len) == literal) {
		len += strcspn(text + len, "\n");
		len += text[len] == '\n';
	}
	return len;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \n")] == '\0';
}

void scdoc_paragraphs(struct buf *out, const char *text)
{
	for (size_t len; *text; text += len) {
		struct buf block = BUF_INIT;

		len = block_length(text);
		buf_add(&block, text, len);
		if (!stays(text)) {
			scdoc_text(out, buf_str(&block));
			buf_addstr(out, "\n\n");
		} else if (!is_blank(buf_str(&block))) {
			scdoc_literal(out, buf_str(&block));
		}
		buf_done(&block, out);
	}
}

void scdoc_literal(struct buf *out, const char *lines)
{
	buf_addstr(out, "```\n");
	for (; *lines; lines++) {
		if (*lines == '\\')
			buf_addstr(out, "\\");
		buf_add(out, lines, 1);
	}
	buf_addstr(out, "```\n\n");
}

void scdoc_item(struct buf *out)
{
	buf_addstr(out, "\n\t");
}

void scdoc_end_item(struct buf *out)
{
	buf_addstr(out, "\n\n");
}

void scdoc_meaning(struct buf *out, const char *text)
{
	scdoc_item(out);
	scdoc_text(out, text);
	scdoc_end_item(out);
}
