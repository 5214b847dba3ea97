/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/results/make_exits.h"

#include <math.h>
#include <string.h>

#define STATS "kvm_stats"
#define BY_REASON "kvm_exit"
#define NESTED "kvm_nested_vmexit"

const struct made_exit made_exits[] = {
	/* What counting and messages cost, and what happens by itself. */
	{1, 1, NULL, BY_REASON, "EXTERNAL_INTERRUPT", 0, 250, 2},
	{2, 2, NULL, BY_REASON, "interrupt", 0, 260, 3},
	{2, 2, NULL, BY_REASON, "msr", 0, 130, 2},
	{2, 2, NULL, BY_REASON, "cpuid", 0, 0, 4},
	{3, 3, NULL, BY_REASON, "interrupt", 0, 300, 3},
	{2, 2, NULL, STATS, "irq_exits", 0, 260, 3},
	{3, 3, NULL, STATS, "irq_exits", 0, 300, 3},
	/* Exits of the child layer, by the operation. */
	{1, 1, "exit.cpuid", BY_REASON, "CPUID", 1, 0, 0},
	{2, 2, "exit.cpuid", BY_REASON, "cpuid", 1, 0, 0},
	{3, 3, "exit.cpuid", BY_REASON, "cpuid", 1, 0, 0},
	{2, 2, "mem.fault", BY_REASON, "npf", 1, 0, 0},
	{2, 2, "io.fsync", BY_REASON, "cpuid", 30, 0, 0},
	{2, 2, "io.fsync", BY_REASON, "hlt", 2, 0, 0},
	{2, 2, "io.fsync", BY_REASON, "pause", 0, 900, 0},
	{2, 2, "io.fsync", BY_REASON, "io", 3, 0, 0},
	{2, 2, "exit.cpuid", STATS, "hypercalls", 0, 0, 0},
	/* Exits of its parent layer meanwhile. */
	{2, 1, "exit.cpuid", BY_REASON, "VMRESUME", 1, 0, 0},
	{2, 1, "exit.cpuid", BY_REASON, "CPUID", 1, 0, 0},
	{2, 1, "exit.cpuid", BY_REASON, "VMREAD", 5, 0, 0},
	{2, 1, "mem.fault", BY_REASON, "EPT_VIOLATION", 1, 0, 0},
	{2, 1, "mem.fault", BY_REASON, "VMRESUME", 6, 0, 0},
	{3, 2, "exit.cpuid", BY_REASON, "vmrun", 4, 0, 0},
	{3, 2, "exit.cpuid", BY_REASON, "cpuid", 1, 0, 0},
	{3, 1, "exit.cpuid", BY_REASON, "VMRESUME", 20, 0, 0},
	{0},
};

struct maker {
	const struct made_run *run;
	const struct made_exit *table;
	made_exit_edit edit;
	struct csv_writer w;
	uint64_t random;
};

/* A number from 0 to 1. */
static double draw(struct maker *m)
{
	m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(m->random >> 11) / (double)(UINT64_C(1) << 53);
}

/* Events of a mean that are independent: normal, as far as twelve draws are. */
static uint64_t events(struct maker *m, double mean)
{
	double normal = -6;

	for (int i = 0; i < 12 && mean > 0; i++)
		normal += draw(m);
	return mean > 0 ? (uint64_t)fmax(0, mean + normal * sqrt(mean) + 0.5) : 0;
}

static bool applies(const struct made_exit *e, const struct exit_row *row)
{
	return e->measured == row->measured && e->layer == row->layer &&
	       strcmp(e->source, row->source) == 0 &&
	       (!e->workload || strcmp(e->workload, row->workload) == 0);
}

/* Several lines of the table may be about one reason. */
static uint64_t count_of(struct maker *m, const struct exit_row *row, const char *reason)
{
	double seconds = (double)row->interval_ns * 1e-9, exact = 0;
	uint64_t count = 0;

	for (const struct made_exit *e = m->table; e->source; e++)
		if (applies(e, row) && strcmp(e->reason, reason) == 0) {
			exact += e->each * (double)row->batches + e->per_op * (double)row->ops;
			count += events(m, e->per_second * seconds);
		}
	return count + (uint64_t)(exact + 0.5);
}

static void put(struct maker *m, const struct exit_row *row)
{
	struct exit_row copy = *row;

	if (!m->edit || m->edit(&copy))
		exits_writer_add(&m->w, &copy);
}

enum { REASONS = 16 };

/* The sum of a source, and its reasons that moved. */
static void put_source(struct maker *m, struct exit_row *row, const char *source)
{
	const char *reason[REASONS];
	uint64_t count[REASONS], sum = 0;
	size_t n = 0;

	row->source = source;
	for (const struct made_exit *e = m->table; e->source && n < REASONS; e++) {
		bool is_new = applies(e, row);

		for (size_t i = 0; i < n; i++)
			is_new = is_new && strcmp(reason[i], e->reason) != 0;
		if (!is_new)
			continue;
		reason[n] = e->reason;
		count[n] = count_of(m, row, e->reason);
		sum += count[n++];
	}
	row->reason = "exits";
	row->count = sum;
	put(m, row);
	for (size_t i = 0; i < n; i++) {
		row->reason = reason[i];
		row->count = count[i];
		if (count[i])
			put(m, row);
	}
}

static bool has_source(const struct maker *m, const struct exit_row *row, const char *source)
{
	for (const struct made_exit *e = m->table; e->source; e++)
		if (strcmp(e->source, source) == 0 && e->measured == row->measured &&
		    e->layer == row->layer)
			return true;
	return false;
}

static void put_batch(struct maker *m, struct exit_row *row, double cost_ns)
{
	uint64_t slow = row->round ? row->round : row->batch;
	double drift = 1 + 0.2 * sin((double)slow + 10.0 * row->boot);
	double noise = 1 + 0.1 * (draw(m) - 0.5);

	row->interval_ns = (uint64_t)(200000.0 * (double)row->batches +
				      (double)row->ops * cost_ns * drift * noise);
	for (uint32_t layer = row->measured; layer > 0; layer--) {
		row->layer = layer;
		row->counted_in = layer - 1;
		put_source(m, row, STATS);
		if (row->round == 0)
			put_source(m, row, BY_REASON);
		if (row->round == 0 && has_source(m, row, NESTED))
			put_source(m, row, NESTED);
	}
}

static void put_job(struct maker *m, const struct made_workload *w, uint32_t boot, uint32_t round,
		    uint32_t measured)
{
	uint64_t batches = round ? m->run->batches + 1 : m->run->rounds;
	struct exit_row row = {.run = m->run->name ? m->run->name : MADE_ID,
			       .boot = boot,
			       .round = round,
			       .measured = measured,
			       .workload = w->name,
			       .params = w->params,
			       .threads = 1};

	row.ops = (uint64_t)(1 + 50e6 / made_cost(w, m->run->depth));
	if (round) {
		row.ops *= batches;
		row.batch = row.batches = batches;
		put_batch(m, &row, made_cost(w, measured));
		return;
	}
	row.batches = 1;
	for (row.batch = 1; row.batch <= batches; row.batch++)
		put_batch(m, &row, made_cost(w, measured));
	if (strcmp(w->name, EXITS_EMPTY) != 0)
		return;
	row.ops = EXITS_EMPTY_OPS;
	for (row.batch = 1; row.batch <= batches; row.batch++)
		put_batch(m, &row, made_cost(w, measured));
}

int make_exits(const char *dir, const struct made_run *run, const struct made_exit *table,
	       made_exit_edit edit, struct err *err)
{
	struct maker m = {
		.run = run, .table = table, .edit = edit, .w = CSV_WRITER_NONE, .random = 1};
	const struct made_workload *w = run->workloads ? run->workloads : made_workloads;

	if (exits_writer_open(&m.w, dir, err) < 0)
		return -1;
	for (uint32_t boot = 1; boot <= run->boots; boot++)
		for (uint32_t round = 0; round <= run->rounds; round++)
			for (const struct made_workload *job = w; job->name; job++)
				for (uint32_t k = 1; k <= run->depth; k++)
					put_job(&m, job, boot, round, k);
	return exits_writer_close(&m.w, err);
}
