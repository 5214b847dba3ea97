/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tax of each layer as a table. */
#include "results/summary/tax.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/parse.h"
#include "results/table/text.h"

enum { NAME_WIDTH = 7, STEP_WIDTH = 7, RESERVED_WIDTH = 10, LOST_WIDTH = 19, PART_WIDTH = 23 };

/* Less is but an error of rounding. */
static const double NOTHING = 1e-9;

const char *tax_amount(enum tax_resource r, double amount, char text[64])
{
	const struct summary_entry unit = {.unit = r == TAX_CPU ? "cpus" : "bytes"};

	if (isnan(amount))
		snprintf(text, 64, "not known");
	else
		text_cost(&unit, amount, text);
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

		buf_addf(out,
			 "  %s: L%" PRIu32 " has %s, hands on %s, of which %s can be used in "
			 "L%" PRIu32 "\n",
			 tax_resource_name(r), k - 1, tax_amount(r, step->has, has),
			 tax_amount(r, step->handed, handed),
			 tax_amount(r, step->usable.mid, usable), k);
	}
}

static void add_parts(struct buf *out, enum tax_resource r, const struct tax *t)
{
	char text[64];

	for (uint32_t k = 1; k < t->layers; k++) {
		const struct tax_step *step = &t->step[r][k];
		const struct estimate *part[] = {&step->hypervisor, &step->slower, &step->left};

		buf_addstr(out, "  ");
		text_pad(out, k == 1 ? tax_resource_name(r) : "", NAME_WIDTH);
		snprintf(text, sizeof(text), "L%" PRIu32 ">L%" PRIu32, k - 1, k);
		text_pad(out, text, STEP_WIDTH);
		text_pad(out, tax_part(&step->reserved, text), RESERVED_WIDTH);
		for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
			text_pad(out, tax_part(part[i], text), i ? PART_WIDTH : LOST_WIDTH);
		/* Its interval is in the report. */
		buf_addf(out, "%s\n",
			 tax_part(&(struct estimate){step->left_l0.mid, NAN, NAN}, text));
	}
}

int tax_format(const struct summary *s, struct buf *out, struct err *err)
{
	struct tax t;

	if (!tax_applies(s))
		return 0;
	if (tax_make(s, &t, err) < 0)
		return -1;
	buf_addstr(
		out,
		"\nTax of each layer: what reached the layer above is 100 % [95 % interval]\n  ");
	text_pad(out, "", NAME_WIDTH);
	text_pad(out, "step", STEP_WIDTH);
	text_pad(out, "reserved", RESERVED_WIDTH);
	text_pad(out, "lost to hypervisor", LOST_WIDTH);
	text_pad(out, "lost to slower work", PART_WIDTH);
	text_pad(out, "left", PART_WIDTH);
	buf_addstr(out, "of L0\n");
	for (int r = 0; r < TAX_RESOURCES; r++)
		add_parts(out, (enum tax_resource)r, &t);
	for (int r = 0; r < TAX_RESOURCES; r++)
		add_amounts(out, (enum tax_resource)r, &t);
	return 0;
}
