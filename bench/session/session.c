/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "results/rundir/layers.h"

/* How a round went; -1 ends the run. */
enum { ROUND_DONE = 0, ROUND_LOST /* with a layer that can be started again */ };

static int run_jobs(struct session *s, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->jobs; i++) {
		const struct job *job = &plan->job[i];
		int done;

		if (session_check_image(s, err) < 0)
			return -1;
		progress_job(s->p, job->round,
			     job->round > s->size.rounds ? job->round : s->size.rounds,
			     session_name(s, job->layer),
			     s->c->works->item[job->workload].workload->name);
		if (session_is_measured(s, job))
			done = 0;
		else if (s->unreached[job->layer][0])
			done = session_skip_job(s, job, s->unreached[job->layer], err);
		else
			done = session_run_job(s, job, err);
		if (done < 0)
			return -1;
		if (session_can_restart(s)) {
			progress_add(s->p, i);
			return ROUND_LOST;
		}
		if (session_tell_lost(s, err) < 0)
			return -1;
		progress_done(s->p);
	}
	return ROUND_DONE;
}

/* Asks whether the size is still right, and tells the manifest and the progress line. */
static int ask_next(struct session *s, uint32_t round, struct err *err)
{
	const struct session_config *c = s->c;
	uint32_t rounds_left, boots_left;

	if (c->next && c->next(c->next_ctx, &s->stand, &s->size, err) < 0)
		return -1;
	rounds_left = s->size.rounds > round ? s->size.rounds - round : 0;
	boots_left = s->sides * s->size.boots;
	boots_left = boots_left > s->turn + 1 ? boots_left - s->turn - 1 : 0;
	progress_left(s->p, ((size_t)boots_left * s->size.rounds + rounds_left) *
				    session_layers(s) * c->works->repeated);
	s->m->boots = s->size.boots;
	s->m->rounds = s->size.rounds;
	s->m->batches = (uint32_t)s->size.batches;
	return 0;
}

/* One round, and what disturbed it. */
static int run_round(struct session *s, uint32_t round, struct err *err)
{
	struct plan plan = {0};
	uint64_t begin = clock_now(s->c->clock);
	int done = plan_add_round(&plan, s->c->seed, s->boot, round, &s->turns, err);

	if (done == 0)
		done = run_jobs(s, &plan, err);
	plan_release(&plan);
	if (done)
		return done;
	s->rounds_whole = round >= s->size.rounds &&
			  link_alive(&s->link) == (int)session_layers(s) &&
			  s->link.guests == (int)s->c->vm_size.guests;
	if (session_watch(s, round + 1, err) < 0)
		return -1;
	if (round > s->last_round)
		s->last_round = round;
	s->stand.all_rounds++;
	s->stand.last_round_ns = clock_now(s->c->clock) - begin;
	s->stand.rounds_ns += s->stand.last_round_ns;
	return 0;
}

/* The rounds of a boot; behind them the disturbed ones are measured again. */
static int run_rounds(struct session *s, struct err *err)
{
	uint32_t round = s->from_round;

	if (session_disturbance_begin(s, err) < 0)
		return -1;
	while (round <= s->size.rounds) {
		int done;

		if (!s->counted && session_exits_round(s, err) < 0)
			return -1;
		done = session_can_restart(s) ? ROUND_LOST : run_round(s, round, err);
		if (done < 0 || (done == ROUND_LOST && session_restart(s, round, err) < 0))
			return -1;
		if (done == ROUND_LOST)
			continue;
		s->stand.round = round;
		if (ask_next(s, round++, err) < 0)
			return -1;
	}
	/* With a layer less that would be another round. */
	while (link_alive(&s->link) == s->up && session_remeasure(s, &round))
		if (run_round(s, round, err) < 0)
			return -1;
	s->remeasures = 0;
	return session_watch_end(s, err);
}

/* The counts of a resumed run are in its manifest. */
static bool recall_counts(struct session *s)
{
	const struct work_list *works = s->c->works;
	bool all = s->c->resume_state && s->m->jobs == works->count;

	for (uint32_t i = 0; all && i < works->repeated; i++)
		all = s->m->job[i].ops > 0;
	for (uint32_t i = 0; all && i < works->repeated; i++)
		s->calibration[i].ops = s->m->job[i].ops;
	return all;
}

/* Keeps the counts, so that the run can be resumed. */
static int keep_counts(struct session *s, struct err *err)
{
	if (s->m->jobs != s->c->works->count)
		return 0;
	for (uint32_t i = 0; i < s->c->works->repeated; i++)
		s->m->job[i].ops = s->calibration[i].ops;
	return manifest_save(s->c->dir, s->m, err);
}

/* The same counts in every boot: the first one's. None where all is to be begun again. */
static int find_counts(struct session *s, bool may_restart, struct err *err)
{
	int layers = link_alive(&s->link);
	const struct calibration_config cc = {.works = s->c->works,
					      .layers = session_layers(s),
					      .batch_ns = s->c->batch_ns,
					      .seed = s->c->seed};
	uint64_t begin = clock_now(s->c->clock);

	if (s->calibrated || recall_counts(s)) {
		s->calibrated = true;
		return 0;
	}
	progress_phase(s->p, "calibrating %u workloads in %d layers", s->c->works->repeated,
		       layers);
	if (calibrate(&cc, &s->link, s->calibration, err) < 0 || session_check_l0(s, err) < 0)
		return -1;
	s->stand.calibration_ns = clock_now(s->c->clock) - begin;
	if (may_restart && session_lost_any(s) && link_alive(&s->link) < layers)
		return 0;
	s->calibrated = true;
	session_tell_hung(s);
	if (link_alive(&s->link) < layers && session_fewer_calibrated(s, err) < 0)
		return -1;
	return keep_counts(s, err);
}

/* The first round of the plan in which something of this boot is still to be measured; 0: there is
 * none. */
static uint32_t first_missing_round(const struct session *s)
{
	for (uint32_t round = s->first_round; round <= s->size.rounds; round++)
		if (!session_round_is_measured(s, round))
			return round;
	return 0;
}

/* Finds out what is there of this boot and what is missing. */
static int recall_boot(struct session *s, struct err *err)
{
	s->last_round = resume_state_last_round(s->c->resume_state, s->boot);
	s->from_round = first_missing_round(s);
	if (session_disturbance_recall(s, err) < 0)
		return -1;
	if (!s->from_round)
		s->from_round = session_disturbance_next(s);
	return 0;
}

/*
 * Layers and counts: all that a boot needs before its first round. With may_restart it ends at
 * once, and s->start_again, when a layer is lost that can be started again.
 */
static int get_ready(struct session *s, bool may_restart, uint32_t *unreached, struct err *why,
		     struct err *err)
{
	uint64_t begin = clock_now(s->c->clock);
	int up;

	memset(s->clock, 0, sizeof(s->clock));
	s->given_up = false;
	up = session_layers_up(s, may_restart, unreached, why, err);
	s->stand.boots_ns += clock_now(s->c->clock) - begin;
	if (up < 0)
		return -1;
	if (s->start_again)
		return 0;
	s->told_alive = link_alive(&s->link);
	if (session_watch(s, 1, err) < 0 || find_counts(s, may_restart, err) < 0)
		return -1;
	return may_restart ? session_note_early_loss(s, err) : 0;
}

/* All layers up and what a boot needs: again while layers are lost and that is allowed. */
static int start_boot(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	for (uint32_t attempt = 1;; attempt++) {
		if (get_ready(s, attempt <= s->c->restarts, unreached, why, err) < 0)
			return -1;
		if (!s->start_again)
			break;
		if (session_start_again(s, attempt, err) < 0)
			return -1;
	}
	session_note_began(s);
	return 0;
}

static int run_boot(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	bool first = !s->calibrated;

	s->rounds_whole = false;
	s->counted = s->last_round > 0;
	memset(s->once, 0, sizeof(s->once));
	if (start_boot(s, unreached, why, err) < 0)
		return -1;
	if (first)
		progress_start(s->p, (size_t)s->sides * s->size.boots * s->size.rounds *
					     session_layers(s) * s->c->works->repeated);
	if (run_rounds(s, err) < 0)
		return -1;
	session_note_lost(s, unreached, why);
	return 0;
}

/* Who takes turns with whom. */
static int make_turns(struct session *s, struct err *err)
{
	const struct work_list *works = s->c->works;

	s->group = calloc(works->repeated + 1, sizeof(*s->group));
	if (!s->group)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->turns = (struct plan_turns){.layers = session_layers(s), .group = s->group};
	for (uint32_t i = 0; i < works->repeated; i += s->group[s->turns.groups++])
		s->group[s->turns.groups] = work_list_group(works, i);
	return 0;
}

/* One boot from begin to end, and what it took. */
static int whole_boot(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	const struct session_stand before = s->stand;
	struct facts facts = FACTS_INIT;
	uint64_t begin;
	int done;

	if (session_recall_restarts(s, err) < 0 || recall_boot(s, err) < 0)
		return -1;
	if (!s->from_round)
		return 0;
	done = run_boot(s, unreached, why, err);
	begin = clock_now(s->c->clock);

	progress_end(s->p);
	session_layers_down(s);
	s->stand.boots_ns += clock_now(s->c->clock) - begin;
	facts_set(&facts, "time_boot_ns", "%" PRIu64, s->stand.boots_ns - before.boots_ns);
	if (before.calibration_ns != s->stand.calibration_ns)
		facts_set(&facts, "time_calibration_ns", "%" PRIu64, s->stand.calibration_ns);
	facts_set(&facts, "time_rounds_ns", "%" PRIu64, s->stand.rounds_ns - before.rounds_ns);
	if (done == 0)
		done = layers_append(s->c->dir, s->c->run, s->boot, 0, &facts, err);
	facts_release(&facts);
	return done;
}

/* Every second pair of boots the other way round, so that a drift of the machine does not favour
 * the side that comes first. */
static uint32_t side_of(uint32_t turn)
{
	return (turn % 2) ^ (turn / 2 % 2);
}

static int run_turns(struct session *s, const struct session_config *c, struct manifest *const *m,
		     struct csv_writer rows[2], struct csv_writer exits[2],
		     const struct image_watch image[2], uint32_t *unreached, struct err *why,
		     struct err *err)
{
	int done = 0;

	s->stand.began_ns = clock_now(c->clock);
	for (; done == 0 && s->turn < s->sides * s->size.boots; s->turn++) {
		uint32_t side = s->sides == 2 ? side_of(s->turn) : 0, lost = 0;

		s->side = side;
		s->c = &c[side];
		s->m = m[side];
		s->rows = &rows[side];
		s->exits = &exits[side];
		s->image = &image[side];
		s->stand.boot = s->turn / s->sides + 1;
		s->boot = s->stand.boot + s->extra[side];
		if (s->sides == 2)
			progress_note(s->p, "boot %u of %s", s->boot, side ? "b" : "a");
		done = whole_boot(s, &lost, why, err);
		if (lost && (!*unreached || lost < *unreached))
			*unreached = lost;
		if (s->nestkernel_sha256[0])
			facts_set(&s->m->hashes, "nestkernel_sha256", "%s", s->nestkernel_sha256);
		if (s->nestkernel_dl_sha256[0])
			facts_set(&s->m->hashes, "nestkernel_dl_sha256", "%s",
				  s->nestkernel_dl_sha256);
	}
	return done;
}

static int run_sides(const struct session_config *c, struct manifest *const *m, uint32_t sides,
		     struct progress *p, uint32_t *unreached, struct err *why, struct err *err)
{
	struct session *s = calloc(1, sizeof(*s)); /* it is too large for a stack */
	struct csv_writer rows[2] = {CSV_WRITER_NONE, CSV_WRITER_NONE};
	struct csv_writer exits[2] = {CSV_WRITER_NONE, CSV_WRITER_NONE};
	struct image_watch image[2] = {IMAGE_WATCH_NONE, IMAGE_WATCH_NONE};
	struct err ignored;
	int done = -1;

	*unreached = 0;
	if (!s)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->c = c;
	s->size = c->size;
	s->p = p;
	s->l0 = (struct layer)LAYER_INIT;
	s->sides = sides;
	s->link.channel = (struct channel)CHANNEL_INIT;
	s->calibration = calibration_new(c->works, err);
	if (!s->calibration || make_turns(s, err) < 0 || session_exits_open(s, err) < 0)
		goto cleanup;
	for (uint32_t i = 0; i < sides; i++)
		if (rows_writer_open(&rows[i], c[i].dir, err) < 0 ||
		    (c->count_batches && exits_writer_open(&exits[i], c[i].dir, err) < 0))
			goto cleanup;
	for (uint32_t i = 0; i < sides; i++)
		image_watch_begin(&image[i], c[i].kernel, c[i].initrd, c[i].disk);
	done = run_turns(s, c, m, rows, exits, image, unreached, why, err);
cleanup:
	for (uint32_t i = 0; i < sides; i++)
		if (csv_writer_close(&rows[i], done < 0 ? &ignored : err) < 0 ||
		    exits_writer_close(&exits[i], done < 0 ? &ignored : err) < 0)
			done = -1;
	for (uint32_t i = 0; i < sides; i++)
		image_watch_end(&image[i]);
	for (int layer = 0; layer < LAYERS_MAX; layer++)
		facts_release(&s->known[layer]);
	session_exits_close(s);
	calibration_free(s->calibration);
	free(s->group);
	free(s->disturbed.round);
	free(s);
	return done;
}

int session_run(const struct session_config *c, struct manifest *m, struct progress *p,
		uint32_t *unreached, struct err *why, struct err *err)
{
	return run_sides(c, &m, 1, p, unreached, why, err);
}

int session_run_ab(const struct session_config c[2], struct manifest *const m[2],
		   struct progress *p, uint32_t *unreached, struct err *why, struct err *err)
{
	return run_sides(c, m, 2, p, unreached, why, err);
}
