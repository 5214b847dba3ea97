/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How jobs end, and what they leave. */
#include "bench/fleet/slurm_engine.h"

#include <stdio.h>
#include <string.h>

#include "bench/fleet/collect.h"
#include "bench/fleet/slurm_script.h"
#include "drivers/ssh/complaint.h"
#include "lib/file.h"

void slurm_tell(struct slurm_engine *e, struct slurm_item *it, enum fleet_node_state state)
{
	it->change.node = (size_t)(it - e->item);
	it->change.state = state;
	slurm_id_format(&it->id, it->change.job);
	it->changed = true;
	if (state == FLEET_DONE || state == FLEET_FAILED)
		it->at = SLURM_IDLE;
}

/* Takes what the job left into DIR/NODE, if it is that run. */
static int collect(struct slurm_engine *e, struct slurm_item *it, struct err *err)
{
	const struct fleet_work *w = e->work;
	const char *node = slurm_node_name(e, it);
	char job[RUNDIR_PATH], from[RUNDIR_PATH], place[RUNDIR_PATH], name[64], id[SLURM_ID];
	struct err ignored;
	int done = -1;

	snprintf(name, sizeof(name), SLURM_JOBS "/%s", slurm_id_format(&it->id, id));
	if (rundir_path(w->dir, name, job, err) < 0 || rundir_path(job, "run", from, err) < 0 ||
	    collect_place(w->dir, node, place, err) < 0 || file_remove_tree(place, err) < 0)
		return -1;
	if (rename(from, place) < 0)
		err_errno(err, EXIT_MACHINE, "there is no run directory of job %s", id);
	else
		done = collect_accept(w->dir, w->fleet, node, it->change.run, err);
	file_remove_tree(place, &ignored);
	file_remove_tree(job, &ignored);
	return done;
}

void slurm_fail(struct slurm_engine *e, struct slurm_item *it)
{
	struct err ignored;

	if (e->cancel_ns)
		err_set(&it->change.why, EXIT_INTERRUPTED, "%s: it was cancelled",
			slurm_node_name(e, it));
	else if (it->id.array)
		(void)collect(e, it, &ignored); /* what there is of it says more */
	slurm_tell(e, it, FLEET_FAILED);
}

static void take_end(struct slurm_engine *e, struct slurm_item *it, const struct slurm_end *end)
{
	struct err *why = &it->change.why;
	const char *name = slurm_node_name(e, it);

	if (end->code == EXIT_FINE && collect(e, it, why) == 0) {
		slurm_tell(e, it, FLEET_DONE);
		return;
	}
	if (end->code == EXIT_FINE)
		err_context(why, "%s", name);
	else if (end->why != SLURM_BY_ITSELF)
		slurm_told_to_end(name, &it->seen, end->why == SLURM_LIMIT, why);
	else
		err_set(why, end->code == EXIT_USAGE ? EXIT_USAGE : EXIT_MACHINE, "%s: %s%s", name,
			end->said[0] ? end->said : "its run failed, and said nothing",
			complaint_of_space(end->said) ? ": free some space there" : "");
	slurm_fail(e, it);
}

bool slurm_end_by_itself(struct slurm_engine *e, struct slurm_item *it, bool only_good)
{
	char name[SLURM_NAME], id[SLURM_ID];
	struct slurm_end end;

	slurm_array_name(e, it, name);
	if (!it->id.array ||
	    !slurm_end_read(e->work->dir, slurm_id_format(&it->id, id), name, &end) ||
	    (only_good && end.code != EXIT_FINE))
		return false;
	take_end(e, it, &end);
	return true;
}

/* What to do about a job that left no word of its own. */
static const char *hint_of(const char *state)
{
	static const struct {
		const char *state, *hint;
	} hints[] = {
		{"NODE_FAIL", "the node was lost in the middle: nestbench fleet resume, when it is "
			      "back"},
		{"TIMEOUT", "give it more by --time"},
		{"FAILED", "it could make no directory on the node (see --dir), or nestbench "
			   "was away for ten minutes: nestbench fleet resume"},
		{"", "Slurm knows it no more: nestbench fleet resume"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].state, state) == 0)
			return hints[i].hint;
	return "nestbench fleet resume";
}

void slurm_end_by_slurm(struct slurm_engine *e, struct slurm_item *it)
{
	const struct slurm_job *job = &it->seen;
	const char *state = it->is_seen ? job->state : "";
	bool has_reason = it->is_seen && strcmp(job->reason, "None") != 0;
	char id[SLURM_ID];

	err_set(&it->change.why, EXIT_MACHINE, "%s: job %s ended%s%s%s%s: %s",
		slurm_node_name(e, it), slurm_id_format(&it->id, id), *state ? " as " : "", state,
		has_reason ? ", " : "", has_reason ? job->reason : "", hint_of(state));
	slurm_fail(e, it);
}
