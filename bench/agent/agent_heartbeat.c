/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/thread.h"

#define PACE_NS NS_PER_S

/* Waits for the next beat; true: it is due. With the lock. */
static bool wait_beat(struct agent_beat *b)
{
	struct timespec end = thread_time_after(PACE_NS);

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
	int failed;

	*b = (struct agent_beat){.agent = a, .id = id};
	pthread_mutex_init(&b->lock, NULL);
	thread_cond_init(&b->changed);
	failed = thread_start(&b->thread, beat, b);
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
