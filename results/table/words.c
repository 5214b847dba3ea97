/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "results/table/text.h"

enum { REASONS = 4 }; /* different ones that are quoted */

static void add_point(struct buf *out, size_t width, const struct buf *text)
{
	text_wrap(out, "  - ", buf_str(text), width);
}

/* ", "-joined names of the classes with a verdict; control is left out. Returns how many there are.
 */
static size_t name_classes(const struct summary *s, enum verdict verdict, struct buf *out)
{
	char name[TEXT_SHORT];
	size_t count = 0;

	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (c->layer != 1 || c->verdict != verdict || strcmp(c->class, "control") == 0)
			continue;
		buf_addf(out, "%s%s", count++ ? ", " : "",
			 csv_printable(c->class, name, sizeof(name)));
	}
	return count;
}

static void say_verdict(const struct summary *s, enum verdict verdict, const char *before,
			const char *after, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT, names = BUF_INIT;

	if (name_classes(s, verdict, &names)) {
		buf_addf(&text, "%s %s%s", before, buf_str(&names), after);
		add_point(out, width, &text);
	}
	out->failed |= names.failed;
	buf_release(&names);
	out->failed |= text.failed;
	buf_release(&text);
}

static void say_overall(const struct summary *s, size_t width, struct buf *out)
{
	struct buf names = BUF_INIT, text = BUF_INIT;
	size_t holds = name_classes(s, VERDICT_SHRINKS, &names);
	size_t fails = name_classes(s, VERDICT_STAYS, &names);
	size_t open = name_classes(s, VERDICT_NOT_RESOLVED, &names);
	size_t all = holds + fails + open;

	if (all == 0)
		buf_addstr(&text, "This run cannot judge it.");
	else if (holds == all)
		buf_addstr(&text, "It HELD in this run, for every kind of work that was judged.");
	else if (fails)
		buf_addf(&text,
			 "It DID NOT HOLD for %zu of the %zu kinds of work that were judged.",
			 fails, all);
	else
		buf_addf(&text,
			 "NOT RESOLVED: it held for %zu of %zu kinds of work, the rest is open.",
			 holds, all);
	text_wrap(out, "  ", buf_str(&text), width);
	out->failed |= names.failed;
	buf_release(&names);
	out->failed |= text.failed;
	buf_release(&text);
}

/* The step by which a class refutes the claim: the one that costs least. first is its entry for L1.
 */
static const struct summary_class *mildest_step(const struct summary *s, size_t first)
{
	const struct summary_class *mild = &s->class[first];

	for (size_t i = first; i < s->classes; i++)
		if (strcmp(s->class[i].class, mild->class) == 0 &&
		    s->class[i].ratio_up.mid < mild->ratio_up.mid)
			mild = &s->class[i];
	return mild;
}

static void say_refuted(const struct summary *s, size_t width, struct buf *out)
{
	char name[TEXT_SHORT], figure[TEXT_SHORT];
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i], *mild;

		if (c->layer != 1 || c->verdict != VERDICT_STAYS)
			continue;
		mild = mildest_step(s, i);
		buf_clear(&text);
		buf_addf(&text,
			 "does not hold for %s: ", csv_printable(c->class, name, sizeof(name)));
		if (mild->ratio_up.mid > 1 / 1.05)
			buf_addf(&text, "L%" PRIu32 " keeps %s %% of what L%" PRIu32 " has",
				 mild->layer, text_percent(1 / mild->ratio_up.mid, figure),
				 mild->layer - 1);
		else
			buf_addf(&text, "it costs less in L%" PRIu32 " than in L%" PRIu32 " (×%s)",
				 mild->layer, mild->layer - 1,
				 text_ratio(mild->ratio_up.mid, figure));
		if (mild->ratio_up.mid < 1 / 1.05 && mild->layer == 1 &&
		    strcmp(c->class, "exit") == 0 && s->manifest.host_is_vm &&
		    summary_first_cpu(s, CPU_EMULATED) == 1)
			buf_addstr(&text,
				   ", since L0 is a VM that exits where the emulated CPU of L1 "
				   "does not");
		add_point(out, width, &text);
	}
	out->failed |= text.failed;
	buf_release(&text);
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
	say_overall(s, width, out);
	say_verdict(s, VERDICT_SHRINKS, "holds for", "", width, out);
	say_refuted(s, width, out);
	say_verdict(s, VERDICT_NOT_RESOLVED, "not resolved for",
		    ": too few rounds, or too much noise, to tell a step of more than 1 %", width,
		    out);
	say_verdict(s, VERDICT_NOT_JUDGED, "not judged for",
		    ": in this mode every layer is given the size that was asked for", width, out);
	words_undetected(s, width, out);
}

static void say_base(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;

	if (s->boots == 1 && s->rounds < 6)
		buf_addf(
			&text,
			"%zu round%s within one boot: below 6 there is no interval and no verdict; "
			"run with --rounds 6 or more.",
			s->rounds, s->rounds == 1 ? "" : "s");
	else if (s->boots == 1)
		buf_addf(&text,
			 "%zu rounds within one boot: the intervals do not cover what changes from "
			 "boot "
			 "to boot.",
			 s->rounds);
	else if (s->boots > 1)
		buf_addf(&text, "%zu rounds in each of %zu boots%s.", s->rounds, s->boots,
			 s->boots < 5 ? "; so few boots give intervals that are too narrow" : "");
	else
		buf_addstr(&text, "no batch was measured.");
	add_point(out, width, &text);
	out->failed |= text.failed;
	buf_release(&text);
}

static void say_emulation(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;
	char layer[TEXT_SHORT];
	size_t count = 0;

	for (uint32_t k = 0; k < s->layers; k++)
		if (s->layer[k].cpu == CPU_EMULATED)
			buf_addf(&text, "%s%s",
				 count++ ? "; " : "EMULATED: ", text_layer(s, k, layer));
	if (count) {
		buf_addstr(&text, ". These figures show the shape of the cost, not what hardware "
				  "virtualization would give.");
		add_point(out, width, &text);
	}
	buf_clear(&text);
	for (uint32_t k = 1; k < s->layers; k++)
		if (s->layer[k].seen && strcmp(s->layer[k].accel, "unknown") == 0) {
			buf_addf(&text,
				 "L%" PRIu32 ": layers.csv does not say how it was accelerated.",
				 k);
			add_point(out, width, &text);
			buf_clear(&text);
		}
	count = 0;
	for (uint32_t k = 0; k < s->layers; k++)
		if (s->layer[k].seen && s->layer[k].cpu == CPU_UNKNOWN)
			buf_addf(&text, "%sL%" PRIu32,
				 count++ ? ", "
					 : "it is not known whether the CPU was emulated in ",
				 k);
	if (count) {
		buf_addstr(&text, ": these figures are not to be taken for those of hardware.");
		add_point(out, width, &text);
	}
	out->failed |= text.failed;
	buf_release(&text);
}

static void say_host(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;
	const char *hypervisor = s->layer[0].hypervisor;

	if (!s->manifest.host_is_vm)
		return;
	buf_addstr(&text, "L0 is itself a VM");
	if (hypervisor[0] && strcmp(hypervisor, "none") != 0)
		buf_addf(&text, " (%s)", hypervisor);
	buf_addstr(&text, ": the outermost layer that can be seen, not bare metal.");
	add_point(out, width, &text);
	out->failed |= text.failed;
	buf_release(&text);
}

static void say_state(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;

	if (s->manifest_trouble[0])
		buf_addf(&text, "the manifest cannot be read: %s.", s->manifest_trouble);
	else if (s->manifest.state != RUN_COMPLETE)
		buf_addf(&text,
			 "the run is not complete (%s): %zu of %" PRIu32 " rounds have rows.",
			 run_state_name(s->manifest.state), s->rounds, s->manifest.rounds);
	if (text.len)
		add_point(out, width, &text);
	out->failed |= text.failed;
	buf_release(&text);
}

static bool has_trouble(const struct summary_entry *e)
{
	return e->reason != NULL;
}

/* The different reasons, each with the first workload and layer that gave it. */
static void quote_reasons(const struct summary *s, size_t width, struct buf *out)
{
	const struct summary_entry *quoted[REASONS];
	struct buf text = BUF_INIT;
	size_t count = 0, more = 0;
	char label[TEXT_LABEL];

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		bool known = false;

		for (size_t k = 0; k < count && has_trouble(e); k++)
			known |= strcmp(quoted[k]->reason, e->reason) == 0;
		if (!has_trouble(e) || known)
			continue;
		if (count == REASONS) {
			more++;
			continue;
		}
		quoted[count++] = e;
		buf_clear(&text);
		buf_addf(&text, "%s in L%" PRIu32 ": %s", text_workload(s, e, label), e->layer,
			 e->reason);
		text_wrap(out, "      ", buf_str(&text), width);
	}
	if (more)
		buf_addf(out, "      and %zu more in " SUMMARY_FILE " and " ROWS_FILE "\n", more);
	out->failed |= text.failed;
	buf_release(&text);
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
		add_point(out, width, &text);
		quote_reasons(s, width, out);
	}
	out->failed |= text.failed;
	buf_release(&text);
}

static void say_damage(const struct summary *s, size_t width, struct buf *out)
{
	const struct damage *d = &s->damage;
	struct buf text = BUF_INIT;

	if (d->count == 0)
		return;
	buf_addf(&text, "%" PRIu64 " damaged line%s left out:", d->count, d->count == 1 ? "" : "s");
	add_point(out, width, &text);
	for (uint64_t i = 0; i < d->count && i < DAMAGE_NOTED; i++)
		text_wrap(out, "      ", d->text[i], width);
	if (d->count > DAMAGE_NOTED)
		buf_addf(out, "      and %" PRIu64 " more\n", d->count - DAMAGE_NOTED);
	out->failed |= text.failed;
	buf_release(&text);
}

/* Classes that could not count all their workloads, and workloads whose work differed. */
static void say_left_out(const struct summary *s, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;
	char name[TEXT_LABEL];

	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (c->layer != 1 || c->left_out == 0)
			continue;
		buf_clear(&text);
		buf_addf(&text,
			 "%s: %zu of %zu workloads were not usable in every layer and are not "
			 "counted.",
			 csv_printable(c->class, name, sizeof(name)), c->left_out,
			 c->left_out + c->workloads);
		add_point(out, width, &text);
	}
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (!(e->flags & FLAG_DIGEST) || (i && strcmp(e->workload, e[-1].workload) == 0))
			continue;
		buf_clear(&text);
		buf_addf(&text,
			 "%s: the digests differ between layers, so the work was not the same; its "
			 "ratios are withheld.",
			 text_workload(s, e, name));
		add_point(out, width, &text);
	}
	out->failed |= text.failed;
	buf_release(&text);
}

void words_grounds(const struct summary *s, size_t width, struct buf *out)
{
	buf_addstr(out, "\nWhat this stands on\n");
	say_base(s, width, out);
	say_emulation(s, width, out);
	say_host(s, width, out);
	say_state(s, width, out);
	say_left_out(s, width, out);
	words_lacks(s, width, out);
	words_cpus(s, width, out);
	words_start(s, width, out);
	words_disturbed(s, width, out);
	words_shape(s, width, out);
	words_notes(s, width, out);
	say_rows(s, width, out);
	say_damage(s, width, out);
}
