/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/selfcheck/selfcheck.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "results/selfcheck/selfcheck_parts.h"
#include "results/summary/estimate.h"

/* ---- floors ---- */

/* The time, beyond the batch, to start one and get its row: from batches of one empty operation. */
struct exchanges {
	struct series layer[LAYERS_MAX];
};

static bool is_empty_batch(const char *workload, const char *params)
{
	return strcmp(workload, "nop") == 0 && params_number(params, "ops", 0) == 1;
}

static int take_exchange(void *ctx, const struct row *row, struct err *err)
{
	struct exchanges *x = ctx;
	const struct sample *s = &row->sample;

	if (!is_empty_batch(row->workload, row->params) || s->status != SAMPLE_OK ||
	    (s->flags & SAMPLE_WARM_UP) || s->host_elapsed_ns < s->elapsed_ns)
		return 0;
	return series_add(&x->layer[row->layer], 1, (double)(s->host_elapsed_ns - s->elapsed_ns),
			  err);
}

static void take_costs(struct selfcheck *s)
{
	for (size_t i = 0; i < s->summary.entries; i++) {
		const struct summary_entry *e = &s->summary.entry[i];
		struct selfcheck_floor *f = &s->floor[e->layer];

		if (params_number(e->params, "lane", 1) != 1)
			continue;
		if (is_empty_batch(e->workload, e->params))
			f->batch = e->cost;
		else if (strcmp(e->workload, "nop") == 0)
			f->turn = e->cost;
		else if (strcmp(e->workload, "clock") == 0)
			f->clock = e->cost;
	}
}

static int find_floors(struct selfcheck *s, const char *dir, struct err *err)
{
	struct exchanges x = {.layer = {{0}}};
	struct damage damage = {0};
	int done = rows_read(dir, take_exchange, &x, &damage, err);

	for (uint32_t i = 0; i < LAYERS_MAX; i++) {
		struct series *values = &x.layer[i];

		s->floor[i] = (struct selfcheck_floor){ESTIMATE_NONE, ESTIMATE_NONE, ESTIMATE_NONE,
						       NAN, NAN};
		if (values->n) {
			s->floor[i].exchange = stats_median_of(values->value, values->n);
			s->floor[i].exchange_p99 = stats_quantile(values->value, values->n, 0.99);
		}
		series_release(values);
	}
	take_costs(s);
	return done;
}

/* ---- verdicts ---- */

static enum selfcheck_verdict judge_alarms(const struct selfcheck *s)
{
	if (s->works == 0)
		return SELFCHECK_NOT_MADE;
	for (size_t i = 0; i < s->works; i++)
		if (s->alarms[i].too_many)
			return SELFCHECK_FAILED;
	if (s->different.n && s->different.low > SELFCHECK_NOMINAL)
		return SELFCHECK_FAILED;
	return s->different.n >= SELFCHECK_MIN_PAIRS ? SELFCHECK_MET : SELFCHECK_UNDECIDED;
}

bool selfcheck_is_target(const struct selfcheck_injection *inj)
{
	return inj->layer == 0 && strcmp(inj->kind, "cpu") == 0;
}

static enum selfcheck_verdict judge_found(const struct selfcheck *s)
{
	enum selfcheck_verdict verdict = SELFCHECK_NOT_MADE;

	for (size_t i = 0; i < s->injections; i++) {
		const struct selfcheck_rate *r = &s->injection[i].found;

		if (!selfcheck_is_target(&s->injection[i]) ||
		    s->injection[i].slow != SELFCHECK_TARGET_SLOW)
			continue;
		verdict = SELFCHECK_UNDECIDED;
		if (r->n < SELFCHECK_MIN_TRIES)
			continue;
		if (r->high < SELFCHECK_TARGET || s->try_s > SELFCHECK_TARGET_S)
			return SELFCHECK_FAILED;
		if ((double)r->hits >= SELFCHECK_TARGET * (double)r->n)
			verdict = SELFCHECK_MET;
	}
	return verdict;
}

static enum selfcheck_verdict judge_sizes(const struct selfcheck *s)
{
	enum selfcheck_verdict verdict = SELFCHECK_NOT_MADE;

	for (size_t i = 0; i < s->injections; i++) {
		if (!selfcheck_is_target(&s->injection[i]))
			continue;
		if (s->injection[i].wrong_size)
			return SELFCHECK_FAILED;
		verdict = s->injection[i].holds.n >= SELFCHECK_MIN_TRIES ? SELFCHECK_MET
									 : SELFCHECK_UNDECIDED;
	}
	return verdict;
}

enum selfcheck_verdict selfcheck_verdict(const struct selfcheck *s)
{
	const enum selfcheck_verdict all[] = {s->alarms_verdict, s->found_verdict, s->size_verdict};
	enum selfcheck_verdict worst = SELFCHECK_NOT_MADE;

	for (int i = 0; i < 3; i++)
		worst = all[i] > worst ? all[i] : worst;
	return worst;
}

enum exit_code selfcheck_code(const struct selfcheck *s)
{
	static const enum exit_code codes[] = {
		[SELFCHECK_NOT_MADE] = EXIT_INCONCLUSIVE,
		[SELFCHECK_MET] = EXIT_FINE,
		[SELFCHECK_UNDECIDED] = EXIT_INCONCLUSIVE,
		[SELFCHECK_FAILED] = EXIT_REGRESSION,
	};

	return codes[selfcheck_verdict(s)];
}

/* ---- */

/* The parameters of the self-check, from the run's manifest. */
static int read_facts(const char *dir, struct selfcheck *s, struct err *err)
{
	const struct facts *more = &s->summary.manifest.more;
	const char *rounds = facts_get(more, SELFCHECK_ROUNDS);
	const char *round_ns = facts_get(more, SELFCHECK_ROUND_NS);
	size_t jobs = s->summary.manifest.jobs * (s->summary.manifest.depth + 1), low, high;
	uint64_t number;
	double ns;

	if (s->summary.manifest_trouble[0])
		return err_set(err, EXIT_USAGE, "%s", s->summary.manifest_trouble);
	if (!rounds)
		return err_set(err, EXIT_USAGE,
			       "%s is not the run of a self-check: its manifest has no %s", dir,
			       SELFCHECK_ROUNDS);
	if (parse_u64(rounds, SELFCHECK_ROUNDS, 1, UINT32_MAX, &number, err) < 0)
		return err_context(err, "%s/%s", dir, MANIFEST_FILE);
	s->rounds = (uint32_t)number;
	if (stats_sign_interval(s->rounds, 0.95, &low, &high))
		s->attained = 2 * stats_sign_test(high, s->rounds);
	s->try_s = NAN;
	if (!round_ns || jobs == 0)
		return 0;
	if (parse_double(round_ns, SELFCHECK_ROUND_NS, 0, 1e18, &ns, err) < 0)
		return err_context(err, "%s/%s", dir, MANIFEST_FILE);
	s->try_s = ns / 1e9 / (double)jobs * 2 * s->rounds;
	return 0;
}

int selfcheck_build(const char *dir, struct selfcheck *s, struct err *err)
{
	*s = (struct selfcheck){0};
	if (summary_build(dir, &s->summary, err) < 0)
		return -1;
	if (read_facts(dir, s, err) < 0 || selfcheck_find_alarms(s, err) < 0 ||
	    selfcheck_find_injections(s, err) < 0 || find_floors(s, dir, err) < 0) {
		selfcheck_release(s);
		return -1;
	}
	s->alarms_verdict = judge_alarms(s);
	s->found_verdict = judge_found(s);
	s->size_verdict = judge_sizes(s);
	return 0;
}

void selfcheck_release(struct selfcheck *s)
{
	free(s->alarms);
	free(s->injection);
	summary_release(&s->summary);
	*s = (struct selfcheck){0};
}
