/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/summary.h"

#include <inttypes.h>

#include "lib/file.h"
#include "lib/json.h"
#include "results/summary/estimate.h"

/* In the order of SUMMARY_HEADER. */
static const struct column_text summary_columns[] = {
	{"workload", "name of the workload"},
	{"class", "kind of work, as in samples.csv"},
	{"params", "all parameters of the workload, NAME=VALUE separated by blanks"},
	{"threads", "threads that did the work at once; 0: one on each CPU of the layer"},
	{"layer", "number of the layer; of a run of several chains its name"},
	{"accel", "how the layer is accelerated"},
	{"boots", "boots with a figure"},
	{"n", "cells, which are rounds of boots, with a figure"},
	{"unit", "of the cost: ns/op, bytes or cpus"},
	{"median", "the cost in that unit: the median over cells of the median over batches"},
	{"lo95", "low end of its 95 % interval; nothing: there is no interval"},
	{"hi95", "high end"},
	{"p95", "95th percentile of the cost over batches"},
	{"p99", "99th percentile"},
	{"ratio_l0",
	 "cost relative to L0, paired within rounds: 2 is twice as bad, also of a capacity"},
	{"ratio_l0_lo95", "low end of its 95 % interval"},
	{"ratio_l0_hi95", "high end"},
	{"ratio_up", "cost relative to the parent layer"},
	{"ratio_up_lo95", "low end of its 95 % interval"},
	{"ratio_up_hi95", "high end"},
	{"share", "usable share of L0: 1 / ratio_l0"},
	{"share_lo95", "low end of its 95 % interval"},
	{"share_hi95", "high end"},
	{"flags", "words separated by blanks; see FLAGS OF FIGURES"},
	{NULL, NULL},
};

/* In the order of CLASSES_HEADER, and what stands behind it in a tree. */
static const struct column_text classes_columns[] = {
	{"class", "kind of work"},
	{"layer", "number of the layer; of a run of several chains its name"},
	{"accel", "how the layer is accelerated"},
	{"workloads", "workloads with their parameters that the figures are made of"},
	{"n", "cells, which are rounds of boots"},
	{"ratio_l0", "geometric mean over the workloads of the cost relative to L0"},
	{"ratio_l0_lo95", "low end of its joint 95 % interval"},
	{"ratio_l0_hi95", "high end"},
	{"ratio_up", "the same relative to the parent layer"},
	{"ratio_up_lo95", "low end of its joint 95 % interval"},
	{"ratio_up_hi95", "high end"},
	{"share", "usable share of L0: 1 / ratio_l0"},
	{"share_lo95", "low end of its interval"},
	{"share_hi95", "high end"},
	{"verdict", "whether the usable share shrinks with every layer up to this one"},
	{"step", "only of a run of several chains: the verdict on the step from the parent layer"},
	{NULL, NULL},
};

static struct column_text column_of(const struct column_text *columns, size_t count, size_t i)
{
	return columns[i < count ? i : count - 1];
}

struct column_text summary_column(size_t i)
{
	return column_of(summary_columns, sizeof(summary_columns) / sizeof(summary_columns[0]), i);
}

struct column_text classes_column(size_t i)
{
	return column_of(classes_columns, sizeof(classes_columns) / sizeof(classes_columns[0]), i);
}

static const struct {
	unsigned flag;
	const char *name, *meaning;
} flag_names[] = {
	{FLAG_FEW_ROUNDS, "few-rounds", "fewer than 6 rounds: there is no interval"},
	{FLAG_ONE_BOOT, "one-boot", "one boot: the intervals are valid within it only"},
	{FLAG_FEW_BOOTS, "few-boots", "2 to 4 boots: the intervals are too narrow"},
	{FLAG_SHORT, "short", "batches were too short for the clock"},
	{FLAG_DIGEST, "digest", "the layers did different work: ratios are withheld"},
	{FLAG_ZERO, "zero", "a cost of 0: below what the clock resolves"},
	{FLAG_EMULATED, "emulated",
	 "the CPU of this layer, or of one that it stands on, is emulated"},
	{FLAG_WARM_UP, "warm-up", "becomes cheaper, or the first batches that count cost more"},
	{FLAG_SLOW_DOWN, "slow-down", "becomes more expensive"},
	{FLAG_UNSETTLED, "no-steady-state", "does not settle"},
	{FLAG_BIMODAL, "bimodal", "batches have two modes, and the median is in one of them"},
	{FLAG_RESUMED, "resumed", "a boot of the run was interrupted and resumed"},
	{FLAG_CPU_UNKNOWN, "cpu-unknown", "it is not known whether the CPU is emulated"},
	{FLAG_POLLED, "polled", "the layer is reached by polls, which use some of it"},
	{FLAG_NO_HOST, "no-host", "the way of the layer does not lead to L0: it has no ratios"},
};

/* Flags with a number behind a colon. */
static const struct column_text count_names[] = {
	{"suspect", "rows that something speaks against; they count"},
	{"fail", "rows that failed"},
	{"skip", "rows that were skipped"},
	{"timeout", "rows that took too long"},
	{"outliers", "batches far from the others; they count"},
	{"disturbed", "rounds that were disturbed from outside and count"},
};

json_t *summary_flags_json(const struct summary_entry *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (e->flags & flag_names[i].flag)
			list = json_and(list, json_string(flag_names[i].name));
	return list;
}

void summary_format_flags(const struct summary_entry *e, struct buf *out)
{
	const uint64_t counts[] = {e->suspect,	 e->failed,   e->skipped,
				   e->timed_out, e->outliers, e->disturbed};
	const char *blank = "";

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (e->flags & flag_names[i].flag) {
			buf_addf(out, "%s%s", blank, flag_names[i].name);
			blank = " ";
		}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i]) {
			buf_addf(out, "%s%s:%" PRIu64, blank, count_names[i].name, counts[i]);
			blank = " ";
		}
}

struct column_text summary_flag(size_t i)
{
	enum {
		FLAGS = sizeof(flag_names) / sizeof(flag_names[0]),
		COUNTS = sizeof(count_names) / sizeof(count_names[0])
	};

	if (i < FLAGS)
		return (struct column_text){flag_names[i].name, flag_names[i].meaning};
	return i - FLAGS < COUNTS ? count_names[i - FLAGS] : (struct column_text){NULL, NULL};
}

static void add_number(struct buf *out, double x)
{
	buf_addstr(out, ",");
	csv_add_double(out, x);
}

static void add_estimate(struct buf *out, const struct estimate *e)
{
	add_number(out, e->mid);
	add_number(out, e->low);
	add_number(out, e->high);
}

/* The number in a chain, the name in a tree. */
static void add_layer(struct buf *out, const struct summary *s, uint32_t layer)
{
	if (s->is_tree)
		csv_add_field(out, summary_layer_name(s, layer));
	else
		buf_addf(out, "%" PRIu32, layer);
	buf_addstr(out, ",");
}

static void add_entry(struct buf *out, const struct summary *s, const struct summary_entry *e)
{
	csv_add_field(out, e->workload);
	buf_addstr(out, ",");
	csv_add_field(out, e->class);
	buf_addstr(out, ",");
	csv_add_field(out, e->params);
	buf_addf(out, ",%" PRIu32 ",", e->threads);
	add_layer(out, s, e->layer);
	csv_add_field(out, s->layer[e->layer].accel);
	buf_addf(out, ",%zu,%zu,%s", e->boots, e->cells, e->unit);
	add_estimate(out, &e->cost);
	add_number(out, e->p95);
	add_number(out, e->p99);
	add_estimate(out, &e->ratio_l0);
	add_estimate(out, &e->ratio_up);
	add_estimate(out, &e->share);
	buf_addstr(out, ",");
	summary_format_flags(e, out);
	buf_addstr(out, "\n");
}

void summary_format(const struct summary *s, struct buf *out)
{
	buf_addstr(out, SUMMARY_HEADER "\n");
	for (size_t i = 0; i < s->entries; i++)
		add_entry(out, s, &s->entry[i]);
}

void classes_format(const struct summary *s, struct buf *out)
{
	buf_addf(out, "%s%s\n", CLASSES_HEADER, s->is_tree ? ",step" : "");
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		csv_add_field(out, c->class);
		buf_addstr(out, ",");
		add_layer(out, s, c->layer);
		csv_add_field(out, s->layer[c->layer].accel);
		buf_addf(out, ",%zu,%zu", c->workloads, c->n);
		add_estimate(out, &c->ratio_l0);
		add_estimate(out, &c->ratio_up);
		add_estimate(out, &c->share);
		buf_addf(out, ",%s", verdict_name(c->verdict));
		if (s->is_tree)
			buf_addf(out, ",%s", verdict_name(c->step));
		buf_addstr(out, "\n");
	}
}

static int write_one(const char *dir, const char *name, const struct buf *text, struct err *err)
{
	char path[RUNDIR_PATH];

	if (buf_check(text, err) < 0 || rundir_path(dir, name, path, err) < 0)
		return -1;
	return file_write_private(path, text->data, text->len, err);
}

int summary_write(const char *dir, const struct summary *s, struct err *err)
{
	struct buf entries = BUF_INIT, classes = BUF_INIT;
	int rc = -1;

	summary_format(s, &entries);
	classes_format(s, &classes);
	if (write_one(dir, SUMMARY_FILE, &entries, err) == 0 &&
	    write_one(dir, CLASSES_FILE, &classes, err) == 0)
		rc = 0;
	buf_release(&entries);
	buf_release(&classes);
	return rc;
}
