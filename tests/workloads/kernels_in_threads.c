/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every kernel that several threads may run at once does in each what it does alone. */
#include "tests/check.h"

#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/lib/scratch.h"
#include "workloads/nestkernel/measure.h"
#include "workloads/nestkernel/threads.h"

enum { THREADS = 3, OPS = 25, MIB = 1 << 20 };

static struct workload_env env = {.seed = 1, .scratch = drive_scratch};

static int make(void **state)
{
	struct err err;

	drive_make_dir(state);
	assert_works(scratch_fill(drive_scratch, 4 * MIB, &err), err);
	return 0;
}

static int keep_last(void *ctx, const struct sample *s, struct err *err)
{
	(void)err;
	*(struct sample *)ctx = *s;
	return 0;
}

/* One row of the kernel run by this many threads. */
static struct sample run_with(const struct workload *w, const char *params, uint32_t threads)
{
	struct sample last = {0};
	const struct sample_sink sink = {.put = keep_last, .ctx = &last};
	uint64_t arg[PARAMS_MAX];
	const struct measure_job job = {.workload = w,
					.arg = arg,
					.env = env,
					.clock = &clock_machine,
					.threads = threads,
					.ops = OPS,
					.batches = 1};
	struct err err;

	drive_params(w, params, arg);
	assert_works(measure_run(&job, &sink, &err), err);
	return last;
}

/* The sum of the digests when the threads' shares of the operations run one after the other. */
static uint64_t one_by_one(const struct workload *w, const char *params)
{
	const struct measure_job job = {.workload = w, .env = env};
	uint64_t sum = 0;

	for (uint32_t i = 0; i < THREADS; i++) {
		const struct workload_env own = thread_env(&job, THREADS, i);

		sum += drive(w, params, &own, 1, OPS / THREADS + (i < OPS % THREADS));
	}
	return sum;
}

static void test_same_work(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++) {
		const struct workload *w = workloads[i];
		struct sample s;

		if (!(w->flags & WORKLOAD_THREADS))
			continue;
		s = run_with(w, w->known_params, THREADS);
		if (s.status == SAMPLE_SKIP) {
			print_message("%s cannot run here: %s\n", w->name, s.reason);
			continue;
		}
		if (s.status != SAMPLE_OK)
			fail_msg("%s: %s", w->name, s.reason);
		if (s.digest != one_by_one(w, w->known_params))
			fail_msg("%s: the threads did something else", w->name);
	}
}

/* The probe looks at what one thread gets: too little is a skip, with the figures. */
static void test_too_small_for_all(void **state)
{
	static const char *const names[] = {"io.seqread", "io.randwrite"};
	const struct workload *w;
	struct sample s;

	(void)state;
	for (int i = 0; i < 2; i++) {
		w = workload_find(names[i]);
		s = run_with(w, "size=1MiB", 2);
		assert_int_equal(s.status, SAMPLE_OK);
		s = run_with(w, "size=1MiB", 3);
		assert_int_equal(s.status, SAMPLE_SKIP);
		assert_non_null(strstr(s.reason, "using 1MiB takes twice that"));
	}
	s = run_with(workload_find("io.fsync"), NULL, 5);
	assert_int_equal(s.status, SAMPLE_SKIP);
	assert_non_null(strstr(s.reason, "less than 5 times 1MiB"));
}

/* The writers of all threads write in their own part of the upper half, and nowhere else. */
static void test_each_its_part(void **state)
{
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(scratch_fill(drive_scratch, 4 * MIB, &err), err);
	assert_int_equal(run_with(workload_find("io.seqwrite"), "block=4KiB size=4KiB", 4).status,
			 SAMPLE_OK);
	assert_works(file_read(drive_scratch, 4 * MIB, &text, &err), err);
	for (uint64_t at = 0; at < 4 * MIB; at += SCRATCH_BLOCK) {
		uint64_t word;

		memcpy(&word, text.data + at, sizeof(word));
		assert_int_equal(word != scratch_word(at / 8),
				 at >= 2 * MIB && at % (MIB / 2) == 0);
	}
	buf_release(&text);
}

/* File systems of their own, on loop devices of their own: takes a larger scratch, and root. */
static void test_small_files(void **state)
{
	const struct workload *w = workload_find("io.create");
	struct sample s;
	int made;

	(void)state;
	made = truncate(drive_scratch, 2 * 128 * MIB);
	assert_int_equal(made, 0);
	s = run_with(w, NULL, 2);
	if (s.status == SAMPLE_OK)
		assert_true(drive(w, NULL, &env, 1, w->known_ops) == w->known_digest);
	assert_int_equal(truncate(drive_scratch, 4 * MIB), 0);
	if (s.status == SAMPLE_SKIP)
		skip();
	if (s.status != SAMPLE_OK)
		fail_msg("%s", s.reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_work),
		cmocka_unit_test(test_too_small_for_all),
		cmocka_unit_test(test_each_its_part),
		cmocka_unit_test(test_small_files),
	};

	return cmocka_run_group_tests(tests, make, drive_remove_dir);
}
