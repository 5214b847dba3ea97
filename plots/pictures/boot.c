/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long each layer takes from its start until its agent answers. */
#include "plots/plot.h"

#include <math.h>
#include <string.h>

#include "lib/parse.h"

/* From the class boot, or else from what the layers say of themselves. */
static struct estimate boot_time(const struct summary *s, uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].layer == layer && strcmp(s->entry[i].class, "boot") == 0 &&
		    s->entry[i].cost.mid > 0)
			return s->entry[i].cost;
	return (struct estimate){s->layer[layer].boot_ns, NAN, NAN};
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	char text[SIZE_TEXT], name[TEXT_LABEL];
	bool any = false;

	picture_notes(p, s, NULL);
	picture_columns(p, "row", "seconds\tlow\thigh\ttext");
	grid_begin(&p->table, 2);
	grid_add(&p->table, "layer");
	grid_add(&p->table, "time to boot");
	for (uint32_t k = 1; k < s->layers; k++) {
		struct estimate time = boot_time(s, k);
		const char *shown =
			isnan(time.mid) ? "no data" : format_duration_short(time.mid, text);

		any |= time.mid > 0;
		picture_row(p, k, k, text_layer(s, k, name));
		picture_estimate(p, &time, 1e-9);
		picture_text(p, shown);
		grid_add(&p->table, name);
		grid_add(&p->table, shown);
	}
	if (!any)
		return err_set(err, EXIT_INCONCLUSIVE, "no layer says how long it took to boot");
	return buf_check(&p->data, err);
}

const struct plot plot_boot = {
	.name = "boot",
	.title = "Time to boot",
	.summary = "time from starting a layer until its agent answers",
	.place = PLOT_OF_WORKLOADS,
	.make = make,
};
