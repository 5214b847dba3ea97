/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/fleet/engines.h"
#include "bench/fleet/plan.h"
#include "bench/session/resume_state.h"
#include "lib/clock.h"
#include "lib/interrupt.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/fleet/status.h"
#include "results/rundir/members.h"

#define LOOK_NS (3600 * NS_PER_S)

struct fleet_run {
	const char *dir;
	struct fleet *f;
	bool quiet;
	struct fleet_plan plan;
	struct fleet_files files;
	struct fleet_work work;
	char absolute[PATH_MAX];
	const struct fleet_engine *engine;
	void *opened;
	bool cancelled;
};

#define FLEET_RUN(at, fleet, be_quiet)                                                             \
	{                                                                                          \
		.dir = (at), .f = (fleet), .quiet = (be_quiet), .plan = FLEET_PLAN_INIT            \
	}

__attribute__((format(printf, 2, 3))) static void say(const struct fleet_run *r, const char *fmt,
						      ...)
{
	char line[ERR_TEXT + RUNDIR_PATH];
	va_list ap;

	if (r->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", printable(line));
}

/* ---- changes ---- */

static void say_change(const struct fleet_run *r, const struct fleet_node *node)
{
	double s = fleet_node_took(node, time(NULL));
	char took[SIZE_TEXT];

	if (node->state == FLEET_FAILED)
		fprintf(stderr, "%s: failed: %s\n", node->name, node->reason);
	else if (node->state == FLEET_DONE && s >= 1)
		say(r, "%s: done in %s", node->name,
		    format_duration_short(s * (double)NS_PER_S, took));
	else
		say(r, "%s: %s", node->name, fleet_state_name(node->state));
}

/* One that was cancelled waits for the next time. */
static void take_change(struct fleet_run *r, const struct fleet_change *c)
{
	struct fleet_node *node = &r->f->node[c->node];
	bool put_off = c->state == FLEET_FAILED && c->why.code == EXIT_INTERRUPTED;

	node->state = put_off ? FLEET_WAITING : c->state;
	str_copy(node->job, sizeof(node->job), c->job);
	str_copy(node->run, sizeof(node->run), c->run);
	str_copy(node->reason, sizeof(node->reason),
		 node->state == FLEET_FAILED ? c->why.text : "");
	if (!node->begin[0] && c->state != FLEET_WAITING)
		manifest_now(node->begin);
	if (put_off)
		node->begin[0] = '\0';
	else if (c->state == FLEET_DONE || c->state == FLEET_FAILED)
		manifest_now(node->end);
	if (!put_off)
		say_change(r, node);
}

static bool is_over(const struct fleet_change *c)
{
	return c->state == FLEET_DONE || c->state == FLEET_FAILED;
}

static void cancel_if_interrupted(struct fleet_run *r)
{
	if (r->cancelled || !interrupt_pending())
		return;
	fprintf(stderr, "interrupted: waiting until the nodes have ended their runs\n");
	r->cancelled = true;
	r->engine->cancel(r->opened);
}

/* Until all of them are over. */
static int measure(struct fleet_run *r, const size_t *node, size_t count, struct err *err)
{
	struct fleet_change change;
	int more;

	if (r->engine->begin(r->opened, node, count, &r->plan.words, err) < 0)
		return -1;
	while (count) {
		cancel_if_interrupted(r);
		more = r->engine->next(r->opened, LOOK_NS, &change, err);
		if (more < 0)
			return -1;
		if (!more)
			continue;
		count -= is_over(&change);
		take_change(r, &change);
		if (fleet_save(r->dir, r->f, err) < 0)
			return -1;
	}
	return interrupt_check(err);
}

/* ---- pilot, and all others ---- */

static int keep_plan(struct fleet_run *r, struct err *err)
{
	member_words_free(r->f->plan);
	r->f->plan = member_words_copy((const char *const *)r->plan.words.item);
	return r->f->plan ? fleet_save(r->dir, r->f, err)
			  : err_set(err, EXIT_INTERNAL, "out of memory for the plan");
}

/* Nodes are tried one after the other until one was measured. */
static int find_counts(struct fleet_run *r, struct err *err)
{
	struct fleet *f = r->f;

	for (size_t i = 0; i < f->nodes && r->plan.needs_pilot; i++) {
		if (f->node[i].state == FLEET_DONE)
			continue;
		str_copy(f->pilot, sizeof(f->pilot), f->node[i].name);
		if (measure(r, &i, 1, err) < 0)
			return -1;
		if (f->node[i].state == FLEET_DONE &&
		    fleet_plan_settle(&r->plan, f, r->dir, f->node[i].name, err) < 0)
			return -1;
	}
	return r->plan.needs_pilot ? 0 : keep_plan(r, err);
}

static int measure_others(struct fleet_run *r, struct err *err)
{
	struct fleet *f = r->f;
	size_t *node = calloc(f->nodes + 1, sizeof(*node)), count = 0;
	int done;

	if (!node)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	for (size_t i = 0; i < f->nodes; i++)
		if (f->node[i].state == FLEET_WAITING)
			node[count++] = i;
	done = count ? measure(r, node, count, err) : 0;
	free(node);
	return done;
}

static int verdict(const struct fleet_run *r, struct err *err)
{
	const struct fleet *f = r->f;
	size_t failed = 0;

	for (size_t i = 0; i < f->nodes; i++)
		failed += f->node[i].state != FLEET_DONE;
	if (!failed)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%zu of %zu nodes could not be measured: see above, and try these again by "
		       "nestbench fleet resume %s",
		       failed, f->nodes, r->dir);
}

static int measure_all(struct fleet_run *r, struct err *err)
{
	int done = fleet_save(r->dir, r->f, err);

	if (done == 0)
		done = find_counts(r, err);
	if (done == 0 && !r->plan.needs_pilot)
		done = measure_others(r, err);
	if (done == 0)
		return verdict(r, err);
	return err->code == EXIT_INTERRUPTED
		       ? err_set(err, EXIT_INTERRUPTED,
				 "interrupted; nestbench fleet resume %s completes it", r->dir)
		       : -1;
}

/* ---- a fleet, new or not ---- */

/* What was measured already would not go together with what comes. */
static int check_hashes(const struct fleet *f, const struct facts *now, struct err *err)
{
	for (size_t i = 0; i < f->hashes.count; i++) {
		const struct fact *was = &f->hashes.item[i];

		if (resume_state_same(was->key, was->value, facts_get(now, was->key), err) < 0)
			return -1;
	}
	return 0;
}

/* All that can be wrong with the whole is found before any node is asked. */
static int prepare(struct fleet_run *r, struct err *err)
{
	struct facts now = FACTS_INIT;
	struct fleet *f = r->f;
	int done;

	r->work = (struct fleet_work){.dir = r->absolute, .fleet = f, .files = &r->files};
	r->engine = fleet_engine_find(f->engine, err);
	if (!r->engine || interrupt_install(err) < 0 || fleet_plan_make(&r->plan, f, err) < 0 ||
	    fleet_files_choose(&r->files, r->plan.image.dir ? &r->plan.image : NULL, err) < 0)
		return -1;
	done = fleet_files_facts(&r->files, &now, err);
	if (done == 0)
		done = check_hashes(f, &now, err);
	if (done == 0 && !f->hashes.count) {
		f->hashes = now;
		return 0;
	}
	facts_release(&now);
	return done;
}

static void put_back(struct fleet *f)
{
	for (size_t i = 0; i < f->nodes; i++) {
		struct fleet_node *node = &f->node[i];

		if (node->state == FLEET_DONE)
			continue;
		node->state = FLEET_WAITING;
		node->reason[0] = node->begin[0] = node->end[0] = '\0';
	}
}

/* The directory is there. */
static int work(struct fleet_run *r, struct err *err)
{
	int lock = fleet_lock(r->dir, err), done = -1;

	if (lock < 0)
		return -1;
	if (!realpath(r->dir, r->absolute))
		err_errno(err, EXIT_USAGE, "cannot open the directory %s", r->dir);
	else
		r->opened = r->engine->open(&r->work, err);
	if (r->opened)
		done = measure_all(r, err);
	r->engine->close(r->opened);
	close(lock);
	return done;
}

int fleet_begin(const char *dir, struct fleet *f, bool quiet, struct err *err)
{
	struct fleet_run r = FLEET_RUN(dir, f, quiet);
	int done = prepare(&r, err);

	manifest_now(f->started);
	if (done == 0)
		done = rundir_create(dir, err);
	if (done == 0) {
		say(&r, "directory of the fleet: %s", dir);
		done = work(&r, err);
		/* Where nothing came of it, nothing stays. */
		rmdir(dir);
	}
	fleet_plan_release(&r.plan);
	return done;
}

int fleet_go_on(const char *dir, struct fleet *f, bool quiet, struct err *err)
{
	struct fleet_run r = FLEET_RUN(dir, f, quiet);
	int done = prepare(&r, err);

	put_back(f);
	if (done == 0)
		done = work(&r, err);
	fleet_plan_release(&r.plan);
	return done;
}
