/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/summary.h"

#include <inttypes.h>

#include "lib/file.h"
#include "lib/json.h"
#include "results/summary/estimate.h"

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{FLAG_FEW_ROUNDS, "few-rounds"},   {FLAG_ONE_BOOT, "one-boot"},
	{FLAG_FEW_BOOTS, "few-boots"},	   {FLAG_SHORT, "short"},
	{FLAG_DIGEST, "digest"},	   {FLAG_ZERO, "zero"},
	{FLAG_EMULATED, "emulated"},	   {FLAG_WARM_UP, "warm-up"},
	{FLAG_SLOW_DOWN, "slow-down"},	   {FLAG_UNSETTLED, "no-steady-state"},
	{FLAG_BIMODAL, "bimodal"},	   {FLAG_RESUMED, "resumed"},
	{FLAG_CPU_UNKNOWN, "cpu-unknown"}, {FLAG_POLLED, "polled"},
	{FLAG_NO_HOST, "no-host"},
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
	const struct {
		uint64_t count;
		const char *name;
	} counts[] = {
		{e->suspect, "suspect"},   {e->failed, "fail"},	      {e->skipped, "skip"},
		{e->timed_out, "timeout"}, {e->outliers, "outliers"}, {e->disturbed, "disturbed"},
	};
	const char *blank = "";

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (e->flags & flag_names[i].flag) {
			buf_addf(out, "%s%s", blank, flag_names[i].name);
			blank = " ";
		}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i].count) {
			buf_addf(out, "%s%s:%" PRIu64, blank, counts[i].name, counts[i].count);
			blank = " ";
		}
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
