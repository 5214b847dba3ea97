/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exits.csv: whatever it holds, rows are whole, or noted as damage. */
#include "tests/fuzz/fuzz.h"

#include "lib/layer_tree.h"
#include "results/rundir/exits.h"

static int take(void *ctx, const struct exit_row *row, struct err *err)
{
	uint64_t *rows = ctx;

	(void)err;
	must(row->run[0] && row->layer < LAYERS_MAX && row->counted_in < LAYERS_MAX);
	must(row->measured < LAYERS_MAX);
	must(row->reason[0] ? row->workload[0] && row->ops && row->batch && row->source[0]
			    : row->remark[0]);
	for (const char *c = row->remark; *c; c++)
		must((unsigned char)*c >= ' ' && *c != 0x7f);
	++*rows;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct damage damage = {0};
	struct exits_reader rows;
	struct err err = {0};
	uint64_t count = 0;
	struct csv_reader *r = csv_reader_new("exits.csv", &exits_ops, &rows, &damage, &err);

	must(r);
	exits_reader_init(&rows, NULL, take, &count);
	if (csv_reader_feed(r, (const char *)data, size, &err) < 0 ||
	    csv_reader_finish(r, &err) < 0)
		must_explain(&err);
	csv_reader_free(r);
	return 0;
}
