/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how many CPUs really work at the same time in this layer: a fixed piece of integer work
 * is done by one thread, then by one thread on each of the N CPUs that it may use, all at once.
 * With N real CPUs both take the same time; N * t1 / tN are effective, never counted as more than
 * N. The finding is the median of PASSES such pairs, one right after the other, so that drift
 * cancels. CPUs that are only shown (two vCPUs on one core, a quota, SMT siblings, vCPUs that wait
 * for others) do not count in full; nor does what a single thread gains from turbo.
 *
 * The unit is one CPU of this layer while it works alone; cpu.int says how fast that is. The clock
 * is read here because the finding is a ratio of two times of the same clock.
 *
 * Not measured: what CPUs share beside the cores (memory: mem.stream with threads=N).
 *
 * Source: the speed-up of Amdahl's law (1967) for work without a serial part, as sysbench cpu
 * --threads=N against --threads=1 shows it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/affinity.h"
#include "lib/clock.h"
#include "workloads/capacity/capacity.h"

enum { PASSES = 5, FIRST_STEPS = 1 << 14, SPINS = 1000 };

/* The piece of work takes one thread at least this long. */
#define WORK_NS (20 * NS_PER_MS)

struct state {
	uint64_t found_milli;
	struct affinity cpus; /* as the caller had them */
	uint32_t count;
	uint64_t steps, answer; /* of the piece of work */
	_Atomic uint32_t arrived;
	_Atomic bool open;
	_Atomic bool unpinned; /* a thread could not be pinned to its CPU */
	char note[128];
};

struct mate {
	struct state *s;
	int cpu;
	pthread_t thread;
	uint64_t result, end_ns;
};

static uint64_t work(uint64_t steps)
{
	uint64_t x = 1;

	for (uint64_t i = 0; i < steps; i++)
		x = mix64(x);
	keep(x);
	return x;
}

static void *mate_main(void *arg)
{
	struct mate *m = arg;

	/* A CPU that went away in the meantime costs time, which is the finding. */
	if (affinity_pin(m->cpu) < 0)
		atomic_store(&m->s->unpinned, true);
	atomic_fetch_add(&m->s->arrived, 1);
	for (unsigned n = 1; !atomic_load(&m->s->open); n++)
		if (n % SPINS == 0)
			sched_yield();
	m->result = work(m->s->steps);
	m->end_ns = clock_now(&clock_machine);
	return NULL;
}

/* The work on the first n CPUs at once; *ns is until the last is done. mate has room for n. */
static int work_on(struct state *s, struct mate *mate, uint32_t n, uint64_t *ns, struct err *err)
{
	uint32_t started = 0, wrong = 0;
	uint64_t start, end = 0;

	atomic_store(&s->arrived, 0);
	atomic_store(&s->open, false);
	for (; started < n; started++) {
		mate[started] = (struct mate){.s = s, .cpu = affinity_nth(&s->cpus, started)};
		if (pthread_create(&mate[started].thread, NULL, mate_main, &mate[started]) != 0)
			break;
	}
	while (atomic_load(&s->arrived) < started)
		sched_yield();
	start = clock_now(&clock_machine);
	atomic_store(&s->open, true);
	for (uint32_t i = 0; i < started; i++) {
		pthread_join(mate[i].thread, NULL);
		wrong += mate[i].result != s->answer;
		if (mate[i].end_ns > end)
			end = mate[i].end_ns;
	}
	if (started < n)
		return err_set(err, EXIT_MACHINE, "only %u of %u threads could be started", started,
			       n);
	if (wrong)
		return err_set(err, EXIT_MACHINE,
			       "%u of %u threads came to a wrong answer: a CPU miscalculates",
			       wrong, n);
	*ns = end > start ? end - start : 1;
	return 0;
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct affinity cpus;

	if (affinity_read(&cpus, err) < 0)
		return -1;
	affinity_release(&cpus);
	return 0;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	uint64_t start, took = 0;

	if (affinity_read(&s->cpus, err) < 0)
		return -1;
	s->count = (uint32_t)affinity_count(&s->cpus);
	for (s->steps = FIRST_STEPS / 2; took < WORK_NS && s->steps < UINT64_C(1) << 40;) {
		s->steps *= 2;
		start = clock_now(&clock_machine);
		s->answer = work(s->steps);
		took = clock_now(&clock_machine) - start;
	}
	return 0;
}

static int ascending(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Thousandths of CPUs. */
static int search(struct state *s, struct mate *mate, uint64_t *found, struct err *err)
{
	uint64_t milli[PASSES], alone = 0, together = 0;

	for (int i = 0; i < PASSES; i++) {
		if (work_on(s, mate, 1, &alone, err) < 0 ||
		    work_on(s, mate, s->count, &together, err) < 0)
			return -1;
		milli[i] = (uint64_t)(1000.0 * s->count * (double)alone / (double)together + 0.5);
	}
	qsort(milli, PASSES, sizeof(milli[0]), ascending);
	*found = milli[PASSES / 2];
	if (*found > 1000 * (uint64_t)s->count)
		*found = 1000 * (uint64_t)s->count;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	struct mate *mate = calloc(s->count, sizeof(*mate));
	int rc = 0;

	if (!mate)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (uint64_t i = 0; i < n && rc == 0; i++)
		rc = search(s, mate, &s->found_milli, err);
	free(mate);
	return rc;
}

static const char *note(const void *state)
{
	struct state *s = (struct state *)(uintptr_t)state;

	snprintf(s->note, sizeof(s->note), "of %u CPU%s that may be used%s", s->count,
		 s->count == 1 ? "" : "s", atomic_load(&s->unpinned) ? "; " AFFINITY_REFUSED : "");
	return s->note;
}

static void teardown(void *state)
{
	affinity_release(&((struct state *)state)->cpus);
}

const struct workload workload_capacity_cpus = {
	.name = "capacity.cpus",
	.summary = "CPUs that really work at the same time",
	.op = "one search: N * (time of one thread) / (time of N at once), the median of 5",
	.source = "sysbench cpu --threads=N against --threads=1",
	CAPACITY,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.teardown = teardown,
	.unit = SAMPLE_CPUS,
	.note = note,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
};
