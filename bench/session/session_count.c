/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

/* Of the counting round only the counters are kept. */
static int keep_ops(void *ctx, const struct sample *sample, struct err *err)
{
	uint64_t *ops = ctx;

	if (sample->status == SAMPLE_OK)
		*ops = sample->ops;
	return 0;
}

/* Runs nop in a layer: with so many operations; 0: finds *found of them. */
static int run_nop(struct session *s, uint32_t layer, uint64_t ops, uint64_t *found,
		   struct err *err)
{
	const struct timeouts *seen = &s->link.timeouts;
	const struct timeouts_hint hint = {0};
	const struct sample_sink sink = {.put = keep_ops, .ctx = found};
	struct measuring m = {
		.work = &s->empty.item[0],
		.layer = layer,
		.guests = 1,
		.copies = 1,
		.spread = 1,
		.seed = s->c->seed,
		.ops = ops,
		.batch_ns = s->c->batch_ns,
		.batches = s->c->count_batches,
		.setup_limit_ns = timeouts_calibration_setup_ns(seen, layer, &hint),
		.batch_limit_ns = timeouts_calibration_ns(seen, layer, s->c->batch_ns, &hint),
	};

	return session_measure(s, 0, &m, &sink, err);
}

static int count_empty(struct session *s, uint32_t layer, struct err *err)
{
	uint64_t ignored, *ops = &s->nop_ops[layer];

	if ((!*ops && run_nop(s, layer, 0, ops, err) < 0) ||
	    run_nop(s, layer, EXITS_EMPTY_OPS, &ignored, err) < 0)
		return -1;
	return *ops > EXITS_EMPTY_OPS ? run_nop(s, layer, *ops, &ignored, err) : 0;
}

static int count_works(struct session *s, uint32_t layer, struct err *err)
{
	uint64_t ignored;
	const struct sample_sink sink = {.put = keep_ops, .ctx = &ignored};

	for (uint32_t i = 0; i < s->c->works->repeated; i++) {
		const struct job job = {.boot = s->boot, .layer = layer, .workload = i};
		struct measuring m;

		if (!session_job(s, &job, &m))
			continue;
		m.batches = s->c->count_batches;
		m.warm_up = 0;
		if (session_measure(s, 0, &m, &sink, err) < 0)
			return -1;
	}
	return 0;
}

int session_exits_round(struct session *s, struct err *err)
{
	uint64_t begin_ns = clock_now(s->c->clock);
	int alive = link_alive(&s->link), done;

	done = s->c->count_batches ? session_count_by_reason(s, COUNTING_BEGIN, err) : 0;
	for (uint32_t layer = 0; done == 0 && layer < session_layers(s); layer++) {
		if (!s->link.up[layer] || !session_is_counted(s, layer))
			continue;
		progress_phase(s->p, "counting what %s makes its parent layer do",
			       session_name(s, layer));
		done = count_empty(s, layer, err) < 0 ? -1 : count_works(s, layer, err);
	}
	if (done == 0 && s->c->count_batches)
		done = session_count_by_reason(s, COUNTING_END, err);
	if (done == 0 && s->c->count_batches)
		done = exits_writer_flush(s->exits, err);
	s->counted = link_alive(&s->link) == alive;
	s->stand.boots_ns += clock_now(s->c->clock) - begin_ns;
	return done;
}

int session_exits_open(struct session *s, struct err *err)
{
	static const struct text_list patterns = {.item = {EXITS_EMPTY}, .count = 1};
	const struct profile *any = profile_find("smoke", err);

	return any ? work_list_make(&s->empty, any, &patterns, err) : -1;
}
