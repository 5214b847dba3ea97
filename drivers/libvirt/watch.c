/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool running;
static uint64_t limit_ns = LIBVIRT_CALL_LIMIT_NS;
static const char *name; /* of the present call; NULL: there is none */
static struct timespec end;
/* Of the thread that calls libvirt, as that is one. */
static void (*listener)(void *ctx, const char *what);
static void *listener_ctx;

static _Noreturn void give_up(void)
{
	fprintf(stderr, "nestbench: libvirt's %s did not return within %.0f s\n", name,
		(double)limit_ns / (double)NS_PER_S);
	fflush(stderr);
	_exit(EXIT_MACHINE);
}

static bool is_over(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec);
}

static void *watch(void *ctx)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		if (!name)
			pthread_cond_wait(&changed, &lock);
		else if (is_over())
			give_up();
		else
			pthread_cond_timedwait(&changed, &lock, &end);
	}
	return NULL;
}

/* Without the thread there is no limit, which is no reason to stop. */
static void start_thread(void)
{
	pthread_t thread;

	thread_cond_init(&changed);
	running = thread_start(&thread, watch, NULL) == 0;
	if (running)
		pthread_detach(thread);
}

void libvirt_watch_limit(uint64_t ns)
{
	pthread_mutex_lock(&lock);
	limit_ns = ns ? ns : LIBVIRT_CALL_LIMIT_NS;
	pthread_mutex_unlock(&lock);
}

void libvirt_watch_listener(void (*tell)(void *ctx, const char *what), void *ctx)
{
	listener = tell;
	listener_ctx = ctx;
}

void libvirt_watch_begin(const char *call)
{
	if (listener)
		listener(listener_ctx, call);
	pthread_mutex_lock(&lock);
	if (!running)
		start_thread();
	end = thread_time_after(limit_ns);
	name = call;
	if (running)
		pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

void libvirt_watch_end(void)
{
	pthread_mutex_lock(&lock);
	name = NULL;
	pthread_mutex_unlock(&lock);
}
