/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/results/make_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/facts.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"

const struct made_workload made_workloads[] = {
	{"nop", "", 0.32, {1, 12, 13}},
	{"clock", "", 24, {1, 55, 52}},
	{"cpu.int", "", 0.41, {1, 9.2, 9.25}},
	{"cpu.float", "", 0.55, {1, 22, 22.1}},
	{"cpu.syscall", "", 95, {1, 11, 11.05}},
	{"exit.cpuid", "", 70, {1, 18, 410, 9000}},
	{"mem.chase", "size=64MiB", 82, {1, 3.1, 4.6, 6}},
	{"mem.stream", "size=64MiB", 1.1, {1, 5.5, 6, 6.6}},
	{"mem.fault", "size=64MiB pages=4k", 480, {1, 9.5, 38, 150}},
	{"io.randread", "block=4KiB", 78000, {1, 2.4, 6.5, 30}},
	{"io.fsync", "block=4KiB", 510000, {1, 1.7, 3.9, 11}},
	{"gpu.offload", "size=1MiB", 21000, {1, 8, 11, 15}},
	{"capacity.memory", "", 402653184, {1, 1}},
	{0},
};

const struct made_layer made_tree[MADE_TREE] = {
	{LAYER_NO_PARENT, "", "bare", "none", 0, 1},
	{0, "kvm", "kvm", "full", 1, 1},
	{0, "container", "container", "container", 0, 1.004},
	{1, "kvm/container", "container", "container", 1, 1.03},
	{0, "xen", "xen", "full", 1, 1.1},
	{4, "xen/pv", "pv", "paravirtual", 2, 1.4},
	{4, "xen/pvh", "pvh", "full", 2, 1.1},
};

const struct made_workload made_tree_workloads[] = {
	{"cpu.int", "", 0.41, {1, 1.02, 1.04}},
	{"cpu.syscall", "", 95, {1, 11, 11.5}},
	{"mem.fault", "size=64MiB pages=4k", 480, {1, 9.5, 38}},
	{"io.randread", "block=4KiB", 78000, {1, 2.4, 6.5}},
	{"app.sqlite", "", 900000, {1, 1.8, 2.9}},
	{"app.http", "", 40000, {1, 2.2, 3.1}},
	{"gpu.offload", "size=1MiB", 21000, {1, 8, 11}},
	{"capacity.memory", "", 4294967296, {1, 0.45, 0.2}},
	{0},
};

struct made_run made_tree_run(void)
{
	struct made_run run = MADE_RUN;

	run.depth = MADE_TREE - 1;
	run.boots = 5;
	run.tree = made_tree;
	run.workloads = made_tree_workloads;
	for (uint32_t k = 1; k < MADE_TREE; k++)
		run.accel[k] = k == 2 || k == 3 ? "none" : "tcg";
	return run;
}

const struct made_run MADE_RUN = {
	.depth = 2,
	.boots = 1,
	.rounds = 6,
	.batches = 4,
	.noise = 0.005,
	.accel = {"none", "tcg", "kvm", "kvm"},
	.host_is_vm = true,
	.state = RUN_COMPLETE,
};

double made_cost(const struct made_workload *w, uint32_t layer)
{
	uint32_t last = layer;

	while (w->factor[last] == 0)
		last--;
	return w->cost_ns * w->factor[last];
}

static const struct made_workload *workloads_of(const struct made_run *run)
{
	return run->workloads ? run->workloads : made_workloads;
}

static double cost_in(const struct made_run *run, const struct made_workload *w, uint32_t layer)
{
	const struct made_layer *l = run->tree ? &run->tree[layer] : NULL;

	return l ? l->times * made_cost(w, l->like) : made_cost(w, layer);
}

/* splitmix64 (Steele et al. 2014), as a number from -1 to 1. */
static double noise_of(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)(x ^ x >> 31) / (double)UINT64_MAX * 2 - 1;
}

static bool is_capacity(const struct made_workload *w)
{
	return strncmp(w->name, "capacity.", 9) == 0;
}

static const char *made_id(const struct made_run *run)
{
	return run->name ? run->name : MADE_ID;
}

static struct row make_row(const struct made_run *run, size_t index, uint32_t boot, uint32_t round,
			   uint32_t layer, uint64_t batch)
{
	const struct made_workload *w = &workloads_of(run)[index];
	uint64_t id = (((boot * 65536ull + round) * 64 + layer) * 64 + index) * 64 + batch;
	double drift = 1 + 0.2 * sin(round + 10.0 * boot), noise = 1 + run->noise * noise_of(id);
	double cost = cost_in(run, w, layer) * drift * noise;
	struct row row = {
		.run = made_id(run),
		.boot = boot,
		.round = round,
		.slot = (uint32_t)((index * (run->depth + 1) + (layer + round) % (run->depth + 1))),
		.layer = layer,
		.workload = w->name,
		.params = w->params,
		.threads = 1,
		.sample = {.batch = batch, .ops = 1, .digest = index * 1000 + batch},
	};
	struct sample *s = &row.sample;

	if (is_capacity(w)) {
		s->bytes = (uint64_t)cost_in(run, w, layer);
		s->elapsed_ns = 90000000;
		sample_set_reason(s, "touched every page");
	} else {
		s->ops = (uint64_t)(1 + 50e6 / cost_in(run, w, run->depth));
		s->elapsed_ns = (uint64_t)llround(cost * (double)s->ops);
		if (batch == 1)
			s->flags = SAMPLE_WARM_UP;
	}
	s->host_elapsed_ns = s->elapsed_ns + 150000;
	return row;
}

/* Class, unit and traits, by the name that the row has now. */
static int put_row(struct csv_writer *w, struct row *row, struct err *err)
{
	struct row named = {.workload = row->workload};
	struct schema1_texts texts;

	schema1_complete(&named, &texts);
	row->class = named.class;
	row->unit = named.unit;
	row->sample.flags |= named.sample.flags;
	return rows_writer_put(w, row, err);
}

static int put_job(struct csv_writer *w, const struct made_run *run, size_t index, uint32_t boot,
		   uint32_t round, uint32_t layer, struct err *err)
{
	uint64_t batches = is_capacity(&workloads_of(run)[index]) ? 1 : run->batches + 1;

	for (uint64_t batch = 1; batch <= batches; batch++) {
		struct row row = make_row(run, index, boot, round, layer, batch);

		if ((!run->edit || run->edit(&row)) && put_row(w, &row, err) < 0)
			return -1;
	}
	return 0;
}

static int make_rows(const char *dir, const struct made_run *run, struct err *err)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct err closing;
	int rc = 0;

	if (rows_writer_open(&w, dir, err) < 0)
		return -1;
	for (uint32_t boot = 1; boot <= run->boots; boot++)
		for (uint32_t round = 1; round <= run->rounds; round++)
			for (size_t i = 0; workloads_of(run)[i].name; i++)
				for (uint32_t layer = 0; layer <= run->depth && rc == 0; layer++)
					rc = put_job(&w, run, i, boot, round, layer, err);
	if (csv_writer_close(&w, &closing) < 0 && rc == 0) {
		*err = closing;
		rc = -1;
	}
	return rc;
}

static void say_kind(struct facts *facts, const struct made_layer *l, const char *accel)
{
	facts_set(facts, "kind", "%s", l->kind);
	facts_set(facts, "isolation", "%s", l->isolation);
	facts_set(facts, "vcpus", "1");
	facts_set(facts, "memory_bytes", "%llu", 8ULL << 30 >> l->like);
	facts_set(facts, "vm_memory_bytes", "%llu", 8ULL << 30 >> l->like);
	facts_set(facts, "boot_ns", "%llu", (l->like + 1) * 1200000000ULL);
	facts_set(facts, "emulated", "%s", accel && strcmp(accel, "tcg") == 0 ? "yes" : "no");
}

static int make_layers(const char *dir, const struct made_run *run, struct err *err)
{
	int rc = 0;

	for (uint32_t boot = 1; boot <= run->boots; boot++)
		for (uint32_t layer = 0; layer <= run->depth && rc == 0; layer++) {
			struct facts facts = FACTS_INIT;

			if (run->accel[layer])
				facts_set(&facts, "accel", "%s", run->accel[layer]);
			if (layer || !run->below_l0)
				facts_set(&facts, "hypervisor", "%s",
					  layer || run->host_is_vm ? "KVMKVMKVM" : "none");
			else if (run->below_l0[0])
				facts_set(&facts, "hypervisor", "%s", run->below_l0);
			facts_set(&facts, "cpu_model", "Made-up CPU, \"2 cores\"");
			if (run->tree && run->tree[layer].kind)
				say_kind(&facts, &run->tree[layer], run->accel[layer]);
			rc = layers_append(dir, made_id(run), boot, layer, &facts, err);
			facts_release(&facts);
		}
	return rc;
}

static int make_manifest(const char *dir, const struct made_run *run, struct err *err)
{
	static const char *const command[] = {"nestbench", "run", "--seed", "42", NULL};
	struct manifest m = {
		.host = "lab",
		.profile = "quick",
		.started = "2026-01-31T12:00:00Z",
		.ended = "2026-01-31T12:03:00Z",
		.state = run->state,
		.seed = 42,
		.depth = run->depth,
		.boots = run->boots,
		.rounds = run->rounds,
		.batches = run->batches,
		.host_is_vm = run->host_is_vm,
	};
	const struct made_workload *w = workloads_of(run);
	int rc = manifest_set_command(&m, command, err);

	for (uint32_t k = 0; run->tree && k <= run->depth; k++)
		layer_tree_add(&m.layers, run->tree[k].parent, run->tree[k].path);
	if (run->tree)
		m.depth = layer_tree_depth(&m.layers);

	snprintf(m.run, sizeof(m.run), "%s", made_id(run));
	snprintf(m.mode, sizeof(m.mode), "%s", run->mode ? run->mode : "shape");

	for (size_t i = 0; w[i].name && rc == 0; i++)
		rc = manifest_add_job(&m, w[i].name, w[i].params, 1, err);
	facts_set(&m.versions, "nestbench", "0.1.0");
	facts_set(&m.hashes, "nestkernel_sha256", "%064d", 7);
	if (rc == 0)
		rc = manifest_save(dir, &m, err);
	manifest_release(&m);
	return rc;
}

int make_run(const char *dir, const struct made_run *run, struct err *err)
{
	if (make_rows(dir, run, err) < 0 || make_layers(dir, run, err) < 0)
		return -1;
	return make_manifest(dir, run, err);
}
