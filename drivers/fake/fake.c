/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that is none: its agent is a process of its parent layer. The whole pipeline runs without
 * a VM, and what it measures is real: the same work in the same place, so that every ratio must
 * come out as 1, which makes it a control.
 *
 * Its counters are made up, so that all that reads counters can be tried with known ones: each
 * reading moves the statistic `exits` by 3, and between a begin and an end the reason CPUID by 2.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/agent_process.h"
#include "lib/nearest.h"

enum { STATS_STEP = 3, EXIT_STEP = 2, BACK_AT = 4 };

/* What it counts. */
enum fake_counts {
	COUNTS_OFF,	/* nothing, without a word */
	COUNTS_STEADY,	/* as above */
	COUNTS_BACK,	/* so, but all begin anew with reading BACK_AT */
	COUNTS_REFUSED, /* it says that it may not */
};

static const char *const count_names[] = {
	[COUNTS_OFF] = "off",
	[COUNTS_STEADY] = "steady",
	[COUNTS_BACK] = "back",
	[COUNTS_REFUSED] = "refused",
	NULL,
};

struct fake_options {
	const char *name, *counts;
};

struct fake {
	void *agent; /* agent_process's own */
	enum fake_counts counts;
	unsigned readings;
	bool begun;
	uint64_t stats, exits;
};

/* The name is what those side by side are told apart by. */
static const struct option options[] = {
	{"name", OPT_TEXT, offsetof(struct fake_options, name), "NAME", NULL, 0, 0,
	 "tells it from others in the same layer"},
	{"counts", OPT_TEXT, offsetof(struct fake_options, counts), "NAME", "off", 0, 0,
	 "made-up counters, for tests: off, steady, back or refused", .choices = count_names},
	{0},
};

static int read_options(const struct layer_spec *spec, enum fake_counts *counts, struct err *err)
{
	struct fake_options o = {0};
	int i;

	if (options_set(options, spec->options, &o, err) < 0)
		return -1;
	i = choice_find("counts", o.counts, count_names, err);
	if (i >= 0)
		*counts = (enum fake_counts)i;
	return i < 0 ? -1 : 0;
}

static int check(const struct layer_spec *spec, struct err *err)
{
	enum fake_counts counts;

	if (spec->depth > 0)
		return read_options(spec, &counts, err);
	return err_set(err, EXIT_USAGE, "a fake layer needs a parent layer: the first is bare");
}

static void require(const struct driver_probe *p, const struct layer_spec *spec)
{
	p->say(p->ctx, FINDING_OK, "process",
	       "it is a process of its parent layer, which any can start");
}

static int start_agent(struct layer *layer, struct fake *f, struct err *err)
{
	char dir[AGENT_SUB_DIR];
	const struct agent_launch launch = {.sub_dir = dir};
	int done;

	agent_process_place("fake", &layer->spec, dir, NULL);
	layer->priv = NULL;
	done = agent_process_start(layer, &launch, err);
	f->agent = layer->priv;
	layer->priv = f;
	return done;
}

static void stop(struct layer *layer)
{
	struct fake *f = layer->priv;

	if (!f)
		return;
	layer->priv = f->agent;
	agent_process_stop(layer);
	free(f);
}

static int start(struct layer *layer, struct err *err)
{
	struct fake *f = calloc(1, sizeof(*f));

	layer->priv = f;
	if (!f)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (read_options(&layer->spec, &f->counts, err) == 0 && start_agent(layer, f, err) == 0)
		return 0;
	stop(layer);
	return -1;
}

static void move(struct fake *f)
{
	if (f->counts == COUNTS_BACK && ++f->readings == BACK_AT)
		f->stats = f->exits = 0;
	f->stats += STATS_STEP;
	if (f->begun)
		f->exits += EXIT_STEP;
}

static void count(struct layer *layer, enum counting how, struct counts *out)
{
	struct fake *f = layer->priv;

	if (f->counts == COUNTS_REFUSED)
		counts_remark(out, "a fake layer whose counts are refused counts nothing: take "
				   "counts=steady");
	if (f->counts != COUNTS_STEADY && f->counts != COUNTS_BACK)
		return;
	move(f);
	counts_add(out, COUNT_KVM_STATS, "exits", f->stats);
	if (f->begun || how == COUNTING_BEGIN) {
		counts_add(out, COUNT_KVM_EXIT, "exits", f->exits);
		counts_add(out, COUNT_KVM_EXIT, "CPUID", f->exits);
	}
	if (how != COUNTING_READ)
		f->begun = how == COUNTING_BEGIN;
}

const struct driver driver_fake = {
	.name = "fake",
	.summary = "a process of the parent layer: no layer at all, as a control",
	.caps = CAP_SCRATCH | CAP_SIBLINGS | CAP_HOSTS | CAP_VIRT,
	.isolation = ISOLATION_NONE,
	.options = options,
	.argument = "name",
	.check = check,
	.require = require,
	.start = start,
	.count = count,
	.stop = stop,
};
