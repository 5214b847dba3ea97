/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "results/table/text.h"

enum { REASONS = 4 }; /* different reasons that are quoted */

/* The step that refutes the claim most clearly: a layer has more than its parent layer. */
static const double MUCH_LESS = 1 / 1.05;

static void say_verdict(const struct summary *s, uint32_t leaf, enum verdict verdict,
			const char *before, const char *after, size_t width, struct buf *out)
{
	struct buf names = BUF_INIT;
	const struct summary_class *c;
	char name[TEXT_SHORT];

	for (size_t i = 0; i < s->classes; i++)
		if ((c = summary_judged(s, i, leaf)) && c->verdict == verdict)
			buf_addf(&names, "%s%s", names.len ? ", " : "",
				 csv_printable(s->class[i].class, name, sizeof(name)));
	if (names.len)
		text_wrapf(out, POINT, width, "%s %s%s", before, buf_str(&names), after);
	buf_done(&names, out);
}

static void say_overall(const struct summary *s, uint32_t leaf, size_t width, struct buf *out)
{
	size_t count[VERDICT_STAYS + 1] = {0}, holds, fails, all;
	const struct summary_class *c;

	for (size_t i = 0; i < s->classes; i++)
		if ((c = summary_judged(s, i, leaf)))
			count[c->verdict]++;
	holds = count[VERDICT_SHRINKS];
	fails = count[VERDICT_STAYS];
	all = holds + fails + count[VERDICT_NOT_RESOLVED];
	if (all == 0)
		text_wrap(out, "  ", "This run cannot judge it.", width);
	else if (holds == all)
		text_wrap(out, "  ", "It HELD in this run, for every kind of work that was judged.",
			  width);
	else if (fails)
		text_wrapf(out, "  ", width,
			   "It DID NOT HOLD for %zu of the %zu kinds of work that were judged.",
			   fails, all);
	else
		text_wrapf(out, "  ", width,
			   "NOT RESOLVED: it held for %zu of %zu kinds of work, the rest is open.",
			   holds, all);
}

/* The step by which a class refutes the claim: the cheapest one on the way to a layer. */
static const struct summary_class *mildest_step(const struct summary *s,
						const struct summary_class *last)
{
	const struct summary_class *mild = last, *c;

	for (uint32_t k = last->layer; k; k = summary_parent(s, k))
		if ((c = summary_find_class(s, last->class, k)) &&
		    c->ratio_up.mid <= mild->ratio_up.mid)
			mild = c;
	return mild;
}

/* Whether L0, a VM, exits where the emulated CPU of L1 does not. */
static bool is_cheap_by_emulation(const struct summary *s, const struct summary_class *mild)
{
	return mild->ratio_up.mid < MUCH_LESS && summary_parent(s, mild->layer) == 0 &&
	       strcmp(mild->class, "exit") == 0 && s->manifest.host_is_vm &&
	       s->layer[0].cpu != CPU_EMULATED && s->layer[mild->layer].cpu == CPU_EMULATED;
}

static void say_refuted(const struct summary *s, uint32_t leaf, size_t width, struct buf *out)
{
	char name[TEXT_SHORT], figure[TEXT_SHORT];

	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = summary_judged(s, i, leaf), *mild;
		const char *layer, *parent;

		if (!c || c->verdict != VERDICT_STAYS)
			continue;
		mild = mildest_step(s, c);
		layer = summary_layer_name(s, mild->layer);
		parent = summary_layer_name(s, summary_parent(s, mild->layer));
		csv_printable(c->class, name, sizeof(name));
		if (mild->ratio_up.mid > MUCH_LESS)
			text_wrapf(out, POINT, width,
				   "does not hold for %s: %s keeps %s %% of what %s has", name,
				   layer, text_percent(1 / mild->ratio_up.mid, figure), parent);
		else
			text_wrapf(
				out, POINT, width,
				"does not hold for %s: it costs less in %s than in %s (%s)%s%s%s",
				name, layer, parent,
				text_figure("ratio", mild->ratio_up.mid, figure),
				is_cheap_by_emulation(s, mild)
					? ", since L0 is a VM that exits where the emulated CPU "
					  "of "
					: "",
				is_cheap_by_emulation(s, mild) ? layer : "",
				is_cheap_by_emulation(s, mild) ? " does not" : "");
	}
}

/* What was found on the way from L0 to one layer. */
static void say_way(const struct summary *s, uint32_t leaf, size_t width, struct buf *out)
{
	say_overall(s, leaf, width, out);
	say_verdict(s, leaf, VERDICT_SHRINKS, "holds for", "", width, out);
	say_refuted(s, leaf, width, out);
	say_verdict(s, leaf, VERDICT_NOT_RESOLVED, "not resolved for",
		    ": too few rounds, or too much noise, to tell a step of more than 1 %", width,
		    out);
	say_verdict(s, leaf, VERDICT_NOT_JUDGED, "not judged for",
		    ": in this mode every layer is given the size that was asked for", width, out);
}

/* A verdict for each way from L0 to a layer in which no other stands. */
static void say_ways(const struct summary *s, size_t width, struct buf *out)
{
	struct buf way = BUF_INIT;

	size_t count[VERDICT_STAYS + 1] = {0}, all = 0;

	for (uint32_t k = 1; k < s->layers; k++)
		if (summary_is_end(s, k)) {
			count[summary_way_verdict(s, k)]++;
			all++;
		}
	text_wrapf(
		out, "  ", width,
		"Of the %zu ways from L0 it HELD along %zu for every kind of work, DID NOT HOLD "
		"along %zu for some, and is NOT RESOLVED along %zu; all steps together at 95 %%.",
		all, count[VERDICT_SHRINKS], count[VERDICT_STAYS],
		all - count[VERDICT_SHRINKS] - count[VERDICT_STAYS]);
	for (uint32_t k = 1; k < s->layers; k++) {
		if (!summary_is_end(s, k))
			continue;
		buf_clear(&way);
		text_way(s, k, &way);
		text_wrapf(out, "  ", width, "Along %s:", buf_str(&way));
		say_way(s, k, width, out);
	}
	buf_done(&way, out);
}

void words_verdict(const struct summary *s, size_t width, struct buf *out)
{
	buf_addstr(
		out,
		"\nThe claim: the usable share of the machine shrinks with every nested layer\n");
	if (s->layers < 2) {
		buf_addstr(out, "  Only L0 was measured, so there is nothing to compare.\n");
		return;
	}
	if (s->classes == 0) {
		buf_addstr(
			out,
			"  No workload was measured both in L0 and in a VM: nothing to compare.\n");
		return;
	}
	if (s->is_tree)
		say_ways(s, width, out);
	else
		say_way(s, s->layers - 1, width, out);
	words_undetected(s, width, out);
}

static void say_base(const struct summary *s, size_t width, struct buf *out)
{
	if (s->boots == 1 && s->rounds < 6)
		text_wrapf(out, POINT, width,
			   "%zu round%s within one boot: below 6 there is no interval and no "
			   "verdict; run with --rounds 6 or more.",
			   s->rounds, s->rounds == 1 ? "" : "s");
	else if (s->boots == 1)
		text_wrapf(out, POINT, width,
			   "%zu rounds within one boot: the intervals do not cover what changes "
			   "from boot to boot.",
			   s->rounds);
	else if (s->boots > 1)
		text_wrapf(out, POINT, width, "%zu rounds in each of %zu boots%s.", s->rounds,
			   s->boots,
			   s->boots < 5 ? "; so few boots give intervals that are too narrow" : "");
	else
		text_wrap(out, POINT, "no batch was measured.", width);
}

static void say_emulation(const struct summary *s, size_t width, struct buf *out)
{
	struct buf emulated = BUF_INIT, unknown = BUF_INIT;
	char layer[TEXT_LABEL];

	for (uint32_t k = 0; k < s->layers; k++) {
		if (s->layer[k].cpu == CPU_EMULATED)
			buf_addf(&emulated, "%s%s", emulated.len ? "; " : "",
				 text_layer(s, k, layer));
		if (s->layer[k].seen && s->layer[k].cpu == CPU_UNKNOWN)
			buf_addf(&unknown, "%s%s", unknown.len ? ", " : "",
				 summary_layer_name(s, k));
	}
	if (emulated.len)
		text_wrapf(out, POINT, width,
			   "EMULATED: %s. These figures show the shape of the cost, not what "
			   "hardware virtualization would give.",
			   buf_str(&emulated));
	for (uint32_t k = 1; k < s->layers; k++)
		if (s->layer[k].seen && strcmp(s->layer[k].accel, "unknown") == 0)
			text_wrapf(out, POINT, width,
				   "%s: layers.csv does not say how it was accelerated.",
				   summary_layer_name(s, k));
	if (unknown.len)
		text_wrapf(out, POINT, width,
			   "it is not known whether the CPU was emulated in %s: these figures are "
			   "not to be taken for those of hardware.",
			   buf_str(&unknown));
	buf_done(&emulated, out);
	buf_done(&unknown, out);
}

/* Layers whose way does not lead to L0. */
static void say_apart(const struct summary *s, size_t width, struct buf *out)
{
	for (uint32_t k = 1; k < s->layers; k++)
		if (summary_parent(s, k) == LAYER_NO_PARENT)
			text_wrapf(out, POINT, width,
				   "%s: its host is not part of the run, so it, and what stands in "
				   "it, has no ratio to L0 and no verdict.",
				   summary_layer_name(s, k));
}

static void say_host(const struct summary *s, size_t width, struct buf *out)
{
	const char *name = s->layer[0].hypervisor;
	bool named = name[0] && strcmp(name, "none") != 0;

	if (s->manifest.host_is_vm)
		text_wrapf(out, POINT, width,
			   "L0 is itself a VM%s%s%s: the outermost layer that can be seen, not "
			   "bare metal.",
			   named ? " (" : "", named ? name : "", named ? ")" : "");
}

static void say_state(const struct summary *s, size_t width, struct buf *out)
{
	if (s->manifest_trouble[0])
		text_wrapf(out, POINT, width, "the manifest cannot be read: %s.",
			   s->manifest_trouble);
	else if (s->manifest.state != RUN_COMPLETE)
		text_wrapf(out, POINT, width,
			   "the run is not complete (%s): %zu of %" PRIu32 " rounds have rows.",
			   run_state_name(s->manifest.state), s->rounds, s->manifest.rounds);
}

/* Whether one of them has the same reason. */
static bool is_quoted(const struct summary_entry *const *quoted, size_t count, const char *reason)
{
	while (count--)
		if (strcmp(quoted[count]->reason, reason) == 0)
			return true;
	return false;
}

/* The different reasons, each with the first workload and layer that gave it. */
static void quote_reasons(const struct summary *s, size_t width, struct buf *out)
{
	const struct summary_entry *quoted[REASONS];
	size_t count = 0, more = 0;
	char label[TEXT_LABEL];

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (!e->reason || is_quoted(quoted, count, e->reason))
			continue;
		if (count == REASONS) {
			more++;
			continue;
		}
		quoted[count++] = e;
		text_wrapf(out, "      ", width, "%s in %s: %s", text_workload(s, e, label),
			   summary_layer_name(s, e->layer), e->reason);
	}
	if (more)
		buf_addf(out, "      and %zu more in " SUMMARY_FILE " and " ROWS_FILE "\n", more);
}

static void say_rows(const struct summary *s, size_t width, struct buf *out)
{
	const struct {
		uint64_t count;
		const char *name;
	} kinds[] = {{s->skipped, "skipped"},
		     {s->failed, "failed"},
		     {s->timed_out, "timed out"},
		     {s->suspect, "suspect (kept in)"}};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].count)
			buf_addf(&text, "%s%" PRIu64 " %s",
				 text.len ? ", " : "rows: ", kinds[i].count, kinds[i].name);
	if (text.len) {
		text_wrap(out, POINT, buf_str(&text), width);
		quote_reasons(s, width, out);
	}
	buf_done(&text, out);
}

static void say_damage(const struct summary *s, size_t width, struct buf *out)
{
	const struct damage *d = &s->damage;

	if (d->count == 0)
		return;
	text_wrapf(out, POINT, width, "%" PRIu64 " damaged line%s left out:", d->count,
		   d->count == 1 ? "" : "s");
	for (uint64_t i = 0; i < d->count && i < DAMAGE_NOTED; i++)
		text_wrap(out, "      ", d->text[i], width);
	if (d->count > DAMAGE_NOTED)
		buf_addf(out, "      and %" PRIu64 " more\n", d->count - DAMAGE_NOTED);
}

/* Classes that could not count all their workloads, and workloads that did different work. */
static void say_left_out(const struct summary *s, size_t width, struct buf *out)
{
	char name[TEXT_LABEL];

	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (c->first && c->left_out)
			text_wrapf(out, POINT, width,
				   "%s: %zu of %zu workloads were not usable in every layer and "
				   "are not counted.",
				   csv_printable(c->class, name, sizeof(name)), c->left_out,
				   c->left_out + c->workloads);
	}
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if ((e->flags & FLAG_DIGEST) && (!i || strcmp(e->workload, e[-1].workload) != 0))
			text_wrapf(out, POINT, width,
				   "%s: the digests differ between layers, so the work was not the "
				   "same; its ratios are withheld.",
				   text_workload(s, e, name));
	}
}

void words_grounds(const struct summary *s, size_t width, struct buf *out)
{
	static words_fn *const points[] = {say_base,	say_emulation,	 say_apart,    say_host,
					   say_state,	say_left_out,	 words_lacks,  words_cpus,
					   words_start, words_disturbed, words_series, words_notes,
					   say_rows,	say_damage};

	buf_addstr(out, "\nWhat this stands on\n");
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		points[i](s, width, out);
}
