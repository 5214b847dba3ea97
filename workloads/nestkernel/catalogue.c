/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/nestkernel/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/wrap.h"

/* Widths of the lines, and of their labels. */
enum { WIDTH = 80, LABEL = 14 };

void catalogue_line(struct buf *out, const char *label, const char *text)
{
	char first[LABEL + 1];

	snprintf(first, sizeof(first), "  %-*s", LABEL - 2, label);
	text_wrap(out, first, text, WIDTH);
}

static void add_range(struct buf *out, const struct param *p)
{
	char text[SIZE_TEXT];

	buf_addf(out, "%s=", p->name);
	for (size_t i = 0; p->kind == PARAM_CHOICE && p->choices[i]; i++)
		buf_addf(out, "%s%s", i ? "|" : "", p->choices[i]);
	if (p->kind == PARAM_CHOICE)
		return;
	buf_addf(out, "%s…", param_format(p, p->min, text));
	buf_addstr(out, param_format(p, p->max, text));
}

/* "  parameters  size=8KiB…1TiB  the working set (default 64MiB)" */
static void param_line(struct buf *out, const char *label, const struct param *p)
{
	struct buf first = BUF_INIT, help = BUF_INIT;
	char text[SIZE_TEXT];

	buf_addf(&first, "  %-*s", LABEL - 2, label);
	add_range(&first, p);
	buf_addstr(&first, "  ");
	buf_addstr(&help, p->help);
	buf_addf(&help, " (default %s",
		 p->kind == PARAM_CHOICE ? p->choices[p->fallback]
					 : param_format(p, p->fallback, text));
	if (p->step > 1)
		buf_addf(&help, "; multiples of %s", param_format(p, p->step, text));
	buf_addstr(&help, ")");
	text_wrap(out, buf_str(&first), buf_str(&help), WIDTH);
	out->failed |= first.failed || help.failed;
	buf_release(&first);
	buf_release(&help);
}

static void param_lines(struct buf *out, const struct workload *w)
{
	const char *label = "parameters";

	for (const struct param *p = w->params; p && p->name; p++, label = "")
		param_line(out, label, p);
	if (w->flags & (WORKLOAD_THREADS | WORKLOAD_EVERY_CPU)) {
		struct buf first = BUF_INIT;

		buf_addf(&first, "  %-*sthreads=1…%u%s  ", LABEL - 2, label,
			 w->threads_max ? w->threads_max : THREADS_MAX,
			 w->flags & WORKLOAD_EVERY_CPU ? "|all" : "");
		text_wrap(out, buf_str(&first),
			  w->flags & WORKLOAD_EVERY_CPU
				  ? "threads at once (default all: one on each CPU of the layer; "
				    "nestkernel takes --threads N)"
				  : "threads at once (default 1; nestkernel takes --threads N)",
			  WIDTH);
		out->failed |= first.failed;
		buf_release(&first);
	} else if (!w->params) {
		catalogue_line(out, label, "none");
	}
}

static const char *unit_of_workload(const struct workload *w)
{
	if (w->found)
		return w->unit == SAMPLE_CPUS ? "CPUs; more is better" : "bytes; more is better";
	return w->bytes_per_op ? "ns/op, and from it bytes/s" : "ns/op";
}

void catalogue_add(struct buf *out, const struct workload *w)
{
	catalogue_title(out, w->name, w->summary);
	catalogue_line(out, "class", class_name(w->class));
	catalogue_line(out, "operation", w->op);
	catalogue_line(out, "unit", unit_of_workload(w));
	param_lines(out, w);
	catalogue_line(out, "like", w->source);
	catalogue_line(out, "published", w->figure ? w->figure : "none known");
}

void catalogue_title(struct buf *out, const char *name, const char *summary)
{
	char first[24];

	snprintf(first, sizeof(first), "%-17s", name);
	text_wrap(out, first, summary, WIDTH);
}
