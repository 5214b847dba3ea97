/* SPDX-License-Identifier: GPL-3.0-or-later */
/* samples.csv: the rows are the same whatever the chunks in which the file is read. */
#include "tests/fuzz/fuzz.h"

#include "results/rundir/rows.h"

struct seen {
	uint64_t rows, sum;
};

static int take(void *ctx, const struct row *row, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	must(row->run[0] && row->workload[0] && row->layer < LAYERS_MAX);
	must(sample_unit_name(row->unit));
	must((row->unit != SAMPLE_NS_PER_OP) == (strcmp(row->class, "capacity") == 0));
	must(row->sample.latency.p99_ns <= row->sample.latency.max_ns);
	must(row->sample.status != SAMPLE_OK || (row->sample.ops && row->sample.batch));
	for (const char *c = row->sample.reason; *c; c++)
		must((unsigned char)*c >= ' ' && *c != 0x7f);
	seen->rows++;
	seen->sum = seen->sum * 31 + row->sample.elapsed_ns + strlen(row->params) +
		    strlen(row->class) + strlen(row->remark) + row->sample.flags + row->repeats;
	return 0;
}

static struct seen read_it(const uint8_t *data, size_t size, size_t piece, struct damage *damage)
{
	struct seen seen = {0};
	struct err err = {0};
	struct rows_reader rows;
	struct csv_reader *r = csv_reader_new("samples.csv", &rows_ops, &rows, damage, &err);
	int done = 0;

	must(r);
	rows_reader_init(&rows, take, &seen);
	for (size_t at = 0; at < size && done == 0; at += piece)
		done = csv_reader_feed(r, (const char *)data + at,
				       piece < size - at ? piece : size - at, &err);
	if (done < 0 || csv_reader_finish(r, &err) < 0)
		must_explain(&err);
	csv_reader_free(r);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size ? 1 + data[0] % 97 : 1;
	struct damage whole = {0}, pieces = {0};
	struct seen a = read_it(data, size, size + 1, &whole);
	struct seen b = read_it(data, size, piece, &pieces);

	must(a.rows == b.rows && a.sum == b.sum);
	must(whole.count == pieces.count && whole.torn == pieces.torn);
	for (uint64_t i = 0; i < whole.count && i < DAMAGE_NOTED; i++)
		must(strcmp(whole.text[i], pieces.text[i]) == 0);
	return 0;
}
