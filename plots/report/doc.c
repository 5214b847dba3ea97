/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/report/doc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/printable.h"

/* '@' would call people by name where Markdown is shown in a forge. */
static const char *markdown_entity(char c)
{
	return c == '@'	  ? "&#64;"
	       : c == '<' ? "&lt;"
	       : c == '>' ? "&gt;"
	       : c == '&' ? "&amp;"
			  : NULL;
}

static void add_markdown(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (markdown_entity(*text))
			buf_addstr(out, markdown_entity(*text));
		else
			buf_addf(out, "%s%c", strchr("\\`*_[]|~#!$", *text) ? "\\" : "", *text);
}

void doc_escape(struct doc *d, const char *text)
{
	char *shown = strdup(text);

	if (!shown)
		d->out.failed = true;
	else if (d->form == DOC_HTML)
		escape_xml(&d->out, printable(shown));
	else
		add_markdown(&d->out, printable(shown));
	free(shown);
}

void doc_tag(struct doc *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (d->form == DOC_HTML)
		buf_vaddf(&d->out, fmt, ap);
	va_end(ap);
}

void doc_heading(struct doc *d, int level, const char *id, const char *text)
{
	if (d->form == DOC_MARKDOWN)
		buf_addf(&d->out, "%.*s ", level, "####");
	else if (id)
		doc_tag(d, "<h%d id=\"%s\">", level, id);
	else
		doc_tag(d, "<h%d>", level);
	doc_escape(d, text);
	doc_tag(d, "</h%d>", level);
	buf_addstr(&d->out, d->form == DOC_HTML ? "\n" : "\n\n");
}

void doc_text(struct doc *d, const char *kind, const char *text)
{
	if (kind)
		doc_tag(d, "<p class=\"%s\">", kind);
	else
		doc_tag(d, "<p>");
	doc_escape(d, text);
	doc_tag(d, "</p>");
	buf_addstr(&d->out, d->form == DOC_HTML ? "\n" : "\n\n");
}

void doc_textf(struct doc *d, const char *kind, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	doc_text(d, kind, buf_str(&text));
	buf_done(&text, &d->out);
}

void doc_list_begin(struct doc *d)
{
	doc_tag(d, "<ul>\n");
}

void doc_item(struct doc *d, const char *text)
{
	buf_addstr(&d->out, d->form == DOC_HTML ? "<li>" : "- ");
	doc_escape(d, text);
	buf_addstr(&d->out, d->form == DOC_HTML ? "</li>\n" : "\n");
}

void doc_list_end(struct doc *d)
{
	buf_addstr(&d->out, d->form == DOC_HTML ? "</ul>\n" : "\n");
}

static void html_row(struct doc *d, const struct grid *g, size_t row, bool words)
{
	buf_addstr(&d->out, "<tr>");
	for (size_t i = 0; i < g->columns; i++) {
		const struct grid_cell *cell = grid_at(g, row, i);
		const char *name = row == 0 || i == 0 ? "th" : "td";

		buf_addf(&d->out, "<%s", name);
		if (row == 0 || i == 0)
			buf_addf(&d->out, " scope=\"%s\"", row == 0 ? "col" : "row");
		if (cell->mark)
			buf_addstr(&d->out, " class=\"mark\"");
		else if (i && !words)
			buf_addstr(&d->out, " class=\"n\"");
		buf_addstr(&d->out, ">");
		doc_escape(d, cell->text);
		buf_addf(&d->out, "</%s>", name);
	}
	buf_addstr(&d->out, "</tr>\n");
}

static void html_grid(struct doc *d, const struct grid *g, const char *caption, bool words)
{
	buf_addstr(&d->out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	doc_escape(d, caption);
	buf_addstr(&d->out, "\"><table><caption>");
	doc_escape(d, caption);
	buf_addstr(&d->out, "</caption><thead>\n");
	html_row(d, g, 0, words);
	buf_addstr(&d->out, "</thead><tbody>\n");
	for (size_t row = 1; row <= grid_rows(g); row++)
		html_row(d, g, row, words);
	buf_addstr(&d->out, "</tbody></table></div>\n");
}

static void markdown_grid(struct doc *d, const struct grid *g, const char *caption, bool words)
{
	doc_escape(d, caption);
	buf_addstr(&d->out, ":\n\n");
	for (size_t row = 0; row <= grid_rows(g); row++) {
		for (size_t i = 0; i < g->columns; i++) {
			const struct grid_cell *cell = grid_at(g, row, i);
			const char *bold = cell->mark && *cell->text ? "**" : "";

			buf_addf(&d->out, "| %s", bold);
			doc_escape(d, cell->text);
			buf_addf(&d->out, "%s ", bold);
		}
		buf_addstr(&d->out, "|\n");
		for (size_t i = 0; i < g->columns && row == 0; i++)
			buf_addstr(&d->out, i && !words ? "| ---: " : "| --- ");
		if (row == 0)
			buf_addstr(&d->out, "|\n");
	}
	buf_addstr(&d->out, "\n");
}

bool doc_grid(struct doc *d, struct grid *g, const char *caption, bool words)
{
	bool shown = !g->failed && grid_rows(g) > 0;

	d->out.failed |= g->failed;
	if (shown && d->form == DOC_HTML)
		html_grid(d, g, caption, words);
	else if (shown)
		markdown_grid(d, g, caption, words);
	grid_release(g);
	return shown;
}

void doc_fold_begin(struct doc *d, const char *title)
{
	if (d->form != DOC_HTML)
		return;
	buf_addstr(&d->out, "<details><summary>");
	doc_escape(d, title);
	buf_addstr(&d->out, "</summary>\n");
}

void doc_fold_end(struct doc *d)
{
	doc_tag(d, "</details>\n");
}

void doc_lines(struct doc *d, const char *text)
{
	bool listing = false;

	while (*text) {
		size_t len = strcspn(text, "\n"), indent = strspn(text, " ");
		struct buf line = BUF_INIT;
		bool item = strncmp(text, "  - ", 4) == 0 || (indent >= 4 && indent < len);

		buf_add(&line, text + (indent < len ? indent : len),
			len - (indent < len ? indent : len));
		if (listing && !item)
			doc_list_end(d);
		if (item && !listing)
			doc_list_begin(d);
		listing = item;
		if (item)
			doc_item(d,
				 buf_str(&line) + (strncmp(buf_str(&line), "- ", 2) == 0 ? 2 : 0));
		else if (indent && indent < len)
			doc_text(d, NULL, buf_str(&line));
		buf_done(&line, &d->out);
		text += len;
		text += *text == '\n';
	}
	if (listing)
		doc_list_end(d);
}
