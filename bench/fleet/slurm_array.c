/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Submission. A task of an array gets a node of its own only while it is held, so that an array is
 * submitted held; then each task is told its node, and released. Since Slurm takes the tasks of an
 * array for alike, it passes over all others once one cannot start: nodes that are free have an
 * array together, and each that is not has one of its own.
 */
#include "bench/fleet/slurm_engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fleet/slurm_script.h"
#include "lib/str.h"

/* ---- sbatch ---- */

static bool is_in(const struct slurm_engine *e, const struct slurm_item *it,
		  const struct slurm_item *first)
{
	return it == first || (it->at == SLURM_WANTED && it->is_free && first->is_free &&
			       slurm_array_base(e, it) == slurm_array_base(e, first));
}

/* "0-3,7%2", of the array that begins with this node. */
static int add_tasks(const struct slurm_engine *e, const struct slurm_item *first, struct words *w,
		     struct err *err)
{
	const struct fleet *f = e->work->fleet;
	size_t base = slurm_array_base(e, first), end = base + e->room;
	struct buf list = BUF_INIT;
	int done = -1;

	if (end > f->nodes)
		end = f->nodes;
	for (size_t i = (size_t)(first - e->item); i < end; i++) {
		size_t from = i;

		if (!is_in(e, &e->item[i], first))
			continue;
		while (i + 1 < end && is_in(e, &e->item[i + 1], first))
			i++;
		buf_addf(&list, "%s%zu", list.len ? "," : "", from - base);
		if (i > from)
			buf_addf(&list, "-%zu", i - base);
	}
	if (f->parallel)
		buf_addf(&list, "%%%" PRIu32, f->parallel);
	if (buf_check(&list, err) == 0)
		done = words_add(w, err, "--array=%s", buf_str(&list));
	buf_release(&list);
	return done;
}

static int add_options(const struct slurm_engine *e, const struct slurm_item *first,
		       struct words *w, struct err *err)
{
	const struct facts *options = &e->work->fleet->options;
	const char *partition = facts_get(options, "partition"), *time = facts_get(options, "time");
	char name[SLURM_NAME];

	slurm_array_name(e, first, name);
	if ((partition && words_add(w, err, "--partition=%s", partition) < 0) ||
	    (time && words_add(w, err, "--time=%s", time) < 0) ||
	    words_add(w, err, "--job-name=%s", name) < 0)
		return -1;
	return add_tasks(e, first, w, err);
}

/* The job sends its output to its log itself: where it cannot, nothing else can either. */
static int make_words(const struct slurm_engine *e, const struct slurm_item *first, struct words *w,
		      struct err *err)
{
	static const char *const options[] = {"--hold",
					      "--nodes=1",
					      "--ntasks=1",
					      "--exclusive",
					      "--no-requeue",
					      "--chdir=/",
					      "--input=/dev/null",
					      "--output=/dev/null",
					      "--signal=B:USR1@60",
					      SLURM_ENVIRONMENT};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (words_add(w, err, "%s", options[i]) < 0)
			return -1;
	if (add_options(e, first, w, err) < 0 || words_add(w, err, "%s", e->script) < 0)
		return -1;
	return slurm_script_words(e->work, e->place, slurm_array_base(e, first), e->argv, w, err);
}

static void fail(struct slurm_engine *e, struct slurm_item *it, const struct err *why)
{
	it->change.why = *why;
	err_context(&it->change.why, "%s", slurm_node_name(e, it));
	slurm_tell(e, it, FLEET_FAILED);
}

/* Those of the array are no longer WANTED, so that the first one, which tells which ones they are,
 * comes last. */
static void settle(struct slurm_engine *e, struct slurm_item *first, uint32_t array,
		   const struct err *why)
{
	size_t base = slurm_array_base(e, first);

	for (size_t i = e->work->fleet->nodes; i-- > (size_t)(first - e->item);) {
		struct slurm_item *it = &e->item[i];

		if (!is_in(e, it, first))
			continue;
		if (why) {
			fail(e, it, why);
			continue;
		}
		it->id = (struct slurm_id){array, (uint32_t)(i - base)};
		it->at = SLURM_HELD;
		it->seen = (struct slurm_job){.phase = SLURM_WAITS};
		it->is_seen = true;
		it->ended_ns = it->blocked_ns = it->serve_ns = 0;
	}
}

/* It may have got through all the same. */
static void look_again(struct slurm_engine *e)
{
	e->is_looked = false;
	e->look_ns = clock_now(&clock_machine) + SLURM_LOOK_NS;
}

static void submit(struct slurm_engine *e, struct slurm_item *first)
{
	struct words w = WORDS_INIT;
	bool away = false;
	uint32_t array = 0;
	struct err why;
	int done = make_words(e, first, &w, &why);

	if (done == 0)
		done = slurm_submit(&w, &array, &away, &why);
	words_release(&w);
	if (away)
		look_again(e);
	else
		settle(e, first, array, done < 0 ? &why : NULL);
}

/* ---- which of them together ---- */

/* Where Slurm does not say it, all are taken for free. */
static void learn_free(struct slurm_engine *e)
{
	const struct fleet *f = e->work->fleet;
	struct words idle = WORDS_INIT;
	struct err ignored;
	bool known = slurm_idle(&idle, &ignored) == 0;

	for (size_t i = 0; i < f->nodes; i++)
		e->item[i].is_free =
			!known || (idle.item &&
				   str_is_one_of(f->node[i].name, (const char *const *)idle.item));
	words_release(&idle);
	e->knows_free = true;
}

/* The tasks of one that waits in the queue are not kept waiting by themselves. */
static bool keeps_others(const struct slurm_engine *e, const struct slurm_item *it)
{
	static const char *const not_asked[] = {"None", "JobArrayTaskLimit", "JobHeldUser",
						"JobHeldAdmin", NULL};

	if (it->at != SLURM_SUBMITTED || it->seen.phase != SLURM_WAITS || !it->is_seen ||
	    str_is_one_of(it->seen.reason, not_asked))
		return false;
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		const struct slurm_item *other = &e->item[i];

		if (other != it && other->id.array == it->id.array &&
		    (other->at == SLURM_HELD ||
		     (other->at == SLURM_SUBMITTED && other->seen.phase == SLURM_WAITS)))
			return true;
	}
	return false;
}

void slurm_array_loosen(struct slurm_engine *e)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct slurm_item *it = &e->item[i];
		struct err ignored;

		if (!keeps_others(e, it))
			continue;
		if (!e->knows_free)
			learn_free(e);
		if (it->is_free || slurm_cancel(&it->id, 1, false, &ignored) < 0)
			continue;
		it->at = SLURM_WANTED;
		it->id = (struct slurm_id){0};
	}
}

/* ---- scontrol ---- */

static void let_begin(struct slurm_engine *e, struct slurm_item *it)
{
	struct err why, ignored;
	bool away;

	if (slurm_let_begin(&it->id, slurm_node_name(e, it), &away, &why) == 0) {
		it->at = SLURM_SUBMITTED;
		slurm_tell(e, it, FLEET_WAITING);
	} else if (away) {
		look_again(e);
	} else {
		slurm_cancel(&it->id, 1, false, &ignored);
		fail(e, it, &why);
	}
}

/* An array keeps to fleet->parallel by itself, several together do not. */
static bool has_room(const struct slurm_engine *e, const struct slurm_item *held)
{
	const struct fleet *f = e->work->fleet;
	uint32_t own = 1, others = 0;

	for (size_t i = 0; i < f->nodes; i++) {
		const struct slurm_item *it = &e->item[i];

		if (it->at != SLURM_SUBMITTED || it->blocked_ns)
			continue;
		if (it->id.array == held->id.array)
			own++;
		else
			others++;
	}
	return !f->parallel || others + (own < f->parallel ? own : f->parallel) <= f->parallel;
}

/* One whose node is free comes first. */
static struct slurm_item *find(const struct slurm_engine *e, enum slurm_at at)
{
	struct slurm_item *found = NULL;

	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct slurm_item *it = &e->item[i];

		if (it->at == at && (!found || (it->is_free && !found->is_free)))
			found = it;
	}
	return found;
}

bool slurm_array_go_on(struct slurm_engine *e)
{
	struct slurm_item *wanted = find(e, SLURM_WANTED), *held = find(e, SLURM_HELD);

	if (e->cancel_ns || !e->is_looked || e->away_ns)
		return false;
	if (wanted) {
		if (!e->knows_free)
			learn_free(e);
		submit(e, wanted);
	} else if (held && has_room(e, held)) {
		let_begin(e, held);
	} else {
		return false;
	}
	return true;
}
