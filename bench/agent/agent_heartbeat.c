/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/thread.h"

#define PACE_NS NS_PER_S

/* Waits until the next one is due: true; or until the end: false. With the lock. */
static bool wait_for_next(struct heartbeat *b)
{
	struct timespec end = thread_time_after(PACE_NS);

	while (!b->ended)
		if (pthread_cond_timedwait(&b->changed, &b->lock, &end) == ETIMEDOUT)
			return !b->ended;
	return false;
}

static void *send_heartbeats(void *arg)
{
	struct heartbeat *b = arg;

	pthread_mutex_lock(&b->lock);
	while (wait_for_next(b)) {
		json_t *what = json_pack("{s:s}", "text", b->what);
		int heard;

		/* The request must not wait for a parent layer that does not read. */
		pthread_mutex_unlock(&b->lock);
		heard = agent_answer(b->agent, b->id, "busy", what);
		pthread_mutex_lock(&b->lock);
		if (heard < 0)
			break;
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

int heartbeat_begin(struct heartbeat *b, struct agent *a, json_int_t id, struct err *err)
{
	int failed;

	*b = (struct heartbeat){.agent = a, .id = id};
	pthread_mutex_init(&b->lock, NULL);
	thread_cond_init(&b->changed);
	failed = thread_start(&b->thread, send_heartbeats, b);
	if (!failed)
		return 0;
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	b->agent = NULL;
	return err_set(err, EXIT_INTERNAL, "cannot start a thread for heartbeats: %s",
		       strerror(failed));
}

void heartbeat_tell(void *heartbeat, const char *what)
{
	struct heartbeat *b = heartbeat;

	pthread_mutex_lock(&b->lock);
	snprintf(b->what, sizeof(b->what), "%s", what);
	pthread_mutex_unlock(&b->lock);
}

void heartbeat_end(struct heartbeat *b)
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
