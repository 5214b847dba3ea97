/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/link/counts_message.h"
#include "bench/session/job.h"

/* The counters of one layer. */
struct exit_counter {
	struct counts last;
	bool off;  /* in this boot */
	bool told; /* what is not counted */
};

/* What is measured while counters are read. */
struct exit_watch {
	struct session *s;
	const struct work *work;
	uint32_t layer, round;
	uint64_t at_once;      /* copies, in all siblings */
	uint64_t last;	       /* the only batch behind which is read; 0: behind each */
	uint64_t batches, ops; /* since the reading before */
	bool stopped;	       /* the user interrupts, or a file cannot be written */
};

static uint32_t parent_of(const struct session *s, uint32_t layer)
{
	return s->c->stack->tree.layer[layer].parent;
}

/* A row about no batch. */
static void remark(const struct session *s, uint32_t layer, const char *source, const char *text)
{
	const struct exit_row row = {.run = s->c->run,
				     .boot = s->boot,
				     .layer = layer,
				     .counted_in = parent_of(s, layer),
				     .measured = layer,
				     .source = source,
				     .remark = text};

	exits_writer_add(s->exits, &row);
}

void session_exits_forget(struct session *s, uint32_t layer)
{
	free(s->counter[layer]);
	s->counter[layer] = NULL;
}

/* NULL: nothing is counted of this layer. */
static struct exit_counter *counter_of(struct session *s, uint32_t layer)
{
	uint32_t parent = parent_of(s, layer);

	if (!s->c->count_batches || parent == LAYER_NO_PARENT || !s->link.up[parent])
		return NULL;
	if (!s->counter[layer])
		s->counter[layer] = calloc(1, sizeof(struct exit_counter));
	return s->counter[layer] && !s->counter[layer]->off ? s->counter[layer] : NULL;
}

bool session_is_counted(struct session *s, uint32_t layer)
{
	return counter_of(s, layer) != NULL;
}

/* Why the counters of a layer are not read any more in this boot. */
static int give_up(struct session *s, uint32_t layer, const struct err *why)
{
	s->counter[layer]->off = true;
	remark(s, layer, "none", why->text);
	return why->code == EXIT_INTERRUPTED ? -1 : 0;
}

/* A reading of the counters of a layer, in its parent layer. Out is empty where there is none. */
static int read_counts(struct session *s, json_int_t id, uint32_t layer, enum counting how,
		       struct counts *out, struct err *err)
{
	struct exit_counter *c = counter_of(s, layer);
	uint32_t parent = parent_of(s, layer);
	json_t *done;

	*out = (struct counts){0};
	if (!c)
		return 0;
	if (link_call_aside(&s->link, id, (int)parent, "count",
			    json_pack("{s:i, s:s}", "layer", (int)layer, "how", counting_name(how)),
			    timeouts_talk_ns(&s->link.timeouts, parent), &done, err) < 0)
		return give_up(s, layer, err);
	counts_from_json(done, out);
	json_decref(done);
	if (out->remark[0] && !c->told) {
		c->told = true;
		remark(s, layer, out->count ? "some" : "none", out->remark);
	}
	/* There is nothing to be read, now and later. */
	if (out->count == 0 && (out->remark[0] || how == COUNTING_BEGIN))
		c->off = true;
	return 0;
}

static const struct count *find(const struct counts *c, const struct count *like)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == like->source &&
		    strcmp(c->item[i].reason, like->reason) == 0)
			return &c->item[i];
	return NULL;
}

/* The first counter of a source in this reading, which is in each. */
static const struct count *first_of(const struct counts *c, enum count_source source)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == source)
			return &c->item[i];
	return NULL;
}

/* Whether a counter of this source fell: then it was begun anew meanwhile. */
static bool fell_back(const struct counts *last, const struct counts *now, enum count_source source)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct count *before = find(last, &now->item[i]);

		if (now->item[i].source == source && before && before->n > now->item[i].n)
			return true;
	}
	return false;
}

/* The rows of one source: what its counters moved by; of a state, what holds. */
static void put_source(const struct exit_watch *w, uint32_t layer, const struct counts *now,
		       enum count_source source, const struct sample *sample)
{
	const struct counts *last = &w->s->counter[layer]->last;
	const struct count *first = first_of(now, source);
	bool state = source == COUNT_KVM_STATE;
	struct exit_row row = {.run = w->s->c->run,
			       .boot = w->s->boot,
			       .round = w->round,
			       .layer = layer,
			       .counted_in = parent_of(w->s, layer),
			       .measured = w->layer,
			       .workload = w->work->workload->name,
			       .params = w->work->label,
			       .threads = w->work->threads,
			       .batch = sample->batch,
			       .batches = w->batches,
			       .ops = w->ops,
			       .source = count_source_name(source)};

	/* Without a reading before the batch there is none of the batch. */
	if (!first || !first_of(last, source))
		return;
	if (!state && fell_back(last, now, source)) {
		remark(w->s, layer, row.source,
		       "counters went back (the layer was started again?); what was counted is "
		       "left out");
		return;
	}
	if (now->at_ns > last->at_ns)
		row.interval_ns = now->at_ns - last->at_ns;
	for (size_t i = 0; i < now->count; i++) {
		const struct count *item = &now->item[i], *before = find(last, item);

		row.reason = item->reason;
		row.count = state || !before ? item->n : item->n - before->n;
		if (item->source == source && (row.count || item == first))
			exits_writer_add(w->s->exits, &row);
	}
}

/* Reads the counters of a layer behind a batch, and writes down what they moved by. */
static int count_batch(const struct exit_watch *w, json_int_t id, uint32_t layer,
		       const struct sample *sample, struct counts *now, struct err *err)
{
	struct exit_counter *c = counter_of(w->s, layer);

	if (!c)
		return 0;
	if (read_counts(w->s, id, layer, COUNTING_READ, now, err) < 0)
		return -1;
	for (int source = 0; source < COUNT_SOURCES; source++)
		put_source(w, layer, now, (enum count_source)source, sample);
	c->last = *now;
	return 0;
}

/* Reads all counters around the layer, from it outwards: the baseline of the first batch. */
static int begin(void *ctx, json_int_t id, struct err *err)
{
	struct exit_watch *w = ctx;
	int done = 0;

	for (uint32_t layer = w->layer; done == 0 && parent_of(w->s, layer) != LAYER_NO_PARENT;
	     layer = parent_of(w->s, layer)) {
		struct exit_counter *c = counter_of(w->s, layer);

		if (c)
			done = read_counts(w->s, id, layer, COUNTING_READ, &c->last, err);
	}
	if (done == 0)
		done = exits_writer_flush(w->s->exits, err);
	w->stopped = done < 0;
	return done;
}

static int batch(void *ctx, json_int_t id, const struct sample *sample, struct err *err)
{
	struct exit_watch *w = ctx;
	uint32_t way[LAYERS_MAX], n = 0;
	struct counts *now;
	int done;

	w->batches++;
	w->ops += sample->ops * w->at_once;
	if (w->last && sample->batch != w->last)
		return 0;
	now = calloc(1, sizeof(*now));
	done = now ? 0 : err_set(err, EXIT_INTERNAL, "out of memory");
	for (uint32_t layer = w->layer; parent_of(w->s, layer) != LAYER_NO_PARENT;
	     layer = parent_of(w->s, layer))
		way[n++] = layer;
	/* From the outside: what the inner ones take to read does not count there. */
	while (done == 0 && n > 0)
		done = count_batch(w, id, way[--n], sample, now, err);
	free(now);
	w->batches = w->ops = 0;
	if (done == 0)
		done = exits_writer_flush(w->s->exits, err);
	w->stopped = done < 0;
	return done;
}

/*
 * In rounds that are timed no counter is read between two batches: what a layer still does for the
 * reading would lie in the next batch.
 */
int session_measure(struct session *s, uint32_t round, struct measuring *m,
		    const struct sample_sink *sink, struct err *err)
{
	struct exit_watch w = {.s = s,
			       .work = m->work,
			       .layer = m->layer,
			       .round = round,
			       .at_once = (uint64_t)m->guests * m->copies,
			       .last = round == 0 ? 0 : m->warm_up + m->batches};
	const struct batch_watch watch = {.begin = begin, .batch = batch, .ctx = &w};
	int done;

	m->watch = s->c->count_batches ? &watch : NULL;
	done = measuring_run(m, &s->link, sink, err);
	m->watch = NULL;
	return w.stopped ? -1 : done;
}

int session_count_by_reason(struct session *s, enum counting how, struct err *err)
{
	struct counts *ignored = calloc(1, sizeof(*ignored));
	int done = ignored ? 0 : err_set(err, EXIT_INTERNAL, "out of memory");

	for (uint32_t layer = 0; done == 0 && layer < session_layers(s); layer++)
		if (s->link.up[layer])
			done = read_counts(s, 0, layer, how, ignored, err);
	free(ignored);
	return done;
}

void session_exits_close(struct session *s)
{
	for (uint32_t layer = 0; layer < LAYERS_MAX; layer++)
		session_exits_forget(s, layer);
	work_list_release(&s->empty);
}
