/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/adaptive.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"
#include "results/table/text.h"

enum { ROUNDS_MAX = 2000, BOOTS_MAX = 1000, BATCHES_MIN = 2, BATCHES_MAX = 32, NAMED = 6 };

/* To stop all layers takes about this part of starting them. */
static const double STOP_PART = 0.1;

bool adaptive_is_wanted(const struct adaptive_options *o)
{
	return o->budget_ns || o->precision;
}

int adaptive_check(const struct adaptive_options *o, uint64_t profile_batches,
		   struct adaptive_config *c, struct err *err)
{
	const char *what = o->precision ? "--precision" : "--budget";

	if (o->precision &&
	    parse_percent(o->precision, "--precision", 0.01, 50, &c->precision, err) < 0)
		return -1;
	if (o->boots && o->rounds)
		return err_set(err, EXIT_USAGE,
			       "%s chooses how much is measured, and --boots with --rounds leaves "
			       "nothing to choose: give one of the two at most",
			       what);
	c->budget_ns = o->budget_ns ? o->budget_ns : ADAPTIVE_LIMIT_NS;
	c->boots = (uint32_t)o->boots;
	c->rounds = (uint32_t)o->rounds;
	c->batches = o->batches;
	c->pilot_batches = profile_batches;
	return 0;
}

struct session_size adaptive_start(struct adaptive *a, const struct adaptive_config *c)
{
	*a = (struct adaptive){.c = *c};
	return (struct session_size){
		.boots = c->boots && c->boots < ADAPTIVE_BOOTS ? c->boots : ADAPTIVE_BOOTS,
		.rounds = c->rounds ? c->rounds : ADAPTIVE_ROUNDS,
		.batches = c->batches ? c->batches : c->pilot_batches};
}

uint32_t adaptive_next_look(uint32_t now, uint32_t needed, uint32_t first)
{
	uint32_t least = now + (now + 3) / 4, most = 2 * now;

	if (now < first)
		return first;
	return needed < least ? least : needed > most ? most : needed;
}

/* To start the layers of one boot; those before the present one have been stopped too. */
static double boot_seconds(const struct session_stand *stand)
{
	return (double)stand->boots_ns * 1e-9 / stand->boot;
}

static double seconds_left(const struct adaptive *a, const struct session_stand *stand)
{
	double spent = (double)(clock_now(a->c.clock) - stand->began_ns) * 1e-9;

	return (double)a->c.budget_ns * 1e-9 - spent - STOP_PART * boot_seconds(stand);
}

/* What has been done is all. */
static int stop(struct session_size *size, const struct session_stand *stand)
{
	size->boots = stand->boot;
	size->rounds = stand->round;
	return 0;
}

/* ---- what the pilot tells ---- */

static struct replication_cost costs(const struct replication *r, const struct session_stand *stand)
{
	struct replication_cost cost = {.once = (double)stand->calibration_ns * 1e-9,
					.batch = r->batch_s};
	double round = (double)stand->rounds_ns * 1e-9 / stand->all_rounds;

	cost.boot = (1 + STOP_PART) * boot_seconds(stand);
	cost.round = fmax(round - r->mean_batches * r->batch_s, 0.02 * round);
	return cost;
}

static struct replication_bounds bounds_of(const struct adaptive *a)
{
	const struct adaptive_config *c = &a->c;
	struct replication_bounds b = {{ADAPTIVE_FEWEST_BOOTS, 2, BATCHES_MIN},
				       {BOOTS_MAX, ROUNDS_MAX, BATCHES_MAX}};

	if (a->one_boot)
		b.min.boots = b.max.boots = 1;
	else if (c->boots)
		b.min.boots = b.max.boots = c->boots;
	if (c->rounds)
		b.min.rounds = b.max.rounds = c->rounds;
	if (c->batches)
		b.min.batches = b.max.batches = (uint32_t)c->batches;
	return b;
}

/* Whether the pilot had better stay in its first boot: no time for a second one, or for so few that
 * an interval over them could not be trusted; or one was asked for. */
static bool one_boot_is_better(const struct adaptive *a, const struct session_stand *stand,
			       double left)
{
	double boot = (1 + STOP_PART) * boot_seconds(stand);
	uint32_t rounds = a->c.rounds ? a->c.rounds : 2;

	boot += rounds * a->round_s;
	if (a->c.boots == 1 || boot > left)
		return true;
	return !a->c.boots && !a->c.rounds && (ADAPTIVE_FEWEST_BOOTS - 1) * boot > left;
}

static const struct replication_item *widest(const struct replication *r,
					     const struct replication_size *size)
{
	const struct replication_item *worst = &r->item[0];

	for (size_t i = 1; i < r->items; i++)
		if (replication_half_width(&r->item[i].variance, size) >
		    replication_half_width(&worst->variance, size))
			worst = &r->item[i];
	return worst;
}

static bool changed_much(uint32_t said, uint32_t now)
{
	return now > 2 * said || 2 * now < said;
}

static void tell(struct adaptive *a, const struct replication *r,
		 const struct replication_cost *cost, const struct replication_size *size)
{
	const struct replication_item *worst = widest(r, size);
	char boot[SIZE_TEXT], round[SIZE_TEXT];

	if (!a->c.progress || (!changed_much(a->said.boots, size->boots) &&
			       !changed_much(a->said.rounds, size->rounds)))
		return;
	a->said = *size;
	progress_say(a->c.progress,
		     "so far: a boot takes %s, a round %s beside its batches; going on to %" PRIu32
		     " boot%s of %" PRIu32 " rounds of %" PRIu32
		     " batches; widest interval then: %s in L%" PRIu32 ", about ± %.2g %%",
		     format_duration_short(cost->boot * 1e9, boot),
		     format_duration_short(cost->round * 1e9, round), size->boots,
		     size->boots == 1 ? "" : "s", size->rounds, size->batches, worst->workload,
		     worst->layer, 100 * expm1(replication_half_width(&worst->variance, size)));
}

/* ---- the intervals as they are ---- */

/* Half of the log interval of what summary.csv says; INFINITY without an interval, NAN when there
 * is nothing that could have one. */
static double real_half_width(const struct summary *s, const struct summary_entry *e)
{
	const struct estimate *x = s->layers > 1 ? &e->ratio_l0 : &e->cost;

	if (strcmp(e->class, "capacity") == 0 || strcmp(e->class, "boot") == 0 ||
	    (s->layers > 1 && e->layer == 0) || isnan(x->mid))
		return NAN;
	return isnan(x->low) ? INFINITY : (log(x->high) - log(x->low)) / 2;
}

static bool is_wide(const struct adaptive *a, const struct summary *s,
		    const struct summary_entry *e)
{
	return real_half_width(s, e) > log1p(a->c.precision);
}

static int look(struct adaptive *a, struct err *err)
{
	struct summary s = {0};

	if (summary_build(a->c.dir, &s, err) < 0)
		return -1;
	a->narrow = true;
	for (size_t i = 0; i < s.entries; i++)
		a->narrow &= !is_wide(a, &s, &s.entry[i]);
	summary_release(&s);
	if (a->narrow && a->c.progress)
		progress_say(a->c.progress, "every interval is within ± %.3g %%",
			     100 * a->c.precision);
	return 0;
}

/* ---- decisions ---- */

/* Makes *want, a plan for the wanted precision, one that ends at the next look. */
static void until_next_look(struct replication_size *want, const struct replication_bounds *bounds,
			    const struct session_stand *stand)
{
	if (bounds->max.boots > stand->boot) {
		want->boots = adaptive_next_look(stand->boot, want->boots, ADAPTIVE_FEWEST_BOOTS);
		if (want->boots > bounds->max.boots)
			want->boots = bounds->max.boots;
	} else if (bounds->max.rounds > stand->round) {
		want->rounds = adaptive_next_look(stand->round, want->rounds,
						  want->boots == 1 ? ADAPTIVE_FIRST_LOOK : 0);
	}
}

/* Whether a size has more to measure than there is. */
static bool goes_on(const struct replication_size *size, const struct session_stand *stand)
{
	return size->boots > stand->boot || size->rounds > stand->round;
}

/* The plan for the wanted precision, when it is known and fits. */
static bool plan_for_precision(const struct adaptive *a, const struct replication *r,
			       const struct replication_cost *cost, double left,
			       const struct replication_bounds *bounds,
			       const struct session_stand *stand, struct replication_size *want)
{
	const struct replication_done done = {stand->boot, stand->round};
	struct replication_size next;

	if (a->c.precision == 0 ||
	    !replication_for_width(r, cost, log1p(a->c.precision), bounds, &done, &next))
		return false;
	until_next_look(&next, bounds, stand);
	if (replication_time(cost, &next, &done) > left)
		return false;
	*want = next;
	return goes_on(want, stand);
}

/* The narrowest plan for the time that is left; as many boots as must be, or as can be. */
static bool plan_for_time(const struct replication *r, const struct replication_cost *cost,
			  double left, struct replication_bounds bounds,
			  const struct session_stand *stand, struct replication_size *want)
{
	const struct replication_done done = {stand->boot, stand->round};

	while (!replication_best(r, cost, left, &bounds, &done, want))
		if (bounds.min.boots-- <= stand->boot)
			return false;
	return goes_on(want, stand);
}

static int plan_on(struct adaptive *a, const struct session_stand *stand, struct session_size *size,
		   double left, struct err *err)
{
	struct replication_bounds bounds;
	struct replication r;
	struct replication_cost cost;
	struct replication_size want = {0};

	if (!a->past_pilot)
		a->one_boot = stand->boot == 1;
	a->past_pilot = true;
	if (replication_read(a->c.dir, &r, err) < 0) {
		if (err->code != EXIT_USAGE)
			return -1;
		/* Nothing can be measured here; the rows say why. */
		return stop(size, stand);
	}
	bounds = bounds_of(a);
	cost = costs(&r, stand);
	if (plan_for_precision(a, &r, &cost, left, &bounds, stand, &want) ||
	    plan_for_time(&r, &cost, left, bounds, stand, &want)) {
		tell(a, &r, &cost, &want);
		if (want.batches != size->batches)
			a->round_s = cost.round + want.batches * cost.batch;
		*size = (struct session_size){want.boots, want.rounds, want.batches};
	} else {
		stop(size, stand);
	}
	replication_release(&r);
	return 0;
}

int adaptive_next(void *ctx, const struct session_stand *stand, struct session_size *size,
		  struct err *err)
{
	struct adaptive *a = ctx;
	double left = seconds_left(a, stand);

	a->round_s = (double)stand->last_round_ns * 1e-9;
	if (stand->round < size->rounds && left >= a->round_s)
		return 0;
	if (stand->round < size->rounds)
		return stop(size, stand);
	/* The second boot of the pilot is as the first. */
	if (!a->past_pilot && stand->boot < size->boots && !one_boot_is_better(a, stand, left))
		return 0;
	/* The way to the next look stays as it is, as long as there is time for a boot. */
	if (a->c.precision > 0 && a->past_pilot && stand->boot < size->boots &&
	    (1 + STOP_PART) * boot_seconds(stand) + size->rounds * a->round_s <= left)
		return 0;
	/* The intervals are looked at when all that was planned is there. */
	if (a->c.precision > 0 && a->past_pilot && stand->boot == size->boots) {
		if (look(a, err) < 0)
			return -1;
		if (a->narrow)
			return stop(size, stand);
	}
	return plan_on(a, stand, size, left, err);
}

bool adaptive_has_time(const struct adaptive *a, const struct session_stand *stand)
{
	return seconds_left(a, stand) >= (double)stand->last_round_ns * 1e-9;
}

/* ---- the end ---- */

/* What widens an interval most, of what can be told. */
static const char *cause_of(const struct replication *r, const struct summary_entry *e,
			    char text[TEXT_LABEL])
{
	for (size_t i = 0; i < r->items; i++) {
		const struct replication_item *item = &r->item[i];
		const struct variance *v = &item->variance;
		double boot, round, batch;

		if (item->layer != e->layer || item->threads != e->threads ||
		    strcmp(item->workload, e->workload) != 0 ||
		    strcmp(item->params, e->params) != 0)
			continue;
		boot = v->boot / (double)v->boots;
		round = v->round / (double)v->rounds;
		batch = v->batch / ((double)v->rounds * r->size.batches);
		if (boot > round && boot > batch)
			snprintf(text, TEXT_LABEL, "varies by %.2g %% from boot to boot",
				 100 * sqrt(v->boot));
		else if (round > batch)
			snprintf(text, TEXT_LABEL, "varies by %.2g %% from round to round",
				 100 * sqrt(v->round));
		else
			snprintf(text, TEXT_LABEL, "varies by %.2g %% from batch to batch",
				 100 * sqrt(v->batch));
		return text;
	}
	return "has too few rounds";
}

static void name_wide(const struct adaptive *a, const struct summary *s,
		      const struct replication *r, struct buf *out)
{
	char label[TEXT_LABEL], cause[TEXT_LABEL], width[32];
	size_t count = 0;

	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		double half = real_half_width(s, e);

		if (!is_wide(a, s, e) || ++count > NAMED)
			continue;
		if (isinf(half))
			str_copy(width, sizeof(width), "no interval");
		else
			snprintf(width, sizeof(width), "± %.2g %%", 100 * expm1(half));
		buf_addf(out, "%s%s in L%" PRIu32 " (%s, %s)", count > 1 ? ", " : "",
			 text_workload(s, e, label), e->layer, width, cause_of(r, e, cause));
	}
	if (count > NAMED)
		buf_addf(out, " and %zu more", count - NAMED);
}

int adaptive_verdict(const struct adaptive *a, struct err *err)
{
	struct summary s = {0};
	struct replication r = {0};
	struct buf wide = BUF_INIT;
	struct err ignored;
	char time[SIZE_TEXT];
	int rc = 0;

	if (a->c.precision == 0 || a->narrow)
		return 0;
	if (summary_build(a->c.dir, &s, err) < 0)
		return -1;
	/* Without components only the causes are missing. */
	(void)replication_read(a->c.dir, &r, &ignored);
	name_wide(a, &s, &r, &wide);
	if (wide.len)
		rc = err_set(err, EXIT_INCONCLUSIVE, "not within ± %.3g %% after %s: %s",
			     100 * a->c.precision,
			     format_duration_short((double)a->c.budget_ns, time), buf_str(&wide));
	buf_release(&wide);
	replication_release(&r);
	summary_release(&s);
	return rc;
}
