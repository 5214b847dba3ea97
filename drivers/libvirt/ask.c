/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/ask.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/thread.h"

/* An answer of a QEMU that works takes milliseconds; of an emulated one on a busy machine more. */
#define ASK_LIMIT_NS (5 * NS_PER_S)
/* libvirt ends a QEMU that hangs within 15 s; then nothing is waited for any more. */
#define ASK_END_NS (30 * NS_PER_S)

struct libvirt_question {
	virDomainPtr domain;
	void (*ask)(virDomainPtr domain, void *ctx);
	void *ctx;
	void (*release)(void *ctx);
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool answered;
};

static void *ask(void *arg)
{
	struct libvirt_question *q = arg;

	q->ask(q->domain, q->ctx);
	pthread_mutex_lock(&q->lock);
	q->answered = true;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

static bool wait_for(struct libvirt_question *q, uint64_t limit_ns)
{
	struct timespec end = thread_time_after(limit_ns);
	bool answered;

	pthread_mutex_lock(&q->lock);
	while (!q->answered)
		if (pthread_cond_timedwait(&q->changed, &q->lock, &end))
			break;
	answered = q->answered;
	pthread_mutex_unlock(&q->lock);
	return answered;
}

static void free_question(struct libvirt_question *q)
{
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static struct libvirt_question *begin(const struct libvirt_question *what)
{
	struct libvirt_question *q = malloc(sizeof(*q));
	pthread_t thread;

	if (!q)
		return NULL;
	*q = *what;
	pthread_mutex_init(&q->lock, NULL);
	thread_cond_init(&q->changed);
	if (thread_start(&thread, ask, q)) {
		free_question(q);
		return NULL;
	}
	pthread_detach(thread);
	return q;
}

bool libvirt_ask(struct libvirt_guest *g, void (*question)(virDomainPtr domain, void *ctx),
		 void *ctx, void (*release)(void *ctx))
{
	const struct libvirt_question what = {
		.domain = g->domain, .ask = question, .ctx = ctx, .release = release};

	if (!g->asked && g->domain) {
		g->asked = begin(&what);
		if (g->asked && !wait_for(g->asked, ASK_LIMIT_NS))
			return false;
	}
	/* Another one hangs, or this one was not asked. */
	if (!g->asked || g->asked->ctx != ctx) {
		release(ctx);
		return false;
	}
	free_question(g->asked);
	g->asked = NULL;
	return true;
}

void libvirt_ask_end(struct libvirt_guest *g)
{
	/* One that never ends is left behind: it may still use what it has. */
	if (g->asked && wait_for(g->asked, ASK_END_NS)) {
		g->asked->release(g->asked->ctx);
		free_question(g->asked);
	}
	g->asked = NULL;
}
