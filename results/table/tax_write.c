/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tax of each layer as a table. */
#include "results/summary/tax.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "results/table/text.h"

/* Anything smaller is a rounding error. */
static const double NOTHING = 1e-9;

const char *tax_amount(enum tax_resource r, double amount, char text[64])
{
	if (isnan(amount))
		snprintf(text, 64, "not known");
	else
		text_figure(r == TAX_CPU ? "cpus" : "bytes", amount, text);
	return text;
}

const char *tax_part(const struct estimate *part, char text[64])
{
	if (isnan(part->mid))
		snprintf(text, 64, "not known");
	else if (isnan(part->low) && fabs(part->mid) < NOTHING)
		snprintf(text, 64, "0 %%");
	else
		text_share(part, text);
	return text;
}

static void add_amounts(struct buf *out, enum tax_resource r, const struct tax *t)
{
	char has[64], handed[64], usable[64];

	for (uint32_t k = 1; k < t->layers; k++) {
		const struct tax_step *step = &t->step[r][k];

		if (!tax_has_step(t, k))
			continue;
		buf_addf(out, "  %s: %s has %s, hands on %s, of which %s can be used in %s\n",
			 tax_resource_name(r), summary_layer_name(t->s, summary_parent(t->s, k)),
			 tax_amount(r, step->has, has), tax_amount(r, step->handed, handed),
			 tax_amount(r, step->usable.mid, usable), summary_layer_name(t->s, k));
	}
}

static void add_parts(struct text_table *table, enum tax_resource r, const struct tax *t)
{
	char text[64];

	for (uint32_t k = 1; k < t->layers; k++) {
		const struct tax_step *step = &t->step[r][k];
		/* The last one's interval is in the report. */
		const struct estimate part[] = {step->reserved,
						step->hypervisor,
						step->slower,
						step->left,
						{step->left_l0.mid, NAN, NAN}};

		if (!tax_has_step(t, k))
			continue;
		/* The names of a tree are too long for the column. */
		if (t->s->is_tree)
			buf_addf(table->out, "  %s: %s > %s\n", tax_resource_name(r),
				 summary_layer_name(t->s, summary_parent(t->s, k)),
				 summary_layer_name(t->s, k));
		text_cell(table, "%s", k == 1 && !t->s->is_tree ? tax_resource_name(r) : "");
		if (t->s->is_tree)
			text_cell(table, "%s", "");
		else
			text_cell(table, "L%" PRIu32 ">L%" PRIu32, k - 1, k);
		for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
			text_cell(table, "%s", tax_part(&part[i], text));
	}
}

int tax_format(const struct summary *s, struct buf *out, struct err *err)
{
	static const struct text_column columns[] = {
		{"", -7, 0},
		{"step", -7, 0},
		{"reserved", -10, 0},
		{"lost to hypervisor", -19, 0},
		{"lost to slower work", -23, 0},
		{"left", -23, 0},
		{"of L0", 0, 0},
	};
	struct text_table table = TEXT_TABLE(out, columns);
	struct tax t;

	if (!tax_applies(s))
		return 0;
	if (tax_make(s, &t, err) < 0)
		return -1;
	buf_addstr(out,
		   "\nTax of each layer: what reached the parent layer is 100 % [95 % interval]\n");
	text_titles(&table);
	for (int r = 0; r < TAX_RESOURCES; r++)
		add_parts(&table, (enum tax_resource)r, &t);
	for (int r = 0; r < TAX_RESOURCES; r++)
		add_amounts(out, (enum tax_resource)r, &t);
	return 0;
}
