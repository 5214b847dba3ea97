/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/clockcheck.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int exchange(struct link *l, int layer, struct clock_reading *out, struct err *err)
{
	uint64_t limit_ns = timeouts_talk_ns(&l->timeouts, (uint32_t)layer);
	uint64_t before = clock_now(l->clock), after;
	json_int_t now, cpu;
	const char *source;
	json_t *done;
	int unpacked;

	if (link_call(l, layer, "ping", NULL, limit_ns, &done, err) < 0)
		return -1;
	after = clock_now(l->clock);
	unpacked = json_unpack(done, "{s:I, s:I, s:s}", "now_ns", &now, "cpu_ns", &cpu,
			       "clocksource", &source);
	if (unpacked == 0 && now > 0 && cpu >= 0) {
		*out = (struct clock_reading){.machine_ns = before + (after - before) / 2,
					      .layer_ns = (uint64_t)now,
					      .round_trip_ns = after - before,
					      .agent_cpu_ns = (uint64_t)cpu};
		snprintf(out->clocksource, sizeof(out->clocksource), "%s", source);
	} else {
		unpacked =
			err_set(err, EXIT_INTERNAL, "L%d, ping: an answer without a time", layer);
	}
	json_decref(done);
	return unpacked;
}

int clock_read(struct link *l, int layer, struct clock_reading *out, struct err *err)
{
	*out = (struct clock_reading){.round_trip_ns = UINT64_MAX};
	for (int i = 0; i < CLOCK_EXCHANGES; i++) {
		struct clock_reading one;

		if (exchange(l, layer, &one, err) < 0)
			return -1;
		if (one.round_trip_ns < out->round_trip_ns)
			*out = one;
	}
	return 0;
}

double clock_rate(const struct clock_reading *from, const struct clock_reading *to,
		  double *uncertainty)
{
	double machine = (double)to->machine_ns - (double)from->machine_ns;
	double layer = (double)to->layer_ns - (double)from->layer_ns;

	*uncertainty = ((double)from->round_trip_ns + (double)to->round_trip_ns) / 2 / machine;
	return machine > 0 ? layer / machine : NAN;
}

/* Whether the rate between two readings is off beyond doubt. */
static bool rate_is_off(const struct clock_reading *from, const struct clock_reading *to)
{
	double uncertainty, rate = clock_rate(from, to, &uncertainty);

	return !isnan(rate) && fabs(rate - 1) - uncertainty > CLOCK_TOLERANCE;
}

static bool find_wrong(struct clock_watch *w, const struct clock_reading *now)
{
	double uncertainty, rate;

	if (strcmp(w->first.clocksource, now->clocksource) != 0) {
		snprintf(w->why, sizeof(w->why), "the clocksource changed from %s to %s",
			 w->first.clocksource, now->clocksource);
	} else if (rate_is_off(&w->first, now)) {
		rate = clock_rate(&w->first, now, &uncertainty);
		snprintf(w->why, sizeof(w->why),
			 "the layer's clock runs at %.4f of the machine's (within %.4f)", rate,
			 uncertainty);
	} else if (rate_is_off(&w->last, now)) {
		snprintf(w->why, sizeof(w->why),
			 "the layer's clock advanced by %.6f s from one check to the next, the "
			 "machine's by %.6f s",
			 ((double)now->layer_ns - (double)w->last.layer_ns) / 1e9,
			 (double)(now->machine_ns - w->last.machine_ns) / 1e9);
	}
	return w->why[0] != '\0';
}

bool clock_watch_see(struct clock_watch *w, const struct clock_reading *now, uint32_t next_round)
{
	bool found = false;
	double uncertainty, rate;

	if (!w->first.machine_ns) {
		w->first = w->last = *now;
		return false;
	}
	if (!w->why[0])
		found = find_wrong(w, now);
	if (found)
		w->wrong_round = next_round > 1 ? next_round - 1 : 1;
	rate = clock_rate(&w->last, now, &uncertainty);
	if (!isnan(rate) && (w->worst_rate == 0 || fabs(rate - 1) > fabs(w->worst_rate - 1)))
		w->worst_rate = rate;
	w->last = *now;
	return found;
}

void clock_watch_facts(const struct clock_watch *w, struct facts *facts)
{
	double wall = (double)w->last.machine_ns - (double)w->first.machine_ns;
	double uncertainty, rate = clock_rate(&w->first, &w->last, &uncertainty);

	if (!(wall > 0))
		return;
	facts_set(facts, "clock_rate", "%.6f", rate);
	facts_set(facts, "clock_rate_uncertainty", "%.6f", uncertainty);
	facts_set(facts, "clock_rate_worst", "%.6f", w->worst_rate);
	/* Where the layer's clock starts is of no interest; that it stays there is. */
	facts_set(facts, "clock_offset_change_ns", "%.0f",
		  (double)w->last.layer_ns - (double)w->first.layer_ns - wall);
	facts_set(facts, "ping_ns", "%" PRIu64, w->last.round_trip_ns);
	facts_set(facts, "clocksource_end", "%s", w->last.clocksource);
	facts_set(facts, "agent_cpu_share", "%.5f",
		  ((double)w->last.agent_cpu_ns - (double)w->first.agent_cpu_ns) / wall);
	if (w->why[0])
		facts_set(facts, "clock_wrong", "from round %u on: %s", w->wrong_round, w->why);
}
