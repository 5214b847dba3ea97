/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PACE_S = 1 };

/* Waits for the next beat; true: it is due. With the lock. */
static bool wait_beat(struct agent_beat *b)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PACE_S;
	while (!b->ended)
		if (pthread_cond_timedwait(&b->changed, &b->lock, &end) == ETIMEDOUT)
			return !b->ended;
	return false;
}

static void *beat(void *arg)
{
	struct agent_beat *b = arg;

	pthread_mutex_lock(&b->lock);
	while (wait_beat(b)) {
		json_t *what = json_pack("{s:s}", "text", b->what);
		int heard;

		/* Whoever says what it waits for does not wait for the one above to listen. */
		pthread_mutex_unlock(&b->lock);
		heard = agent_answer(b->agent, b->id, "busy", what);
		pthread_mutex_lock(&b->lock);
		if (heard < 0)
			break;
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

int agent_beat_begin(struct agent_beat *b, struct agent *a, json_int_t id, struct err *err)
{
	pthread_condattr_t clock;
	sigset_t all, before;
	int failed;

	*b = (struct agent_beat){.agent = a, .id = id};
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &clock);
	pthread_condattr_destroy(&clock);
	/* Signals are for the agent's own thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	failed = pthread_create(&b->thread, NULL, beat, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed)
		return 0;
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	b->agent = NULL;
	return err_set(err, EXIT_INTERNAL, "cannot start a thread for signs of life: %s",
		       strerror(failed));
}

void agent_beat_tell(void *beat, const char *what)
{
	struct agent_beat *b = beat;

	pthread_mutex_lock(&b->lock);
	snprintf(b->what, sizeof(b->what), "%s", what);
	pthread_mutex_unlock(&b->lock);
}

void agent_beat_end(struct agent_beat *b)
{
	if (!b->agent)
		return;
	pthread_mutex_lock(&b->lock);
	b->ended = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	b->agent = NULL;
}
