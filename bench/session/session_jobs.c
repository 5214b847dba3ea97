/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <string.h>

struct job_sink {
	struct session *s;
	const struct job *job;
};

static int put_sample(void *ctx, const struct sample *sample, struct err *err)
{
	const struct job_sink *j = ctx;
	const struct work *work = &j->s->c->works->item[j->job->workload];
	const char *wrong_clock = j->s->clock[j->job->layer].why;
	bool measured = sample->status == SAMPLE_OK || sample->status == SAMPLE_SUSPECT;
	uint64_t there = resume_state_batches(j->s->c->resume_state, j->job);
	struct row row = {.run = j->s->c->run,
			  .boot = j->job->boot,
			  .round = j->job->round,
			  .slot = j->job->slot,
			  .layer = j->job->layer,
			  .workload = work->workload->name,
			  .class = class_name(work->workload->class),
			  .unit = work->workload->unit,
			  .params = work->label,
			  .threads = work->threads,
			  .repeats = j->s->remeasures,
			  .sample = *sample};

	if (session_check_l0(j->s, err) < 0)
		return -1;
	if (measured)
		j->s->calibration[j->job->workload].hung[j->job->layer][0] = '\0';
	/* The batches that were there already warm up; what ends the job then ends the next one. */
	if (measured && sample->batch && sample->batch <= there)
		return 0;
	if (sample->batch && sample->batch <= there)
		row.sample.batch = there + 1;
	if (wrong_clock[0] && sample->status == SAMPLE_OK)
		sample_suspect(&row.sample, wrong_clock);
	if (row.sample.status == SAMPLE_OK &&
	    resume_state_has_partner(j->s->c->resume_state, j->job))
		sample_suspect(&row.sample, RESUME_STATE_APART);
	row.sample.flags |= work->workload->traits;
	if (j->s->c->stack->driver[j->job->layer]->polled)
		row.sample.flags |= SAMPLE_POLLED;
	return rows_writer_put(j->s->rows, &row, err);
}

static int put_unmeasured(struct session *s, const struct job *job, enum sample_status status,
			  const char *reason, struct err *err)
{
	struct job_sink ctx = {s, job};
	struct sample sample = {.status = status};

	sample_set_reason(&sample, "%s", reason);
	return put_sample(&ctx, &sample, err);
}

int session_skip_job(struct session *s, const struct job *job, const char *reason, struct err *err)
{
	return put_unmeasured(s, job, SAMPLE_SKIP, reason, err);
}

bool session_is_measured(const struct session *s, const struct job *job)
{
	uint64_t batches = s->calibration[job->workload].once ? 1 : s->c->warm_up + s->size.batches;

	return resume_state_done(s->c->resume_state, job, batches);
}

/*
 * How much a capacity touches in a layer: what proves it, and what the VMs in it will have, so that
 * their boots and first touches do not pay for memory that this layer never had in use.
 */
static uint64_t touch_bytes(const struct session *s, uint32_t layer)
{
	const struct layer_tree *tree = &s->c->stack->tree;
	uint64_t bytes = s->c->touch_bytes;
	struct vm_size size;
	struct err ignored;

	for (uint32_t i = layer + 1; bytes && i < tree->count; i++)
		if (tree->layer[i].parent == layer &&
		    s->c->stack->driver[i]->caps & CAP_RESOURCES &&
		    vm_size_of(&s->c->vm_size, i, &size, &ignored) == 0)
			bytes += size.memory_bytes;
	return bytes;
}

bool session_job(const struct session *s, const struct job *job, struct measuring *m)
{
	const struct calibration *cal = &s->calibration[job->workload];
	const struct work *work = &s->c->works->item[job->workload];
	const struct timeouts *seen = &s->link.timeouts;
	/* Only the deepest layer has siblings; the others run copies in their place. */
	bool siblings = job->layer > 0 && job->layer == session_sibling_layer(s);
	uint32_t crowd = work->copies * work->guests;

	*m = (struct measuring){
		.work = work,
		.layer = job->layer,
		.guests = siblings ? work->guests : 1,
		.copies = siblings ? work->copies : crowd,
		.spread = siblings ? 1 : work->guests,
		.touch_bytes = touch_bytes(s, job->layer),
		.seed = s->c->seed,
		.ops = cal->ops,
		.batches = cal->once ? 1 : s->size.batches,
		.warm_up = cal->once ? 0 : s->c->warm_up,
		.setup_limit_ns = calibration_setup_limit_ns(cal, seen, job->layer) * crowd,
		.batch_limit_ns = calibration_batch_limit_ns(cal, seen, job->layer) * crowd,
	};
	return !cal->skipped[job->layer][0] && !cal->hung[job->layer][0];
}

int session_run_job(struct session *s, const struct job *job, struct err *err)
{
	const struct calibration *cal = &s->calibration[job->workload];
	const char *skipped = cal->skipped[job->layer], *hung = cal->hung[job->layer];
	struct job_sink ctx = {s, job};
	const struct sample_sink sink = {.put = put_sample, .ctx = &ctx};
	struct measuring m;

	/* A layer that could not when it was calibrated is asked again once a boot. */
	if (!session_job(s, job, &m) && job->round > 1)
		return skipped[0] ? session_skip_job(s, job, skipped, err)
				  : put_unmeasured(s, job, SAMPLE_TIMEOUT, hung, err);
	return session_measure(s, job->round, &m, &sink, err);
}

bool session_round_is_measured(const struct session *s, uint32_t round)
{
	const struct work_list *works = s->c->works;

	/* What is measured once a boot was measured by the boot that this one took over from. */
	uint32_t count = round == 1 && !s->restarted ? works->count : works->repeated;

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t layer = 0; layer < session_layers(s); layer++) {
			const struct job job = {
				.boot = s->boot, .round = round, .layer = layer, .workload = i};

			if (!session_is_measured(s, &job))
				return false;
		}
	return true;
}
