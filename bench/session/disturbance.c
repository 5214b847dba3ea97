/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/disturbance.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#define FIELD(name, member)                                                                        \
	{                                                                                          \
		name, offsetof(struct noise_reading, member)                                       \
	}

/* The members of the message; all are uint64_t. */
static const struct {
	const char *name;
	size_t at;
} fields[] = {
	FIELD("at_ns", at_ns),
	FIELD("cpus", all.count),
	FIELD("busy_ns", all.busy_ns),
	FIELD("steal_ns", all.steal_ns),
	FIELD("measured_cpus", measured.count),
	FIELD("measured_busy_ns", measured.busy_ns),
	FIELD("measured_steal_ns", measured.steal_ns),
	FIELD("ours_ns", ours_ns),
	FIELD("kernel_ns", kernel_ns),
	FIELD("vcpus", vcpus),
	FIELD("wait_ns", wait_ns),
	FIELD("switches", switches),
	FIELD("load1_milli", load1_milli),
	FIELD("khz", khz),
	FIELD("throttles", throttles),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- between two readings ---- */

static double above(uint64_t to, uint64_t from)
{
	return to > from ? (double)(to - from) : 0;
}

/* Some CPUs: what others used, and what was stolen, in ns. */
struct lost {
	double foreign, steal, room; /* room: all CPU time there was */
};

static struct lost lost_of(const struct noise_cpus *from, const struct noise_cpus *to,
			   double not_foreign, double ns)
{
	double busy = above(to->busy_ns, from->busy_ns);

	return (struct lost){.foreign = fmax(busy - not_foreign, 0),
			     .steal = above(to->steal_ns, from->steal_ns),
			     .room = ns * (double)to->count};
}

static double share_of(const struct lost *l)
{
	return l->room > 0 ? (l->foreign + l->steal) / l->room : 0;
}

bool disturbance_between(const struct noise_reading *from, const struct noise_reading *to,
			 struct disturbance *d)
{
	double ns = above(to->at_ns, from->at_ns), known;
	struct lost all, measured, *most = &all;

	if (!from->at_ns || !(ns > 0) || !to->all.count)
		return false;
	known = above(to->ours_ns, from->ours_ns) + above(to->kernel_ns, from->kernel_ns);
	all = lost_of(&from->all, &to->all, known, ns);
	measured = lost_of(&from->measured, &to->measured, known, ns);
	if (share_of(&measured) > share_of(&all))
		most = &measured;
	*d = (struct disturbance){.of_measured = most == &measured,
				  .foreign_share = most->foreign / most->room,
				  .steal_share = most->steal / most->room,
				  .disturbed_ns = most->foreign + most->steal,
				  .wait_share = NAN,
				  .switches_per_s = NAN,
				  .load1 = (double)to->load1_milli / 1000,
				  .khz_before = from->khz,
				  .khz_after = to->khz,
				  .throttles = (uint64_t)above(to->throttles, from->throttles)};
	if (to->vcpus) {
		d->wait_share = above(to->wait_ns, from->wait_ns) / (ns * (double)to->vcpus);
		d->switches_per_s = above(to->switches, from->switches) / (ns / NS_PER_S);
	}
	return true;
}

bool disturbance_verdict(const struct disturbance *d, double limit, char why[DISTURBANCE_WHY])
{
	const char *which = d->of_measured ? "the measured CPUs" : "the CPUs";

	why[0] = '\0';
	if (limit <= 0)
		return false;
	if (d->foreign_share + d->steal_share > limit && d->disturbed_ns >= DISTURBANCE_LEAST_NS)
		snprintf(why, DISTURBANCE_WHY,
			 "others used %.1f %% of %s and %.1f %% was stolen (limit %.4g %%)",
			 100 * d->foreign_share, which, 100 * d->steal_share, 100 * limit);
	else if (d->throttles)
		snprintf(why, DISTURBANCE_WHY, "cores were throttled for heat %" PRIu64 " times",
			 d->throttles);
	return why[0] != '\0';
}

bool disturbance_load_is_high(double load1, long cpus)
{
	return load1 > 0.5 * (double)(cpus > 0 ? cpus : 1);
}

void disturbance_text(const struct disturbance *d, char text[DISTURBANCE_TEXT])
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "foreign=%.4f steal=%.4f", d->foreign_share, d->steal_share);
	if (!isnan(d->wait_share))
		buf_addf(&b, " wait=%.4f switches/s=%.1f", d->wait_share, d->switches_per_s);
	buf_addf(&b, " load1=%.2f", d->load1);
	if (d->khz_before && d->khz_after)
		buf_addf(&b, " khz=%" PRIu64 "-%" PRIu64, d->khz_before, d->khz_after);
	buf_addf(&b, " throttles=%" PRIu64, d->throttles);
	snprintf(text, DISTURBANCE_TEXT, "%s", buf_str(&b));
	buf_release(&b);
}

/* ---- the message ---- */

json_t *disturbance_to_json(const struct noise_reading *r)
{
	json_t *o = json_object();

	for (int i = 0; o && i < FIELDS; i++) {
		uint64_t value = *(const uint64_t *)((const char *)r + fields[i].at);

		if (json_object_set_new(o, fields[i].name, json_integer((json_int_t)value)) < 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

int disturbance_read(struct link *l, int layer, struct noise_reading *out, struct err *err)
{
	json_t *done;
	int good = 0;

	*out = (struct noise_reading){0};
	if (link_call(l, layer, "noise", NULL, timeouts_talk_ns(&l->timeouts, (uint32_t)layer),
		      &done, err) < 0)
		return -1;
	for (int i = 0; i < FIELDS && good == 0; i++) {
		const json_t *value = json_object_get(done, fields[i].name);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			good = err_set(err, EXIT_INTERNAL, "L%d, noise: an answer without %s",
				       layer, fields[i].name);
		else
			*(uint64_t *)((char *)out + fields[i].at) =
				(uint64_t)json_integer_value(value);
	}
	json_decref(done);
	if (good < 0)
		out->at_ns = 0;
	return good;
}
