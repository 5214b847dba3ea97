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

struct thread {
	struct threads *all;
	uint32_t index;
	pthread_t id;
	void *state;
	uint64_t ops, end_ns; /* of the batch */
	int failed;	      /* in the last order */
	struct err why;
	char note[NOTE_TEXT]; /* of its setup */
};

struct threads {
	const struct measure_job *job;
	struct affinity cpus;  /* as the caller had them */
	_Atomic bool unpinned; /* a thread could not be pinned to its CPU */
	pthread_mutex_t lock;  /* of what follows, up to `done` */
	pthread_cond_t change;
	enum order order;
	uint64_t orders; /* given so far; each is carried out by every thread once */
	uint32_t done;	 /* threads that are done with the last one */
	_Atomic uint32_t arrived;
	_Atomic uint64_t released; /* the number of the order whose start barrier is open */
	uint32_t count, started;   /* in all; started here, all but the caller's */
	struct thread thread[];
};

static void pin_to_one(struct thread *t)
{
	const struct affinity *cpus = &t->all->cpus;
	unsigned count = (unsigned)affinity_count(cpus);

	if (affinity_pin(affinity_nth(cpus, t->index % count)) < 0)
		atomic_store(&t->all->unpinned, true);
}

struct workload_env thread_env(const struct measure_job *job, uint32_t count, uint32_t index)
{
	struct workload_env env = job->env;

	/* The first has the data that a single thread has. */
	if (index)
		env.seed += mix64(index);
	env.part = env.part * count + index;
	env.parts = (env.parts ? env.parts : 1) * count;
	return env;
}

static void set_up(struct thread *t)
{
	const struct measure_job *job = t->all->job;
	const struct workload *w = job->workload;
	size_t size = (w->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
	struct workload_env env = thread_env(job, t->all->count, t->index);

	env.note = t->note;
	t->state = aligned_alloc(STATE_ALIGN, size);
	if (!t->state) {
		t->failed = err_set(&t->why, EXIT_INTERNAL, "out of memory");
		return;
	}
	memset(t->state, 0, size);
	t->failed = workload_setup(w, t->state, &env, job->arg, &t->why);
}

static void tear_down(struct thread *t)
{
	if (t->state && t->all->job->workload->teardown)
		t->all->job->workload->teardown(t->state);
	free(t->state);
	t->state = NULL;
}

/* The nth turn of a busy wait, which yields the CPU now and then. */
static void spin(unsigned n)
{
	if (n % SPINS == SPINS - 1)
		sched_yield();
	else
		__builtin_ia32_pause();
}

static void work(struct thread *t)
{
	const struct measure_job *job = t->all->job;

	t->failed = job->workload->run(t->state, t->ops, &t->why);
	t->end_ns = clock_now(job->clock);
}

static void carry_out(struct thread *t, enum order order, uint64_t number)
{
	struct threads *all = t->all;

	switch (order) {
	case ORDER_SETUP:
		set_up(t);
		break;
	case ORDER_RUN:
		atomic_fetch_add(&all->arrived, 1);
		for (unsigned n = 0; atomic_load(&all->released) != number; n++)
			spin(n);
		work(t);
		break;
	case ORDER_END:
		tear_down(t);
		break;
	}
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct threads *all = t->all;
	enum order order = ORDER_SETUP;

	pin_to_one(t);
	for (uint64_t number = 1; order != ORDER_END; number++) {
		pthread_mutex_lock(&all->lock);
		while (all->orders < number)
			pthread_cond_wait(&all->change, &all->lock);
		order = all->order;
		pthread_mutex_unlock(&all->lock);
		carry_out(t, order, number);
		pthread_mutex_lock(&all->lock);
		all->done++;
		pthread_cond_broadcast(&all->change);
		pthread_mutex_unlock(&all->lock);
	}
	return NULL;
}

static void give_order(struct threads *all, enum order order)
{
	pthread_mutex_lock(&all->lock);
	all->order = order;
	all->done = 0;
	all->orders++;
	pthread_cond_broadcast(&all->change);
	pthread_mutex_unlock(&all->lock);
}

static void wait_for_all(struct threads *all)
{
	pthread_mutex_lock(&all->lock);
	while (all->done < all->started)
		pthread_cond_wait(&all->change, &all->lock);
	pthread_mutex_unlock(&all->lock);
}

static int first_failure(const struct threads *all, struct err *why)
{
	for (uint32_t i = 0; i < all->count; i++)
		if (all->thread[i].failed) {
			*why = all->thread[i].why;
			return -1;
		}
	return 0;
}

static int start_threads(struct threads *all, struct err *why)
{
	for (uint32_t i = 1; i < all->count; i++) {
		if (pthread_create(&all->thread[i].id, NULL, thread_main, &all->thread[i]) != 0)
			return err_set(why, EXIT_MACHINE,
				       "only %u of %u threads could be started (use fewer)", i,
				       all->count);
		all->started++;
	}
	return 0;
}

struct threads *threads_new(const struct measure_job *job, struct err *why)
{
	uint32_t count = job->threads ? job->threads : 1;
	struct affinity cpus;
	struct threads *all;

	if (affinity_read(&cpus, why) < 0)
		return NULL;
	if (!job->threads && job->workload->flags & WORKLOAD_EVERY_CPU)
		count = (uint32_t)affinity_count(&cpus);
	all = calloc(1, sizeof(*all) + count * sizeof(all->thread[0]));
	if (!all) {
		affinity_release(&cpus);
		err_set(why, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	all->job = job;
	all->cpus = cpus;
	all->count = count;
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->change, NULL);
	for (uint32_t i = 0; i < count; i++) {
		all->thread[i].all = all;
		all->thread[i].index = i;
	}
	if (count > 1)
		pin_to_one(&all->thread[0]);
	if (start_threads(all, why) < 0)
		goto failed;
	give_order(all, ORDER_SETUP);
	set_up(&all->thread[0]);
	wait_for_all(all);
	if (first_failure(all, why) == 0)
		return all;
failed:
	threads_free(all);
	return NULL;
}

uint32_t threads_count(const struct threads *all)
{
	return all->count;
}

bool threads_pinned(const struct threads *all)
{
	return !atomic_load(&all->unpinned);
}

int threads_run(struct threads *all, uint64_t ops, uint64_t *start_ns, uint64_t *end_ns,
		struct err *why)
{
	for (uint32_t i = 0; i < all->count; i++)
		all->thread[i].ops = ops / all->count + (i < ops % all->count);
	atomic_store(&all->arrived, 0);
	if (all->started)
		give_order(all, ORDER_RUN);
	for (unsigned n = 0; atomic_load(&all->arrived) < all->started; n++)
		spin(n);
	*start_ns = clock_now(all->job->clock);
	atomic_store(&all->released, all->orders);
	work(&all->thread[0]);
	if (all->started)
		wait_for_all(all);
	*end_ns = 0;
	for (uint32_t i = 0; i < all->count; i++)
		if (all->thread[i].end_ns > *end_ns)
			*end_ns = all->thread[i].end_ns;
	return first_failure(all, why);
}

uint64_t threads_sum(const struct threads *all, uint64_t (*of)(const void *state))
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < all->count; i++)
		sum += of(all->thread[i].state);
	return sum;
}

const char *threads_note(const struct threads *all)
{
	const struct workload *w = all->job->workload;

	return w->note ? w->note(all->thread[0].state) : all->thread[0].note;
}

struct sample_latency threads_latency(const struct threads *all)
{
	const struct workload *w = all->job->workload;

	return w->latency ? w->latency(all->thread[0].state) : (struct sample_latency){0};
}

uint64_t threads_aside_ns(const struct threads *all)
{
	const struct workload *w = all->job->workload;

	return w->aside_ns ? w->aside_ns(all->thread[0].state) : 0;
}

double threads_self_reported_ns(const struct threads *all)
{
	const struct workload *w = all->job->workload;

	return w->self_reported_ns ? w->self_reported_ns(all->thread[0].state) : 0;
}

void threads_free(struct threads *all)
{
	if (!all)
		return;
	if (all->started)
		give_order(all, ORDER_END);
	tear_down(&all->thread[0]);
	for (uint32_t i = 1; i <= all->started; i++)
		pthread_join(all->thread[i].id, NULL);
	if (all->count > 1)
		affinity_apply(&all->cpus);
	affinity_release(&all->cpus);
	pthread_cond_destroy(&all->change);
	pthread_mutex_destroy(&all->lock);
	free(all);
}
