/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/read_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/nearest.h"
#include "workloads/workload.h"

int runs_read(const char *command, const struct text_list *dirs, struct run_list *runs,
	      struct err *err)
{
	*runs = (struct run_list){.item = calloc(dirs->count, sizeof(*runs->item))};
	if (!runs->item)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu runs", dirs->count);
	for (; runs->count < dirs->count; runs->count++)
		if (summary_build(dirs->item[runs->count], &runs->item[runs->count], err) < 0)
			return -1;
	for (size_t i = 1; i < runs->count; i++)
		if (summary_distinct(runs->item, i, &runs->item[i], err) < 0)
			return -1;
	return runs_tell_damage(command, runs->item, runs->count, err);
}

void runs_release(struct run_list *runs)
{
	while (runs->count)
		summary_release(&runs->item[--runs->count]);
	free(runs->item);
	runs->item = NULL;
}

int runs_tell_damage(const char *command, const struct summary *run, size_t count, struct err *err)
{
	struct buf all = BUF_INIT, text = BUF_INIT;
	int rc;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&text);
		damage_format(run[i].dir, &run[i].damage, &text);
		if (text.len)
			buf_addf(&all, "%s: %s", command, buf_str(&text));
	}
	all.failed |= text.failed;
	rc = buf_print(&all, stderr, err);
	buf_release(&text);
	buf_release(&all);
	return rc;
}

static bool has_workload(const struct summary *run, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < run[i].entries; k++)
			if (strcmp(run[i].entry[k].workload, name) == 0)
				return true;
	return false;
}

static int unknown_workload(const char *name, const struct summary *run, size_t count,
			    struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < run[i].entries; k++)
			nearest_offer(&near, run[i].entry[k].workload);
	return err_set(err, EXIT_USAGE,
		       "--workloads: \"%.80s\" was not measured, and there is none%s", name,
		       nearest_hint(&near, " (", ")", hint));
}

int runs_know(const struct text_list *words, const struct summary *run, size_t count,
	      struct err *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (!strpbrk(words->item[i], "*?[\\") && !workload_find(words->item[i]) &&
		    !has_workload(run, count, words->item[i]))
			return unknown_workload(words->item[i], run, count, err);
	return 0;
}

int answer_give(struct buf *text, const char *file, int rc, struct err *err)
{
	if (rc == 0 && file)
		rc = buf_check(text, err) < 0 ? -1
					      : file_write_whole(file, text->data, text->len, err);
	else if (rc == 0)
		rc = buf_print(text, stdout, err);
	buf_release(text);
	return rc;
}

int answer_json(const char *name, int version, json_t *members, struct err *err)
{
	struct buf out = BUF_INIT;

	return answer_give(&out, NULL, json_write_answer(name, version, members, &out, err), err);
}

/* The word of a side and then its further runs. */
static void make_side(const char *word, const struct text_list *more,
		      const char *side[LIST_MAX + 2])
{
	side[0] = word;
	memcpy(side + 1, more->item, (more->count + 1) * sizeof(*side));
}

int sides_compare(const struct side_options *opt, const struct text_list *words,
		  const struct compare_options *how, struct comparison *c, struct err *err)
{
	const char *base[LIST_MAX + 2], *new[LIST_MAX + 2];
	struct compare_options options = *how;

	make_side(words->item[0], &opt->base, base);
	make_side(words->item[1], &opt->new, new);
	if (opt->workloads.count)
		options.workloads = opt->workloads.item;
	if (compare_runs(base, new, &options, opt->force, c, err) < 0)
		return -1;
	if (runs_know(&opt->workloads, c->base.run, c->base.runs, err) == 0 &&
	    (opt->force || compare_distinct(c, err) == 0))
		return 0;
	comparison_release(c);
	return -1;
}
