/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/nestkernel/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/affinity.h"
#include "lib/file.h"
#include "workloads/nestkernel/threads.h"

enum { SHORT_FACTOR = 100, SCALINGS = 4 };

/* More operations, even of nop, than any real clock takes to tick. */
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

/* Makes the threads with their states. NULL: *row says why not. */
static struct threads *prepare(const struct measure_job *job, struct sample *row)
{
	const struct workload *w = job->workload;
	const struct workload_env env = thread_env(job, job->threads ? job->threads : 1, 0);
	struct err why = {0};
	struct threads *threads;

	/* The first thread's probe stands for all: only their data differ. */
	if (!job->probed && workload_probe(w, &env, job->arg, &why) < 0) {
		*row = no_batch(SAMPLE_SKIP, &why);
		return NULL;
	}
	threads = threads_new(job, &why);
	if (!threads)
		*row = no_batch(SAMPLE_FAIL, &why);
	return threads;
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* One batch. Everything but the clock readings is outside of the measured time. */
static struct sample one_batch(const struct measure_job *job, struct threads *threads, uint64_t ops)
{
	const struct workload *w = job->workload;
	struct sample s = {.ops = ops};
	struct err why = {0};
	uint64_t steal = measure_steal_ns(job->stat), start, end;
	int failed = threads_run(threads, ops, &start, &end, &why);

	s.steal_ns = above(measure_steal_ns(job->stat), steal);
	s.elapsed_ns = above(end, start);
	if (w->wait_ns_per_op)
		s.elapsed_ns = above(s.elapsed_ns, w->wait_ns_per_op(job->arg) * ops);
	s.elapsed_ns = above(s.elapsed_ns, threads_aside_ns(threads));
	if (failed) {
		s.status = SAMPLE_FAIL;
		sample_set_reason(&s, "%s", why.text);
		return s;
	}
	s.digest = threads_sum(threads, w->digest);
	if (w->found)
		s.bytes = threads_sum(threads, w->found);
	else if (w->bytes_per_op)
		s.bytes = w->bytes_per_op(job->arg) * ops;
	return s;
}

static void remark(struct sample *s, const char *text)
{
	if (text && *text)
		sample_set_reason(s, "%s%s%s", s->reason, s->reason[0] ? "; " : "", text);
}

static void remark_threads(struct sample *s, const struct measure_job *job,
			   const struct threads *threads)
{
	char text[32];

	if (!threads_pinned(threads))
		remark(s, AFFINITY_REFUSED);
	if (job->threads || !(job->workload->flags & WORKLOAD_EVERY_CPU))
		return;
	snprintf(text, sizeof(text), "%u threads", threads_count(threads));
	remark(s, text);
}

static void take_self_reported(struct sample *s, const struct threads *threads)
{
	double reported = threads_self_reported_ns(threads);

	if (reported <= 0)
		return;
	s->elapsed_ns = (uint64_t)(reported + 0.5);
	s->flags |= SAMPLE_SELF_REPORTED;
	remark(s, "self-reported");
}

int measure_run(const struct measure_job *job, const struct sample_sink *sink, struct err *err)
{
	const struct workload *w = job->workload;
	struct clock_quality q = clock_measure(job->clock);
	uint64_t least_ns = SHORT_FACTOR * (q.resolution_ns + q.cost_ns);
	struct sample s;
	struct threads *threads = prepare(job, &s);
	int result = 0;

	if (!threads)
		result = sink->put(sink->ctx, &s, err);
	else
		for (uint64_t batch = 1; batch <= job->warm_up + job->batches; batch++) {
			result = job->go ? job->go(job->go_ctx, err) : 1;
			if (result <= 0)
				break;
			s = one_batch(job, threads, job->ops);
			s.batch = batch;
			if (s.status == SAMPLE_OK) {
				s.flags |= batch <= job->warm_up ? SAMPLE_WARM_UP : 0;
				s.latency = threads_latency(threads);
				take_self_reported(&s, threads);
				remark(&s, threads_note(threads));
				remark_threads(&s, job, threads);
				if (!(w->flags & WORKLOAD_ONCE) &&
				    threads_self_reported_ns(threads) <= 0 &&
				    s.elapsed_ns < least_ns)
					s.flags |= SAMPLE_SHORT;
			}
			result = sink->put(sink->ctx, &s, err);
			if (result < 0 || s.status != SAMPLE_OK)
				break;
		}
	threads_free(threads);
	return result < 0 ? -1 : 0;
}

static uint64_t scale(uint64_t ops, uint64_t elapsed_ns, uint64_t target_ns)
{
	double scaled = (double)ops * (double)target_ns / (double)elapsed_ns + 0.5;

	return scaled < 1 ? 1 : (uint64_t)scaled;
}

/*
 * Doubles the count until a batch takes target_ns, then scales and runs it until it fits: the first
 * long batch may have been disturbed, or have paid for one-time work. *s is the last batch.
 */
static int find_ops(const struct measure_job *job, struct threads *threads, uint64_t target_ns,
		    struct sample *s, struct err *err)
{
	uint64_t ops = 1;

	for (;;) {
		*s = one_batch(job, threads, ops);
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
		*s = one_batch(job, threads, fitting);
	}
	return 0;
}

int measure_calibrate(const struct measure_job *job, uint64_t target_ns,
		      const struct sample_sink *sink, struct err *err)
{
	struct sample s;
	struct threads *threads = prepare(job, &s);
	int result;

	if (!threads) {
		result = sink->put(sink->ctx, &s, err);
		goto cleanup;
	}
	result = job->go ? job->go(job->go_ctx, err) : 1;
	if (result <= 0)
		goto cleanup;
	if (job->workload->flags & WORKLOAD_ONCE)
		s = (struct sample){.ops = 1};
	else if (find_ops(job, threads, target_ns, &s, err) < 0) {
		result = -1;
		goto cleanup;
	}
	if (s.status == SAMPLE_OK)
		sample_set_reason(&s, "calibration");
	result = sink->put(sink->ctx, &s, err);
cleanup:
	threads_free(threads);
	return result < 0 ? -1 : 0;
}
