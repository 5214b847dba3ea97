/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/results/make_fleet.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "results/rundir/layers.h"

enum { WORKS = 16 };

const struct made_fleet MADE_FLEET = {
	.nodes = 8,
	.seed = 1,
	.spread = 0.02,
	.common = 0.5,
	.depth = 2,
	.rounds = 6,
	.boots = 1,
	.batches = 4,
};

/* The node whose rows are written. */
static struct {
	gsl_rng *rng;
	double factor[WORKS][LAYERS_MAX];
	bool stalls;
} now;

static size_t index_of(const struct row *row)
{
	size_t i = 0;

	while (strcmp(made_workloads[i].name, row->workload) != 0)
		i++;
	return i;
}

/* Noise of its own for each node. */
static bool edit(struct row *row)
{
	struct sample *s = &row->sample;
	double noise = 1 + gsl_ran_gaussian(now.rng, 0.005);

	noise *= now.stalls && s->batch == 3 ? 2 : 1;

	if (strncmp(row->workload, "capacity.", 9) == 0)
		return true;
	s->elapsed_ns =
		(uint64_t)((double)s->elapsed_ns * noise * now.factor[index_of(row)][row->layer]);
	s->host_elapsed_ns = s->elapsed_ns + 150000;
	return true;
}

static void choose_factors(const struct made_fleet *f, bool odd)
{
	double common = gsl_ran_gaussian(now.rng, f->spread * sqrt(f->common));

	for (size_t i = 0; i < WORKS; i++)
		for (size_t k = 0; k <= f->depth; k++) {
			double own = gsl_ran_gaussian(now.rng, f->spread * sqrt(1 - f->common));

			now.factor[i][k] = exp(common + own) * (odd ? f->slower : 1);
		}
}

/* The names of run and host are the node's; its L0 says what people look at. */
static int name_it(const char *dir, const char *name, const char *governor, struct err *err)
{
	struct facts facts = FACTS_INIT;
	struct manifest m = {0};
	int rc = manifest_load(dir, &m, err);

	facts_set(&facts, "governor", "%s", governor);
	facts_set(&facts, "kernel", "6.1.0");
	facts_set(&facts, "nested", "on");
	snprintf(m.host, sizeof(m.host), "%s", name);
	if (rc == 0)
		rc = manifest_save(dir, &m, err);
	if (rc == 0)
		rc = layers_append(dir, name, 1, 0, &facts, err);
	facts_release(&facts);
	manifest_release(&m);
	return rc;
}

static int make_node(const char *place, const struct made_fleet *f, size_t i, struct err *err)
{
	struct made_run run = MADE_RUN;
	bool odd = i >= 1 && i <= f->odd;
	char dir[4096], name[32];

	snprintf(name, sizeof(name), "n%zu", i + 1);
	snprintf(dir, sizeof(dir), "%.4000s/%s", place, name);
	run.name = name;
	run.depth = f->depth;
	run.rounds = f->rounds;
	run.boots = f->boots;
	run.batches = f->batches;
	run.edit = edit;
	choose_factors(f, odd);
	now.stalls = odd && f->stalls;
	if (file_make_dirs(dir, err) < 0 || make_run(dir, &run, err) < 0)
		return -1;
	return name_it(dir, name, odd && f->governor ? f->governor : "performance", err);
}

int make_fleet(const char *dir, const struct made_fleet *fleet, struct err *err)
{
	int rc = 0;

	now.rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(now.rng, fleet->seed);
	for (size_t i = 0; i < fleet->nodes && rc == 0; i++)
		rc = make_node(dir, fleet, i, err);
	gsl_rng_free(now.rng);
	return rc;
}
