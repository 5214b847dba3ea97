/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the summary for papers and pages: CSV, Markdown, LaTeX. */
#include "results/export/export_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "results/export/export_exits.h"
#include "results/summary/summary_parts.h"
#include "results/table/text.h"

/* In the columns of summary.csv: what tells exits apart stands among the parameters. */
static int add_csv_exit(void *ctx, const struct export_exit *e, struct err *err)
{
	const struct exit_series *x = e->series;
	const struct estimate *value = &e->metric->per_op;
	struct buf params = BUF_INIT, *out = ctx;

	buf_addf(&params, "%s%sexits=%s source=%s counted_in=%" PRIu32 " measured=%" PRIu32,
		 x->params, x->params[0] ? " " : "", e->metric->reason, x->source, x->counted_in,
		 x->measured);
	csv_add_field(out, x->workload);
	buf_addstr(out, ",exits,");
	csv_add_field(out, buf_str(&params));
	buf_addf(out, ",%" PRIu32 ",", x->threads);
	if (e->s->is_tree)
		csv_add_field(out, summary_layer_name(e->s, x->layer));
	else
		buf_addf(out, "%" PRIu32, x->layer);
	buf_addstr(out, ",");
	csv_add_field(out, e->s->layer[x->layer].accel);
	buf_addf(out, ",,%zu,exits/op,", x->batches);
	csv_add_double(out, value->mid);
	buf_addstr(out, ",");
	csv_add_double(out, value->low);
	buf_addstr(out, ",");
	csv_add_double(out, value->high);
	buf_addstr(out, ",,,,,,,,,,,,\n");
	buf_done(&params, out);
	return 0;
}

int export_csv(const struct summary *s, struct buf *out, struct err *err)
{
	summary_format(s, out);
	return export_exits(s, add_csv_exit, out, err) < 0 ? -1 : buf_check(out, err);
}

/* The syntax of a table in a kind of document. */
struct dialect {
	const char *begin, *column, *first, *head_end; /* around the heading */
	const char *row, *cell, *row_end, *end;
	const char *special, *times; /* what is escaped by a backslash; the sign for "times" */
	const char *rule;	     /* of each column, in a line of its own; NULL: none */
	const char *title, *title_end;
	const char *letters, *const *words; /* replacements for those that a backslash does not
					       escape; NULL: none */
};

static const struct dialect markdown = {
	.row = "| ",
	.cell = " | ",
	.row_end = " |\n",
	.rule = "---",
	.end = "\n",
	.special = ESCAPE_MARKDOWN,
	.times = "×",
	.title = "**",
	.title_end = "**\n\n",
};

/* Letters with a meaning in LaTeX, or that its default fonts draw as others. */
static const char *const latex_words[] = {"\\textbackslash{}",	"\\textasciicircum{}",
					  "\\textasciitilde{}", "\\textless{}",
					  "\\textgreater{}",	"\\textbar{}"};

/* Three layers fit the text width of the class article. */
#define LATEX_SMALL "{\\footnotesize\\setlength{\\tabcolsep}{3pt}"
#define LATEX_ROWS                                                                                 \
	.column = "r", .first = "}\n\\hline\n", .cell = " & ", .row_end = " \\\\\n",               \
	.special = "&%$#_{}", .times = "$\\times$", .title = "% ", .title_end = "\n",              \
	.letters = "\\^~<>|", .words = latex_words

static const struct dialect latex = {
	LATEX_ROWS,
	.begin = "\\noindent" LATEX_SMALL "\\begin{tabular}{l",
	.head_end = "\\hline\n",
	.end = "\\hline\n\\end{tabular}}\n\n",
};

/* Spans pages, each with the heading. */
static const struct dialect latex_long = {
	LATEX_ROWS,
	.begin =
		"% \\usepackage{longtable}: these are more rows than a page may hold.\n" LATEX_SMALL
		"\\begin{longtable}{l",
	.head_end = "\\hline\n\\endhead\n",
	.end = "\\hline\n\\end{longtable}}\n\n",
};

enum { LATEX_PAGE = 40 };

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* Texts in this module are printable ASCII and "×". */
static void add_text(struct buf *out, const struct dialect *d, const char *text)
{
	static const char times[] = "×";
	const char *letter;

	for (; *text; text++)
		if (strncmp(text, times, sizeof(times) - 1) == 0) {
			buf_addstr(out, d->times);
			text += sizeof(times) - 2;
		} else if (d->letters && (letter = strchr(d->letters, *text))) {
			buf_addstr(out, d->words[letter - d->letters]);
		} else {
			escape_backslash(out, (const char[]){*text, '\0'}, d->special);
		}
}

static void begin_row(struct buf *out, const struct dialect *d, const char *text)
{
	buf_addstr(out, or_empty(d->row));
	/* After the end of a row LaTeX takes these for an option. */
	if (d->letters && (*text == '[' || *text == '*'))
		buf_addstr(out, "{}");
	add_text(out, d, text);
}

static void add_cell(struct buf *out, const struct dialect *d, const char *text)
{
	buf_addstr(out, d->cell);
	add_text(out, d, text);
}

/* The heading: one column for each layer from `first` on, two where `pairs`. */
static void begin_table(struct buf *out, const struct summary *s, const struct dialect *d,
			const char *title, const char *name, uint32_t first)
{
	char text[TEXT_LABEL];

	buf_addf(out, "%s%s%s", d->title, title, d->title_end);
	buf_addstr(out, or_empty(d->begin));
	for (uint32_t k = first; k <= s->layers && d->column; k++)
		buf_addstr(out, k < s->layers || (first && !s->is_tree) ? d->column : "");
	buf_addstr(out, or_empty(d->first));
	begin_row(out, d, name);
	for (uint32_t k = first; k < s->layers; k++)
		add_cell(out, d, text_layer(s, k, text));
	if (first && !s->is_tree)
		add_cell(out, d, "trend with depth");
	buf_addstr(out, d->row_end);
	if (d->rule) {
		begin_row(out, d, ":--");
		for (uint32_t k = first; k < s->layers + (first && !s->is_tree); k++)
			add_cell(out, d, "--:");
		buf_addstr(out, d->row_end);
	}
	buf_addstr(out, or_empty(d->head_end));
}

static void add_classes(struct buf *out, const struct summary *s, const struct dialect *d)
{
	char text[TEXT_SHORT];

	begin_table(out, s, d, "Usable share of L0: median and 95 % interval", "kind of work", 1);
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (!summary_is_shown(c))
			continue;
		begin_row(out, d, csv_printable(c->class, text, sizeof(text)));
		for (uint32_t layer = 1; layer < s->layers; layer++) {
			const struct summary_class *other = summary_find_class(s, c->class, layer);

			add_cell(out, d, other ? text_share(&other->share, text) : "-");
		}
		if (!s->is_tree)
			add_cell(out, d, verdict_name(c->verdict));
		buf_addstr(out, d->row_end);
	}
	buf_addstr(out, d->end);
}

static void add_workload(struct buf *out, const struct summary *s, const struct dialect *d,
			 const struct family *work)
{
	char label[TEXT_LABEL], cost[TEXT_SHORT], ratio[TEXT_SHORT], both[2 * TEXT_SHORT];

	begin_row(out, d, text_workload(s, work->first, label));
	for (uint32_t layer = 0; layer < s->layers; layer++) {
		const struct summary_entry *e = family_layer(work, layer);

		if (!e || !summary_has_cost(e))
			snprintf(both, sizeof(both), "-");
		else if (layer == 0 || isnan(e->ratio_l0.mid))
			snprintf(both, sizeof(both), "%s", text_cost(e, e->cost.mid, cost));
		else
			snprintf(both, sizeof(both), "%s (×%s)", text_cost(e, e->cost.mid, cost),
				 text_ratio(e->ratio_l0.mid, ratio));
		add_cell(out, d, both);
	}
	buf_addstr(out, d->row_end);
}

/* A row for each reason, with its figure in the column of the layer whose exits these are. */
struct exits_table {
	struct buf *out;
	const struct dialect *dialect;
	bool begun;
};

static int add_exit_row(void *ctx, const struct export_exit *e, struct err *err)
{
	struct exits_table *t = ctx;
	char name[EXPORT_NAME], figure[TEXT_SHORT];

	if (!t->begun)
		begin_table(t->out, e->s, t->dialect, "Exits per operation, by reason", "exits", 0);
	t->begun = true;
	begin_row(t->out, t->dialect, export_exit_name(e, ' ', name));
	for (uint32_t layer = 0; layer < e->s->layers; layer++)
		add_cell(t->out, t->dialect,
			 layer == e->series->layer
				 ? text_figure("exits/op", e->metric->per_op.mid, figure)
				 : "-");
	buf_addstr(t->out, t->dialect->row_end);
	return 0;
}

static size_t count_workloads(const struct summary *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->entries; i += family_at(s, i).count)
		count++;
	return count;
}

/* The tables of classes, of workloads and of exits, each in its own syntax. */
static int add_tables(const struct summary *s, const struct dialect *classes,
		      const struct dialect *workloads, const struct dialect *exit_rows,
		      struct buf *out, struct err *err)
{
	struct exits_table exits = {.out = out, .dialect = exit_rows};

	if (s->classes)
		add_classes(out, s, classes);
	begin_table(out, s, workloads, "Time per operation (capacity: size), and times L0",
		    "workload", 0);
	for (size_t i = 0; i < s->entries;) {
		struct family work = family_at(s, i);

		add_workload(out, s, workloads, &work);
		i += work.count;
	}
	buf_addstr(out, workloads->end);
	if (export_exits(s, add_exit_row, &exits, err) < 0)
		return -1;
	if (exits.begun)
		buf_addstr(out, exits.dialect->end);
	return buf_check(out, err);
}

int export_markdown(const struct summary *s, struct buf *out, struct err *err)
{
	return add_tables(s, &markdown, &markdown, &markdown, out, err);
}

int export_latex(const struct summary *s, struct buf *out, struct err *err)
{
	return add_tables(s, &latex, count_workloads(s) > LATEX_PAGE ? &latex_long : &latex,
			  &latex_long, out, err);
}
