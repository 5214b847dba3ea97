/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/nestkernel/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/affinity.h"
#include "workloads/nestkernel/measure.h"

enum { STATE_ALIGN = 64, SPINS = 1000 };

enum order { ORDER_SETUP, ORDER_RUN, ORDER_END };

struct member {
	struct crew *crew;
	uint32_t index;
	pthread_t thread;
	void *state;
	uint64_t ops, end_ns; /* of the batch */
	int failed;	      /* in the last order */
	struct err why;
	char note[NOTE_TEXT]; /* of its setup */
};

struct crew {
	const struct measure_job *job;
	struct affinity cpus;  /* as the caller had them */
	_Atomic bool unpinned; /* a member could not be held on its CPU */
	pthread_mutex_t lock;  /* of what follows, up to `done` */
	pthread_cond_t change;
	enum order order;
	uint64_t orders; /* given so far; each is carried out by every thread once */
	uint32_t done;	 /* threads that are done with the last one */
	_Atomic uint32_t arrived;
	_Atomic uint64_t open;	 /* the number of the order whose gate is open */
	uint32_t count, threads; /* members; of these so many have a running thread */
	struct member member[];
};

static void pin_to_one(struct member *m)
{
	const struct affinity *cpus = &m->crew->cpus;
	unsigned count = (unsigned)affinity_count(cpus);

	if (affinity_pin(affinity_nth(cpus, m->index % count)) < 0)
		atomic_store(&m->crew->unpinned, true);
}

struct workload_env crew_env(const struct measure_job *job, uint32_t count, uint32_t index)
{
	struct workload_env env = job->env;

	/* For the first the data are those of a crew of one. */
	if (index)
		env.seed += mix64(index);
	env.part = env.part * count + index;
	env.parts = (env.parts ? env.parts : 1) * count;
	return env;
}

static void set_up(struct member *m)
{
	const struct measure_job *job = m->crew->job;
	const struct workload *w = job->workload;
	size_t size = (w->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
	struct workload_env env = crew_env(job, m->crew->count, m->index);

	env.note = m->note;
	m->state = aligned_alloc(STATE_ALIGN, size);
	if (!m->state) {
		m->failed = err_set(&m->why, EXIT_INTERNAL, "out of memory");
		return;
	}
	memset(m->state, 0, size);
	m->failed = workload_setup(w, m->state, &env, job->arg, &m->why);
}

static void tear_down(struct member *m)
{
	if (m->state && m->crew->job->workload->teardown)
		m->crew->job->workload->teardown(m->state);
	free(m->state);
	m->state = NULL;
}

/* The nth turn of a wait that shall be short, but may have to let others onto the CPU first. */
static void spin(unsigned n)
{
	if (n % SPINS == SPINS - 1)
		sched_yield();
	else
		__builtin_ia32_pause();
}

static void work(struct member *m)
{
	const struct measure_job *job = m->crew->job;

	m->failed = job->workload->run(m->state, m->ops, &m->why);
	m->end_ns = clock_now(job->clock);
}

static void carry_out(struct member *m, enum order order, uint64_t number)
{
	struct crew *c = m->crew;

	switch (order) {
	case ORDER_SETUP:
		set_up(m);
		break;
	case ORDER_RUN:
		atomic_fetch_add(&c->arrived, 1);
		for (unsigned n = 0; atomic_load(&c->open) != number; n++)
			spin(n);
		work(m);
		break;
	case ORDER_END:
		tear_down(m);
		break;
	}
}

static void *thread_main(void *arg)
{
	struct member *m = arg;
	struct crew *c = m->crew;
	enum order order = ORDER_SETUP;

	pin_to_one(m);
	for (uint64_t number = 1; order != ORDER_END; number++) {
		pthread_mutex_lock(&c->lock);
		while (c->orders < number)
			pthread_cond_wait(&c->change, &c->lock);
		order = c->order;
		pthread_mutex_unlock(&c->lock);
		carry_out(m, order, number);
		pthread_mutex_lock(&c->lock);
		c->done++;
		pthread_cond_broadcast(&c->change);
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

static void give_order(struct crew *c, enum order order)
{
	pthread_mutex_lock(&c->lock);
	c->order = order;
	c->done = 0;
	c->orders++;
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->lock);
}

static void wait_for_all(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->done < c->threads)
		pthread_cond_wait(&c->change, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static int first_failure(const struct crew *c, struct err *why)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->member[i].failed) {
			*why = c->member[i].why;
			return -1;
		}
	return 0;
}

static int start_threads(struct crew *c, struct err *why)
{
	for (uint32_t i = 1; i < c->count; i++) {
		if (pthread_create(&c->member[i].thread, NULL, thread_main, &c->member[i]) != 0)
			return err_set(why, EXIT_MACHINE,
				       "only %u of %u threads could be started (use fewer)", i,
				       c->count);
		c->threads++;
	}
	return 0;
}

struct crew *crew_new(const struct measure_job *job, struct err *why)
{
	uint32_t count = job->threads ? job->threads : 1;
	struct affinity cpus;
	struct crew *c;

	if (affinity_read(&cpus, why) < 0)
		return NULL;
	if (!job->threads && job->workload->flags & WORKLOAD_EVERY_CPU)
		count = (uint32_t)affinity_count(&cpus);
	c = calloc(1, sizeof(*c) + count * sizeof(c->member[0]));
	if (!c) {
		affinity_release(&cpus);
		err_set(why, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	c->job = job;
	c->cpus = cpus;
	c->count = count;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->change, NULL);
	for (uint32_t i = 0; i < count; i++) {
		c->member[i].crew = c;
		c->member[i].index = i;
	}
	if (count > 1)
		pin_to_one(&c->member[0]);
	if (start_threads(c, why) < 0)
		goto failed;
	give_order(c, ORDER_SETUP);
	set_up(&c->member[0]);
	wait_for_all(c);
	if (first_failure(c, why) == 0)
		return c;
failed:
	crew_free(c);
	return NULL;
}

uint32_t crew_size(const struct crew *c)
{
	return c->count;
}

bool crew_is_pinned(const struct crew *c)
{
	return !atomic_load(&c->unpinned);
}

int crew_run(struct crew *c, uint64_t ops, uint64_t *start_ns, uint64_t *end_ns, struct err *why)
{
	for (uint32_t i = 0; i < c->count; i++)
		c->member[i].ops = ops / c->count + (i < ops % c->count);
	atomic_store(&c->arrived, 0);
	if (c->threads)
		give_order(c, ORDER_RUN);
	for (unsigned n = 0; atomic_load(&c->arrived) < c->threads; n++)
		spin(n);
	*start_ns = clock_now(c->job->clock);
	atomic_store(&c->open, c->orders);
	work(&c->member[0]);
	if (c->threads)
		wait_for_all(c);
	*end_ns = 0;
	for (uint32_t i = 0; i < c->count; i++)
		if (c->member[i].end_ns > *end_ns)
			*end_ns = c->member[i].end_ns;
	return first_failure(c, why);
}

uint64_t crew_sum(const struct crew *c, uint64_t (*of)(const void *state))
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < c->count; i++)
		sum += of(c->member[i].state);
	return sum;
}

const char *crew_note(const struct crew *c)
{
	const struct workload *w = c->job->workload;

	return w->note ? w->note(c->member[0].state) : c->member[0].note;
}

struct sample_latency crew_latency(const struct crew *c)
{
	const struct workload *w = c->job->workload;

	return w->latency ? w->latency(c->member[0].state) : (struct sample_latency){0};
}

double crew_told_ns(const struct crew *c)
{
	const struct workload *w = c->job->workload;

	return w->told_ns ? w->told_ns(c->member[0].state) : 0;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	if (c->threads)
		give_order(c, ORDER_END);
	tear_down(&c->member[0]);
	for (uint32_t i = 1; i <= c->threads; i++)
		pthread_join(c->member[i].thread, NULL);
	if (c->count > 1)
		affinity_apply(&c->cpus);
	affinity_release(&c->cpus);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
