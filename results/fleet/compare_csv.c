/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "results/fleet/compare_parts.h"

void fleet_compare_csv(const struct fleet_comparison *c, struct buf *out)
{
	buf_addstr(out, "node,machine_class,workload,class,params,threads,layer,figure,unit,level,"
			"usual,ratio,joint_low,joint_high,p,odd\n");
	for (size_t i = 0; i < c->figures; i++) {
		const struct compared_figure *f = &c->figure[i];
		const struct compared_work *w = &c->work[f->work];

		csv_begin_field(out, c->node[f->node].name);
		csv_begin_field(out, fleet_node_letter(c, f->node));
		csv_begin_field(out, w->workload);
		csv_begin_field(out, w->class);
		csv_begin_field(out, w->params);
		buf_addf(out, "%" PRIu32 ",", w->threads);
		csv_begin_field(out, w->layer);
		buf_addf(out, "%s,%s", fleet_kind_name(f->kind), w->unit);
		csv_next_double(out, f->level);
		csv_next_double(out, f->usual);
		csv_next_double(out, f->ratio.mid);
		csv_next_double(out, f->ratio.low);
		csv_next_double(out, f->ratio.high);
		csv_next_double(out, f->p);
		buf_addf(out, ",%s\n", f->odd ? "yes" : "no");
	}
}
