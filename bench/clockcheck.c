/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/clockcheck.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_LIMIT_NS (20 * NS_PER_S)

static int exchange(struct link *l, int layer, struct clock_reading *out, struct err *err)
{
	uint64_t before = clock_now(l->clock), after;
	json_int_t now, cpu;
	const char *source;
	json_t *done;
	int unpacked;

	if (link_call(l, layer, "ping", NULL, ANSWER_LIMIT_NS, &done, err) < 0)
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

bool clock_is_wrong(const struct clock_reading *from, const struct clock_reading *to, char *why,
		    size_t size)
{
	double uncertainty, rate = clock_rate(from, to, &uncertainty);

	if (strcmp(from->clocksource, to->clocksource) != 0) {
		snprintf(why, size, "the clocksource changed from %s to %s", from->clocksource,
			 to->clocksource);
		return true;
	}
	if (isnan(rate) || fabs(rate - 1) - uncertainty <= CLOCK_TOLERANCE)
		return false;
	snprintf(why, size, "the layer's clock runs at %.4f of the machine's (within %.4f)", rate,
		 uncertainty);
	return true;
}
