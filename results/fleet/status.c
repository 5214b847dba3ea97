/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/stats/stats.h"
#include "results/table/text.h"

/* ---- times ---- */

time_t fleet_time(const char *text)
{
	struct tm utc = {0};
	char back[MANIFEST_TIME];
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	time_t time = end && !*end ? timegm(&utc) : -1;

	/* What is no such day or hour would come back as another. */
	if (time < 0 || !gmtime_r(&time, &utc) ||
	    !strftime(back, sizeof(back), "%Y-%m-%dT%H:%M:%SZ", &utc) || strcmp(back, text) != 0)
		return -1;
	return time;
}

double fleet_node_took(const struct fleet_node *node, time_t now)
{
	time_t begin = fleet_time(node->begin), end = fleet_time(node->end);

	if (node->state == FLEET_WAITING || begin < 0)
		return NAN;
	if (node->state == FLEET_RUNNING)
		end = now;
	return end < begin ? NAN : (double)(end - begin);
}

static int find_median(struct fleet_status *s, struct err *err)
{
	const struct fleet *f = s->fleet;
	double *took = malloc((f->nodes + 1) * sizeof(*took));
	size_t n = 0;

	if (!took)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < f->nodes; i++) {
		took[n] = fleet_node_took(&f->node[i], s->now);
		n += f->node[i].state == FLEET_DONE && !isnan(took[n]);
	}
	s->node_s = n ? stats_median_of(took, n) : (double)NAN;
	free(took);
	return 0;
}

static double left_of(const struct fleet_status *s, const struct fleet_node *node)
{
	double left = s->node_s - fleet_node_took(node, s->now);

	return node->state != FLEET_RUNNING || isnan(left) ? (double)NAN : fmax(0, left);
}

/* What is at work ends; then those that wait come, as many at once as there may be. */
static double find_left(const struct fleet_status *s)
{
	const struct fleet *f = s->fleet;
	size_t waiting = s->count[FLEET_WAITING], slots = f->parallel;
	double longest = 0;

	if (!waiting && !s->count[FLEET_RUNNING])
		return 0;
	for (size_t i = 0; i < f->nodes; i++)
		longest = fmax(longest, left_of(s, &f->node[i]));
	if (!slots || slots > f->nodes)
		slots = f->nodes;
	return isnan(s->node_s) ? (double)NAN
				: longest + ceil((double)waiting / (double)slots) * s->node_s;
}

int fleet_status_make(struct fleet_status *s, const struct fleet *f, const char *dir, time_t now,
		      struct err *err)
{
	*s = (struct fleet_status){
		.fleet = f, .dir = dir, .under_way = fleet_is_locked(dir), .now = now};
	for (size_t i = 0; i < f->nodes; i++)
		s->count[f->node[i].state]++;
	if (find_median(s, err) < 0)
		return -1;
	s->left_s = find_left(s);
	return 0;
}

/* ---- as text ---- */

static const char *duration(double s, char text[SIZE_TEXT])
{
	return isnan(s) ? "-" : s < 1 ? "0 s" : format_duration_short(s * (double)NS_PER_S, text);
}

static bool is_over(const struct fleet_status *s)
{
	return !s->count[FLEET_WAITING] && !s->count[FLEET_RUNNING];
}

static void add_head(const struct fleet_status *s, struct buf *out)
{
	const struct fleet *f = s->fleet;
	char text[SIZE_TEXT], dir[RUNDIR_PATH];

	buf_addf(out, "%s: %zu of %zu nodes done", printable(str_copy(dir, sizeof(dir), s->dir)),
		 s->count[FLEET_DONE], f->nodes);
	for (enum fleet_node_state i = FLEET_WAITING; i < FLEET_STATES; i++)
		if (s->count[i] && i != FLEET_DONE)
			buf_addf(out, ", %zu %s", s->count[i], fleet_state_name(i));
	if (s->under_way && !is_over(s) && !isnan(s->left_s))
		buf_addf(out, "; about %s left", duration(s->left_s, text));
	buf_addstr(out, "\n");
	if (f->rounds)
		buf_addf(out,
			 "boots %" PRIu32 ", rounds %" PRIu32 ", batches %" PRIu32 ", seed %" PRIu64
			 "%s%s\n",
			 f->boots, f->rounds, f->batches, f->seed, f->pilot[0] ? ", found on " : "",
			 f->pilot);
}

static void add_node(const struct fleet_status *s, const struct fleet_node *node,
		     struct text_table *t)
{
	char text[SIZE_TEXT], reason[ERR_TEXT];
	double left = left_of(s, node);

	text_cell(t, "%s", node->name);
	text_cell(t, "%s", fleet_state_name(node->state));
	text_cell(t, "%s", duration(fleet_node_took(node, s->now), text));
	if (node->state == FLEET_FAILED)
		text_cell(t, "%s", printable(str_copy(reason, sizeof(reason), node->reason)));
	else if (node->state == FLEET_RUNNING && s->under_way && !isnan(left))
		text_cell(t, "about %s left", duration(left, text));
	else if (node->state == FLEET_RUNNING && !s->under_way)
		text_cell(t, "no command works on it any more%s%s", node->job[0] ? "; job " : "",
			  printable(str_copy(reason, sizeof(reason), node->job)));
	else
		text_cell(t, "%s", printable(str_copy(reason, sizeof(reason), node->run)));
}

void fleet_status_text(const struct fleet_status *s, struct buf *out)
{
	const struct fleet *f = s->fleet;
	int width = 4;
	char dir[RUNDIR_PATH];

	for (size_t i = 0; i < f->nodes; i++)
		width = (int)strlen(f->node[i].name) > width ? (int)strlen(f->node[i].name) : width;
	const struct text_column columns[] = {
		{"node", -width, 2}, {"state", -7, 2}, {"time", 8, 2}, {"", 0, 0}};
	struct text_table t = TEXT_TABLE(out, columns);

	add_head(s, out);
	text_titles(&t);
	for (size_t i = 0; i < f->nodes; i++)
		add_node(s, &f->node[i], &t);
	if (!s->under_way && s->count[FLEET_DONE] < f->nodes)
		buf_addf(out, "nestbench fleet resume %s completes it\n",
			 printable(str_copy(dir, sizeof(dir), s->dir)));
}

/* ---- as JSON ---- */

static json_t *text_or_null(const char *text)
{
	return json_text(text[0] ? text : NULL);
}

static json_t *node_json(const struct fleet_status *s, const struct fleet_node *node)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 json_text(node->name), "state", fleet_state_name(node->state), "reason",
			 text_or_null(node->reason), "job", text_or_null(node->job), "begin",
			 text_or_null(node->begin), "end", text_or_null(node->end), "run",
			 text_or_null(node->run), "took_s",
			 json_real_or_null(fleet_node_took(node, s->now)), "left_s",
			 json_real_or_null(s->under_way ? left_of(s, node) : (double)NAN));
}

static json_t *counts_json(const struct fleet_status *s)
{
	json_t *counts = json_object();

	for (enum fleet_node_state i = FLEET_WAITING; i < FLEET_STATES; i++)
		counts = json_with(counts, fleet_state_name(i),
				   json_integer((json_int_t)s->count[i]));
	return counts;
}

static json_t *known_count(uint32_t count)
{
	return count ? json_integer((json_int_t)count) : json_null();
}

int fleet_status_json(const struct fleet_status *s, struct buf *out, struct err *err)
{
	const struct fleet *f = s->fleet;
	json_t *nodes = json_array();
	bool known = s->under_way || is_over(s);

	for (size_t i = 0; i < f->nodes; i++)
		nodes = json_and(nodes, node_json(s, &f->node[i]));
	return json_write_answer(
		"fleet-status", 1,
		json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}",
			  "directory", json_text(s->dir), "engine", json_text(f->engine),
			  "under_way", s->under_way, "started", text_or_null(f->started), "pilot",
			  text_or_null(f->pilot), "boots", known_count(f->boots), "rounds",
			  known_count(f->rounds), "batches", known_count(f->batches), "seed",
			  (json_int_t)f->seed, "nodes_in_state", counts_json(s), "left_s",
			  json_real_or_null(known ? s->left_s : (double)NAN), "nodes", nodes),
		out, err);
}
