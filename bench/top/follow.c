/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/top/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/cleanup/owners.h"
#include "drivers/counts.h"
#include "lib/array.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/rundir/csvtail.h"
#include "results/rundir/exits.h"
#include "results/rundir/rundir.h"

enum { GROUPS_MAX = 256, REMARKS_MAX = 8 };

/* Which batch a counter is from. */
struct batch {
	uint32_t boot, round, threads;
	uint64_t batch, ops;
};

/* The counters of one layer from one source. */
struct group {
	uint32_t layer, counted_in, measured;
	struct batch batch; /* the last one */
	bool fresh;	    /* it got rows since the last look */
	uint64_t moved_ns;
	struct top_block block;
};

struct remark {
	uint32_t layer, counted_in;
	char text[EXITS_REMARK];
};

struct follow {
	char dir[RUNDIR_PATH], path[RUNDIR_PATH];
	char run[MANIFEST_NAME];
	enum run_state state;
	struct layer_tree layers;
	struct timespec manifest_time;
	bool in_use, looked; /* at least once */

	struct csv_tail tail;
	struct exits_reader rows;

	struct group *group;
	size_t groups;
	struct remark remark[REMARKS_MAX];
	size_t remarks;
	bool moved;
	uint64_t now_ns, moved_ns;
	struct exit_row newest; /* of what is measured; its texts are in the next */
	char newest_workload[ROW_WORKLOAD], newest_params[ROW_PARAMS];
};

/* ---- rows ---- */

static const char *layer_name(const struct follow *f, uint32_t layer, char name[LAYER_NAME])
{
	if (layer < f->layers.count)
		str_copy(name, LAYER_NAME, f->layers.layer[layer].name);
	else
		snprintf(name, LAYER_NAME, "layer %" PRIu32, layer);
	return printable(name);
}

static struct group *find_group(struct follow *f, const struct exit_row *row)
{
	struct group *g;

	for (size_t i = 0; i < f->groups; i++) {
		g = &f->group[i];
		if (g->layer == row->layer && g->counted_in == row->counted_in &&
		    strcmp(g->block.source, row->source) == 0)
			return g;
	}
	g = f->groups < GROUPS_MAX ? array_grow(f->group, f->groups, sizeof(*g)) : NULL;
	if (!g)
		return NULL;
	f->group = g;
	g = &f->group[f->groups++];
	*g = (struct group){.layer = row->layer, .counted_in = row->counted_in};
	str_copy(g->block.source, sizeof(g->block.source), row->source);
	g->block.holds = strcmp(row->source, count_source_name(COUNT_KVM_STATE)) == 0;
	layer_name(f, row->layer, g->block.of);
	layer_name(f, row->counted_in, g->block.counted_in);
	return g;
}

static bool is_of_workload(const struct group *g, const struct exit_row *row)
{
	return g->measured == row->measured && strcmp(g->block.workload, row->workload) == 0 &&
	       strcmp(g->block.params, row->params) == 0 && g->batch.threads == row->threads;
}

static bool is_of_batch(const struct batch *b, const struct exit_row *row)
{
	return b->boot == row->boot && b->round == row->round && b->batch == row->batch &&
	       b->ops == row->ops;
}

static void begin_workload(struct follow *f, struct group *g, const struct exit_row *row)
{
	g->measured = row->measured;
	layer_name(f, row->measured, g->block.measured);
	str_copy(g->block.workload, sizeof(g->block.workload), row->workload);
	str_copy(g->block.params, sizeof(g->block.params), row->params);
}

static void take_count(struct follow *f, struct group *g, const struct exit_row *row)
{
	bool same_workload = is_of_workload(g, row);
	bool same_batch = same_workload && is_of_batch(&g->batch, row);

	if (!g->fresh || !same_workload || (g->block.holds && !same_batch))
		top_block_clear(&g->block);
	if (!same_workload)
		begin_workload(f, g, row);
	if (!g->fresh || !same_batch)
		g->block.interval_ns += row->interval_ns;
	g->batch = (struct batch){.boot = row->boot,
				  .round = row->round,
				  .threads = row->threads,
				  .batch = row->batch,
				  .ops = row->ops};
	g->fresh = true;
	g->moved_ns = f->now_ns;
	top_block_add(&g->block, row->reason, row->count);
}

static void take_remark(struct follow *f, const struct exit_row *row)
{
	struct remark *r = NULL;

	for (size_t i = 0; i < f->remarks && !r; i++)
		if (f->remark[i].layer == row->layer && f->remark[i].counted_in == row->counted_in)
			r = &f->remark[i];
	if (!r && f->remarks == REMARKS_MAX)
		return;
	if (!r)
		r = &f->remark[f->remarks++];
	r->layer = row->layer;
	r->counted_in = row->counted_in;
	str_copy(r->text, sizeof(r->text), row->remark);
}

static void take_newest(struct follow *f, const struct exit_row *row)
{
	f->newest = *row;
	str_copy(f->newest_workload, sizeof(f->newest_workload), row->workload);
	str_copy(f->newest_params, sizeof(f->newest_params), row->params);
	f->moved = true;
	f->moved_ns = f->now_ns;
}

static bool is_empty_batch(const struct exit_row *row)
{
	return row->ops == EXITS_EMPTY_OPS * row->batches &&
	       strcmp(row->workload, EXITS_EMPTY) == 0;
}

static int take_row(void *ctx, const struct exit_row *row, struct err *err)
{
	struct follow *f = ctx;
	struct group *g;

	if (!row->reason[0]) {
		take_remark(f, row);
		return 0;
	}
	if (is_empty_batch(row) || f->tail.head)
		return 0;
	take_newest(f, row);
	g = find_group(f, row);
	if (g)
		take_count(f, g, row);
	return 0;
}

/* ---- the run ---- */

static void take_manifest(struct follow *f, const struct manifest *m)
{
	str_copy(f->run, sizeof(f->run), m->run);
	f->state = m->state;
	f->layers = m->layers;
	if (!f->layers.count)
		layer_tree_chain(&f->layers, m->depth + 1);
}

/* Reads the manifest where it changed. */
static int look_at_manifest(struct follow *f, struct err *err)
{
	struct manifest m = {0};
	char path[RUNDIR_PATH];
	struct stat st;

	if (rundir_path(f->dir, MANIFEST_FILE, path, err) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return err_errno(err, EXIT_USAGE, "cannot read %s", path);
	if (st.st_mtim.tv_sec == f->manifest_time.tv_sec &&
	    st.st_mtim.tv_nsec == f->manifest_time.tv_nsec)
		return 0;
	if (manifest_load(f->dir, &m, err) < 0)
		return -1;
	f->manifest_time = st.st_mtim;
	take_manifest(f, &m);
	manifest_release(&m);
	return 0;
}

int follow_find(const char *base, char dir[RUNDIR_PATH], struct err *err)
{
	DIR *runs = file_dir("%s", base);
	char path[RUNDIR_PATH];
	const char *name;
	struct err ignored;

	dir[0] = '\0';
	while ((name = file_dir_next(runs)))
		if (rundir_path(base, name, path, &ignored) == 0 && strcmp(path, dir) > 0 &&
		    registry_dir_in_use(path))
			str_copy(dir, RUNDIR_PATH, path);
	file_dir_close(runs);
	if (dir[0])
		return 0;
	return err_set(err, EXIT_USAGE,
		       "no run is under way below %s: start one with `nestbench run`, name a run "
		       "directory, or look at the VMs of a service with --connect URI",
		       base);
}

struct follow *follow_open(const char *dir, struct err *err)
{
	struct follow *f = calloc(1, sizeof(*f));

	if (!f) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	f->tail.fd = -1;
	str_copy(f->dir, sizeof(f->dir), dir);
	if (rundir_open(dir, err) == 0 && rundir_path(dir, EXITS_FILE, f->path, err) == 0 &&
	    look_at_manifest(f, err) == 0) {
		exits_reader_init(&f->rows, f->run, take_row, f);
		if (csv_tail_open(&f->tail, f->path, &exits_ops, &f->rows, err) == 0)
			return f;
	}
	follow_close(f);
	return NULL;
}

/* What the first look found is as old as the file. */
static void tell_age(struct follow *f)
{
	struct timespec now;
	struct stat st;
	int64_t age_ns;

	if (f->looked || f->tail.fd < 0 || fstat(f->tail.fd, &st) < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	age_ns = (now.tv_sec - st.st_mtim.tv_sec) * (int64_t)NS_PER_S + now.tv_nsec -
		 st.st_mtim.tv_nsec;
	if (age_ns < 0)
		return;
	f->moved_ns -= (uint64_t)age_ns;
	for (size_t i = 0; i < f->groups; i++)
		f->group[i].moved_ns -= (uint64_t)age_ns;
}

int follow_look(struct follow *f, uint64_t now_ns, struct err *err)
{
	/* Before the file is read: what an ending run writes last must not be missed. */
	f->in_use = registry_dir_in_use(f->dir);
	f->now_ns = now_ns;
	for (size_t i = 0; i < f->groups; i++)
		f->group[i].fresh = false;
	if (look_at_manifest(f, err) < 0 || csv_tail_look(&f->tail, err) < 0)
		return -1;
	tell_age(f);
	f->looked = true;
	return 0;
}

bool follow_has_ended(const struct follow *f)
{
	return !f->in_use;
}

bool follow_has_counts(const struct follow *f)
{
	return f->moved;
}

/* ---- showing ---- */

static void name_state(const struct follow *f, struct top_view *v)
{
	bool killed = f->state == RUN_RUNNING && !f->in_use;
	const struct exit_row *row = &f->newest;
	char name[LAYER_NAME];

	str_copy(v->state, sizeof(v->state), killed ? "killed" : run_state_name(f->state));
	snprintf(v->title, sizeof(v->title), "%s: %s", f->run, v->state);
	if (!f->moved)
		return;
	str_addf(v->title, sizeof(v->title), ", %s %s%s%s in %s, boot %" PRIu32,
		 f->in_use ? "now" : "last", f->newest_workload, f->newest_params[0] ? " " : "",
		 f->newest_params, layer_name(f, row->measured, name), row->boot);
	if (row->round)
		str_addf(v->title, sizeof(v->title), ", round %" PRIu32, row->round);
	else
		str_addf(v->title, sizeof(v->title), ", the counting round");
}

static void show_remarks(const struct follow *f, struct top_view *v)
{
	char layer[LAYER_NAME], parent[LAYER_NAME];

	for (size_t i = 0; i < f->remarks; i++)
		top_view_remark(v, "%s in %s: %s", layer_name(f, f->remark[i].layer, layer),
				layer_name(f, f->remark[i].counted_in, parent), f->remark[i].text);
	if (!f->moved && f->in_use)
		top_view_remark(v, "there are no counts yet: the layers are being started, or the "
				   "run does not count");
	if (f->tail.cut)
		top_view_remark(v, EXITS_FILE " became shorter and was read anew");
	if (f->tail.damage.count)
		top_view_remark(v, "damaged lines of " EXITS_FILE " that were left out: %" PRIu64,
				f->tail.damage.count);
}

/* From the machine inwards, and each layer's in the order of enum count_source. */
static int outer_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int i = count_source_find(x->block.source), j = count_source_find(y->block.source);

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->counted_in != y->counted_in)
		return x->counted_in < y->counted_in ? -1 : 1;
	return i != j ? i - j : strcmp(x->block.source, y->block.source);
}

int follow_show(struct follow *f, uint64_t now_ns, struct top_view *v, struct err *err)
{
	v->kind = "run";
	str_copy(v->name, sizeof(v->name), f->run);
	v->moved = f->moved;
	v->age_ns = now_ns - f->moved_ns;
	name_state(f, v);
	show_remarks(f, v);
	if (f->groups)
		qsort(f->group, f->groups, sizeof(*f->group), outer_first);
	for (size_t i = 0; i < f->groups; i++) {
		struct group *g = &f->group[i];

		top_block_sort(&g->block);
		g->block.age_ns = now_ns - g->moved_ns;
		if (top_block_tells(&g->block) && top_view_add(v, &g->block, err) < 0)
			return -1;
	}
	return buf_check(&v->remarks, err);
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->groups; i++)
		top_block_release(&f->group[i].block);
	free(f->group);
	csv_tail_close(&f->tail);
	free(f);
}
