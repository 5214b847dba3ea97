/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory path: page faults that the parent layer fixes, and what backs the pages. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "plots/report/report_parts.h"
#include "results/table/text.h"

static void add_rate(struct grid *g, const struct estimate *e)
{
	if (isnan(e->mid))
		grid_add(g, "not counted");
	else if (isnan(e->low))
		grid_addf(g, "%.5f", fmax(0, e->mid));
	else
		grid_addf(g, "%.5f [%.5f, %.5f]", fmax(0, e->mid), fmax(0, e->low), e->high);
}

static void add_range(struct grid *g, const struct memory_row *row, const struct memory_range *r)
{
	if (!row->has_maps)
		grid_add(g, "not told");
	else if (r->low == r->high)
		grid_addf(g, "%" PRIu64, r->low);
	else
		grid_addf(g, "%" PRIu64 " … %" PRIu64, r->low, r->high);
}

static void add_row(struct grid *g, const struct summary *s, const struct memory_row *row)
{
	const char *thp = memory_parent_thp(s, row);
	char name[TEXT_LABEL], text[MEMORY_TEXT];

	grid_addf(g, "%s in %s", memory_work_name(s, row, name),
		  summary_layer_name(s, row->series->layer));
	add_rate(g, &row->faults);
	add_rate(g, &row->exits);
	grid_add(g, memory_backed_by(row, text));
	add_range(g, row, &row->maps_4k);
	add_range(g, row, &row->maps_2m);
	grid_add(g, thp ? thp : "not told");
	if (memory_split(s, row, text)[0])
		grid_mark(g);
}

static void add_splits(struct doc *d, const struct summary *s, const struct memory_path *m)
{
	char name[TEXT_LABEL], text[MEMORY_TEXT], line[TEXT_LABEL + MEMORY_TEXT + 4];

	doc_list_begin(d);
	for (size_t i = 0; i < m->rows; i++)
		if (memory_split(s, &m->row[i], text)[0]) {
			snprintf(line, sizeof(line), "%s: %s",
				 memory_work_name(s, &m->row[i], name), text);
			doc_item(d, line);
		}
	doc_list_end(d);
}

void report_memory(struct doc *d, const struct summary *s, const struct memory_path *m)
{
	const char *const head[] = {"workload",
				    "faults per 4 KiB page",
				    "exits by reason",
				    "backed by",
				    "pages of 4 KiB mapped",
				    "of 2 MiB",
				    "transparent huge pages"};
	enum { COLUMNS = sizeof(head) / sizeof(head[0]) };
	struct grid g = {0};

	if (m->rows == 0)
		return;
	doc_heading(d, 3, NULL, "What touching memory costs the parent layer");
	doc_text(d, NULL,
		 "How often the parent layer steps in when a layer touches a page of 4 KiB. A page "
		 "that the parent backs already costs it nothing (warm); one that it has to back "
		 "anew costs one fault (cold), and 1/512 where it backs by huge pages. The last "
		 "columns tell how it maps all memory of the layer, and whether its kernel has "
		 "transparent huge pages.");
	grid_begin(&g, COLUMNS);
	for (int i = 0; i < COLUMNS; i++)
		grid_add(&g, head[i]);
	for (size_t i = 0; i < m->rows; i++)
		add_row(&g, s, &m->row[i]);
	doc_grid(d, &g, "Page faults that the parent layer fixes, with 95 % intervals", false);
	add_splits(d, s, m);
}
