/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hours of rows keep memory flat: a run of a hundred thousand with the fake driver. */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/session/session.h"
#include "lib/streams.h"
#include "results/rundir/rows.h"
#include "tests/bench/fake.h"

enum { ROUNDS = 4200, LAYERS = 3, WORKS = 2, ROWS = ROUNDS * LAYERS * WORKS * FAKE_BATCHES };

struct watch {
	long early_kib; /* the most memory until a tenth was done */
};

/* Called after every round; changes nothing. */
static int look(void *ctx, const struct session_stand *stand, struct session_size *size,
		struct err *err)
{
	struct watch *w = ctx;
	struct rusage usage;

	(void)size;
	(void)err;
	if (stand->all_rounds == ROUNDS / 10 && getrusage(RUSAGE_SELF, &usage) == 0)
		w->early_kib = usage.ru_maxrss;
	return 0;
}

static int count(void *ctx, const struct row *row, struct err *err)
{
	(void)err;
	*(uint64_t *)ctx += row->sample.status == SAMPLE_OK && row->round > 0 &&
			    strcmp(row->workload, SESSION_BOOT_WORKLOAD) != 0;
	return 0;
}

static void test_flat(void **state)
{
	const struct text_list pick = {.item = {"nop", "cpu.int"}, .count = 2};
	struct work_list works = {0};
	struct manifest manifest = {0};
	struct progress progress;
	struct watch watch = {0};
	struct damage damage = {0};
	struct rusage usage;
	struct err err = {0}, why = {0};
	char *dir = test_dir_make();
	uint64_t rows = 0;
	uint32_t unreached;

	(void)state;
	assert_works(work_list_make(&works, profile_find("quick", &err), &pick, &err), err);
	progress_init(&progress, &fake_clock, true);
	const struct session_config c = {.dir = dir,
					 .run = "test-run",
					 .work_dir = dir,
					 .size = {1, ROUNDS, FAKE_BATCHES - 1},
					 .next = look,
					 .next_ctx = &watch,
					 .warm_up = 1,
					 .batch_ns = 1000,
					 .seed = 1,
					 .vm_size = {.depth = LAYERS - 1,
						     .guests = 1,
						     .host_cpus = 2,
						     .vcpus = 1,
						     .memory_bytes = 1 << 20},
					 .works = &works,
					 .stack = scripted_stack(LAYERS - 1),
					 .clock = &fake_clock,
					 .interrupt_fd = -1};
	assert_works(session_run(&c, &manifest, &progress, &unreached, &why, &err), err);
	getrusage(RUSAGE_SELF, &usage);
	assert_works(rows_read(dir, count, &rows, &damage, &err), err);
	print_message("%d rows: %ld KiB more than after a tenth of them\n", (int)rows,
		      usage.ru_maxrss - watch.early_kib);
	assert_int_equal(rows, ROWS);
	assert_true(watch.early_kib > 0);
	assert_true(TEST_SANITIZED || usage.ru_maxrss - watch.early_kib < 4096);
	work_list_release(&works);
	manifest_release(&manifest);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_flat)};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
