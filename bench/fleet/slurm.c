/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine that has Slurm run nestbench: a job for each node, alone on it. The jobs live on when
 * this command ends; another one finds them by their names, and by what they leave in DIR, which
 * the nodes share. So neither accounting is needed, nor a controller that never goes away. Options:
 * partition (none: the default one), time (limit of a job, as sbatch --time).
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fleet/collect.h"
#include "bench/fleet/engines.h"
#include "bench/fleet/slurm_script.h"
#include "bench/fleet/slurm_tools.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/str.h"

#define LOOK_NS (2 * NS_PER_S)
/* What a job wrote last may be seen here later than its end. */
#define SETTLE_NS (5 * NS_PER_S)
/* A node that comes back, a job that is released: so long nothing else has to happen. */
#define BLOCKED_NS (30 * NS_PER_S)
/* A run that is told to end puts everything back, then it is killed. */
#define STOP_NS (120 * NS_PER_S)
/* A controller that is away while we want to end. */
#define AWAY_NS (30 * NS_PER_S)

/* IDLE: nothing is asked of it, or all was told. WANTED: to be submitted. */
enum at { IDLE, WANTED, SUBMITTED };

struct item {
	enum at at;
	uint32_t id;	       /* of its job; 0: none */
	struct slurm_job seen; /* as Slurm last showed it */
	bool is_seen;	       /* at the last look */
	uint64_t ended_ns;     /* since when Slurm says that it ended; 0: it does not */
	uint64_t blocked_ns;   /* since when it waits for what does not come; 0: it does not */
	bool changed;
	struct fleet_change change;
};

struct engine {
	const struct fleet_work *work;
	const struct words *argv;
	struct item *item;	/* one for each node of the fleet */
	char front[SLURM_WORD]; /* of the names of jobs: one for each fleet and argv */
	char script[RUNDIR_PATH];
	uint64_t look_ns;   /* when to look again */
	uint64_t away_ns;   /* since when the controller does not answer; 0: it does */
	uint64_t cancel_ns; /* when it was cancelled; 0: it was not */
	bool is_looked;	    /* since the last begin, or a submission that may have got through */
};

/* ---- what is told ---- */

static const char *node_name(const struct engine *e, const struct item *it)
{
	return e->work->fleet->node[it - e->item].name;
}

static void job_name(const struct engine *e, const struct item *it, char name[SLURM_NAME])
{
	snprintf(name, SLURM_NAME, "%.40s%" PRIu32 "-%s", e->front, (uint32_t)(it - e->item),
		 node_name(e, it));
}

static void tell(struct engine *e, struct item *it, enum fleet_node_state state)
{
	it->change.node = (size_t)(it - e->item);
	it->change.state = state;
	it->change.job[0] = '\0';
	if (it->id)
		snprintf(it->change.job, sizeof(it->change.job), "%" PRIu32, it->id);
	it->changed = true;
	if (state == FLEET_DONE || state == FLEET_FAILED)
		it->at = IDLE;
}

/* Takes what the job left into DIR/NODE, if it is that run. */
static int collect(struct engine *e, struct item *it, struct err *err)
{
	const struct fleet_work *w = e->work;
	char job[RUNDIR_PATH], from[RUNDIR_PATH], place[RUNDIR_PATH], name[64];
	struct err ignored;
	int done = -1;

	snprintf(name, sizeof(name), SLURM_JOBS "/%" PRIu32, it->id);
	if (rundir_path(w->dir, name, job, err) < 0 || rundir_path(job, "run", from, err) < 0 ||
	    collect_place(w->dir, node_name(e, it), place, err) < 0 ||
	    file_remove_tree(place, err) < 0)
		return -1;
	if (rename(from, place) < 0)
		err_errno(err, EXIT_MACHINE, "there is no run directory of job %" PRIu32, it->id);
	else
		done = collect_accept(w->dir, w->fleet, node_name(e, it), it->change.run, err);
	file_remove_tree(place, &ignored);
	file_remove_tree(job, &ignored);
	return done;
}

static void fail(struct engine *e, struct item *it)
{
	struct err ignored;

	if (e->cancel_ns)
		err_set(&it->change.why, EXIT_INTERRUPTED, "%s: it was cancelled",
			node_name(e, it));
	else if (it->id)
		(void)collect(e, it, &ignored); /* what there is of it says more */
	tell(e, it, FLEET_FAILED);
}

/* ---- how jobs end ---- */

static void end_by_itself(struct engine *e, struct item *it, const struct slurm_end *end)
{
	struct err *why = &it->change.why;
	const char *name = node_name(e, it);

	if (end->code == EXIT_FINE && collect(e, it, why) == 0) {
		tell(e, it, FLEET_DONE);
		return;
	}
	if (end->code == EXIT_FINE)
		err_context(why, "%s", name);
	else if (end->why == SLURM_LIMIT)
		err_set(why, EXIT_MACHINE,
			"%s: job %" PRIu32 " came to its time limit (%s): give it more by --time",
			name, it->id, it->seen.limit[0] ? it->seen.limit : "of its partition");
	else if (end->why == SLURM_SIGNAL)
		err_set(why, EXIT_MACHINE, "%s: job %" PRIu32 " was told to end (%s)", name, it->id,
			it->seen.state[0] ? it->seen.state : "by scancel");
	else
		err_set(why, end->code == EXIT_USAGE ? EXIT_USAGE : EXIT_MACHINE, "%s: %s", name,
			end->said[0] ? end->said : "its run failed, and said nothing");
	fail(e, it);
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
		{"FAILED", "the node may not see the directory of the fleet, or it cannot write "
			   "there: let --out be on a file system that all nodes share"},
		{"", "Slurm knows it no more: nestbench fleet resume"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].state, state) == 0)
			return hints[i].hint;
	return "nestbench fleet resume";
}

/* Slurm says that it ended, or knows it no more. */
static void end_by_slurm(struct engine *e, struct item *it)
{
	const struct slurm_job *job = &it->seen;
	const char *state = it->is_seen ? job->state : "";
	bool has_reason = it->is_seen && strcmp(job->reason, "None") != 0;

	err_set(&it->change.why, EXIT_MACHINE, "%s: job %" PRIu32 " ended%s%s%s%s: %s",
		node_name(e, it), it->id, *state ? " as " : "", state, has_reason ? ", " : "",
		has_reason ? job->reason : "", hint_of(state));
	fail(e, it);
}

/* Whether Slurm, which answered, takes the job for one that ended. */
static bool is_over(struct item *it, uint64_t now)
{
	bool ended = !it->is_seen || it->seen.phase == SLURM_ENDED;

	if (!ended)
		it->ended_ns = 0;
	else if (!it->ended_ns)
		it->ended_ns = now;
	return ended && now - it->ended_ns >= SETTLE_NS;
}

static void examine_blocked(struct engine *e, struct item *it, uint64_t now)
{
	if (it->seen.phase != SLURM_WAITS || !slurm_is_blocked(it->seen.reason, node_name(e, it)))
		it->blocked_ns = 0;
	else if (!it->blocked_ns)
		it->blocked_ns = now;
}

static void examine(struct engine *e, struct item *it, uint64_t now)
{
	char name[SLURM_NAME];
	struct slurm_end end;

	job_name(e, it, name);
	if (slurm_end_read(e->work->dir, it->id, name, &end)) {
		end_by_itself(e, it, &end);
		return;
	}
	if (e->away_ns)
		return;
	if (is_over(it, now)) {
		end_by_slurm(e, it);
		return;
	}
	examine_blocked(e, it, now);
	if (it->is_seen && it->seen.phase == SLURM_RUNS && it->change.state != FLEET_RUNNING)
		tell(e, it, FLEET_RUNNING);
}

/* ---- looking at the queue ---- */

/* Of "FRONT12-n1": the item of node 12, if that is its name. */
static struct item *find(struct engine *e, const char *name)
{
	char own[SLURM_NAME];
	size_t i = strtoul(name + strlen(e->front), NULL, 10);

	if (i >= e->work->fleet->nodes)
		return NULL;
	job_name(e, &e->item[i], own);
	return strcmp(own, name) == 0 ? &e->item[i] : NULL;
}

/* A job of ours that nobody here knows: an earlier command submitted it, or sbatch did not hear
 * that it got through. */
static void on_job(void *ctx, const struct slurm_job *job)
{
	struct engine *e = ctx;
	struct item *it = find(e, job->name);

	if (it && it->at == WANTED && job->phase != SLURM_ENDED) {
		it->at = SUBMITTED;
		it->id = job->id;
		tell(e, it, FLEET_WAITING);
	}
	if (it && it->id == job->id) {
		it->seen = *job;
		it->is_seen = true;
	}
}

/* No job of it is in the queue: what one of an earlier command left, where it ended well meanwhile,
 * will do. */
static void settle_wanted(struct engine *e, struct item *it)
{
	const char *job = e->work->fleet->node[it - e->item].job;
	char name[SLURM_NAME];
	struct slurm_end end;

	it->id = (uint32_t)strtoul(job, NULL, 10);
	job_name(e, it, name);
	if (it->id && slurm_end_read(e->work->dir, it->id, name, &end) && end.code == EXIT_FINE) {
		end_by_itself(e, it, &end);
		return;
	}
	it->id = 0;
	if (e->cancel_ns)
		fail(e, it);
}

/* It is cancelled, and nobody answers: whoever waits is not kept for long. */
static void give_up_away(struct engine *e)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct item *it = &e->item[i];
		char name[SLURM_NAME];

		if (it->at == IDLE)
			continue;
		job_name(e, it, name);
		err_set(&it->change.why, EXIT_INTERRUPTED,
			"%s: Slurm's controller does not answer, so that its job could not be "
			"cancelled: scancel --me --name=%s",
			node_name(e, it), name);
		tell(e, it, FLEET_FAILED);
	}
}

/* Those that run, in order or at once; those that wait, at once. */
static void end_jobs(struct engine *e, bool running, bool in_order)
{
	uint32_t *id = calloc(e->work->fleet->nodes + 1, sizeof(*id));
	size_t count = 0;
	struct err ignored;

	for (size_t i = 0; id && i < e->work->fleet->nodes; i++) {
		const struct item *it = &e->item[i];

		if (it->at == SUBMITTED && (it->seen.phase == SLURM_RUNS) == running)
			id[count++] = it->id;
	}
	if (count)
		slurm_cancel(id, count, in_order, &ignored);
	free(id);
}

/* Again with each look: a signal may be lost. */
static void cancel_again(struct engine *e, uint64_t now)
{
	bool late = now - e->cancel_ns > STOP_NS;

	end_jobs(e, true, !late);
	end_jobs(e, false, false);
	if (e->away_ns && now - e->away_ns > AWAY_NS)
		give_up_away(e);
}

/* Ends those for which nothing but a person's hand can do something, once they are all that is
 * left. */
static void give_up_blocked(struct engine *e, uint64_t now)
{
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		const struct item *it = &e->item[i];

		if (it->at == WANTED ||
		    (it->at == SUBMITTED && (!it->blocked_ns || now - it->blocked_ns < BLOCKED_NS)))
			return;
	}
	for (size_t i = 0; i < e->work->fleet->nodes; i++) {
		struct item *it = &e->item[i];
		struct err ignored;

		if (it->at != SUBMITTED)
			continue;
		slurm_cancel(&it->id, 1, false, &ignored);
		err_set(&it->change.why, EXIT_MACHINE,
			"%s: job %" PRIu32 " does not begin (%s), and was cancelled: see sinfo "
			"--nodes %s --long, and nestbench fleet resume later",
			node_name(e, it), it->id, it->seen.reason, node_name(e, it));
		tell(e, it, FLEET_FAILED);
	}
}

static void begin_away(struct engine *e, const struct err *why)
{
	e->away_ns = clock_now(&clock_machine);
	if (!e->cancel_ns)
		fprintf(stderr, "Slurm does not answer and is asked again, jobs go on: %s\n",
			why->text);
}

static void look(struct engine *e)
{
	const struct fleet *f = e->work->fleet;
	struct err why;
	uint64_t now;

	for (size_t i = 0; i < f->nodes; i++)
		e->item[i].is_seen = false;
	if (slurm_queue(e->front, on_job, e, &why) == 0)
		e->away_ns = 0;
	else if (!e->away_ns)
		begin_away(e, &why);
	now = clock_now(&clock_machine);
	for (size_t i = 0; i < f->nodes; i++) {
		if (e->item[i].at == SUBMITTED)
			examine(e, &e->item[i], now);
		else if (e->item[i].at == WANTED && !e->is_looked && !e->away_ns)
			settle_wanted(e, &e->item[i]);
	}
	if (!e->away_ns)
		e->is_looked = true;
	if (!e->away_ns && !e->cancel_ns)
		give_up_blocked(e, now);
	if (e->cancel_ns)
		cancel_again(e, now);
	e->look_ns = now + LOOK_NS;
}

/* ---- submitting ---- */

static int add_options(const struct engine *e, const struct item *it, struct words *w,
		       struct err *err)
{
	const struct facts *options = &e->work->fleet->options;
	const char *partition = facts_get(options, "partition"), *time = facts_get(options, "time");
	char name[SLURM_NAME];

	job_name(e, it, name);
	if ((partition && words_add(w, err, "--partition=%s", partition) < 0) ||
	    (time && words_add(w, err, "--time=%s", time) < 0) ||
	    words_add(w, err, "--job-name=%s", name) < 0 ||
	    words_add(w, err, "--nodelist=%s", node_name(e, it)) < 0)
		return -1;
	return 0;
}

/* The environment is that of a shell, since what the submitting machine has need not be there. The
 * job sends its output to its log itself: where it cannot, nothing else can either. */
static int make_words(const struct engine *e, const struct item *it, struct words *w,
		      struct err *err)
{
	static const char *const options[] = {
		"--nodes=1",	      "--ntasks=1",	    "--exclusive",
		"--no-requeue",	      "--chdir=/",	    "--input=/dev/null",
		"--output=/dev/null", "--signal=B:USR1@60", "--export=PATH,HOME,USER,LOGNAME"};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (words_add(w, err, "%s", options[i]) < 0)
			return -1;
	if (add_options(e, it, w, err) < 0 || words_add(w, err, "%s", e->script) < 0)
		return -1;
	return slurm_script_words(e->work->dir, e->work->files, e->argv, w, err);
}

static void submit(struct engine *e, struct item *it)
{
	struct words w = WORDS_INIT;
	struct err *why = &it->change.why;
	bool away = false;
	int done = make_words(e, it, &w, why);

	if (done == 0)
		done = slurm_submit(&w, &it->id, &away, why);
	words_release(&w);
	if (done == 0) {
		it->at = SUBMITTED;
		it->seen = (struct slurm_job){.phase = SLURM_WAITS};
		it->is_seen = true;
		it->ended_ns = it->blocked_ns = 0;
		tell(e, it, FLEET_WAITING);
	} else if (away) {
		e->is_looked = false; /* it may be there */
		e->look_ns = clock_now(&clock_machine) + LOOK_NS;
	} else {
		err_context(why, "%s", node_name(e, it));
		tell(e, it, FLEET_FAILED);
	}
}

/* One at a time, so that what became of it is told at once. */
static void submit_next(struct engine *e)
{
	const struct fleet *f = e->work->fleet;
	size_t under_way = 0;

	if (e->cancel_ns || !e->is_looked || e->away_ns)
		return;
	for (size_t i = 0; i < f->nodes; i++)
		under_way += e->item[i].at == SUBMITTED && !e->item[i].blocked_ns;
	if (f->parallel && under_way >= f->parallel)
		return;
	for (size_t i = 0; i < f->nodes; i++)
		if (e->item[i].at == WANTED) {
			submit(e, &e->item[i]);
			return;
		}
}

/* ---- the seam ---- */

static bool any(const struct engine *e, enum at at)
{
	for (size_t i = 0; e->item && i < e->work->fleet->nodes; i++)
		if (e->item[i].at == at)
			return true;
	return false;
}

static void cancel(void *engine)
{
	struct engine *e = engine;

	e->cancel_ns = clock_now(&clock_machine);
	e->look_ns = 0;
	for (size_t i = 0; i < e->work->fleet->nodes; i++)
		if (e->item[i].at == WANTED && e->is_looked)
			fail(e, &e->item[i]);
	end_jobs(e, true, true);
	end_jobs(e, false, false);
}

static void remove_below(const struct engine *e, const char *name)
{
	char path[RUNDIR_PATH];
	struct err ignored;

	if (rundir_path(e->work->dir, name, path, &ignored) == 0)
		file_remove_tree(path, &ignored);
}

static void close_engine(void *engine)
{
	struct engine *e = engine;

	if (!e)
		return;
	if (any(e, SUBMITTED) && !e->cancel_ns)
		cancel(e);
	else if (!any(e, SUBMITTED)) {
		remove_below(e, FLEET_FILES);
		remove_below(e, SLURM_JOBS);
	}
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
	struct engine *e = calloc(1, sizeof(*e));

	if (!e) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	e->work = work;
	e->item = calloc(work->fleet->nodes + 1, sizeof(*e->item));
	if (!e->item)
		err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	else if (check_slurm(work->fleet, err) == 0 &&
		 slurm_script_write(work->dir, e->script, err) == 0)
		return e;
	close_engine(e);
	return NULL;
}

/* Another fleet, or other words of this one (the pilot's), has other jobs. */
static int name_jobs(struct engine *e, const struct words *argv, struct err *err)
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
	struct engine *e = engine;
	char files[RUNDIR_PATH];

	if (name_jobs(e, argv, err) < 0 || rundir_path(e->work->dir, FLEET_FILES, files, err) < 0 ||
	    fleet_files_place(e->work->files, files, err) < 0)
		return -1;
	e->argv = argv;
	e->is_looked = false;
	e->look_ns = 0;
	for (size_t i = 0; i < count; i++)
		e->item[node[i]] = (struct item){.at = WANTED};
	return 0;
}

static bool take_change(struct engine *e, struct fleet_change *change)
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
static void wait_for(const struct engine *e, uint64_t end)
{
	struct pollfd p = {.fd = e->cancel_ns ? -1 : interrupt_fd(), .events = POLLIN};
	uint64_t now = clock_now(&clock_machine);

	if (e->look_ns < end)
		end = e->look_ns;
	if (end > now)
		poll(&p, 1, (int)((end - now) / NS_PER_MS + 1));
}

static int next(void *engine, uint64_t limit_ns, struct fleet_change *change, struct err *err)
{
	struct engine *e = engine;
	uint64_t end = clock_now(&clock_machine) + limit_ns;

	for (;;) {
		if (take_change(e, change))
			return 1;
		submit_next(e);
		if (take_change(e, change))
			return 1;
		if (clock_now(&clock_machine) >= e->look_ns) {
			look(e);
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
