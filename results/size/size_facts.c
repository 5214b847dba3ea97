/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sizing takes from a run: ratios, the cost of concurrency, the memory that a layer keeps, and
 * notes on them. */
#include "results/size/size_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/parse.h"
#include "results/rundir/params.h"

bool size_is_like(const struct summary_entry *e, const char *like)
{
	return strcmp(e->workload, like) == 0 || strcmp(e->class, like) == 0;
}

static double copies_of(const struct summary_entry *e)
{
	return params_number(e->params, "copies", 1) * params_number(e->params, "guests", 1);
}

/* Requests per second of all copies together, or NAN. */
static double iops_of(const struct summary_entry *e, uint32_t layer, double copies)
{
	bool counts = e->layer == layer && (e->traits & SAMPLE_IOPS) && e->cost.mid > 0;

	return counts ? copies * 1e9 / e->cost.mid : NAN;
}

static double at_once(const struct summary_entry *e)
{
	return copies_of(e) * e->threads;
}

/* The ratio of a class, or of the worst variant of a workload that runs alone (C(k) is for the
 * others). */
struct estimate size_ratio(const struct summary *s, const char *like, uint32_t layer)
{
	struct estimate worst = {NAN, NAN, NAN};
	const struct summary_class *class;

	if (layer == 0)
		return (struct estimate){1, 1, 1};
	class = summary_find_class(s, like, layer);
	if (class)
		return class->ratio_l0;
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer == layer && strcmp(e->workload, like) == 0 && at_once(e) <= 1 &&
		    !isnan(e->ratio_l0.mid) && !(worst.mid >= e->ratio_l0.mid))
			worst = e->ratio_l0;
	}
	return worst;
}

/* Concurrency */

static bool same_work(const struct summary_entry *a, const struct summary_entry *b)
{
	static const char *const swept[] = {"copies", "guests", NULL};
	char left[ROW_PARAMS], right[ROW_PARAMS];

	return strcmp(a->workload, b->workload) == 0 &&
	       strcmp(params_without(a->params, swept, left, sizeof(left)),
		      params_without(b->params, swept, right, sizeof(right))) == 0;
}

/* The kind of concurrency: threads of one process, processes of one VM, VMs, and mixtures. */
static unsigned kind_of(const struct summary_entry *e)
{
	return (e->threads > 1 ? 1 : 0) | (params_number(e->params, "copies", 1) > 1 ? 2 : 0) |
	       (params_number(e->params, "guests", 1) > 1 ? 4 : 0);
}

/* The same work in the same layer, alone; or NULL. */
static const struct summary_entry *find_alone(const struct summary *s,
					      const struct summary_entry *like)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer == like->layer && at_once(e) == 1 && e->ratio_l0.mid > 0 &&
		    same_work(e, like))
			return e;
	}
	return NULL;
}

/* Whether the same work was measured with more at once. */
static bool is_topped(const struct summary *s, const struct summary_entry *many)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer == many->layer && kind_of(e) == kind_of(many) &&
		    at_once(e) > at_once(many) && e->ratio_l0.mid > 0 && same_work(e, many))
			return true;
	}
	return false;
}

/* The pessimistic ratio; without an interval the ratio itself. */
static double bad_end(const struct estimate *ratio)
{
	return isnan(ratio->high) ? ratio->mid : ratio->high;
}

/* C(k) of the header. */
struct size_loss size_concurrency(const struct summary *s, const char *like, uint32_t layer)
{
	struct size_loss loss = {.expected = 1, .pessimistic = 1, .most = 1};

	for (size_t i = 0; layer && i < s->entries; i++) {
		const struct summary_entry *many = &s->entry[i], *one;
		double n = at_once(many);

		if (many->layer != layer || n <= 1 || !size_is_like(many, like) ||
		    !(many->ratio_l0.mid > 0) || is_topped(s, many) || !(one = find_alone(s, many)))
			continue;
		loss.most = fmax(loss.most, n);
		loss.guests |= (kind_of(many) & 4) != 0;
		loss.expected = fmax(loss.expected, many->ratio_l0.mid / one->ratio_l0.mid);
		loss.pessimistic =
			fmax(loss.pessimistic, bad_end(&many->ratio_l0) / bad_end(&one->ratio_l0));
	}
	loss.pessimistic = fmax(loss.pessimistic, loss.expected);
	return loss;
}

/* Memory */

/* What a layer keeps for itself, or 0; *known says which. */
double size_keep(const struct summary *s, uint32_t layer, bool *known)
{
	double memory = layers_number(&s->facts, layer, "memory_bytes");
	double available = layers_number(&s->facts, layer, "memory_available_bytes");

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		double usable = isnan(e->cost.low) ? e->cost.mid : e->cost.low;

		if (e->layer == layer && strcmp(e->workload, "capacity.memory") == 0 &&
		    usable > 0 && memory > 0) {
			*known = true;
			return fmax(0, memory - usable);
		}
	}
	*known = memory > 0 && available >= 0;
	return *known ? fmax(0, memory - available) : 0;
}

/* The most requests per second that L0 served. */
double size_most_iops(const struct summary *s)
{
	double most = NAN;

	for (size_t i = 0; i < s->entries; i++)
		most = fmax(most, iops_of(&s->entry[i], 0, copies_of(&s->entry[i])));
	return most;
}

void size_note_basis(const struct summary *s, const struct size_answer *a, struct buf *out)
{
	const struct size_place *deep = &a->place[a->places - 1];

	if (a->cpu == CPU_EMULATED)
		buf_addstr(out, "The CPU was EMULATED in this run: do not buy hardware by these "
				"figures.\n");
	else if (a->cpu == CPU_UNKNOWN)
		buf_addstr(out, "Whether the CPU was emulated in this run is not known: do not buy "
				"hardware by these figures.\n");
	if (s->manifest.host_is_vm)
		buf_addstr(out,
			   "L0 is itself a VM: its own loss against bare metal comes on top.\n");
	if (isnan(size_ratio(s, a->demand.like, deep->layer).high))
		buf_addstr(out, "There are no intervals (too few rounds): pessimistic figures are "
				"the expected ones.\n");
	else if (s->boots == 1)
		buf_addstr(
			out,
			"One boot: the intervals do not cover what changes from boot to boot.\n");
}

void size_note_concurrency(const struct size_answer *a, struct buf *out)
{
	double fit = a->place[a->places - 1].fit;
	double guests = fmax((double)a->demand.guests, isnan(fit) ? 0 : fit);
	double asked = guests * (double)a->demand.vcpus;

	if (a->most_at_once <= 1)
		buf_addf(out,
			 "EXTRAPOLATED: concurrency was not measured; %.0f vCPUs at once are "
			 "assumed to lose no more than one.\n",
			 asked);
	else if (asked > a->most_at_once)
		buf_addf(out,
			 "EXTRAPOLATED: the answer has %.0f vCPUs at once, at most %.0f were "
			 "measured.\n",
			 asked, a->most_at_once);
	if (a->most_at_once > 1 && !a->guests_measured)
		buf_addstr(out, "Concurrency was measured within one VM, not with several "
				"guests (run --guests).\n");
}

/* The most requests per second that one guest in a layer reached. */
double size_guest_iops(const struct summary *s, uint32_t layer)
{
	double best = NAN;

	for (size_t i = 0; i < s->entries; i++)
		best = fmax(best, iops_of(&s->entry[i], layer,
					  params_number(s->entry[i].params, "copies", 1)));
	return best;
}

/* A queue depth of one limits each guest, whatever the host can do. */
void size_note_io(const struct size_answer *a, struct buf *out)
{
	const struct size_place *deep = &a->place[a->places - 1];

	if (!a->demand.iops)
		return;
	if (isnan(deep->ratio[SIZE_IOPS])) {
		buf_addstr(
			out,
			"No I/O workload was measured in every layer: requests are not sized.\n");
		return;
	}
	if (!a->demand.host_iops)
		buf_addstr(out, "The rate of the storage is the highest that L0 "
				"reached in this run; --host-iops sets it.\n");
	if (a->guest_iops < (double)a->demand.iops)
		buf_addf(out,
			 "One guest in %s"
			 " reached %.0f requests per second at most in this run: %" PRIu64
			 " need a queue depth %.0f times as large, which is extrapolated.\n",
			 deep->name, a->guest_iops, a->demand.iops,
			 ceil((double)a->demand.iops / a->guest_iops));
}
