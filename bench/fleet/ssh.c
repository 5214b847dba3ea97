/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine that reaches nodes by OpenSSH's client, with the user's configuration: a connection
 * and a thread for each node at work. Nothing of it stays on a node when the connection ends.
 * Options: config (ssh's -F), dir (where there a directory is made).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "bench/fleet/engines.h"
#include "bench/fleet/node.h"
#include "bench/fleet/remote.h"
#include "drivers/ssh/complaint.h"
#include "drivers/ssh/require.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/thread.h"

#define SUMS_TO_SEND "sums"

struct engine;

struct at_work {
	struct engine *engine;
	size_t node;
	pthread_t thread;
	bool wanted;		    /* was begun, and has no thread yet */
	bool has_thread, over;	    /* its thread has nothing more to do */
	bool changed;		    /* `change` was not told yet */
	struct fleet_change change; /* the latest */
};

struct engine {
	const struct fleet_work *work;
	struct ssh_options o;
	struct payload payload; /* the files and their sums */
	struct remote_fleet fleet;
	char dir[RUNDIR_PATH], sums[SHA256_HEX];
	struct at_work *item; /* one for each node of the fleet */
	struct buf request;
	int cancel[2];	/* the writing end is closed to cancel */
	int news;	/* an eventfd: something changed */
	size_t threads; /* that are there */
	bool cancelled;
	pthread_mutex_t lock; /* of all that a thread changes */
	pthread_mutex_t sharing;
	bool is_shared; /* the files are complete */
};

/* ---- the threads ---- */

static void tell(struct at_work *w, const struct fleet_change *change)
{
	struct engine *e = w->engine;
	uint64_t one = 1;

	pthread_mutex_lock(&e->lock);
	w->change = *change;
	w->changed = true;
	w->over = change->state != FLEET_RUNNING;
	pthread_mutex_unlock(&e->lock);
	(void)!write(e->news, &one, sizeof(one));
}

static void tell_started(void *ctx)
{
	struct at_work *w = ctx;

	tell(w, &(struct fleet_change){.node = w->node, .state = FLEET_RUNNING});
}

static int share(void *ctx, struct err *err)
{
	struct engine *e = ctx;
	int done = 0;

	pthread_mutex_lock(&e->sharing);
	if (!e->is_shared)
		done = fleet_files_place(e->work->files, e->dir, err);
	e->is_shared = done == 0;
	pthread_mutex_unlock(&e->sharing);
	return done;
}

/* ---- a connection ---- */

struct connection {
	const struct ssh_options *o;
	struct ssh_target to;
};

static void arguments(void *to, const char *command, const char *argv[REMOTE_ARGS])
{
	const struct connection *c = to;

	ssh_arguments(c->o, &c->to, command, argv);
}

static int explain(void *to, const char *printed, struct err *err)
{
	const struct connection *c = to;

	return complaint_of_ssh(c->to.who, printed, err);
}

static int measure(struct at_work *w, char run[MANIFEST_NAME], struct err *err)
{
	static const struct remote_way way = {.arguments = arguments, .explain = explain};
	struct engine *e = w->engine;
	struct connection c = {.o = &e->o};
	const struct remote_node node = {.name = e->work->fleet->node[w->node].name,
					 .who = c.to.who,
					 .place = e->o.dir,
					 .way = &way,
					 .to = &c,
					 .started = tell_started,
					 .ctx = w};

	if (ssh_target_read(node.name, &c.to, err) < 0)
		return -1;
	return remote_measure(&e->fleet, &node, run, err);
}

/* ---- beginning and end of a thread ---- */

static void *work(void *ctx)
{
	struct at_work *w = ctx;
	struct fleet_change change = {.node = w->node, .state = FLEET_DONE};

	if (measure(w, change.run, &change.why) < 0)
		change.state = FLEET_FAILED;
	tell(w, &change);
	return NULL;
}

static void start_thread(struct engine *e, struct at_work *w)
{
	struct fleet_change change = {.node = w->node, .state = FLEET_FAILED};

	w->wanted = false;
	if (e->cancelled)
		err_set(&change.why, EXIT_INTERRUPTED, "it was cancelled");
	else if (thread_start(&w->thread, work, w) != 0)
		err_set(&change.why, EXIT_INTERNAL, "cannot start a thread for %s",
			e->work->fleet->node[w->node].name);
	else
		w->has_thread = true;
	if (w->has_thread)
		e->threads++;
	else
		tell(w, &change);
}

static void start_threads(struct engine *e)
{
	const struct fleet *f = e->work->fleet;

	for (size_t i = 0; i < f->nodes; i++) {
		if (f->parallel && e->threads >= f->parallel && !e->cancelled)
			return;
		if (e->item[i].wanted)
			start_thread(e, &e->item[i]);
	}
}

static void end_thread(struct engine *e, struct at_work *w)
{
	if (!w->has_thread)
		return;
	pthread_join(w->thread, NULL);
	w->has_thread = false;
	e->threads--;
}

/* ---- the seam ---- */

static void cancel_all(struct engine *e)
{
	e->cancelled = true;
	if (e->cancel[1] >= 0)
		close(e->cancel[1]);
	e->cancel[1] = -1;
}

static void close_engine(void *engine)
{
	struct engine *e = engine;
	struct err ignored;

	if (!e)
		return;
	cancel_all(e);
	for (size_t i = 0; e->item && i < e->work->fleet->nodes; i++)
		end_thread(e, &e->item[i]);
	if (e->cancel[0] >= 0)
		close(e->cancel[0]);
	if (e->news >= 0)
		close(e->news);
	if (e->dir[0])
		file_remove_tree(e->dir, &ignored);
	pthread_mutex_destroy(&e->lock);
	pthread_mutex_destroy(&e->sharing);
	buf_release(&e->request);
	free(e->item);
	free(e);
}

static int make_token(char token[REMOTE_TOKEN], struct err *err)
{
	unsigned char chance[(REMOTE_TOKEN - 1) / 2];

	if (getrandom(chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
		return err_errno(err, EXIT_INTERNAL, "no random numbers");
	for (size_t i = 0; i < sizeof(chance); i++)
		snprintf(token + 2 * i, 3, "%02x", chance[i]);
	return 0;
}

static int write_file(struct engine *e, const char *name, const char *text, char path[RUNDIR_PATH],
		      struct err *err)
{
	if (rundir_path(e->dir, name, path, err) < 0)
		return -1;
	return file_write_private(path, text, strlen(text), err);
}

/* The sums go along with the files; the token, in a file, proves a file system that is shared. */
static int prepare_files(struct engine *e, struct err *err)
{
	struct buf sums = BUF_INIT;
	char path[RUNDIR_PATH];
	int done = -1;

	fleet_files_sums(e->work->files, &sums);
	sha256_of(buf_str(&sums), sums.len, e->sums);
	e->payload = e->work->files->payload;
	if (rundir_path(e->work->dir, FLEET_FILES, e->dir, err) == 0 &&
	    file_make_dirs(e->dir, err) == 0 && make_token(e->fleet.token, err) == 0 &&
	    write_file(e, SCRIPT_PROBE, e->fleet.token, path, err) == 0 &&
	    buf_check(&sums, err) == 0 &&
	    write_file(e, SUMS_TO_SEND, buf_str(&sums), path, err) == 0)
		done = payload_add(&e->payload, path, FLEET_SUMS, err);
	buf_release(&sums);
	return done;
}

static int check_options(struct engine *e, struct err *err)
{
	const struct fleet *f = e->work->fleet;
	char version[SSH_VERSION];

	e->o = (struct ssh_options){.config = facts_get(&f->options, "config")};
	return remote_place(f, &e->o.dir, err) < 0 ? -1 : ssh_version(version, err);
}

static int check_names(const struct fleet *f, struct err *err)
{
	struct ssh_target to;

	for (size_t i = 0; i < f->nodes; i++)
		if (ssh_target_read(f->node[i].name, &to, err) < 0)
			return err_context(err, "--hosts");
	return 0;
}

static int make(struct engine *e, struct err *err)
{
	const struct fleet *f = e->work->fleet;

	e->item = calloc(f->nodes + 1, sizeof(*e->item));
	if (!e->item)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	for (size_t i = 0; i < f->nodes; i++)
		e->item[i] = (struct at_work){.engine = e, .node = i};
	e->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->news < 0 || pipe2(e->cancel, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	if (check_options(e, err) < 0 || check_names(f, err) < 0 || prepare_files(e, err) < 0)
		return -1;
	e->fleet.work = e->work;
	e->fleet.shared = ssh_path_is_plain(e->dir) ? e->dir : NULL;
	e->fleet.payload = &e->payload;
	e->fleet.sums = e->sums;
	e->fleet.cancel_fd = e->cancel[0];
	e->fleet.share = share;
	e->fleet.ctx = e;
	return 0;
}

static void *open_engine(const struct fleet_work *work, struct err *err)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	e->work = work;
	e->cancel[0] = e->cancel[1] = e->news = -1;
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->sharing, NULL);
	if (make(e, err) == 0)
		return e;
	close_engine(e);
	return NULL;
}

static int begin(void *engine, const size_t *node, size_t count, const struct words *argv,
		 struct err *err)
{
	struct engine *e = engine;

	buf_clear(&e->request);
	if (node_request_add(argv, e->work->files->image[0] != '\0', &e->request, err) < 0)
		return -1;
	e->fleet.request = buf_str(&e->request);
	for (size_t i = 0; i < count; i++)
		e->item[node[i]].wanted = true;
	start_threads(e);
	return 0;
}

static bool take_change(struct engine *e, struct fleet_change *change)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct at_work *w = &e->item[i];
		bool found, over;

		pthread_mutex_lock(&e->lock);
		found = w->changed;
		over = w->over;
		if (found)
			*change = w->change;
		w->changed = false;
		pthread_mutex_unlock(&e->lock);
		if (!found)
			continue;
		if (over)
			end_thread(e, w);
		start_threads(e);
		return true;
	}
	return false;
}

static int next(void *engine, uint64_t limit_ns, struct fleet_change *change, struct err *err)
{
	struct engine *e = engine;
	uint64_t end = clock_now(&clock_machine) + limit_ns, now, passed;

	while (!take_change(e, change)) {
		struct pollfd p[2] = {{.fd = e->news, .events = POLLIN},
				      {.fd = e->cancelled ? -1 : interrupt_fd(), .events = POLLIN}};

		now = clock_now(&clock_machine);
		if (now >= end)
			return 0;
		poll(p, 2, (int)((end - now) / NS_PER_MS) + 1);
		(void)!read(e->news, &passed, sizeof(passed));
		if (p[1].revents && !p[0].revents)
			return 0;
	}
	return 1;
}

static void cancel(void *engine)
{
	cancel_all(engine);
	start_threads(engine);
}

const struct fleet_engine fleet_engine_ssh = {
	.name = "ssh",
	.open = open_engine,
	.begin = begin,
	.next = next,
	.cancel = cancel,
	.close = close_engine,
};
