/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "results/fleet/compare_parts.h"

static void add_number(struct buf *out, double x)
{
	buf_addstr(out, ",");
	csv_add_double(out, x);
}

static void add_text(struct buf *out, const char *text)
{
	csv_add_field(out, text);
	buf_addstr(out, ",");
}

void fleet_compare_csv(const struct fleet_comparison *c, struct buf *out)
{
	char letter[FLEET_LETTER];

	buf_addstr(out, "node,machine_class,workload,class,params,threads,layer,figure,unit,level,"
			"usual,ratio,joint_low,joint_high,p,odd\n");
	for (size_t i = 0; i < c->figures; i++) {
		const struct compared_figure *f = &c->figure[i];
		const struct compared_node *node = &c->node[f->node];
		const struct compared_work *w = &c->work[f->work];

		add_text(out, node->name);
		add_text(out, fleet_letter(node->machine, letter));
		add_text(out, w->workload);
		add_text(out, w->class);
		add_text(out, w->params);
		buf_addf(out, "%" PRIu32 ",", w->threads);
		add_text(out, w->layer);
		buf_addf(out, "%s,%s", fleet_kind_name(f->kind), w->unit);
		add_number(out, f->level);
		add_number(out, f->usual);
		add_number(out, f->ratio.mid);
		add_number(out, f->ratio.low);
		add_number(out, f->ratio.high);
		add_number(out, f->p);
		buf_addf(out, ",%s\n", f->odd ? "yes" : "no");
	}
}
