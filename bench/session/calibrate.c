/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/session/job.h"

/* Beyond, a batch is taken for endless. */
#define BATCH_MAX_NS (24 * 3600 * NS_PER_S)

struct calibration *calibration_new(const struct work_list *works, struct err *err)
{
	struct calibration *c = calloc(works->count + 1, sizeof(*c));

	if (!c) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	for (uint32_t i = 0; i < works->count; i++) {
		c[i].ops = 1;
		c[i].once = i >= works->repeated;
		c[i].of_user = works->item[i].command != NULL;
	}
	return c;
}

void calibration_free(struct calibration *c)
{
	free(c);
}

uint64_t calibration_ops(const double *ns_per_op, uint32_t layers, uint64_t batch_ns,
			 struct clock_quality clock)
{
	double slowest = 0, fastest = INFINITY, ops, enough;

	for (uint32_t i = 0; i < layers; i++) {
		if (ns_per_op[i] <= 0)
			continue;
		slowest = fmax(slowest, ns_per_op[i]);
		fastest = fmin(fastest, ns_per_op[i]);
	}
	if (slowest == 0)
		return 1;
	ops = fmax(1, ceil((double)batch_ns / slowest));
	enough = ceil(SHORT_READINGS * (double)(clock.resolution_ns + clock.cost_ns) / fastest);
	return (uint64_t)fmin(fmax(ops, enough), ops * RAISE_LIMIT);
}

static int keep_sample(void *ctx, const struct sample *s, struct err *err)
{
	*(struct sample *)ctx = *s;
	return 0;
}

static uint64_t whole_ns(double ns)
{
	return ns > 0 ? (uint64_t)fmin(ns, BATCH_MAX_NS) + 1 : 0;
}

/* What the outer layers have shown. */
static struct timeouts_hint hint_of(const struct calibration *c, const struct layer_tree *tree,
				    uint32_t layer)
{
	struct timeouts_hint hint = {.of_user = c->of_user};

	for (uint32_t above = 0; above < layer; above++) {
		if (!layer_tree_is_in(tree, layer, above))
			continue;
		if (c->ns_per_op[above] > 0)
			hint.op_ns = whole_ns(c->ns_per_op[above]);
		if (c->setup_ns[above])
			hint.setup_ns = c->setup_ns[above];
		hint.hung |= c->hung[above][0] != '\0';
	}
	return hint;
}

/* What one operation takes in one layer. */
static int ask(const struct calibration_config *config, struct link *link, const struct work *work,
	       uint32_t layer, struct calibration *c, struct err *err)
{
	const struct timeouts_hint hint = hint_of(c, &link->tree, layer);
	struct sample found = {0};
	const struct sample_sink sink = {.put = keep_sample, .ctx = &found};
	const struct measuring m = {
		.work = work,
		.layer = layer,
		.guests = 1,
		.copies = 1,
		.spread = 1,
		.seed = config->seed,
		.batch_ns = config->batch_ns,
		.setup_limit_ns = timeouts_calibration_setup_ns(&link->timeouts, layer, &hint),
		.batch_limit_ns =
			timeouts_calibration_ns(&link->timeouts, layer, config->batch_ns, &hint),
		.setup_ns = &c->setup_ns[layer],
	};

	if (hint.hung && hint.of_user) {
		snprintf(c->hung[layer], sizeof(c->hung[layer]),
			 "the calibration did not end in an outer layer");
		return 0;
	}
	if (measuring_run(&m, link, &sink, err) < 0)
		return -1;
	if (found.status == SAMPLE_OK && found.ops)
		c->ns_per_op[layer] = (double)found.elapsed_ns / (double)found.ops;
	if (found.status == SAMPLE_SKIP)
		memcpy(c->skipped[layer], found.reason, sizeof(found.reason));
	if (found.status == SAMPLE_TIMEOUT)
		memcpy(c->hung[layer], found.reason, sizeof(found.reason));
	return 0;
}

/* The first work that does the same, however many at once; it may be this one. */
static uint32_t first_alike(const struct work_list *works, uint32_t which)
{
	const struct work *b = &works->item[which];

	for (uint32_t i = 0; i < which; i++) {
		const struct work *a = &works->item[i];

		if (a->workload == b->workload && a->threads == b->threads &&
		    a->command == b->command && a->ops == b->ops &&
		    strcmp(a->params, b->params) == 0)
			return i;
	}
	return which;
}

/* Whose count holds for work i: its own (i), or that of one before it. */
static uint32_t counted_by(const struct work_list *works, uint32_t i)
{
	const struct work *work = &works->item[i], *leader = work - work->turn;
	uint32_t alike = first_alike(works, i);

	/* Copies do what one does, alone. */
	if (alike < i)
		return alike;
	/* What is compared within a group does the same number of operations. */
	if (leader != work && leader->workload == work->workload && !leader->ops)
		return i - work->turn;
	return i;
}

/* Asks every layer that is there; one that is lost meanwhile says while what. */
static int ask_layers(const struct calibration_config *config, struct link *link,
		      const struct work *work, struct calibration *c, struct err *err)
{
	char what[80];

	*c = (struct calibration){.ops = 1, .once = c->once, .of_user = c->of_user};
	for (uint32_t layer = 0; layer < config->layers; layer++) {
		uint32_t losses = link->losses;

		if (!link->up[layer])
			continue;
		if (ask(config, link, work, layer, c, err) < 0)
			return -1;
		snprintf(what, sizeof(what), "%s was calibrated in %s", work->workload->name,
			 link_name(link, (int)layer));
		if (link->losses != losses)
			link_lost_more(link, ", while ", what);
	}
	return 0;
}

/* The count of a work; a layer that was lost is as if it had never been asked. */
static uint64_t count_ops(const struct calibration_config *config, const struct link *link,
			  const struct calibration *c, struct clock_quality clock)
{
	double ns_per_op[LAYERS_MAX] = {0};

	for (uint32_t layer = 0; layer < config->layers; layer++)
		if (link->up[layer])
			ns_per_op[layer] = c->ns_per_op[layer];
	return calibration_ops(ns_per_op, config->layers, config->batch_ns, clock);
}

int calibrate(const struct calibration_config *config, struct link *link, struct calibration *out,
	      struct err *err)
{
	struct clock_quality clock = clock_measure(link->clock);
	const struct work_list *works = config->works;

	for (uint32_t i = 0; i < works->repeated; i++)
		if (!works->item[i].ops && counted_by(works, i) == i &&
		    ask_layers(config, link, &works->item[i], &out[i], err) < 0)
			return -1;
	for (uint32_t i = 0; i < works->repeated; i++) {
		if (works->item[i].ops)
			out[i].ops = works->item[i].ops;
		else if (counted_by(works, i) < i)
			out[i] = out[counted_by(works, i)];
		else
			out[i].ops = count_ops(config, link, &out[i], clock);
	}
	return 0;
}

uint64_t calibration_setup_limit_ns(const struct calibration *c, const struct timeouts *t,
				    uint32_t layer)
{
	uint64_t seen = c->setup_ns[layer];

	/* It has had its chance to show how long it takes. */
	return timeouts_setup_ns(t, layer, c->hung[layer][0] && !seen ? 1 : seen);
}

uint64_t calibration_batch_limit_ns(const struct calibration *c, const struct timeouts *t,
				    uint32_t layer)
{
	double ns_per_op = c->ns_per_op[layer];

	/* Likewise; the slowest of the others then says how long a batch is. */
	if (c->hung[layer][0] && !c->of_user) {
		for (uint32_t i = 0; i < LAYERS_MAX; i++)
			ns_per_op = fmax(ns_per_op, c->ns_per_op[i]);
		ns_per_op = fmax(ns_per_op, 1);
	}
	return timeouts_batch_ns(t, layer, whole_ns(ns_per_op * (double)c->ops));
}
