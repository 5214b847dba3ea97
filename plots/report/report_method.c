/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How it was measured, and everything that is odd about it. */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"
#include "results/table/words.h"

enum { ENDLESS = 1 << 20 };

static const char *const method[] = {
	"All layers are up at the same time. A round visits every layer with every workload, in an "
	"order drawn by the seed; ratios are formed within a round, so that a slow drift of the "
	"machine cancels.",
	"The same program, byte for byte, does the same number of operations in every layer; "
	"checksums of the work are compared.",
	"Figures are medians. Intervals are 95 %: of the sign test within one boot (from 6 rounds "
	"on), of a bootstrap over boots and rounds with several. Kinds of work are geometric means "
	"of ratios, formed within each round.",
	"Nothing is dropped: disturbed rows are marked and kept in, because throwing them out "
	"would throw out the very exits and steals that are measured. Warm-up batches stay in the "
	"file and out of the figures.",
	"The claim holds for a kind of work when every layer costs more than 1 % over the one "
	"above, all steps together at 95 %.",
};

static void add_row(struct grid *g, const char *name, const char *value)
{
	if (!value[0])
		return;
	grid_add(g, name);
	grid_add(g, value);
}

static void add_facts(struct grid *g, const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		add_row(g, facts->item[i].key, facts->item[i].value);
}

static void add_command(struct grid *g, const struct manifest *m)
{
	struct buf line = BUF_INIT;

	for (char **word = m->command; word && *word; word++) {
		buf_addstr(&line, line.len ? " " : "");
		utf8_escape(&line, *word);
	}
	add_row(g, "command", buf_str(&line));
	g->failed |= line.failed;
	buf_release(&line);
}

static const char *explain_mode(const char *mode)
{
	if (strcmp(mode, "share") == 0)
		return "share: every layer keeps what it needs and passes on the rest";
	if (strcmp(mode, "shape") == 0)
		return "shape: every measured layer has the same size";
	return mode;
}

static void add_run(struct doc *d, const struct manifest *m)
{
	struct grid g = GRID_INIT;
	char text[TEXT_LABEL];

	grid_begin(&g, 2);
	grid_add(&g, "");
	grid_add(&g, "this run");
	add_command(&g, m);
	add_row(&g, "profile", m->profile);
	add_row(&g, "mode", explain_mode(m->mode));
	add_row(&g, "started", m->started);
	add_row(&g, "ended", m->ended);
	add_row(&g, "state", run_state_name(m->state));
	snprintf(text, sizeof(text),
		 "L0 to L%" PRIu32 ", %" PRIu32 " boots, %" PRIu32 " rounds, %" PRIu32 " batches",
		 m->depth, m->boots, m->rounds, m->batches);
	add_row(&g, "plan", text);
	snprintf(text, sizeof(text), "%" PRIu64, m->seed);
	add_row(&g, "seed", text);
	add_facts(&g, &m->versions);
	add_facts(&g, &m->hashes);
	add_facts(&g, &m->more);
	doc_grid(d, &g, "From the manifest", true);
	grid_release(&g);
}

/* Rows that were skipped, failed, timed out or disturbed, and figures with a flag of their own. */
static void add_flags(struct doc *d, const struct summary *s)
{
	struct grid g = GRID_INIT;
	char text[TEXT_LABEL];

	grid_begin(&g, 4);
	grid_add(&g, "workload");
	grid_add(&g, "layer");
	grid_add(&g, "flags");
	grid_add(&g, "first reason");
	for (size_t i = 0; i < s->entries; i++) {
		struct summary_entry own = s->entry[i];
		struct buf flags = BUF_INIT;

		own.flags &= FLAGS_OWN;
		own.disturbed = 0; /* said of the whole run */
		summary_format_flags(&own, &flags);
		if (flags.len) {
			grid_add(&g, text_workload(s, &s->entry[i], text));
			grid_addf(&g, "L%" PRIu32, own.layer);
			grid_add(&g, buf_str(&flags));
			grid_add(&g, own.reason ? own.reason : "–");
		}
		g.failed |= flags.failed;
		buf_release(&flags);
	}
	if (grid_rows(&g))
		doc_grid(d, &g, "Flagged figures, with the numbers of rows or batches", true);
	else
		doc_text(d, NULL, "No figure carries a flag of its own.");
	grid_release(&g);
}

static void add_meanings(struct doc *d)
{
	static const char *const words[] = {
		"short: batches were short against the clock",
		"outliers: batches beyond 5 scaled MADs of the median; kept in",
		"suspect: the clock, the clock source or the round was disturbed; kept in",
		"disturbed: rounds in which others used CPU time of the machine, it was stolen, or "
		"cores were throttled, beyond the limit, and which were not repeated, or the "
		"repeat was disturbed too; kept in",
		"skip, fail, timeout: rows without a timing, with their reason",
		"digest: the layers did not do the same work; ratios are withheld",
		"zero: the cost is below what the clock resolves",
		"warm-up: the rounds of a boot become cheaper, or the first batches that count are "
		"more expensive than the others of their round",
		"slow-down: the rounds of a boot become more expensive; no-steady-state: they "
		"still change in their last quarter (change points by E-divisive, classified as "
		"Barrett et al. do)",
		"bimodal: the batches have two modes (dip test of Hartigan and Hartigan at 1 %)",
		"emulated: QEMU emulated the CPU of this layer or of one towards the hardware, "
		"L0's own included; cpu-unknown: whether it did was not said",
	};

	doc_fold_begin(d, "What the flags mean");
	doc_list_begin(d);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		doc_item(d, words[i]);
	doc_list_end(d);
	doc_fold_end(d);
}

void report_method(struct doc *d, const struct report *r)
{
	struct buf text = BUF_INIT;

	doc_tag(d, "<section>\n");
	doc_heading(d, 2, "method", "How it was measured, and what is flagged");
	words_grounds(r->s, ENDLESS, &text);
	doc_heading(d, 3, NULL, "What these figures stand on");
	doc_lines(d, buf_str(&text));
	doc_heading(d, 3, NULL, "What is flagged");
	add_flags(d, r->s);
	add_meanings(d);
	doc_heading(d, 3, NULL, "Method");
	doc_list_begin(d);
	for (size_t i = 0; i < sizeof(method) / sizeof(method[0]); i++)
		doc_item(d, method[i]);
	doc_list_end(d);
	if (r->s->manifest_trouble[0])
		doc_text(d, "note warnish", r->s->manifest_trouble);
	else
		add_run(d, &r->s->manifest);
	doc_text(d, "note",
		 "Everything here was computed from the raw rows in " ROWS_FILE
		 "; nestbench report makes this page again, byte for byte.");
	d->out.failed |= text.failed;
	buf_release(&text);
	doc_tag(d, "</section>\n");
}
