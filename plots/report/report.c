/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/report/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "plots/report/report_parts.h"
#include "results/exits/why.h"

static const struct section {
	const char *id, *name; /* in the navigation */
	const char *title;
	void (*add)(struct doc *d, const struct report *r);
} sections[] = {
	{"verdict", "Verdict", "“The usable share of the machine shrinks with every nested layer”",
	 report_verdict},
	{"kinds", "Kinds of layers", "Kinds of layers side by side", report_kinds},
	{"classes", "Kinds of work", "Each kind of work", report_classes},
	{"workloads", "Workloads", "Each workload", report_workloads},
	{"why", "Where the time goes", "Which exits the time goes to", report_why},
	{"environment", "Environment", "The environment of each layer", report_environment},
	{"method", "Method and flags", "How it was measured, and what is flagged", report_method},
};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

static void add_badges(struct doc *d, const struct summary *s)
{
	const struct manifest *m = &s->manifest;
	struct buf text = BUF_INIT;
	char layer[TEXT_LABEL];
	size_t emulated = 0, unknown = 0;

	for (uint32_t k = 0; k < s->layers; k++)
		if (s->layer[k].cpu == CPU_EMULATED)
			buf_addf(&text, "%s%s", emulated++ ? "; " : "The CPU was EMULATED: ",
				 text_layer(s, k, layer));
	if (emulated) {
		buf_addstr(&text, ". The figures show the shape of the cost, not what hardware "
				  "virtualization would give.");
		doc_text(d, "warn", buf_str(&text));
		buf_clear(&text);
	}
	for (uint32_t k = 0; k < s->layers; k++)
		if (s->layer[k].seen && s->layer[k].cpu == CPU_UNKNOWN)
			buf_addf(&text, "%s%s",
				 unknown++ ? ", "
					   : "It is not known whether the CPU was emulated in ",
				 summary_layer_name(s, k));
	if (unknown) {
		buf_addstr(&text, ": the figures are not to be taken for those of hardware.");
		doc_text(d, "warn", buf_str(&text));
	}
	if (m->host_is_vm)
		doc_text(
			d, "warn",
			"L0 is itself a VM: the outermost layer that can be seen, not bare metal.");
	if (s->manifest_trouble[0])
		doc_text(d, "warn",
			 "The manifest of this run cannot be read; the figures come from its rows "
			 "alone.");
	else if (m->state != RUN_COMPLETE)
		doc_text(
			d, "warn",
			"This run is not complete; the figures stand on what was measured so far.");
	buf_done(&text, &d->out);
}

/* "profile quick · ", or nothing for what is not known. */
static void add_meta(struct buf *meta, const char *name, const char *value)
{
	if (value[0])
		buf_addf(meta, "%s%s · ", name, value);
}

static void add_title(struct doc *d, const struct summary *s)
{
	const struct manifest *m = &s->manifest;
	char title[TEXT_LABEL];
	struct buf meta = BUF_INIT;

	snprintf(title, sizeof(title), "What nesting costs%s%s", m->host[0] ? " on " : "", m->host);
	doc_heading(d, 1, NULL, title);
	add_meta(&meta, "run ", m->run);
	add_meta(&meta, "profile ", m->profile);
	add_meta(&meta, "", m->started);
	doc_textf(d, "meta", "%s%zu round%s in %zu boot%s · %" PRIu64 " rows", buf_str(&meta),
		  s->rounds, s->rounds == 1 ? "" : "s", s->boots, s->boots == 1 ? "" : "s",
		  s->rows);
	buf_done(&meta, &d->out);
	add_badges(d, s);
}

int report_begin_page(struct doc *d, const char *title, struct err *err)
{
	doc_tag(d, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		   "<meta name=\"color-scheme\" content=\"light dark\">\n"
		   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		   "style-src 'unsafe-inline'; img-src data:\">\n"
		   "<link rel=\"icon\" href=\"data:,\">\n<title>nestbench: ");
	if (d->form == DOC_HTML)
		doc_escape(d, title);
	doc_tag(d, "</title>\n<style>\n");
	if (d->form == DOC_HTML && report_read_shared("plots/report.css", &d->out, err) < 0)
		return -1;
	doc_tag(d,
		"</style>\n</head>\n<body>\n<main>\n<header>\n<p class=\"brand\">nestbench</p>\n");
	return 0;
}

static bool is_there(const struct section *section, const struct report *r)
{
	if (section->add == report_why)
		return why_is_counted(r->s);
	return section->add != report_kinds || r->s->kinds;
}

static void add_nav(struct doc *d, const struct report *r)
{
	doc_tag(d, "<nav aria-label=\"Sections\">");
	for (int i = 0; i < SECTIONS; i++)
		if (is_there(&sections[i], r))
			doc_tag(d, "%s<a href=\"#%s\">%s</a>", i ? " " : "", sections[i].id,
				sections[i].name);
	doc_tag(d, "</nav>\n");
}

int report_format(enum doc_form form, const struct report *r, struct buf *out, struct err *err)
{
	struct doc d = {.form = form};
	struct buf words = BUF_INIT;
	struct report with = *r;
	int rc = -1;

	if (report_read_words(&words, err) < 0 ||
	    report_begin_page(&d, r->s->manifest.host, err) < 0)
		goto cleanup;
	with.words = buf_str(&words);
	add_title(&d, r->s);
	doc_tag(&d, "</header>\n");
	add_nav(&d, r);
	for (int i = 0; i < SECTIONS; i++) {
		if (!is_there(&sections[i], r))
			continue;
		doc_tag(&d, "<section>\n");
		doc_heading(&d, 2, sections[i].id, sections[i].title);
		sections[i].add(&d, &with);
		doc_tag(&d, "</section>\n");
	}
	doc_tag(&d, "</main>\n</body>\n</html>\n");
	buf_add(out, d.out.data, d.out.len);
	rc = buf_check(d.out.failed ? &d.out : out, err);
cleanup:
	buf_release(&words);
	buf_release(&d.out);
	return rc;
}
