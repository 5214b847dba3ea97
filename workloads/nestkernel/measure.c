/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/nestkernel/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/affinity.h"
#include "lib/file.h"
#include "workloads/nestkernel/threads.h"

enum { SHORT_FACTOR = 100, SCALINGS = 4 };

/* More operations than any real clock lets pass without a tick, even of nop. */
#define STANDSTILL_OPS (UINT64_C(1) << 32)

uint64_t measure_steal_ns(const char *stat)
{
	char line[256];
	uint64_t ticks;
	long per_second = sysconf(_SC_CLK_TCK);

	/* The first line is the sum over all CPUs: user nice system idle iowait irq softirq steal …
	 */
	if (per_second <= 0 || !file_line(line, sizeof(line), "%s", stat ? stat : "/proc/stat") ||
	    sscanf(line, "cpu %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &ticks) != 1)
		return 0;
	return ticks * (NS_PER_S / (uint64_t)per_second);
}

static struct sample no_batch(enum sample_status status, const struct err *why)
{
	struct sample s = {.status = status};

	sample_set_reason(&s, "%s", why->text);
	return s;
}

/* Makes the states and prepares them. NULL: *row says why not. */
static struct crew *prepare(const struct measure_job *job, struct sample *row)
{
	const struct workload *w = job->workload;
	const struct workload_env env = crew_env(job, job->threads ? job->threads : 1, 0);
	struct err why = {0};
	struct crew *crew;

	/* What suits the first suits all: they differ in nothing but their data. */
	if (!job->probed && workload_probe(w, &env, job->arg, &why) < 0) {
		*row = no_batch(SAMPLE_SKIP, &why);
		return NULL;
	}
	crew = crew_new(job, &why);
	if (!crew)
		*row = no_batch(SAMPLE_FAIL, &why);
	return crew;
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* One batch. Everything but the readings of the clock is outside of the measured time. */
static struct sample one_batch(const struct measure_job *job, struct crew *crew, uint64_t ops)
{
	const struct workload *w = job->workload;
	struct sample s = {.ops = ops};
	struct err why = {0};
	uint64_t steal = measure_steal_ns(job->stat), start, end;
	int failed = crew_run(crew, ops, &start, &end, &why);

	s.steal_ns = above(measure_steal_ns(job->stat), steal);
	s.elapsed_ns = above(end, start);
	if (w->wait_ns_per_op)
		s.elapsed_ns = above(s.elapsed_ns, w->wait_ns_per_op(job->arg) * ops);
	if (failed) {
		s.status = SAMPLE_FAIL;
		sample_set_reason(&s, "%s", why.text);
		return s;
	}
	s.digest = crew_sum(crew, w->digest);
	if (w->found)
		s.bytes = crew_sum(crew, w->found);
	else if (w->bytes_per_op)
		s.bytes = w->bytes_per_op(job->arg) * ops;
	return s;
}

static void remark(struct sample *s, const char *text)
{
	if (text && *text)
		sample_set_reason(s, "%s%s%s", s->reason, s->reason[0] ? "; " : "", text);
}

static void remark_threads(struct sample *s, const struct measure_job *job, const struct crew *crew)
{
	char text[32];

	if (!crew_is_pinned(crew))
		remark(s, AFFINITY_REFUSED);
	if (job->threads || !(job->workload->flags & WORKLOAD_EVERY_CPU))
		return;
	snprintf(text, sizeof(text), "%u threads", crew_size(crew));
	remark(s, text);
}

static void take_told_cost(struct sample *s, const struct crew *crew)
{
	double told = crew_told_ns(crew);

	if (told <= 0)
		return;
	s->elapsed_ns = (uint64_t)(told + 0.5);
	s->flags |= SAMPLE_SELF_REPORTED;
	remark(s, "as told by the program");
}

int measure_run(const struct measure_job *job, const struct sample_sink *sink, struct err *err)
{
	const struct workload *w = job->workload;
	struct clock_quality q = clock_measure(job->clock);
	uint64_t least_ns = SHORT_FACTOR * (q.resolution_ns + q.cost_ns);
	struct sample s;
	struct crew *crew = prepare(job, &s);
	int result = 0;

	if (!crew)
		result = sink->put(sink->ctx, &s, err);
	else
		for (uint64_t batch = 1; batch <= job->warm_up + job->batches; batch++) {
			result = job->go ? job->go(job->go_ctx, err) : 1;
			if (result <= 0)
				break;
			s = one_batch(job, crew, job->ops);
			s.batch = batch;
			if (s.status == SAMPLE_OK) {
				s.flags |= batch <= job->warm_up ? SAMPLE_WARM_UP : 0;
				s.latency = crew_latency(crew);
				take_told_cost(&s, crew);
				remark(&s, crew_note(crew));
				remark_threads(&s, job, crew);
				if (!(w->flags & WORKLOAD_ONCE) && crew_told_ns(crew) <= 0 &&
				    s.elapsed_ns < least_ns)
					s.flags |= SAMPLE_SHORT;
			}
			result = sink->put(sink->ctx, &s, err);
			if (result < 0 || s.status != SAMPLE_OK)
				break;
		}
	crew_free(crew);
	return result < 0 ? -1 : 0;
}

static uint64_t scale(uint64_t ops, uint64_t elapsed_ns, uint64_t target_ns)
{
	double scaled = (double)ops * (double)target_ns / (double)elapsed_ns + 0.5;

	return scaled < 1 ? 1 : (uint64_t)scaled;
}

/*
 * Doubles the count until a batch takes target_ns, then scales and runs it until it fits: the first
 * long batch may have been disturbed, or have paid for what later ones find done. *s is the last
 * batch.
 */
static int find_ops(const struct measure_job *job, struct crew *crew, uint64_t target_ns,
		    struct sample *s, struct err *err)
{
	uint64_t ops = 1;

	for (;;) {
		*s = one_batch(job, crew, ops);
		if (s->status != SAMPLE_OK)
			return 0;
		if (s->elapsed_ns >= target_ns)
			break;
		if (s->elapsed_ns == 0 && ops >= STANDSTILL_OPS)
			return err_set(err, EXIT_MACHINE,
				       "the clock stands still: %" PRIu64
				       " operations of %s took no time on it",
				       ops, job->workload->name);
		ops *= 2;
	}
	for (int i = 0; i < SCALINGS && s->status == SAMPLE_OK && s->elapsed_ns > 0; i++) {
		uint64_t fitting = scale(s->ops, s->elapsed_ns, target_ns);

		if (i > 0 && fitting < 2 * s->ops && s->ops < 2 * fitting)
			break;
		*s = one_batch(job, crew, fitting);
	}
	return 0;
}

int measure_calibrate(const struct measure_job *job, uint64_t target_ns,
		      const struct sample_sink *sink, struct err *err)
{
	struct sample s;
	struct crew *crew = prepare(job, &s);
	int result;

	if (!crew) {
		result = sink->put(sink->ctx, &s, err);
		goto cleanup;
	}
	result = job->go ? job->go(job->go_ctx, err) : 1;
	if (result <= 0)
		goto cleanup;
	if (job->workload->flags & WORKLOAD_ONCE)
		s = (struct sample){.ops = 1};
	else if (find_ops(job, crew, target_ns, &s, err) < 0) {
		result = -1;
		goto cleanup;
	}
	if (s.status == SAMPLE_OK)
		sample_set_reason(&s, "calibration");
	result = sink->put(sink->ctx, &s, err);
cleanup:
	crew_free(crew);
	return result < 0 ? -1 : 0;
}
