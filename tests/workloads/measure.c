/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "workloads/nestkernel/measure.h"

/* A clock and a workload that know each other: time passes only when work is done. */
static struct {
	uint64_t now, ns_per_op, reading_ns;
	uint64_t runs, setups, teardowns, fail_at;
	const char *probe_says, *setup_says, *note;
	char stat[300]; /* "": no such file */
	uint64_t ticks_per_run, ticks, aside_ns;
} script;

static uint64_t scripted_now(void *ctx)
{
	(void)ctx;
	return script.now += script.reading_ns;
}

static const struct clock scripted = {.now_ns = scripted_now};

static void write_stat(void)
{
	char text[200];
	struct err err;

	snprintf(text, sizeof(text),
		 "cpu  10 0 20 3000 5 0 1 %d 0 0\ncpu0 10 0 20 3000 5 0 1 9 0 0\n",
		 (int)script.ticks);
	assert_works(file_write_whole(script.stat, text, strlen(text), &err), err);
}

struct fake {
	uint64_t done;
};

static int fake_probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return script.probe_says ? err_set(err, EXIT_MACHINE, "%s", script.probe_says) : 0;
}

static int fake_setup(void *state, const struct workload_env *env, const uint64_t *arg,
		      struct err *err)
{
	assert_int_equal(((struct fake *)state)->done, 0);
	assert_int_equal((uintptr_t)state % 64, 0);
	(void)env;
	(void)arg;
	script.setups++;
	return script.setup_says ? err_set(err, EXIT_MACHINE, "%s", script.setup_says) : 0;
}

static int fake_run(void *state, uint64_t n, struct err *err)
{
	if (++script.runs == script.fail_at)
		return err_set(err, EXIT_MACHINE, "the disk, \"sda\", is gone");
	((struct fake *)state)->done += n;
	script.now += n * script.ns_per_op;
	script.ticks += script.ticks_per_run;
	if (script.stat[0])
		write_stat();
	return 0;
}

static uint64_t fake_digest(const void *state)
{
	return ((const struct fake *)state)->done;
}

static void fake_teardown(void *state)
{
	(void)state;
	script.teardowns++;
}

static uint64_t fake_bytes(const uint64_t *arg)
{
	return arg[0];
}

static uint64_t fake_found(const void *state)
{
	(void)state;
	return 12345;
}

static const char *fake_note(const void *state)
{
	(void)state;
	return script.note;
}

static const struct workload fake = {
	.name = "fake",
	.state_size = sizeof(struct fake),
	.probe = fake_probe,
	.setup = fake_setup,
	.run = fake_run,
	.digest = fake_digest,
	.teardown = fake_teardown,
	.bytes_per_op = fake_bytes,
	.note = fake_note,
};
static uint64_t fake_aside(const void *state)
{
	(void)state;
	return script.aside_ns;
}

/* Prepares its own operations. */
static const struct workload fake_aside_workload = {
	.name = "fake.aside",
	.state_size = sizeof(struct fake),
	.setup = fake_setup,
	.run = fake_run,
	.digest = fake_digest,
	.teardown = fake_teardown,
	.aside_ns = fake_aside,
};
static const struct workload fake_capacity = {
	.name = "fake.capacity",
	.flags = WORKLOAD_ONCE,
	.state_size = 1,
	.run = fake_run,
	.digest = fake_digest,
	.found = fake_found,
};

static struct sample rows[64];
static size_t row_count, sink_fails_at;

static int collect(void *ctx, const struct sample *s, struct err *err)
{
	(void)ctx;
	if (++row_count == sink_fails_at)
		return err_set(err, EXIT_INTERNAL, "the disk is full");
	rows[row_count - 1] = *s;
	return 0;
}

static const struct sample_sink sink = {.put = collect};
static const uint64_t arg[PARAMS_MAX] = {4096};
static struct measure_job job;

static int reset(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	script.ns_per_op = 1000;
	script.reading_ns = 10;
	row_count = sink_fails_at = 0;
	job = (struct measure_job){
		.workload = &fake,
		.arg = arg,
		.clock = &scripted,
		.stat = "/no/such/stat",
		.ops = 100,
		.batches = 3,
		.warm_up = 2,
	};
	return 0;
}

static void test_rows(void **state)
{
	struct err err;

	(void)state;
	script.note = "gadget";
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(rows[i].batch, i + 1);
		assert_int_equal(rows[i].ops, 100);
		assert_int_equal(rows[i].bytes, 409600);
		assert_int_equal(rows[i].elapsed_ns, 100010);
		assert_int_equal(rows[i].steal_ns, 0);
		assert_int_equal(rows[i].digest, 100 * (i + 1));
		assert_int_equal(rows[i].status, SAMPLE_OK);
		assert_string_equal(rows[i].reason, "gadget");
		assert_int_equal(rows[i].flags, i < 2 ? SAMPLE_WARM_UP : 0);
	}
	assert_int_equal(script.setups, 1);
	assert_int_equal(script.teardowns, 1);
}

/* 100 * (10 ns resolution + 10 ns cost) = 2 us. */
static void test_short_batches_are_marked(void **state)
{
	struct err err;

	(void)state;
	job.ops = 1;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[0].flags, SAMPLE_WARM_UP | SAMPLE_SHORT);
	assert_int_equal(rows[4].flags, SAMPLE_SHORT);
	row_count = 0;
	job.ops = 2;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_string_equal(rows[4].reason, "");
}

/* Not the cost of operations, and never more than the batch took. */
static void test_time_set_aside(void **state)
{
	struct err err;

	(void)state;
	job.workload = &fake_aside_workload;
	script.aside_ns = 40000;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 5);
	assert_int_equal(rows[4].elapsed_ns, 60010);
	script.aside_ns = 200000;
	row_count = 0;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[4].elapsed_ns, 0);
}

static void test_capacity(void **state)
{
	struct err err;

	(void)state;
	job.workload = &fake_capacity;
	job.ops = job.batches = 1;
	job.warm_up = 0;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].bytes, 12345);
	assert_string_equal(rows[0].reason, ""); /* short, but its time is not the result */
}

static void test_steal(void **state)
{
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_int_equal(measure_steal_ns("/no/such/stat"), 0);
	assert_int_equal(measure_steal_ns("/proc/version"), 0);
	snprintf(script.stat, sizeof(script.stat), "%s/stat", dir);
	script.ticks = 41;
	script.ticks_per_run = 2;
	write_stat();
	assert_int_equal(measure_steal_ns(script.stat), 410 * NS_PER_MS);
	job.stat = script.stat;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[0].steal_ns, 20 * NS_PER_MS);
	assert_int_equal(rows[4].steal_ns, 20 * NS_PER_MS);
	test_dir_remove(dir);
}

static void test_skip_and_fail_are_rows(void **state)
{
	struct err err;

	(void)state;
	script.probe_says = "no such device";
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].status, SAMPLE_SKIP);
	assert_int_equal(rows[0].batch, 0);
	assert_string_equal(rows[0].reason, "no such device");
	assert_int_equal(script.setups, 0);
	assert_int_equal(script.teardowns, 0);

	reset(NULL);
	script.setup_says = "no memory";
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].status, SAMPLE_FAIL);
	assert_string_equal(rows[0].reason, "no memory");
	assert_int_equal(script.runs, 0);
	assert_int_equal(script.teardowns, 1);

	reset(NULL);
	script.fail_at = 3;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 3);
	assert_int_equal(rows[2].status, SAMPLE_FAIL);
	assert_int_equal(rows[2].batch, 3);
	assert_string_equal(rows[2].reason, "the disk, 'sda', is gone");
	assert_int_equal(script.teardowns, 1);
}

static void test_sink_that_fails(void **state)
{
	struct err err;

	(void)state;
	sink_fails_at = 2;
	assert_fails(measure_run(&job, &sink, &err), err, EXIT_INTERNAL, "the disk is full");
	assert_int_equal(script.runs, 2);
	assert_int_equal(script.teardowns, 1);
}

static int go(void *ctx, struct err *err)
{
	int *left = ctx;

	if (*left == -1)
		return err_set(err, EXIT_INTERNAL, "the pipe is broken");
	assert_int_equal(script.setups, 1);
	return (*left)-- > 0;
}

static void test_go(void **state)
{
	int left = 2;
	struct err err;

	(void)state;
	job.go = go;
	job.go_ctx = &left;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 2);
	assert_int_equal(script.teardowns, 1);
	left = -1;
	assert_fails(measure_run(&job, &sink, &err), err, EXIT_INTERNAL, "the pipe is broken");
	assert_int_equal(row_count, 2);
	assert_int_equal(script.teardowns, 2);
}

static void test_calibrate(void **state)
{
	static const struct {
		uint64_t ns_per_op, ops;
	} cases[] = {{1, 50000000}, {7, 7142857},  {1000, 50000},
		     {49999999, 1}, {50000000, 1}, {NS_PER_S, 1}};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset(NULL);
		script.ns_per_op = cases[i].ns_per_op;
		assert_works(measure_calibrate(&job, MEASURE_DEFAULT_TARGET_NS, &sink, &err), err);
		assert_int_equal(row_count, 1);
		assert_int_equal(rows[0].batch, 0);
		assert_close((double)rows[0].ops, (double)cases[i].ops,
			     1e-6 * (double)cases[i].ops);
		assert_true(rows[0].elapsed_ns == rows[0].ops * cases[i].ns_per_op + 10);
		assert_string_equal(rows[0].reason, "calibration");
		assert_true(script.runs < 40);
		assert_int_equal(script.teardowns, 1);
	}
}

static void test_calibrate_on_a_clock_that_stands_still(void **state)
{
	struct err err;

	(void)state;
	script.ns_per_op = script.reading_ns = 0;
	assert_fails(measure_calibrate(&job, NS_PER_MS, &sink, &err), err, EXIT_MACHINE,
		     "the clock stands still");
	assert_int_equal(row_count, 0);
	assert_int_equal(script.teardowns, 1);
}

static void test_calibrate_results_that_are_none(void **state)
{
	int left = 0;
	struct err err;

	(void)state;
	script.probe_says = "no such device";
	assert_works(measure_calibrate(&job, NS_PER_MS, &sink, &err), err);
	assert_int_equal(rows[0].status, SAMPLE_SKIP);

	reset(NULL);
	script.fail_at = 4;
	assert_works(measure_calibrate(&job, NS_PER_MS, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].status, SAMPLE_FAIL);

	reset(NULL);
	job.workload = &fake_capacity;
	assert_works(measure_calibrate(&job, NS_PER_MS, &sink, &err), err);
	assert_int_equal(rows[0].ops, 1);
	assert_int_equal(script.runs, 0);

	reset(NULL);
	job.go = go;
	job.go_ctx = &left;
	assert_works(measure_calibrate(&job, NS_PER_MS, &sink, &err), err);
	assert_int_equal(row_count, 0);
	assert_int_equal(script.teardowns, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_short_batches_are_marked),
		TEST(test_time_set_aside),
		TEST(test_capacity),
		TEST(test_steal),
		TEST(test_skip_and_fail_are_rows),
		TEST(test_sink_that_fails),
		TEST(test_go),
		TEST(test_calibrate),
		TEST(test_calibrate_on_a_clock_that_stands_still),
		TEST(test_calibrate_results_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
