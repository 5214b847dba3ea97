/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes run directories up for the tests of the commands: make-runs DIR makes, below DIR,
 *   base, same  equal runs of four boots
 *   slow        as base, but mem.fault costs 20 % more in L1 and L2, with another kernel in L1
 *   one, uno    as slow, with one boot
 *   broken      as base, but everything failed
 *   gone        as base, but io.fsync failed in L2
 *   half        as base, interrupted after two boots, with a damaged line
 *   other       as base, with another accelerator in L1
 *   counted     as base, with exits.csv
 *   share       as base, in mode share
 *   tree        of several kinds of layers, with exits.csv
 *   hosts       of run directories: two nodes of a class, one of another, one that has no figures
 */
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "results/rundir/layers.h"
#include "tests/results/make_exits.h"
#include "tests/results/make_run.h"

static bool slow_fault(struct row *row)
{
	if (row->layer && strcmp(row->workload, "mem.fault") == 0)
		row->sample.elapsed_ns = row->sample.elapsed_ns * 6 / 5;
	return true;
}

static bool fail_fsync(struct row *row)
{
	if (row->layer != 2 || strcmp(row->workload, "io.fsync") != 0)
		return true;
	row->sample = (struct sample){.status = SAMPLE_FAIL};
	sample_set_reason(&row->sample, "no disk");
	return true;
}

static bool fail_all(struct row *row)
{
	row->sample = (struct sample){.status = SAMPLE_FAIL};
	sample_set_reason(&row->sample, "broken");
	return true;
}

static bool two_boots(struct row *row)
{
	return row->boot <= 2;
}

static const struct made {
	const char *name, *kernel, *l1;
	uint32_t boots;
	bool (*edit)(struct row *row);
} made[] = {
	{"base", "6.1", "tcg", 4, NULL},       {"same", "6.1", "tcg", 4, NULL},
	{"slow", "6.2", "tcg", 4, slow_fault}, {"one", "6.2", "tcg", 1, slow_fault},
	{"gone", "6.1", "tcg", 4, fail_fsync}, {"half", "6.1", "tcg", 4, two_boots},
	{"other", "6.1", "kvm", 4, NULL},      {"uno", "6.2", "tcg", 1, slow_fault},
	{"broken", "6.1", "tcg", 4, fail_all}, {"counted", "6.1", "tcg", 4, NULL},
	{"share", "6.1", "tcg", 4, NULL},      {"tree", "6.1", NULL, 0, NULL},
};

static bool is_named(const struct made *what, const char *name)
{
	return strcmp(what->name, name) == 0;
}

static int damage(const char *dir, struct err *err)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%.4000s/samples.csv", dir);
	f = fopen(path, "ae");
	if (!f || fputs("half,a,line\n", f) == EOF || fclose(f) == EOF)
		return err_errno(err, EXIT_INTERNAL, "cannot damage %s", path);
	return 0;
}

static int date_it(const char *dir, const struct made *what, size_t day, struct err *err)
{
	struct manifest m = {0};
	struct facts facts = FACTS_INIT;
	int rc = manifest_load(dir, &m, err);

	if (rc == 0) {
		snprintf(m.started, sizeof(m.started), "2026-02-%02zuT12:00:00Z", day);
		rc = manifest_save(dir, &m, err);
	}
	facts_set(&facts, "kernel", "%s", what->kernel);
	if (rc == 0)
		rc = layers_append(dir, what->name, 1, 1, &facts, err);
	facts_release(&facts);
	manifest_release(&m);
	return rc;
}

static int make(const char *place, size_t i, struct err *err)
{
	struct made_run run = is_named(&made[i], "tree") ? made_tree_run() : MADE_RUN;
	bool half = made[i].edit == two_boots;
	char dir[4096];

	if (made[i].boots)
		run.boots = made[i].boots;
	if (is_named(&made[i], "share"))
		run.mode = "share";
	run.name = made[i].name;
	run.edit = made[i].edit;
	if (made[i].l1)
		run.accel[1] = made[i].l1;
	run.state = half ? RUN_INTERRUPTED : RUN_COMPLETE;
	snprintf(dir, sizeof(dir), "%s/%s", place, made[i].name);
	if (file_make_dirs(dir, err) < 0 || make_run(dir, &run, err) < 0 ||
	    date_it(dir, &made[i], i + 1, err) < 0)
		return -1;
	if ((is_named(&made[i], "counted") || is_named(&made[i], "tree")) &&
	    make_exits(dir, &run, made_exits, NULL, err) < 0)
		return -1;
	return half ? damage(dir, err) : 0;
}

static const struct node {
	const char *name, *cpu;
	int vcpus, gib;
	bool (*edit)(struct row *row);
} nodes[] = {
	{"a1", "Model A", 64, 256, NULL},
	{"a2", "Model A", 64, 256, NULL},
	{"b1", "Model B", 128, 512, NULL},
	{"c1", "Model C", 128, 512, fail_all},
};

static int describe(const char *dir, const struct node *node, struct err *err)
{
	struct facts facts = FACTS_INIT;
	int rc;

	facts_set(&facts, "cpu_model", "%s", node->cpu);
	facts_set(&facts, "vcpus", "%d", node->vcpus);
	facts_set(&facts, "memory_bytes", "%d000000000", node->gib);
	facts_set(&facts, "memory_available_bytes", "%d000000000", node->gib - 2);
	rc = layers_append(dir, node->name, 1, 0, &facts, err);
	facts_release(&facts);
	return rc;
}

/* Without a capacity, whose memory is that of another machine. */
static bool no_capacity(struct row *row)
{
	return strncmp(row->workload, "capacity", 8) != 0;
}

static int make_node(const char *place, const struct node *node, struct err *err)
{
	struct made_run run = MADE_RUN;
	char dir[4096];

	run.name = node->name;
	run.edit = node->edit ? node->edit : no_capacity;
	snprintf(dir, sizeof(dir), "%s/hosts/%s", place, node->name);
	if (file_make_dirs(dir, err) < 0 || make_run(dir, &run, err) < 0)
		return -1;
	return describe(dir, node, err);
}

int main(int argc, char **argv)
{
	struct err err = {0};

	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "make-runs: expected a directory\n");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (make(argv[1], i, &err) < 0) {
			fprintf(stderr, "make-runs: %s\n", err.text);
			return err.code;
		}
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (make_node(argv[1], &nodes[i], &err) < 0) {
			fprintf(stderr, "make-runs: %s\n", err.text);
			return err.code;
		}
	return 0;
}
