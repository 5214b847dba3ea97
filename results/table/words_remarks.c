/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remarks: overheads too small to be found, CPUs that differ or are too few, the start, disturbed
 * rounds, series that are not steady; and the remarks of the rows. */
#include "results/table/words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "results/rundir/params.h"
#include "results/summary/summary_parts.h"
#include "results/table/text.h"

enum { NAMED = 8 };

/* A wider interval does not show that there is no overhead. */
static const double TELLING = 0.1;

struct list {
	struct buf text;
	size_t count;
};

/* Begins the next item with "WORKLOAD in Lk"; false when enough have been named. */
static bool list_add(struct list *l, const struct summary *s, const struct summary_entry *e)
{
	char label[TEXT_LABEL];

	if (++l->count > NAMED)
		return false;
	buf_addf(&l->text, "%s%s in %s", l->count > 1 ? ", " : "", text_workload(s, e, label),
		 summary_layer_name(s, e->layer));
	return true;
}

static void list_end(struct list *l, const char *before, const char *after, size_t width,
		     struct buf *out)
{
	if (l->count > NAMED)
		buf_addf(&l->text, " and %zu more", l->count - NAMED);
	if (l->count)
		text_wrapf(out, POINT, width, "%s%s%s", before, buf_str(&l->text), after);
	buf_done(&l->text, out);
}

void words_undetected(const struct summary *s, size_t width, struct buf *out)
{
	struct list l = {.text = BUF_INIT};
	char percent[TEXT_SHORT];

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		double below = e->layer ? summary_undetected(&e->ratio_l0) : NAN;

		/* Requested sizes have no overhead. */
		if (strcmp(e->unit, "ns/op") != 0 || isnan(below) || below > TELLING)
			continue;
		if (list_add(&l, s, e))
			buf_addf(&l.text, " (below %s %%)", text_percent(below, percent));
	}
	list_end(&l, "no detectable overhead over L0: ", "", width, out);
}

void words_lacks(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;

	for (uint32_t k = 1; k < s->layers; k++)
		if (s->layer[k].lacks[0])
			buf_addf(&text, "%s%s's does not show %s", text.len ? "; " : "",
				 summary_layer_name(s, k), s->layer[k].lacks);
	if (text.len)
		text_wrapf(out, POINT, width,
			   "CPUs differ from the parent layer's: %s. Libraries that choose "
			   "their code by the CPU (copying, compression, OpenCL) run other code "
			   "there.",
			   buf_str(&text));
	buf_done(&text, out);
}

/* Whether it needs two CPUs and there was one. */
static bool lacks_cpu(const struct summary_entry *e)
{
	char place[PARAM_TEXT];

	return e->skipped && !e->cells && params_get(e->params, "place", place) &&
	       strcmp(place, "apart") == 0;
}

/* The last layer in which no other stands and that has one vCPU, or L0 alone; s->layers: none. */
static uint32_t narrow_layer(const struct summary *s)
{
	for (uint32_t k = s->layers; k-- > 0;)
		if (layer_tree_is_leaf(&s->tree, k) && (k == 0 || s->layer[k].vcpus == 1))
			return k;
	return s->layers;
}

/* In mode share the layers have all CPUs. */
void words_cpus(const struct summary *s, size_t width, struct buf *out)
{
	struct buf skipped = BUF_INIT, alone = BUF_INIT;
	uint32_t narrow = narrow_layer(s);
	char label[TEXT_LABEL];

	for (size_t i = 0; i < s->entries && strcmp(s->manifest.mode, "share") != 0; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer != narrow)
			continue;
		if (lacks_cpu(e))
			buf_addf(&skipped, "%s%s", skipped.len ? ", " : "",
				 text_workload(s, e, label));
		else if (e->threads == THREADS_ON_EACH_CPU && e->cells && narrow)
			buf_addf(&alone, "%s%s", alone.len ? ", " : "", text_workload(s, e, label));
	}
	if (skipped.len || alone.len)
		text_wrapf(out, POINT, width,
			   "each layer has one vCPU%s%s%s%s. --vcpus 2 measures them with two.",
			   skipped.len ? "; skipped: " : "", buf_str(&skipped),
			   alone.len ? "; in one thread: " : "", buf_str(&alone));
	buf_done(&skipped, out);
	buf_done(&alone, out);
}

void words_disturbed(const struct summary *s, size_t width, struct buf *out)
{
	size_t rounds = s->disturbed.rounds, remeasured = s->disturbed.remeasured;
	struct buf text = BUF_INIT;

	if (!rounds)
		return;
	buf_addf(&text, "%zu of %zu rounds %s disturbed (%s%s). ", rounds, s->all_rounds,
		 rounds == 1 ? "was" : "were", rounds == 1 ? "" : "the first, ", s->disturbed.why);
	if (remeasured == rounds)
		buf_addf(&text, "%s remeasured, and the new %s; ",
			 rounds == 1 ? "It was" : "All were",
			 rounds == 1 ? "round counts" : "rounds count");
	else if (remeasured)
		buf_addf(&text,
			 "%zu were remeasured, and the new ones count; the others count, flagged; ",
			 remeasured);
	else
		buf_addstr(&text, "None was remeasured: they count, flagged; ");
	if (s->disturbed.again)
		buf_addf(&text, "%zu of the new ones %s disturbed too; ", s->disturbed.again,
			 s->disturbed.again == 1 ? "was" : "were");
	buf_addstr(&text, "all rows are in " ROWS_FILE ".");
	text_wrap(out, POINT, buf_str(&text), width);
	buf_done(&text, out);
}

static void say_event(const struct summary *s, const struct summary_event *event, const char *what,
		      const char *so, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;

	if (!event->boots)
		return;
	buf_addstr(&text, what);
	if (event->boots > 1)
		buf_addf(&text, " in %zu boots, first in boot %" PRIu32, event->boots,
			 event->first);
	else if (s->boots > 1 || event->first > 1)
		buf_addf(&text, " in boot %" PRIu32, event->first);
	buf_addf(&text, " (%s): %s.", event->why, so);
	text_wrap(out, POINT, buf_str(&text), width);
	buf_done(&text, out);
}

void words_start(const struct summary *s, size_t width, struct buf *out)
{
	for (uint32_t k = 0; k < s->layers; k++)
		if (s->layer[k].warning[0])
			text_wrapf(out, POINT, width, "%s: %s.", summary_layer_name(s, k),
				   s->layer[k].warning);
	say_event(s, &s->started_again, "all layers were started again",
		  "every round was measured after the last start", width, out);
	say_event(s, &s->restarted, "lost layers were started again in the rounds, as a new boot,",
		  "the round was measured again; its first part counts with the boot before", width,
		  out);
	say_event(s, &s->calibrated_without,
		  "the operations of a batch were calibrated without a layer",
		  "their numbers are for the remaining layers", width, out);
}

void words_series(const struct summary *s, size_t width, struct buf *out)
{
	static const char cancels[] = "; what all layers have in common cancels in the ratios.";
	static const struct {
		unsigned flag;
		const char *before, *after;
	} oddities[] = {
		{FLAG_WARM_UP, "still warming up in batches that count: ", "."},
		{FLAG_SLOW_DOWN, "slower in later rounds: ", cancels},
		{FLAG_UNSETTLED, "not steady over the rounds: ", cancels},
		{FLAG_BIMODAL, "two modes, and the median is in one of them: ", "."},
	};

	for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++) {
		struct list l = {.text = BUF_INIT};

		for (size_t k = 0; k < s->entries; k++)
			if (s->entry[k].flags & oddities[i].flag)
				(void)list_add(&l, s, &s->entry[k]);
		list_end(&l, oddities[i].before, oddities[i].after, width, out);
	}
}

/* One line for each workload, the layers side by side. */

enum { LINES = 24 };

static bool same_remark(const struct summary_entry *a, const struct summary_entry *b)
{
	char left[TEXT_REMARK], right[TEXT_REMARK];

	return strcmp(text_remark(a, left), text_remark(b, right)) == 0;
}

/* "L0 loopback; L1, L2 user link". False: no layer has a remark. */
static bool add_layers(const struct summary *s, const struct family *f, struct buf *out)
{
	char text[TEXT_REMARK];
	bool any = false;

	for (size_t i = 0, next; i < f->count; i = next) {
		next = i + 1;
		if (!text_remark(&f->first[i], text)[0])
			continue;
		buf_addf(out, "%s%s", any ? "; " : "", summary_layer_name(s, f->first[i].layer));
		for (; next < f->count && same_remark(&f->first[i], &f->first[next]); next++)
			buf_addf(out, ", %s", summary_layer_name(s, f->first[next].layer));
		buf_addf(out, " %s", text);
		any = true;
	}
	return any;
}

static bool has_latency(const struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++)
		if (!isnan(s->entry[i].latency.max))
			return true;
	return false;
}

void words_notes(const struct summary *s, size_t width, struct buf *out)
{
	struct buf layers = BUF_INIT;
	const char *last = "";
	char label[TEXT_LABEL];
	size_t lines = 0;

	for (size_t i = 0; i < s->entries && lines < LINES;) {
		struct family f = family_at(s, i);

		i += f.count;
		buf_clear(&layers);
		/* Only the first variant shows it. */
		if (strcmp(f.first->workload, last) == 0 || !add_layers(s, &f, &layers))
			continue;
		last = f.first->workload;
		if (lines++ == 0)
			text_wrap(
				out, POINT,
				has_latency(s)
					? "remarks of the rows (p50 and p99 of single operations: "
					  "the median over batches; max: the largest):"
					: "remarks of the rows:",
				width);
		text_wrapf(out, "      ", width, "%s: %s", text_workload(s, f.first, label),
			   buf_str(&layers));
	}
	buf_done(&layers, out);
}
