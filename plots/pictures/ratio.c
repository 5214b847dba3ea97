/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost against L0, and what was published. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"

enum { ROWS_DRAWN = 60 };

/*
 * Published figures, from the papers' own tables, for the workloads that they correspond to: how
 * many times the cost one layer down, on hardware with virtualization.
 *
 * What a paper calls "VM" and "nested VM" (DVH: L1, L2, L3) are our layers 1 and 2 (1, 2, 3) where
 * the work runs in the layer itself. The exit kernels with a guest of their own time one more VM
 * run from the layer: there they are layers 0 and 1 (0, 1, 2).
 *
 * PVM: Huang et al., "PVM: Efficient Shadow Paging for Deploying Secure Containers in Cloud-native
 * Environment", SOSP 2023, tables 1 to 4 (VM on metal, nested VM; KVM, KPTI on).
 * DVH: Lim & Nieh, "Optimizing Nested Virtualization Performance Using Direct Virtual Hardware",
 * ASPLOS 2020, table 3 (cycles in L1, L2 and L3).
 *
 * above: in the parent layer; both in the unit of the paper, which is named behind.
 */
static const struct {
	const char *workload;
	uint32_t layer;
	double above, cost;
} published[] = {
	{"cpu.syscall", 2, 0.22, 0.23},	      /* PVM */
	{"cpu.fork", 2, 82, 113},	      /* PVM */
	{"cpu.exec", 2, 422, 726},	      /* PVM */
	{"exit.cpuid", 2, 0.54, 7.10},	      /* PVM */
	{"exit.hypercall", 1, 0.46, 7.43},    /* PVM */
	{"exit.hypercall", 2, 37733, 857578}, /* DVH */
	{"exit.pio", 1, 3.79, 29.34},	      /* PVM */
	{"exit.mmio", 1, 4984, 48390},	      /* DVH, device notify */
	{"exit.mmio", 2, 48390, 1008935},     /* DVH, device notify */
	{"mem.fault", 2, 0.15, 0.19},	      /* PVM */
};

/* The cost in a layer as a multiple of that in the parent layer; NAN when nothing that was
 * published corresponds. */
static double published_step(const char *workload, uint32_t layer)
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		if (published[i].layer == layer && strcmp(published[i].workload, workload) == 0)
			return published[i].cost / published[i].above;
	return NAN;
}

/* A workload, and by what it is sorted: the ratio of its deepest layer. */
struct line {
	struct family work;
	double key;
};

/* The most expensive first; those without a ratio last. */
static int compare_lines(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? 1 : -1;
	return (a->work.first > b->work.first) - (a->work.first < b->work.first);
}

/* Capacities are not a cost, and booting has no L0; both have pictures of their own. */
static size_t list_lines(const struct summary *s, struct line *line)
{
	size_t count = 0;

	for (size_t i = 0; i < s->entries;) {
		struct line *l = &line[count];

		*l = (struct line){.work = family_at(s, i), .key = -1};
		i += l->work.count;
		if (summary_is_size(l->work.first) || strcmp(l->work.first->class, "boot") == 0)
			continue;
		for (const struct summary_entry *e = l->work.first; e < &s->entry[i]; e++)
			if (e->layer && !isnan(e->ratio_l0.mid))
				l->key = e->ratio_l0.mid;
		count++;
	}
	qsort(line, count, sizeof(*line), compare_lines);
	return count;
}

/* What was published is about VMs in VMs, none with a guest of Xen between, whose kernel may be a
 * paravirtual one. Of a chain that does not say its kinds it is assumed. */
static bool is_stack_of_vms(const struct summary *s, uint32_t layer)
{
	for (uint32_t k = layer; k && k < s->layers; k = summary_parent(s, k))
		if ((s->layer[k].isolation[0] && strcmp(s->layer[k].isolation, "full") != 0) ||
		    layers_first(&s->facts, k, "xen_guest"))
			return false;
	return true;
}

/*
 * Where a layer would stand if it cost over the parent layer, as that was measured here, what was
 * published for hardware. NAN: nothing corresponds.
 */
static double published_ratio(const struct summary *s, const struct line *line, uint32_t layer)
{
	const struct summary_entry *above = family_layer(&line->work, summary_parent(s, layer));

	if (!above || !is_stack_of_vms(s, layer))
		return NAN;
	return published_step(line->work.first->workload, s->tree.layer[layer].depth) *
	       (above->layer ? above->ratio_l0.mid : 1);
}

/* "L1 16.2, L2 367", or a dash. */
static const char *say_published(const struct summary *s, const struct line *line,
				 char text[TEXT_LABEL])
{
	char ratio[TEXT_SHORT];

	text[0] = '\0';
	for (uint32_t k = 1; k < s->layers; k++)
		if (!isnan(published_ratio(s, line, k)))
			str_addf(text, TEXT_LABEL, "%s%s %s", text[0] ? ", " : "",
				 summary_layer_name(s, k),
				 text_ratio(published_ratio(s, line, k), ratio));
	return text[0] ? text : str_copy(text, TEXT_LABEL, "–");
}

static void add_table(struct grid *g, const struct summary *s, const struct line *line,
		      size_t count)
{
	char text[TEXT_LABEL];

	grid_layers(g, s, "workload: × L0", 1, "as published, over the parent layer");
	for (size_t i = 0; i < count; i++) {
		grid_add(g, text_workload(s, line[i].work.first, text));
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_entry *e = family_layer(&line[i].work, k);

			grid_add(g, e ? ratio_text(&e->ratio_l0, text) : "no data");
		}
		grid_add(g, say_published(s, &line[i], text));
	}
}

static void add_row(struct picture *p, const struct summary *s, const struct line *line, size_t row)
{
	char name[TEXT_LABEL], ratio[TEXT_SHORT], text[TEXT_LABEL];

	text_workload(s, line->work.first, name);
	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_entry *e = family_layer(&line->work, k);
		bool known = e && !isnan(e->ratio_l0.mid);

		picture_row(p, (double)row, k, name);
		picture_estimate(p, known ? &e->ratio_l0 : NULL, 1);
		picture_number(p, published_ratio(s, line, k));
		snprintf(text, sizeof(text), "%s×",
			 text_ratio(known ? e->ratio_l0.mid : NAN, ratio));
		picture_text(p, known ? text : "no data");
	}
	picture_gap(p);
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	struct line *line = calloc(s->entries + 1, sizeof(*line));
	size_t count = line ? list_lines(s, line) : 0;
	int rc = -1;

	if (!line)
		return err_set(err, EXIT_INTERNAL, "out of memory for a plot");
	if (count == 0 || line[0].key < 0) {
		err_set(err, EXIT_INCONCLUSIVE, "no workload was measured both in L0 and in a VM");
		goto cleanup;
	}
	picture_notes(p, s,
		      count > ROWS_DRAWN ? "the 60 most expensive workloads" : picture_whiskers(s));
	picture_columns(p, "row", "ratio\tlow\thigh\tpublished\ttext");
	for (size_t i = 0; i < count && i < ROWS_DRAWN; i++)
		add_row(p, s, &line[i], i);
	add_table(&p->table, s, line, count);
	rc = buf_check(&p->data, err);
cleanup:
	free(line);
	return rc;
}

const struct plot plot_ratio = {
	.name = "ratio",
	.title = "What one operation costs, against L0",
	.summary = "cost of one operation in each layer as a multiple of L0",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
