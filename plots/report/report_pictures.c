/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures of gnuplot inside the page, each with a text for who cannot see it and its table. */
#include "plots/report/report_parts.h"

#include <stdio.h>
#include <string.h>

#include "lib/file.h"

enum { PICTURE_MAX = 8 << 20 };

/* What gnuplot writes and a page does not want. */
static const char *const dropped[] = {"<title>", "<desc>", NULL};

/* Length of an element at text that is left out, or 0. */
static size_t unwanted(const char *text)
{
	const char *end;

	for (size_t i = 0; dropped[i]; i++)
		if (strncmp(text, dropped[i], strlen(dropped[i])) == 0) {
			end = strstr(text, "</");
			end = end ? strchr(end, '>') : NULL;
			return end ? (size_t)(end + 1 - text) : 0;
		}
	/* The white ground, which would stay white in the dark. */
	if (strncmp(text, "<rect ", 6) == 0) {
		end = strchr(text, '>');
		if (end && memmem(text, (size_t)(end - text), "fill=\"#ffffff\"", 14))
			return (size_t)(end + 1 - text);
	}
	return 0;
}

/* Whether text is where a name begins that must be unique in the page: behind these. */
static bool is_name(const char *start, const char *text)
{
	static const char *const before[] = {" id='", " id=\"", "href='#", "url(#"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t len = strlen(before[i]);

		if ((size_t)(text - start) >= len && strncmp(text - len, before[i], len) == 0)
			return true;
	}
	return false;
}

static void add_svg(struct doc *d, const struct plot *plot, const char *svg)
{
	const char *start = strstr(svg, "<svg");

	if (!start)
		return;
	doc_tag(d,
		"<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><svg "
		"role=\"img\" aria-label=\"%s: %s. The figures are in the table below.\"",
		plot->title, plot->title, plot->summary);
	for (const char *at = start + 4; *at;) {
		size_t skip = *at == '<' ? unwanted(at) : 0;

		if (skip) {
			at += skip;
			continue;
		}
		if (is_name(start, at))
			buf_addf(&d->out, "%s-", plot->name);
		buf_add(&d->out, at++, 1);
	}
	doc_tag(d, "</div>");
}

void report_picture(struct doc *d, const char *folder, const struct plot *plot)
{
	struct buf svg = BUF_INIT;
	char name[64], path[RUNDIR_PATH];
	struct err err;

	if (d->form == DOC_MARKDOWN) {
		buf_addf(&d->out, "![%s: %s](" PLOTS_DIR "/%s.svg)\n\n", plot->title, plot->summary,
			 plot->name);
		return;
	}
	snprintf(name, sizeof(name), "%s.svg", plot->name);
	if (rundir_path(folder, name, path, &err) == 0 &&
	    file_read(path, PICTURE_MAX, &svg, &err) == 0)
		add_svg(d, plot, buf_str(&svg));
	else
		doc_text(d, "note warnish", err.text);
	buf_release(&svg);
}

static void add_figure(struct doc *d, const struct report *r, const struct plot *plot)
{
	struct picture picture = {0};
	struct err why;

	/* Only what would be drawn from this run: a folder may hold older pictures. */
	if (plot->make(r->s, &picture, &why) == 0) {
		doc_tag(d, "<figure>");
		if (r->pictures)
			report_picture(d, r->pictures, plot);
		doc_tag(d, "<figcaption>");
		if (d->form == DOC_HTML)
			doc_escape(d, plot->summary);
		doc_tag(d, "</figcaption>");
		if (r->pictures)
			doc_fold_begin(d, "The figures of this picture");
		doc_grid(d, &picture.table, plot->title, false);
		if (r->pictures)
			doc_fold_end(d);
		doc_tag(d, "</figure>\n");
	} else if (why.code != EXIT_INCONCLUSIVE) {
		d->out.failed = true;
	}
	picture_release(&picture);
}

void report_pictures(struct doc *d, const struct report *r, enum plot_place place)
{
	if (!r->pictures && r->missing && place == PLOT_OF_CLASSES)
		doc_text(d, "note warnish", r->missing);
	for (const struct plot *const *plot = plots; *plot; plot++)
		if ((*plot)->place == place)
			add_figure(d, r, *plot);
}
