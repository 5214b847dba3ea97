/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the work itself remarks in its rows, on its way into the table. */
#include "tests/check.h"

#include <math.h>

#include "results/rundir/remark.h"
#include "results/table/words.h"
#include "tests/results/make_summary.h"

static void test_remark_parts(void **state)
{
	static const struct {
		const char *reason, *text;
		float p50, p99, max; /* 0: none */
	} cases[] = {
		{"", "", 0, 0, 0},
		{"stub: a, \"device\"; zstd 1", "stub: a, \"device\"; zstd 1", 0, 0, 0},
		{"short batch; a note; the slowest of 4; the fastest took 7 ns; repeats round 3",
		 "a note", 0, 0, 0},
		{"warm-up; p50 52.5 us p99 80.0 us max 1.25 ms; note", "note", 52500, 80000,
		 1.25e6F},
		{"p50 1 ns p99 2.00 s max 2.50 min", "", 1, 2e9F, 150e9F},
		{"p50 0 ns p99 0 ns max 0 ns", "", 0, 0, 0},
		{"p50 3 us p99 2 us max 5 us", "p50 3 us p99 2 us max 5 us", 0, 0, 0},
		{"p50 nan us p99 2 us max 5 us", "p50 nan us p99 2 us max 5 us", 0, 0, 0},
		{"p50 -1 us p99 2 us max 5 us", "p50 -1 us p99 2 us max 5 us", 0, 0, 0},
		{"p50 1 us p99 2 us max 5 h", "p50 1 us p99 2 us max 5 h", 0, 0, 0},
		{"p50 1 us p99 2 us max 9e15 min", "p50 1 us p99 2 us max 9e15 min", 0, 0, 0},
		{"p50 1 us p99 2 us max 5 us x", "p50 1 us p99 2 us max 5 us x", 0, 0, 0},
		{"p50 1 us p99 2 us max 5", "p50 1 us p99 2 us max 5", 0, 0, 0},
		{"\033[31m<b>\xc3", "?[31m<b>?", 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct remark r;

		remark_read(cases[i].reason, &r);
		assert_string_equal(r.text, cases[i].text);
		if (isnan(r.latency.max)) {
			assert_true(cases[i].max == 0);
			continue;
		}
		assert_true(r.latency.p50 == cases[i].p50);
		assert_true(r.latency.p99 == cases[i].p99);
		assert_true(r.latency.max == cases[i].max);
	}
}

/* nop is a sleeper, mem.chase runs in one size here and in two there, io.randread in one place. */
static bool noted(struct row *row)
{
	bool warm_up = row->sample.batch == 1;
	const char *before = warm_up ? "warm-up; " : "", *w = row->workload;
	struct sample *s = &row->sample;

	if (strcmp(w, "nop") == 0)
		sample_set_reason(s, "%sp50 %u us p99 %u us max %u ms", before,
				  warm_up ? 1 : 10 * (row->layer + 1) + row->round,
				  100 + row->round, warm_up ? 999 : row->round);
	if (strcmp(w, "io.randread") == 0)
		sample_set_reason(s, "%s%s; short batch", before,
				  row->layer ? "user link to the layer above" : "loopback");
	if (strcmp(w, "gpu.offload") == 0 && row->layer == 2)
		sample_set_reason(s, "%sround %u", before, row->round);
	if (strcmp(w, "mem.chase") == 0 || strcmp(w, "mem.stream") == 0) {
		sample_set_reason(s, "%s%s <b>", before, row->params);
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
		"      io.randread: L0 loopback; L1, L2 user link to the layer above\n"
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
		cmocka_unit_test(test_remark_parts),
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
