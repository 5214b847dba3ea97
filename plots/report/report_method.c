/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How it was measured, and everything that is odd about it. */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"
#include "results/table/words.h"

enum { ENDLESS = 1 << 20 };

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
	struct grid g = {0};
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
}

/* Rows that were skipped, failed, timed out or disturbed, and figures with a flag of their own. */
static void add_flags(struct doc *d, const struct summary *s)
{
	struct grid g = {0};
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
			grid_add(&g, summary_layer_name(s, own.layer));
			grid_add(&g, buf_str(&flags));
			grid_add(&g, own.reason ? own.reason : "–");
		}
		g.failed |= flags.failed;
		buf_release(&flags);
	}
	if (!doc_grid(d, &g, "Flagged figures, with the numbers of rows or batches", true))
		doc_text(d, NULL, "No figure carries a flag of its own.");
}

void report_method(struct doc *d, const struct report *r)
{
	struct buf text = BUF_INIT;

	words_grounds(r->s, ENDLESS, &text);
	doc_heading(d, 3, NULL, "What these figures stand on");
	doc_lines(d, buf_str(&text));
	doc_heading(d, 3, NULL, "What is flagged");
	add_flags(d, r->s);
	doc_fold_begin(d, "What the flags mean");
	doc_list_begin(d);
	report_text(d, r, NULL, "flags", NULL);
	doc_list_end(d);
	doc_fold_end(d);
	doc_heading(d, 3, NULL, "Method");
	doc_list_begin(d);
	report_text(d, r, NULL, "method", NULL);
	doc_list_end(d);
	if (r->s->manifest_trouble[0])
		doc_text(d, "note warnish", r->s->manifest_trouble);
	else
		add_run(d, &r->s->manifest);
	doc_text(d, "note",
		 "Everything here was computed from the raw rows in " ROWS_FILE
		 "; nestbench report makes this page again, byte for byte.");
	buf_done(&text, &d->out);
}
