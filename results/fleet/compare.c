/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/class.h"
#include "lib/interrupt.h"
#include "results/fleet/compare_parts.h"
#include "results/summary/estimate.h"

const char *fleet_kind_name(enum fleet_kind kind)
{
	return kind == FLEET_COST ? "cost" : "tail";
}

const char *fleet_outcome_name(enum fleet_outcome outcome)
{
	static const char *const names[] = {
		[FLEET_COMPARED] = "compared",	     [FLEET_ALONE] = "too few of its class",
		[FLEET_UNMEASURED] = "not measured", [FLEET_UNREADABLE] = "unreadable",
		[FLEET_FOREIGN] = "foreign",
	};

	return names[outcome];
}

size_t fleet_count(const struct fleet_comparison *c, enum fleet_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nodes; i++)
		count += c->node[i].outcome == outcome;
	return count;
}

size_t fleet_count_odd(const struct fleet_comparison *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nodes; i++)
		count += c->node[i].odd > 0;
	return count;
}

const char *fleet_node_letter(const struct fleet_comparison *c, size_t node)
{
	return c->machine[c->node[node].machine].letter;
}

void fleet_work_label(const struct compared_work *w, struct buf *out)
{
	buf_addf(out, "%s%s%s", w->workload, w->params[0] ? " " : "", w->params);
	if (w->threads != 1)
		buf_addf(out, " threads=%u", w->threads);
}

int fleet_check_nodes(const struct fleet_comparison *c, struct err *err)
{
	size_t without = 0, first = 0;

	for (size_t i = c->nodes; i-- > 0;)
		if (!fleet_is_read(&c->node[i])) {
			without++;
			first = i;
		}
	if (without == 0)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%zu of %zu nodes could not be compared; the first is %s: %s", without,
		       c->nodes, c->node[first].name, c->node[first].reason);
}

/* ---- who belongs to the fleet ---- */

/* What most of the nodes that were read say; UINT32_MAX: none says anything. */
static int most_say(const struct fleet_comparison *c, size_t member, uint32_t *say, struct err *err)
{
	size_t *count = calloc(c->values.count + 1, sizeof(*count));
	uint32_t most = UINT32_MAX;

	if (!count)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	for (size_t i = 0; i < c->nodes; i++) {
		uint32_t value;

		if (!fleet_is_read(&c->node[i]))
			continue;
		memcpy(&value, (const char *)&c->node[i] + member, sizeof(value));
		if (!c->values.text[value][0])
			continue;
		count[value]++;
		if (most == UINT32_MAX || count[value] > count[most])
			most = value;
	}
	free(count);
	*say = most;
	return 0;
}

static int check_node(struct fleet_comparison *c, struct compared_node *node, uint32_t program,
		      uint32_t mode, struct err *err)
{
	char **text = c->values.text;

	if (!fleet_is_read(node))
		return 0;
	if (program != UINT32_MAX && node->program != program && text[node->program][0])
		return fleet_leave_out(node, FLEET_FOREIGN, err,
				       "another program was measured: nestkernel %.12s, most nodes "
				       "have %.12s",
				       text[node->program], text[program]);
	if (mode != UINT32_MAX && node->mode != mode)
		return fleet_leave_out(node, FLEET_FOREIGN, err,
				       "its layers are sized by --mode %s, those of most nodes by "
				       "--mode %s",
				       text[node->mode], text[mode]);
	return 0;
}

/* The run of an earlier node, copied, is no second one: it would say that nodes hardly differ. */
static int check_copy(struct fleet_comparison *c, size_t index, struct err *err)
{
	struct compared_node *node = &c->node[index];

	for (size_t i = 0; i < index && fleet_is_read(node); i++) {
		const struct compared_node *other = &c->node[i];

		if (fleet_is_read(other) && other->rows == node->rows &&
		    other->rows_hash == node->rows_hash)
			return fleet_leave_out(node, FLEET_FOREIGN, err,
					       "holds the run of %s, row by row", other->name);
	}
	return 0;
}

/* Figures and ranks of nodes that turned out not to belong to the others. */
static void drop_foreign(struct fleet_comparison *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->figures; i++)
		if (fleet_is_read(&c->node[c->figure[i].node]))
			c->figure[kept++] = c->figure[i];
	c->figures = kept;
	for (size_t i = 0; i < c->rankings; i++) {
		struct ranking *r = &c->ranking[i];

		kept = 0;
		for (size_t k = 0; k < r->nodes; k++)
			if (fleet_is_read(&c->node[r->node[k].node]))
				r->node[kept++] = r->node[k];
		r->nodes = kept;
	}
}

static int check_nodes(struct fleet_comparison *c, struct err *err)
{
	uint32_t program, mode;

	if (most_say(c, offsetof(struct compared_node, program), &program, err) < 0 ||
	    most_say(c, offsetof(struct compared_node, mode), &mode, err) < 0)
		return -1;
	for (size_t i = 0; i < c->nodes; i++)
		if (check_node(c, &c->node[i], program, mode, err) < 0 || check_copy(c, i, err) < 0)
			return -1;
	drop_foreign(c);
	if (c->figures == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "%s: no node has a figure%s%s%s%s", c->dir,
			       c->nodes ? "; the first is " : "", c->nodes ? c->node[0].name : "",
			       c->nodes ? ": " : "", c->nodes ? c->node[0].reason : "");
	return 0;
}

/* ---- classes of machines ---- */

/* Of classes without a node that was read, none. */
static void list_machines(struct fleet_comparison *c)
{
	for (size_t i = 0; i < c->classes.count; i++) {
		struct compared_machine *machine = &c->machine[c->machines];

		*machine = (struct compared_machine){.class = c->classes.item[i].class};
		fleet_letter(i, machine->letter);
		for (size_t k = 0; k < c->nodes; k++) {
			struct compared_node *node = &c->node[k];

			if (!fleet_is_read(node) ||
			    fleet_class_compare(&node->class, &machine->class) != 0)
				continue;
			node->machine = c->machines;
			machine->nodes++;
		}
		c->machines += machine->nodes > 0;
	}
}

static int sort_machines(struct fleet_comparison *c, struct err *err)
{
	c->machine = calloc(c->classes.count + 1, sizeof(*c->machine));
	if (!c->machine)
		return err_set(err, EXIT_INTERNAL, "out of memory for the classes of machines");
	fleet_classes_sort(&c->classes);
	list_machines(c);
	for (size_t i = 0; i < c->nodes; i++)
		if (fleet_is_read(&c->node[i]) &&
		    c->machine[c->node[i].machine].nodes < FLEET_LEAST)
			c->node[i].outcome = FLEET_ALONE;
	return 0;
}

/* ---- the whole ---- */

static int compare_works(const struct compared_work *a, const struct compared_work *b)
{
	int order = (int)class_rank(a->class) - (int)class_rank(b->class);

	if (order == 0)
		order = strcmp(a->class, b->class);
	if (order == 0)
		order = strcmp(a->workload, b->workload);
	if (order == 0)
		order = strcmp(a->params, b->params);
	if (order == 0)
		order = (a->threads > b->threads) - (a->threads < b->threads);
	if (order == 0)
		order = (a->layer_number > b->layer_number) - (a->layer_number < b->layer_number);
	return order ? order : strcmp(a->layer, b->layer);
}

static int compare_work_indices(const void *left, const void *right, void *works)
{
	const struct compared_work *work = works;

	return compare_works(&work[*(const size_t *)left], &work[*(const size_t *)right]);
}

static int compare_figures(const void *left, const void *right)
{
	const struct compared_figure *a = left, *b = right;

	if (a->work != b->work)
		return a->work < b->work ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* Brings the works into the order of classes, and the figures into theirs. */
static int sort_figures(struct fleet_comparison *c, struct err *err)
{
	size_t *order = calloc(c->works + 1, sizeof(*order)),
	       *place = calloc(c->works + 1, sizeof(*place));
	struct compared_work *sorted = calloc(c->works + 1, sizeof(*sorted));

	if (!order || !place || !sorted) {
		free(order);
		free(place);
		free(sorted);
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu workloads", c->works);
	}
	for (size_t i = 0; i < c->works; i++)
		order[i] = i;
	qsort_r(order, c->works, sizeof(*order), compare_work_indices, c->work);
	for (size_t i = 0; i < c->works; i++) {
		sorted[i] = c->work[order[i]];
		place[order[i]] = i;
	}
	free(c->work);
	c->work = sorted;
	for (size_t i = 0; i < c->figures; i++)
		c->figure[i].work = place[c->figure[i].work];
	if (c->figures)
		qsort(c->figure, c->figures, sizeof(*c->figure), compare_figures);
	free(order);
	free(place);
	return 0;
}

static int read_nodes(struct fleet_comparison *c, const struct fleet_compare_options *options,
		      struct err *err)
{
	struct fleet_reader reader = {.c = c, .options = options, .weights = {.p = FLEET_TAIL_AT}};
	int rc = 0;

	for (size_t i = 0; i < c->nodes && rc == 0; i++) {
		rc = interrupt_check(err);
		if (rc == 0 && c->node[i].outcome == FLEET_COMPARED)
			rc = fleet_read_node(&reader, i, err);
	}
	fleet_texts_release(&reader.works);
	quantile_weights_release(&reader.weights);
	return rc;
}

int fleet_compare(const char *dir, const struct fleet_compare_options *options,
		  struct fleet_comparison *c, struct err *err)
{
	int rc = -1;

	*c = (struct fleet_comparison){.dir = strdup(dir), .same = options->same};
	if (!c->dir)
		return err_set(err, EXIT_INTERNAL, "out of memory for a fleet");
	if (fleet_list_nodes(c, err) == 0 && read_nodes(c, options, err) == 0 &&
	    check_nodes(c, err) == 0 && sort_machines(c, err) == 0 && sort_figures(c, err) == 0 &&
	    fleet_find_odd(c, err) == 0 && fleet_rank(c, err) == 0)
		rc = fleet_find_differences(c, err);
	if (rc < 0)
		fleet_comparison_release(c);
	return rc;
}

static void release_node(struct compared_node *node)
{
	free(node->name);
	free(node->dir);
	free(node->reason);
	free(node->host);
	free(node->fact);
	free(node->expected);
}

void fleet_comparison_release(struct fleet_comparison *c)
{
	for (size_t i = 0; i < c->nodes; i++)
		release_node(&c->node[i]);
	for (size_t i = 0; i < c->works; i++) {
		free(c->work[i].workload);
		free(c->work[i].class);
		free(c->work[i].params);
		free(c->work[i].layer);
	}
	for (size_t i = 0; i < c->rankings; i++) {
		free(c->ranking[i].class);
		free(c->ranking[i].layer);
		free(c->ranking[i].node);
	}
	free(c->node);
	free(c->machine);
	fleet_classes_release(&c->classes);
	free(c->work);
	free(c->figure);
	free(c->ranking);
	free(c->difference);
	fleet_texts_release(&c->keys);
	fleet_texts_release(&c->values);
	free(c->dir);
	*c = (struct fleet_comparison){0};
}
