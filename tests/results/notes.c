/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remarks of the rows in the table. */
#include "tests/check.h"

#include "results/table/words.h"
#include "tests/results/make_summary.h"

/* nop has latencies, mem.chase one size or two, io.randread a remark of its own in each layer. */
static bool noted(struct row *row)
{
	bool warm_up = row->sample.batch == 1;
	struct sample *s = &row->sample;
	const char *w = row->workload;

	if (strcmp(w, "nop") == 0)
		s->latency = (struct sample_latency){
			(warm_up ? 1 : 10 * (row->layer + 1) + row->round) * UINT64_C(1000),
			(100 + row->round) * UINT64_C(1000),
			(warm_up ? 999 : row->round) * UINT64_C(1000000)};
	if (strcmp(w, "io.randread") == 0) {
		sample_set_reason(s, row->layer ? "user link to the parent layer" : "loopback");
		s->flags |= SAMPLE_SHORT;
	}
	if (strcmp(w, "gpu.offload") == 0 && row->layer == 2)
		sample_set_reason(s, "round %u", row->round);
	if (strcmp(w, "mem.chase") == 0 || strcmp(w, "mem.stream") == 0) {
		sample_set_reason(s, "%s <b>", row->params);
		row->params = row->workload[4] == 'c' ? "size=1MiB" : "size=2MiB";
		row->workload = "mem.chase";
	}
	return true;
}

static void test_notes(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT, all = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = noted;
	make_summary(&run, &s);
	words_notes(&s, 1000, &text);
	/* Rounds 1 to 6 of four batches each: medians, and the largest that is no warm-up. */
	assert_string_equal(
		buf_str(&text),
		"  - remarks of the rows (p50 and p99 of single operations: the median over "
		"batches; max: the largest):\n"
		"      nop: L0 p50 13.5 us, p99 104 us, max 6.00 ms; L1 p50 23.5 us, p99 104 us, "
		"max 6.00 ms; L2 p50 33.5 us, p99 104 us, max 6.00 ms\n"
		"      mem.chase size=1MiB: L0, L1, L2 size=64MiB <b>\n"
		"      io.randread: L0 loopback; L1, L2 user link to the parent layer\n"
		"      gpu.offload: L2 round 6\n"
		"      capacity.memory: L0, L1, L2 touched every page\n");
	words_grounds(&s, 1000, &all);
	assert_non_null(strstr(buf_str(&all), buf_str(&text)));
	summary_release(&s);
	buf_release(&text);
	buf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
