/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/parse.h"
#include "bench/base/wrap.h"
#include "bench/command.h"
#include "bench/options.h"
#include "bench/session.h"
#include "workloads/workload.h"

/* Of the lines, and of what stands in front of them. */
enum { WIDTH = 80, LABEL = 14 };

struct list_options {
	bool brief;
};

static const struct option options[] = {
	{"brief", OPT_FLAG, offsetof(struct list_options, brief), NULL, NULL, 0, 0,
	 "one line for each"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench list",
	.examples = "  nestbench list\n"
		    "  nestbench list --brief\n"
		    "  nestbench list mem.chase 'io.*'\n",
	.words = "[WORKLOAD…]",
	.max_words = LIST_MAX,
	.about = "Lists the workloads, or those that are named or match a pattern: class, what one "
		 "operation is, the unit, the parameters with range and default, the tool that it "
		 "corresponds to, and the published figure where there is one. All workloads can "
		 "be run in copies=N and guests=N too, but for those that find a capacity.",
	.options = options,
};

static void line(struct buf *out, const char *label, const char *text)
{
	char first[LABEL + 1];

	snprintf(first, sizeof(first), "  %-*s", LABEL - 2, label);
	text_wrap(out, first, text, WIDTH);
}

static const char *value_of(const struct param *p, uint64_t value, char text[SIZE_TEXT])
{
	if (p->kind == PARAM_SIZE)
		return format_size(value, text);
	snprintf(text, SIZE_TEXT, "%llu", (unsigned long long)value);
	return text;
}

static void add_range(struct buf *out, const struct param *p)
{
	char text[SIZE_TEXT];

	buf_addf(out, "%s=", p->name);
	for (size_t i = 0; p->kind == PARAM_CHOICE && p->choices[i]; i++)
		buf_addf(out, "%s%s", i ? "|" : "", p->choices[i]);
	if (p->kind == PARAM_CHOICE)
		return;
	buf_addf(out, "%s…", value_of(p, p->min, text));
	buf_addstr(out, value_of(p, p->max, text));
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
					 : value_of(p, p->fallback, text));
	if (p->step > 1)
		buf_addf(&help, "; multiples of %s", value_of(p, p->step, text));
	buf_addstr(&help, ")");
	text_wrap(out, buf_str(&first), buf_str(&help), WIDTH);
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

		buf_addf(&first, "  %-*sthreads=1…%u  ", LABEL - 2, label,
			 w->threads_max ? w->threads_max : THREADS_MAX);
		text_wrap(out, buf_str(&first),
			  w->flags & WORKLOAD_EVERY_CPU
				  ? "so many at once (default: one on each CPU of the layer)"
				  : "so many at once (default 1)",
			  WIDTH);
		buf_release(&first);
	} else if (!w->params) {
		line(out, label, "none");
	}
}

static const char *unit_of_workload(const struct workload *w)
{
	if (w->found)
		return w->found_unit;
	return w->bytes_per_op ? "ns/op, and from it bytes/s" : "ns/op";
}

static void add_workload(struct buf *out, const struct workload *w)
{
	line(out, "class", workload_class_name(w->class));
	line(out, "operation", w->op);
	line(out, "unit", unit_of_workload(w));
	param_lines(out, w);
	line(out, "like", w->source);
	if (w->figure)
		line(out, "published", w->figure);
}

/* Measured by the run itself, so that it is no workload that one could ask for. */
static void add_boot(struct buf *out)
{
	line(out, "class", "boot");
	line(out, "operation",
	     "the start of a layer's domain, until its agent answers; in every run, for every VM");
	line(out, "unit", "ns/op");
	line(out, "parameters", "none");
	line(out, "like", "systemd-analyze time, firmware and user space included");
}

static void add_title(struct buf *out, const char *name, const char *summary, bool brief)
{
	char first[24];

	if (out->len && !brief)
		buf_addstr(out, "\n");
	snprintf(first, sizeof(first), "%-17s", name);
	text_wrap(out, first, summary, WIDTH);
}

static bool is_wanted(const struct text_list *words, const char *name)
{
	for (size_t i = 0; i < words->count; i++)
		if (fnmatch(words->item[i], name, 0) == 0)
			return true;
	return words->count == 0;
}

static int check_word(const char *word, struct err *err)
{
	char hint[NEAREST_TEXT];

	if (fnmatch(word, SESSION_BOOT_WORKLOAD, 0) == 0)
		return 0;
	for (const struct workload *const *w = workloads; *w; w++)
		if (fnmatch(word, (*w)->name, 0) == 0)
			return 0;
	return err_set(err, EXIT_USAGE, "no workload matches \"%s\" (%snestbench list shows all)",
		       word, workload_hint(word, strlen(word), "", " ", hint));
}

int cmd_list(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	struct list_options o = {0};
	struct buf out = BUF_INIT;
	int done = options_parse(&cli, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	for (size_t i = 0; i < words.count; i++)
		if (check_word(words.item[i], err) < 0)
			return -1;
	for (const struct workload *const *w = workloads; *w; w++) {
		if (!is_wanted(&words, (*w)->name))
			continue;
		add_title(&out, (*w)->name, (*w)->summary, o.brief);
		if (!o.brief)
			add_workload(&out, *w);
	}
	if (is_wanted(&words, SESSION_BOOT_WORKLOAD)) {
		add_title(&out, SESSION_BOOT_WORKLOAD, "how long a layer takes to be there",
			  o.brief);
		if (!o.brief)
			add_boot(&out);
	}
	done = buf_check(&out, err);
	fputs(buf_str(&out), stdout);
	buf_release(&out);
	return done;
}
