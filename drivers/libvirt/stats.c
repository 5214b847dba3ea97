/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What KVM counts of the VMs at a service, asked for again and again by a thread of its own.
 */
#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drivers/libvirt/counts.h"
#include "drivers/libvirt/ops.h"
#include "drivers/libvirt/reasons.h"
#include "drivers/libvirt/session.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "lib/thread.h"

/* Its caller waits, and gives up when it likes to. */
#define NO_LIMIT_NS (UINT64_C(1) << 62)
#define END_NS NS_PER_S

struct libvirt_stats_thread {
	pthread_t id;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum { IDLE, ASKED, ANSWERED, FAILED } state; /* below here: under the lock */
	bool end, ended;
	struct libvirt_look look; /* the thread's own while it is ASKED */
	struct err err;
	int fd;

	char uri[256], domain[256]; /* the thread's own from here on; domain "": all */
	struct libvirt_session session;
	bool no_nowait; /* this libvirt cannot answer at once */

	pthread_mutex_t reasons_lock; /* not held while libvirt is asked */
	bool by_reason;		      /* it is wanted */
	struct libvirt_reasons reasons;
};

/* ---- the thread ---- */

static void take_record(struct libvirt_stats_thread *t, virDomainStatsRecordPtr record)
{
	struct libvirt_look *look = &t->look;
	struct libvirt_counted *vm = &look->vm[look->count];
	const char *name = virDomainGetName(record->dom);

	if (look->count == LIBVIRT_STATS_MAX) {
		look->left_out++;
		return;
	}
	str_copy(vm->name, sizeof(vm->name), name ? name : "?");
	printable(vm->name);
	vm->uuid[0] = '\0';
	(void)virDomainGetUUIDString(record->dom, vm->uuid);
	vm->counts.count = 0;
	vm->counts.remark[0] = '\0';
	vm->counts.at_ns = clock_now(&clock_machine);
	libvirt_counts_of(record, &vm->counts);
	/* What KVM runs. */
	if (t->by_reason && vm->counts.count)
		libvirt_reasons_add(&t->reasons, &t->session, name ? name : "", vm->uuid,
				    &vm->counts);
	look->count++;
}

/* The domain that was named; NULL: it is not there. */
static virDomainPtr find_domain(struct libvirt_stats_thread *t)
{
	virDomainPtr domain = virDomainLookupByName(t->session.conn, t->domain);

	if (domain && virDomainIsActive(domain) == 1)
		return domain;
	if (domain)
		virDomainFree(domain);
	return NULL;
}

static int get_records(struct libvirt_stats_thread *t, virDomainStatsRecordPtr **records)
{
	/* A VM that is busy with something else must not keep the others waiting. */
	unsigned wait = t->no_nowait ? 0 : VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
	virDomainPtr one[2] = {t->domain[0] ? find_domain(t) : NULL, NULL};
	int count = 0;

	if (!t->domain[0])
		count = virConnectGetAllDomainStats(t->session.conn, LIBVIRT_COUNTED, records,
						    VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
							    wait);
	else if (one[0])
		count = virDomainListGetStats(one, LIBVIRT_COUNTED, records, wait);
	if (one[0])
		virDomainFree(one[0]);
	return count;
}

static int look(struct libvirt_stats_thread *t, struct err *err)
{
	virDomainStatsRecordPtr *records = NULL;
	int count = get_records(t, &records);

	if (count < 0 && !t->no_nowait && virGetLastErrorCode() == VIR_ERR_INVALID_ARG) {
		t->no_nowait = true;
		count = get_records(t, &records);
	}
	if (virConnectIsAlive(t->session.conn) != 1)
		return libvirt_err(err, EXIT_MACHINE, "the connection to %s is lost", t->uri);
	/* The one that was asked about may have ended in between. */
	if (count < 0 && !t->domain[0])
		return libvirt_err(err, EXIT_MACHINE, "cannot read the statistics of the VMs at %s",
				   t->uri);
	t->look.count = t->look.left_out = 0;
	pthread_mutex_lock(&t->reasons_lock);
	for (int i = 0; i < count; i++)
		take_record(t, records[i]);
	libvirt_reasons_forget(&t->reasons);
	pthread_mutex_unlock(&t->reasons_lock);
	if (records)
		virDomainStatsRecordListFree(records);
	return 0;
}

static int answer(struct libvirt_stats_thread *t, struct err *err)
{
	if (!t->session.conn && libvirt_session_open(&t->session, t->uri, NULL, err) < 0)
		return -1;
	return look(t, err);
}

static void *work(void *ctx)
{
	struct libvirt_stats_thread *t = ctx;
	uint64_t one = 1;
	struct err err;
	int rc;

	libvirt_watch_limit(NO_LIMIT_NS);
	pthread_mutex_lock(&t->lock);
	while (!t->end) {
		if (t->state != ASKED) {
			pthread_cond_wait(&t->changed, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		rc = answer(t, &err);
		pthread_mutex_lock(&t->lock);
		t->state = rc < 0 ? FAILED : ANSWERED;
		if (rc < 0)
			t->err = err;
		while (write(t->fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
	}
	pthread_mutex_unlock(&t->lock);
	libvirt_session_close(&t->session);
	pthread_mutex_lock(&t->lock);
	t->ended = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* ---- its caller ---- */

static void release(struct libvirt_stats_thread *t)
{
	if (t->fd >= 0)
		close(t->fd);
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	pthread_mutex_destroy(&t->reasons_lock);
	free(t->look.vm);
	free(t);
}

static struct libvirt_stats_thread *make(const char *uri, const char *domain, bool reasons)
{
	struct libvirt_stats_thread *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->reasons_lock, NULL);
	thread_cond_init(&t->changed);
	str_copy(t->uri, sizeof(t->uri), uri);
	str_copy(t->domain, sizeof(t->domain), domain ? domain : "");
	t->by_reason = reasons;
	t->look.remark = t->reasons.remark;
	t->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->look.vm = calloc(LIBVIRT_STATS_MAX, sizeof(*t->look.vm));
	if (t->fd >= 0 && t->look.vm)
		return t;
	release(t);
	return NULL;
}

int libvirt_stats_begin(struct libvirt_stats *s, const char *uri, const char *domain, bool reasons,
			struct err *err)
{
	struct libvirt_stats_thread *t;
	int failed;

	if (strlen(uri) >= sizeof(t->uri) || (domain && strlen(domain) >= sizeof(t->domain)))
		return err_set(err, EXIT_USAGE,
			       "the URI or the domain's name has more than %zu characters",
			       sizeof(t->uri) - 1);
	t = make(uri, domain, reasons);
	if (!t)
		return err_set(err, EXIT_INTERNAL, "out of memory or descriptors");
	failed = thread_start(&t->id, work, t);
	if (failed) {
		release(t);
		return err_set(err, EXIT_INTERNAL, "cannot start a thread: %s", strerror(failed));
	}
	*s = (struct libvirt_stats){.fd = t->fd, .thread = t};
	return 0;
}

void libvirt_stats_ask(struct libvirt_stats *s)
{
	struct libvirt_stats_thread *t = s->thread;

	pthread_mutex_lock(&t->lock);
	if (t->state != FAILED)
		t->state = ASKED;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

int libvirt_stats_take(struct libvirt_stats *s, struct libvirt_look *look_out, struct err *err)
{
	struct libvirt_stats_thread *t = s->thread;
	uint64_t count;
	int rc;

	pthread_mutex_lock(&t->lock);
	(void)!read(t->fd, &count, sizeof(count));
	rc = t->state == ANSWERED ? 1 : t->state == FAILED ? -1 : 0;
	if (rc > 0) {
		*look_out = t->look;
		t->state = IDLE;
	}
	if (rc < 0)
		*err = t->err;
	pthread_mutex_unlock(&t->lock);
	return rc;
}

void libvirt_stats_end(struct libvirt_stats *s)
{
	struct libvirt_stats_thread *t = s->thread;
	struct timespec until = thread_time_after(END_NS);
	bool ended;

	if (!t)
		return;
	*s = (struct libvirt_stats){.fd = -1};
	pthread_mutex_lock(&t->lock);
	t->end = true;
	pthread_cond_signal(&t->changed);
	while (!t->ended && pthread_cond_timedwait(&t->changed, &t->lock, &until) == 0)
		;
	ended = t->ended;
	pthread_mutex_unlock(&t->lock);
	/* Whatever the thread does: nothing of it stays in the kernel. */
	pthread_mutex_lock(&t->reasons_lock);
	t->by_reason = false;
	libvirt_reasons_close(&t->reasons);
	pthread_mutex_unlock(&t->reasons_lock);
	if (!ended) {
		pthread_detach(t->id);
		return;
	}
	pthread_join(t->id, NULL);
	release(t);
}
