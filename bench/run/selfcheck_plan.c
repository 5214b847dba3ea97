/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/selfcheck_plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plan/profile.h"
#include "lib/buf.h"
#include "results/rundir/params.h"

/* For A/A where nothing else is asked for: something of every kind that is cheap to set up. */
static const struct text_list own_choice = {
	.item = {"nop", "clock", "cpu.int", "cpu.syscall", "mem.chase size=1MiB",
		 "mem.stream size=8MiB", "io.randread", NULL},
	.count = 7,
};

/* The injections begin with FIRST_KIND. */
enum { FIRST_KIND = 1 };
const char *const selfcheck_names[] = {"alarms", "cpu", "syscall", "mem", NULL};
static const unsigned sizes[] = {0, 1, 2, 3, 5, 10}; /* per cent */

/* Takes the text. */
static int add(struct text_list *out, struct buf *text, struct err *err)
{
	int done = buf_check(text, err);

	if (done == 0 && out->count == LIST_MAX)
		done = err_set(err, EXIT_USAGE,
			       "--workloads: these are too many for one self-check (with what it "
			       "adds at most %d)",
			       LIST_MAX);
	if (done == 0)
		out->item[out->count++] = buf_take(text);
	buf_release(text);
	return done;
}

/* The same work in every lane. */
static int add_lanes(struct text_list *out, const struct work *work, struct err *err)
{
	struct buf group = BUF_INIT;
	char threads[THREADS_TEXT];

	for (int lane = 0; lane < SELFCHECK_LANES; lane++)
		buf_addf(&group, "%s%s %s %s", lane ? " | " : "", work->workload->name, work->label,
			 threads_word(work->threads, threads));
	return add(out, &group, err);
}

static int add_injection(struct text_list *out, const char *kind, struct err *err)
{
	struct buf group = BUF_INIT;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		buf_addf(&group, "%sinject kind=%s slow=%u", i ? " | " : "", kind, sizes[i]);
	return add(out, &group, err);
}

static bool is_wanted(const struct text_list *checks, const char *name)
{
	for (size_t i = 0; i < checks->count; i++)
		if (strcmp(checks->item[i], name) == 0)
			return true;
	return checks->count == 0;
}

static int add_alarms(struct text_list *out, const struct text_list *patterns, struct err *err)
{
	const struct profile *quick = profile_find("quick", err);
	struct work_list list = {0};
	int done = 0;

	if (!quick ||
	    work_list_make(&list, quick, patterns->count ? patterns : &own_choice, err) < 0)
		return -1;
	for (uint32_t i = 0; i < list.repeated && done == 0; i++)
		done = add_lanes(out, &list.item[i], err);
	work_list_release(&list);
	return done;
}

int selfcheck_choose(const struct text_list *checks, const struct text_list *patterns,
		     struct text_list *out, struct err *err)
{
	static const char *const floor[] = {"nop", "clock", "nop ops=1"};

	if (is_wanted(checks, "alarms") && add_alarms(out, patterns, err) < 0)
		return -1;
	/* Behind the others: what is there already is not taken twice. */
	for (size_t i = 0; i < sizeof(floor) / sizeof(floor[0]); i++) {
		struct buf item = BUF_INIT;

		buf_addstr(&item, floor[i]);
		if (add(out, &item, err) < 0)
			return -1;
	}
	for (const char *const *kind = selfcheck_names + FIRST_KIND; *kind; kind++)
		if (is_wanted(checks, *kind) && add_injection(out, *kind, err) < 0)
			return -1;
	return 0;
}

void selfcheck_release_choice(struct text_list *choice)
{
	for (size_t i = 0; i < choice->count; i++)
		free((char *)(uintptr_t)choice->item[i]);
	*choice = (struct text_list){0};
}

uint32_t selfcheck_rounds(uint32_t rounds_of_try, uint32_t max_tries, uint32_t done,
			  uint64_t rounds_ns, uint64_t left_ns)
{
	double each_ns = (double)rounds_ns / done;
	double fit = done + (each_ns > 0 ? (double)left_ns / each_ns : 0);
	double tries = fit / rounds_of_try;

	return rounds_of_try * (tries < 1 ? 1 : tries > max_tries ? max_tries : (uint32_t)tries);
}
