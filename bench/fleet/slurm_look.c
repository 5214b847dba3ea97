/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of jobs: the queue, and what they leave in DIR. */
#include "bench/fleet/slurm_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a job wrote last may be seen here later than its end. */
#define SETTLE_NS (5 * NS_PER_S)
/* A node that comes back, a job that is released: so long nothing else has to happen. */
#define BLOCKED_NS (30 * NS_PER_S)
/* A run that is told to end puts everything back, then it is killed. */
#define STOP_NS (120 * NS_PER_S)
/* A controller that is away while we want to end. */
#define AWAY_NS (30 * NS_PER_S)

/* ---- one job ---- */

/* Whether Slurm, which answered, takes the job for one that ended. */
static bool is_over(struct slurm_item *it, uint64_t now)
{
	bool ended = !it->is_seen || it->seen.phase == SLURM_ENDED;

	if (!ended)
		it->ended_ns = 0;
	else if (!it->ended_ns)
		it->ended_ns = now;
	return ended && now - it->ended_ns >= SETTLE_NS;
}

static void examine_blocked(struct slurm_engine *e, struct slurm_item *it, uint64_t now)
{
	if (it->seen.phase != SLURM_WAITS ||
	    !slurm_is_blocked(it->seen.reason, slurm_node_name(e, it)))
		it->blocked_ns = 0;
	else if (!it->blocked_ns)
		it->blocked_ns = now;
}

static void examine(struct slurm_engine *e, struct slurm_item *it, uint64_t now)
{
	if (slurm_end_by_itself(e, it, false) || e->away_ns || it->service)
		return;
	if (is_over(it, now)) {
		slurm_end_by_slurm(e, it);
		return;
	}
	examine_blocked(e, it, now);
	if (it->is_seen && it->seen.phase == SLURM_RUNS && it->change.state != FLEET_RUNNING)
		slurm_tell(e, it, FLEET_RUNNING);
	slurm_serve(e, it, now);
}

/* ---- the queue ---- */

/* A task that was told its node is told of in fleet.json, so that this one was not, and is not held
 * by somebody else. */
static bool is_untold(const struct slurm_engine *e, const struct slurm_item *it,
		      const struct slurm_job *job)
{
	char id[SLURM_ID];

	return strcmp(job->reason, "JobHeldUser") == 0 &&
	       strcmp(slurm_id_format(&job->id, id), e->work->fleet->node[it - e->item].job) != 0;
}

/* A job of ours that nobody here knows: an earlier command submitted it, or sbatch did not hear
 * that it got through. */
static void take_up(struct slurm_engine *e, struct slurm_item *it, const struct slurm_job *job)
{
	it->id = job->id;
	it->at = is_untold(e, it, job) ? SLURM_HELD : SLURM_SUBMITTED;
	if (it->at == SLURM_SUBMITTED)
		slurm_tell(e, it, FLEET_WAITING);
}

static void on_job(void *ctx, const struct slurm_job *job)
{
	struct slurm_engine *e = ctx;
	struct slurm_item *it = slurm_array_find(e, job);

	/* One that is about to end is no work to wait for: what it leaves counts where it ended
	 * well, and the node is measured anew where not. */
	if (it && it->at == SLURM_WANTED && slurm_job_goes_on(job))
		take_up(e, it, job);
	if (it && slurm_id_same(&it->id, &job->id)) {
		it->seen = *job;
		it->is_seen = true;
	}
}

/* No job of it is in the queue: what one of an earlier command left, where it ended well meanwhile,
 * will do. */
static void settle_wanted(struct slurm_engine *e, struct slurm_item *it)
{
	if (slurm_id_parse(e->work->fleet->node[it - e->item].job, &it->id) &&
	    slurm_end_by_itself(e, it, true))
		return;
	it->id = (struct slurm_id){0};
	if (e->cancel_ns)
		slurm_fail(e, it);
}

/* ---- what does not come to an end by itself ---- */

void slurm_end_jobs(struct slurm_engine *e, bool running, bool in_order)
{
	struct slurm_id *id = calloc(e->work->fleet->nodes + 1, sizeof(*id));
	size_t count = 0;
	struct err ignored;

	for (size_t i = 0; id && i < e->work->fleet->nodes; i++) {
		const struct slurm_item *it = &e->item[i];

		if (it->at == SLURM_SUBMITTED && (it->seen.phase == SLURM_RUNS) == running)
			id[count++] = it->id;
	}
	if (count)
		slurm_cancel(id, count, in_order, &ignored);
	free(id);
}

/* It is cancelled, and nobody answers: whoever waits is not kept for long. */
static void give_up_away(struct slurm_engine *e)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct slurm_item *it = &e->item[i];
		char name[SLURM_NAME];

		if (it->at == SLURM_IDLE)
			continue;
		slurm_array_name(e, it, name);
		err_set(&it->change.why, EXIT_INTERRUPTED,
			"%s: Slurm's controller does not answer, so that its job could not be "
			"cancelled: scancel --me --name=%s",
			slurm_node_name(e, it), name);
		slurm_tell(e, it, FLEET_FAILED);
	}
}

/* Again with each look: a signal may be lost. */
static void cancel_again(struct slurm_engine *e, uint64_t now)
{
	bool late = now - e->cancel_ns > STOP_NS;

	slurm_end_jobs(e, true, !late);
	slurm_end_jobs(e, false, false);
	if (e->away_ns && now - e->away_ns > AWAY_NS)
		give_up_away(e);
}

static void give_up(struct slurm_engine *e, struct slurm_item *it)
{
	const char *node = slurm_node_name(e, it);
	struct err ignored;
	char id[SLURM_ID];

	slurm_cancel(&it->id, 1, false, &ignored);
	err_set(&it->change.why, EXIT_MACHINE,
		"%s: job %s does not begin (%s), and was cancelled: see sinfo --nodes %s --long, "
		"and nestbench fleet resume later",
		node, slurm_id_format(&it->id, id), it->seen.reason, node);
	slurm_tell(e, it, FLEET_FAILED);
}

/* Ends those for which nothing but a person's hand can do something, once they are all that is
 * left. */
static void give_up_blocked(struct slurm_engine *e, uint64_t now)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		const struct slurm_item *it = &e->item[i];

		if (it->at == SLURM_WANTED || it->at == SLURM_HELD ||
		    (it->at == SLURM_SUBMITTED &&
		     (!it->blocked_ns || now - it->blocked_ns < BLOCKED_NS)))
			return;
	}
	for (size_t i = 0; i < e->work->fleet->nodes; i++)
		if (e->item[i].at == SLURM_SUBMITTED)
			give_up(e, &e->item[i]);
}

/* ---- a look ---- */

static void begin_away(struct slurm_engine *e, const struct err *why)
{
	e->away_ns = clock_now(&clock_machine);
	if (!e->cancel_ns)
		fprintf(stderr, "Slurm does not answer and is asked again, jobs go on: %s\n",
			why->text);
}

static void ask(struct slurm_engine *e)
{
	struct err why;

	for (size_t i = 0; i < e->work->fleet->nodes; i++)
		e->item[i].is_seen = false;
	if (slurm_queue(e->front, on_job, e, &why) == 0)
		e->away_ns = 0;
	else if (!e->away_ns)
		begin_away(e, &why);
}

static void draw_conclusions(struct slurm_engine *e, uint64_t now)
{
	if (!e->away_ns) {
		e->is_looked = true;
		e->knows_free = false;
	}
	if (e->cancel_ns)
		cancel_again(e, now);
	else if (!e->away_ns) {
		slurm_array_loosen(e);
		give_up_blocked(e, now);
	}
}

void slurm_look(struct slurm_engine *e)
{
	uint64_t now;

	ask(e);
	now = clock_now(&clock_machine);
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct slurm_item *it = &e->item[i];

		if (it->at == SLURM_SUBMITTED)
			examine(e, it, now);
		else if (it->at == SLURM_WANTED && !e->is_looked && !e->away_ns)
			settle_wanted(e, it);
	}
	draw_conclusions(e, now);
	e->look_ns = now + SLURM_LOOK_NS;
}
