/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures waking a sleeping thread: two threads take turns, each waking the other by futex and
 * going to sleep itself. Apart (the default), each has a CPU of its own, which has gone idle
 * meanwhile: the wake-up is an interrupt from CPU to CPU and the end of a halt, in a VM two of the
 * most expensive exits. Together, both share one CPU and it is a plain thread switch. A kernel that
 * polls before it halts (halt_poll_ns, idle=poll, haltpoll) hides a part of it. Not measured: the
 * interrupt apart from the system calls and the switch around it.
 *
 * Source: the IPI path of DVH (ASPLOS 2020) table 3; schbench and perf bench futex measure it under
 * load.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workloads/lib/place.h"
#include "workloads/workload.h"

enum turn { TURN_OURS, TURN_THEIRS, TURN_NOBODY };

struct state {
	_Atomic uint32_t turn;
	_Atomic uint32_t lost; /* the partner could not be pinned */
	pthread_t thread;
	int running;
	enum place place;
	struct affinity cpus; /* as they were */
	uint64_t trips, partner_trips;
};

enum { PLACE };
static const struct param params[] = {
	[PLACE] = PLACE_PARAM(PLACE_APART),
	{0},
};

static void pass(_Atomic uint32_t *turn, enum turn to)
{
	atomic_store(turn, to);
	syscall(SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Returns when the turn is no longer `now`. */
static void await_change(_Atomic uint32_t *turn, enum turn now)
{
	while (atomic_load(turn) == now)
		syscall(SYS_futex, turn, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
}

static void *partner(void *arg)
{
	struct state *s = arg;
	struct err ignored;

	if (place_pin(s->place, 1, &s->cpus, &ignored) < 0)
		atomic_store(&s->lost, 1);
	for (;;) {
		await_change(&s->turn, TURN_OURS);
		if (atomic_load(&s->turn) == TURN_NOBODY)
			return NULL;
		s->partner_trips++;
		pass(&s->turn, TURN_OURS);
	}
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->place = (enum place)arg[PLACE];
	if (affinity_read(&s->cpus, err) < 0)
		return -1;
	if (pthread_create(&s->thread, NULL, partner, s) != 0)
		return err_set(err, EXIT_MACHINE, "cannot start a second thread");
	s->running = 1;
	return place_pin(s->place, 0, &s->cpus, err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		pass(&s->turn, TURN_THEIRS);
		await_change(&s->turn, TURN_THEIRS);
	}
	s->trips += n;
	if (atomic_load(&s->lost))
		return err_set(err, EXIT_MACHINE, "the second thread could not be pinned");
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->partner_trips) ^ (s->trips - s->partner_trips);
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->running) {
		pass(&s->turn, TURN_NOBODY);
		pthread_join(s->thread, NULL);
	}
	s->running = 0;
	place_restore(&s->cpus);
}

const struct workload workload_cpu_futex = {
	.name = "cpu.futex",
	.summary = "two threads that wake each other by futex",
	.op = "one wake-up there and one back (two wake-ups and two sleeps)",
	.source = "schbench, perf bench futex wake",
	.figure = "DVH (ASPLOS 2020) table 3: send IPI 3,273 / 39,456 / 787,971 cycles in L1 / L2 "
		  "/ L3; an operation holds two",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.profiles[PROFILE_STANDARD] = ITEMS("place=together", ""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
