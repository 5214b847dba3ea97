/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/gnuplot/gnuplot.h"

enum { ROWS = 64 };

/* A kind of work in a layer. */
struct place {
	const char *class;
	const struct summary *s; /* the run whose number of the layer it is */
	uint32_t layer;
};

static uint32_t layer_of(const struct place *row, const struct summary *s)
{
	return summary_layer_like(row->s, row->layer, s);
}

/* Where a row belongs: behind what lies above it in its class, else at the end. *known: it is
 * there.
 */
static size_t find_row(const struct place *row, size_t rows, const struct summary *s,
		       const struct summary_class *c, bool *known)
{
	size_t at = rows;
	bool placed = false;

	*known = false;
	for (size_t i = 0; i < rows; i++) {
		uint32_t layer = layer_of(&row[i], s);

		if (strcmp(row[i].class, c->class) != 0)
			continue;
		*known |= layer == c->layer;
		if (placed)
			continue;
		placed = layer != LAYER_NO_PARENT && layer > c->layer;
		at = placed ? i : i + 1;
	}
	return at;
}

static size_t list_rows(const struct run_of_many *run, size_t count, struct place *row)
{
	size_t rows = 0;

	for (size_t r = 0; r < count; r++)
		for (size_t i = 0; i < run[r].s->classes && rows < ROWS; i++) {
			const struct summary_class *c = &run[r].s->class[i];
			bool known;
			size_t at = find_row(row, rows, run[r].s, c, &known);

			if (known || strcmp(c->class, "control") == 0 || isnan(c->ratio_l0.mid))
				continue;
			memmove(row + at + 1, row + at, (rows++ - at) * sizeof(*row));
			row[at] = (struct place){c->class, run[r].s, c->layer};
		}
	return rows;
}

/* Whether a class is made of other numbers of workloads in some run, and so is something else. */
static bool is_unlike(const struct run_of_many *run, size_t count, const struct place *row)
{
	const struct summary_class *first = NULL, *c;

	for (size_t r = 0; r < count; r++) {
		c = summary_find_class(run[r].s, row->class, layer_of(row, run[r].s));
		if (c && first && c->workloads != first->workloads)
			return true;
		first = c ? c : first;
	}
	return false;
}

static bool is_warned(const struct summary *s)
{
	return summary_first_cpu(s, CPU_EMULATED) < s->layers ||
	       summary_first_cpu(s, CPU_UNKNOWN) < s->layers;
}

/* In a chain all layers in the first one have such a CPU. */
static void add_cpu(struct buf *text, const struct summary *s, uint32_t first, const char *what)
{
	if (s->is_tree)
		buf_addf(text, "  (%s CPU in some layers)", what);
	else
		buf_addf(text, "  (%s CPU from %s on)", what, summary_layer_name(s, first));
}

/* The name of a run, and what its CPU was. */
static void add_name(struct picture *p, const struct run_of_many *run, size_t index)
{
	const struct summary *s = run->s;
	uint32_t emulated = summary_first_cpu(s, CPU_EMULATED),
		 unknown = summary_first_cpu(s, CPU_UNKNOWN);
	struct buf text = BUF_INIT;
	char key[32];

	buf_addf(&text, "%s", run->name);
	if (emulated < s->layers)
		add_cpu(&text, s, emulated, "EMULATED");
	if (unknown < (s->is_tree ? s->layers : emulated))
		add_cpu(&text, s, unknown, "unknown");
	snprintf(key, sizeof(key), "L%zu", index);
	picture_note(p, key, buf_str(&text));
	buf_done(&text, &p->data);
}

/* Each run in a row of the picture; the name of a kind of work stands in its first only. */
static void add_row(struct picture *p, const struct run_of_many *run, size_t count,
		    const struct place *row, size_t index, bool named, const char *shown)
{
	for (size_t r = 0; r < count; r++) {
		const struct summary_class *c = summary_find_class(run[r].s, row[index].class,
								   layer_of(&row[index], run[r].s));

		picture_row(p, (double)index, named ? (uint32_t)index : row[index].layer,
			    row[index].class);
		picture_text(p, shown);
		picture_number(p, (double)r);
		picture_number(p, is_warned(run[r].s));
		picture_estimate(p, c ? &c->ratio_l0 : NULL, 1);
	}
}

int runs_make(const struct run_of_many *run, size_t count, struct picture *p, struct err *err)
{
	struct place row[ROWS];
	size_t rows = list_rows(run, count, row);
	bool unlike = false, named = false;

	if (rows == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in a VM in any run");
	for (size_t i = 0; i < rows; i++)
		unlike |= is_unlike(run, count, &row[i]);
	for (size_t r = 0; r < count; r++)
		add_name(p, &run[r], r);
	for (size_t r = 0; r < count; r++)
		named |= run[r].s->is_tree;
	/* Runs number their layers differently, so each row has a name of its own. */
	for (size_t i = 0; i < rows && named; i++)
		picture_note(p, "name", summary_layer_name(row[i].s, row[i].layer));
	if (unlike)
		picture_note(p, "remark",
			     "* not the same number of workloads in each of these runs");
	picture_columns(p, "row", "class\trun\twarned\tratio\tlow\thigh");
	for (size_t i = 0; i < rows; i++) {
		bool first = i == 0 || strcmp(row[i].class, row[i - 1].class) != 0;
		char shown[24];

		snprintf(shown, sizeof(shown), "%.13s%s", row[i].class,
			 is_unlike(run, count, &row[i]) ? " *" : "");
		add_row(p, run, count, row, i, named, first ? shown : "-");
	}
	return buf_check(&p->data, err);
}

int runs_draw(const char *dir, const struct run_of_many *run, size_t count, struct err *err)
{
	struct picture picture = {0};
	int rc = runs_make(run, count, &picture, err);

	if (rc == 0)
		rc = gnuplot_write(dir, "runs", &picture, err);
	if (rc == 0)
		rc = gnuplot_draw(dir, "runs", "runs", err);
	picture_release(&picture);
	return rc;
}
