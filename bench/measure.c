/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/file.h"

enum { SHORT_FACTOR = 100, STATE_ALIGN = 64, SCALINGS = 4 };

/* More operations than any real clock lets pass without a tick, even of nop. */
#define STANDSTILL_OPS (UINT64_C(1) << 32)

uint64_t measure_steal_ns(const char *stat)
{
	char line[256];
	uint64_t ticks;
	long per_second = sysconf(_SC_CLK_TCK);

	/* The first line is the sum over all CPUs: user nice system idle iowait irq softirq steal …
	 */
	if (per_second <= 0 || !file_first_line(stat ? stat : "/proc/stat", line, sizeof(line)) ||
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

/* Makes the state and prepares it. 0: *state is ready; -1: *row says why not. */
static int prepare(const struct measure_job *job, void **state, struct sample *row)
{
	const struct workload *w = job->workload;
	size_t size = (w->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
	struct err why = {0};

	*state = NULL;
	if (w->probe && w->probe(&job->env, job->arg, &why) < 0) {
		*row = no_batch(SAMPLE_SKIP, &why);
		return -1;
	}
	*state = aligned_alloc(STATE_ALIGN, size);
	if (!*state) {
		err_set(&why, EXIT_INTERNAL, "out of memory");
		*row = no_batch(SAMPLE_FAIL, &why);
		return -1;
	}
	memset(*state, 0, size);
	if (w->setup && w->setup(*state, &job->env, job->arg, &why) < 0) {
		*row = no_batch(SAMPLE_FAIL, &why);
		return -1;
	}
	return 0;
}

static void finish(const struct measure_job *job, void *state)
{
	if (state && job->workload->teardown)
		job->workload->teardown(state);
	free(state);
}

/* One batch. Everything but the two readings of the clock is outside of the measured time. */
static struct sample one_batch(const struct measure_job *job, void *state, uint64_t ops)
{
	const struct workload *w = job->workload;
	struct sample s = {.ops = ops};
	struct err why = {0};
	uint64_t steal = measure_steal_ns(job->stat), start, end, steal_after;
	int failed;

	start = clock_now(job->clock);
	failed = w->run(state, ops, &why);
	end = clock_now(job->clock);
	steal_after = measure_steal_ns(job->stat);
	s.elapsed_ns = end > start ? end - start : 0;
	s.steal_ns = steal_after > steal ? steal_after - steal : 0;
	if (failed) {
		s.status = SAMPLE_FAIL;
		sample_set_reason(&s, "%s", why.text);
		return s;
	}
	s.digest = w->digest(state);
	if (w->bytes_found)
		s.bytes = w->bytes_found(state);
	else if (w->bytes_per_op)
		s.bytes = w->bytes_per_op(job->arg) * ops;
	return s;
}

static void remark(struct sample *s, const char *text)
{
	if (text && *text)
		sample_set_reason(s, "%s%s%s", s->reason, s->reason[0] ? "; " : "", text);
}

int measure_run(const struct measure_job *job, const struct sample_sink *sink, struct err *err)
{
	const struct workload *w = job->workload;
	struct clock_quality q = clock_measure(job->clock);
	uint64_t least_ns = SHORT_FACTOR * (q.resolution_ns + q.cost_ns);
	struct sample s;
	void *state;
	int result = 0;

	if (prepare(job, &state, &s) < 0)
		result = sink->put(sink->ctx, &s, err);
	else
		for (uint64_t batch = 1; batch <= job->warm_up + job->batches; batch++) {
			result = job->go ? job->go(job->go_ctx, err) : 1;
			if (result <= 0)
				break;
			s = one_batch(job, state, job->ops);
			s.batch = batch;
			if (s.status == SAMPLE_OK) {
				remark(&s, batch <= job->warm_up ? SAMPLE_WARM_UP : NULL);
				remark(&s, w->note ? w->note(state) : NULL);
				if (!(w->flags & WORKLOAD_ONCE) && s.elapsed_ns < least_ns)
					remark(&s, "short batch");
			}
			result = sink->put(sink->ctx, &s, err);
			if (result < 0 || s.status != SAMPLE_OK)
				break;
		}
	finish(job, state);
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
static int find_ops(const struct measure_job *job, void *state, uint64_t target_ns,
		    struct sample *s, struct err *err)
{
	uint64_t ops = 1;

	for (;;) {
		*s = one_batch(job, state, ops);
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
		*s = one_batch(job, state, fitting);
	}
	return 0;
}

int measure_calibrate(const struct measure_job *job, uint64_t target_ns,
		      const struct sample_sink *sink, struct err *err)
{
	struct sample s;
	void *state;
	int result;

	if (prepare(job, &state, &s) < 0) {
		result = sink->put(sink->ctx, &s, err);
		goto cleanup;
	}
	result = job->go ? job->go(job->go_ctx, err) : 1;
	if (result <= 0)
		goto cleanup;
	if (job->workload->flags & WORKLOAD_ONCE)
		s = (struct sample){.ops = 1};
	else if (find_ops(job, state, target_ns, &s, err) < 0) {
		result = -1;
		goto cleanup;
	}
	if (s.status == SAMPLE_OK)
		sample_set_reason(&s, "calibration");
	result = sink->put(sink->ctx, &s, err);
cleanup:
	finish(job, state);
	return result < 0 ? -1 : 0;
}
