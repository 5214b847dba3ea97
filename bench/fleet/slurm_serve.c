/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes that do not share DIR: each gets a step in its job, and a thread here that talks to it. The
 * run ends when this command ends.
 */
#include "bench/fleet/slurm_engine.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench/fleet/node.h"
#include "bench/fleet/slurm_script.h"
#include "bench/fleet/slurm_step.h"
#include "lib/str.h"
#include "lib/thread.h"

/* What a job that shares DIR writes is seen by then; or twice as long after, and so on, since a
 * step takes time of the node: file systems of networks are up to a minute behind. */
#define SHARED_NS (5 * NS_PER_S)
#define SHARED_MAX_NS (60 * NS_PER_S)

struct slurm_service {
	struct slurm_engine *e;
	struct slurm_step step;
	char run[MANIFEST_NAME];
	struct err why;
	int done;
	pthread_t thread;
	atomic_bool over;
};

/* ---- the thread ---- */

static void *work(void *ctx)
{
	struct slurm_service *s = ctx;
	const struct remote_node node = {.name = s->step.node,
					 .who = s->step.node,
					 .place = SLURM_STEP_PLACE,
					 .way = &slurm_step_way,
					 .to = &s->step};
	uint64_t one = 1;

	s->done = remote_measure(&s->e->remote, &node, s->run, &s->why);
	atomic_store(&s->over, true);
	(void)!write(s->e->news, &one, sizeof(one));
	return NULL;
}

/* ---- its beginning ---- */

static void start(struct slurm_engine *e, struct slurm_item *it)
{
	struct slurm_service *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	s->e = e;
	s->step = (struct slurm_step){
		.node = slurm_node_name(e, it), .place = e->place, .job = it->seen};
	if (thread_start(&s->thread, work, s) == 0)
		it->service = s;
	else
		free(s);
}

void slurm_serve(struct slurm_engine *e, struct slurm_item *it, uint64_t now)
{
	char id[SLURM_ID];

	if (e->cancel_ns || !it->is_seen || it->seen.phase != SLURM_RUNS ||
	    !slurm_job_goes_on(&it->seen))
		return;
	if (!it->serve_ns) {
		it->patience_ns = SHARED_NS;
		it->serve_ns = now + it->patience_ns;
	}
	if (now < it->serve_ns || slurm_shares(e->work->dir, slurm_id_format(&it->id, id)))
		return;
	if (it->patience_ns < SHARED_MAX_NS)
		it->patience_ns *= 2;
	it->serve_ns = now + it->patience_ns;
	start(e, it);
}

/* ---- its end ---- */

static void fail(struct slurm_engine *e, struct slurm_item *it, const struct slurm_service *s)
{
	struct err ignored;

	slurm_cancel(&it->id, 1, true, &ignored);
	it->change.why = s->why;
	slurm_tell(e, it, FLEET_FAILED);
}

/* Whoever started the step that it had is gone, and so it comes to its end. */
static void submit_anew(struct slurm_item *it)
{
	struct err ignored;

	slurm_cancel(&it->id, 1, true, &ignored);
	it->at = SLURM_WANTED;
	it->id = (struct slurm_id){0};
}

static void conclude(struct slurm_engine *e, struct slurm_item *it, const struct slurm_service *s)
{
	str_copy(it->change.run, sizeof(it->change.run), s->run);
	if (s->done == 0)
		slurm_tell(e, it, FLEET_DONE);
	else if (!e->cancel_ns) /* else it is over when Slurm says so */
		fail(e, it, s);
}

static void take(struct slurm_engine *e, struct slurm_item *it)
{
	struct slurm_service *s = it->service;

	pthread_join(s->thread, NULL);
	it->service = NULL;
	if (s->step.refusal == SLURM_NOT_REFUSED)
		conclude(e, it, s);
	else if (s->step.refusal == SLURM_OF_ANOTHER && !e->cancel_ns)
		submit_anew(it);
	free(s);
}

void slurm_serve_take(struct slurm_engine *e)
{
	uint64_t passed;

	(void)!read(e->news, &passed, sizeof(passed));
	for (size_t i = 0; i < e->work->fleet->nodes; i++)
		if (e->item[i].service && atomic_load(&e->item[i].service->over))
			take(e, &e->item[i]);
}

/* ---- all of them ---- */

int slurm_serve_open(struct slurm_engine *e, struct err *err)
{
	e->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->news < 0 || pipe2(e->cancel, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	e->remote = (struct remote_fleet){.work = e->work,
					  .payload = &e->payload,
					  .sums = e->sums,
					  .token = "none",
					  .cancel_fd = e->cancel[0]};
	return 0;
}

int slurm_serve_begin(struct slurm_engine *e, struct err *err)
{
	char path[RUNDIR_PATH];

	e->payload = e->work->files->payload;
	buf_clear(&e->request);
	if (fleet_files_hash(e->work->files, e->sums, err) < 0 ||
	    rundir_path(e->work->dir, FLEET_FILES "/" FLEET_SUMS, path, err) < 0 ||
	    payload_add(&e->payload, path, FLEET_SUMS, err) < 0 ||
	    node_request_add(e->argv, e->work->files->image[0] != '\0', &e->request, err) < 0)
		return -1;
	e->remote.request = buf_str(&e->request);
	return 0;
}

void slurm_serve_cancel(struct slurm_engine *e)
{
	if (e->cancel[1] >= 0)
		close(e->cancel[1]);
	e->cancel[1] = -1;
}

void slurm_serve_close(struct slurm_engine *e)
{
	slurm_serve_cancel(e);
	for (size_t i = 0; e->item && i < e->work->fleet->nodes; i++)
		if (e->item[i].service) {
			pthread_join(e->item[i].service->thread, NULL);
			free(e->item[i].service);
		}
	if (e->cancel[0] >= 0)
		close(e->cancel[0]);
	if (e->news >= 0)
		close(e->news);
	buf_release(&e->request);
}
