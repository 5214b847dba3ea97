/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine that has Slurm run nestbench: arrays of jobs, a task for each node, alone on it. The
 * jobs live on when this command ends; another one finds them by their names, and by what they
 * leave in DIR, which the nodes share. So neither accounting is needed, nor a controller that never
 * goes away. Nodes that do not share DIR are served by steps. Options: partition (none: the default
 * one), time (limit of a job, as sbatch --time), dir (where on a node a directory is made).
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fleet/engines.h"
#include "bench/fleet/slurm_engine.h"
#include "bench/fleet/slurm_script.h"
#include "lib/file.h"
#include "lib/interrupt.h"

static bool has_jobs(const struct slurm_engine *e)
{
	for (size_t i = 0; e->item && i < e->work->fleet->nodes; i++)
		if (e->item[i].at == SLURM_HELD || e->item[i].at == SLURM_SUBMITTED)
			return true;
	return false;
}

static void cancel(void *engine)
{
	struct slurm_engine *e = engine;

	e->cancel_ns = clock_now(&clock_machine);
	e->look_ns = 0;
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct slurm_item *it = &e->item[i];

		if (it->at == SLURM_WANTED && e->is_looked)
			slurm_fail(e, it);
		else if (it->at == SLURM_HELD)
			it->at = SLURM_SUBMITTED;
	}
	slurm_serve_cancel(e);
	slurm_end_jobs(e, true, true);
	slurm_end_jobs(e, false, false);
}

static void remove_below(const struct slurm_engine *e, const char *name)
{
	char path[RUNDIR_PATH];
	struct err ignored;

	if (rundir_path(e->work->dir, name, path, &ignored) == 0)
		file_remove_tree(path, &ignored);
}

static void close_engine(void *engine)
{
	struct slurm_engine *e = engine;

	if (!e)
		return;
	if (has_jobs(e) && !e->cancel_ns)
		cancel(e);
	else if (!has_jobs(e)) {
		remove_below(e, FLEET_FILES);
		remove_below(e, SLURM_JOBS);
	}
	slurm_serve_close(e);
	free(e->item);
	free(e);
}

static int check_slurm(const struct fleet *f, struct err *err)
{
	struct words names = WORDS_INIT;
	int done = slurm_nodes(facts_get(&f->options, "partition"), NULL, &names, err);

	words_release(&names);
	return done;
}

static void *open_engine(const struct fleet_work *work, struct err *err)
{
	struct slurm_engine *e = calloc(1, sizeof(*e));

	if (!e) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	e->work = work;
	e->cancel[0] = e->cancel[1] = e->news = -1;
	e->item = calloc(work->fleet->nodes + 1, sizeof(*e->item));
	if (!e->item)
		err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	else if (remote_place(work->fleet, &e->place, err) == 0 &&
		 check_slurm(work->fleet, err) == 0 && slurm_serve_open(e, err) == 0 &&
		 slurm_room(&e->room, err) == 0 &&
		 slurm_script_write(work->dir, work->fleet, e->script, err) == 0)
		return e;
	close_engine(e);
	return NULL;
}

/* Another fleet, or other words of this one (the pilot's), has other jobs. */
static int name_jobs(struct slurm_engine *e, const struct words *argv, struct err *err)
{
	struct buf text = BUF_INIT;
	char hex[SHA256_HEX];
	int done;

	buf_addf(&text, "%s\n%s\n", e->work->dir, e->work->fleet->started);
	for (size_t i = 0; i < argv->count; i++)
		buf_addf(&text, "%s\n", argv->item[i]);
	sha256_of(buf_str(&text), text.len, hex);
	snprintf(e->front, sizeof(e->front), "nestbench-%.12s-", hex);
	done = buf_check(&text, err);
	buf_release(&text);
	return done;
}

static int begin(void *engine, const size_t *node, size_t count, const struct words *argv,
		 struct err *err)
{
	struct slurm_engine *e = engine;
	char files[RUNDIR_PATH];

	if (name_jobs(e, argv, err) < 0 || rundir_path(e->work->dir, FLEET_FILES, files, err) < 0 ||
	    fleet_files_place(e->work->files, files, err) < 0)
		return -1;
	e->argv = argv;
	if (slurm_serve_begin(e, err) < 0)
		return -1;
	e->is_looked = false;
	e->look_ns = 0;
	for (size_t i = 0; i < count; i++)
		e->item[node[i]] = (struct slurm_item){.at = SLURM_WANTED};
	return 0;
}

static bool take_change(struct slurm_engine *e, struct fleet_change *change)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++)
		if (e->item[i].changed) {
			e->item[i].changed = false;
			*change = e->item[i].change;
			return true;
		}
	return false;
}

/* Until the next look is due, or end. */
static void wait_for(const struct slurm_engine *e, uint64_t end)
{
	struct pollfd p[2] = {{.fd = e->news, .events = POLLIN},
			      {.fd = e->cancel_ns ? -1 : interrupt_fd(), .events = POLLIN}};
	uint64_t now = clock_now(&clock_machine);

	if (e->look_ns < end)
		end = e->look_ns;
	if (end > now)
		poll(p, 2, (int)((end - now) / NS_PER_MS + 1));
}

static int next(void *engine, uint64_t limit_ns, struct fleet_change *change, struct err *err)
{
	struct slurm_engine *e = engine;
	uint64_t end = clock_now(&clock_machine) + limit_ns;

	for (;;) {
		slurm_serve_take(e);
		if (take_change(e, change))
			return 1;
		if (slurm_array_go_on(e))
			continue;
		if (clock_now(&clock_machine) >= e->look_ns) {
			slurm_look(e);
			continue;
		}
		if (clock_now(&clock_machine) >= end || (!e->cancel_ns && interrupt_pending()))
			return 0;
		wait_for(e, end);
	}
}

const struct fleet_engine fleet_engine_slurm = {
	.name = "slurm",
	.open = open_engine,
	.begin = begin,
	.next = next,
	.cancel = cancel,
	.close = close_engine,
};
