/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measuring.h"

#define LIMIT_NS (120 * NS_PER_S)
/* A batch may be so many times slower than it was when calibrated. */
enum { PATIENCE = 50 };

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
	(void)err;
	*(struct sample *)ctx = *s;
	return 0;
}

/* What one operation takes in one layer. */
static int ask(const struct calibration_config *config, struct link *link, const struct work *work,
	       uint32_t layer, struct calibration *c, struct err *err)
{
	struct sample found = {0};
	const struct sample_sink sink = {.put = keep_sample, .ctx = &found};
	const struct measuring m = {.work = work,
				    .layer = layer,
				    .guests = 1,
				    .copies = 1,
				    .spread = 1,
				    .seed = config->seed,
				    .batch_ns = config->batch_ns,
				    .setup_limit_ns = LIMIT_NS * (layer + 1),
				    .batch_limit_ns = LIMIT_NS * (layer + 1)};

	if (measuring_run(&m, link, &sink, err) < 0)
		return -1;
	if (found.status == SAMPLE_OK && found.ops)
		c->ns_per_op[layer] = (double)found.elapsed_ns / (double)found.ops;
	if (found.status == SAMPLE_SKIP)
		memcpy(c->skipped[layer], found.reason, sizeof(found.reason));
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

int calibrate(const struct calibration_config *config, struct link *link, struct calibration *out,
	      struct err *err)
{
	struct clock_quality clock = clock_measure(link->clock);

	for (uint32_t i = 0; i < config->works->repeated; i++) {
		const struct work *work = &config->works->item[i];
		struct calibration *c = &out[i];
		const struct work *leader = work - work->turn;
		uint32_t alike = first_alike(config->works, i);

		if (work->ops) {
			c->ops = work->ops;
			continue;
		}
		/* Copies do what one does, alone. */
		if (alike < i) {
			*c = out[alike];
			continue;
		}
		/* What is compared within a group does the same number of operations. */
		if (leader != work && leader->workload == work->workload && !leader->ops) {
			*c = out[i - work->turn];
			continue;
		}
		for (uint32_t layer = 0; layer < config->layers; layer++)
			if (ask(config, link, work, layer, c, err) < 0)
				return -1;
		c->ops = calibration_ops(c->ns_per_op, config->layers, config->batch_ns, clock);
	}
	return 0;
}

uint64_t calibration_batch_limit_ns(const struct calibration *c, uint32_t layer)
{
	double expected = c->ns_per_op[layer] * (double)c->ops;

	if (expected <= 0)
		return LIMIT_NS * (layer + 1);
	return (uint64_t)(expected * PATIENCE) + 10 * NS_PER_S * (layer + 1);
}
