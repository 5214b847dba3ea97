/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that wait with a limit. Time is CLOCK_MONOTONIC's: setting the clock neither ends a wait
 * nor prolongs it.
 */
#ifndef NB_THREAD_H
#define NB_THREAD_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* A condition whose timed waits take what thread_time_after() returns. */
void thread_cond_init(pthread_cond_t *c);

/* So much time from now. */
struct timespec thread_time_after(uint64_t ns);

/* As pthread_create, for a thread that gets no signals: they are for the program's own. 0 or the
 * error's number. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *ctx);

#endif
