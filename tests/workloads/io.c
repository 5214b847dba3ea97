/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/lib/scratch.h"

enum { BYTES = 1 << 20 };

/* The words of the scratch; the caller frees them. */
static uint64_t *words_of(size_t bytes)
{
	struct buf text = BUF_INIT;
	struct err err;

	assert_works(file_read(drive_scratch, bytes, &text, &err), err);
	assert_int_equal(text.len, bytes);
	return (uint64_t *)buf_take(&text);
}

static uint64_t *words(void)
{
	return words_of(BYTES);
}

static void test_fill(void **state)
{
	struct stat st;
	struct err err;
	uint64_t *word;

	(void)state;
	for (int round = 0; round < 2; round++) {
		/* The second time the file exists, and is longer. */
		assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
		word = words();
		for (uint64_t i = 0; i < BYTES / 8; i++)
			assert_true(word[i] == scratch_word(i));
		free(word);
		assert_int_equal(stat(drive_scratch, &st), 0);
		assert_true(st.st_blocks * 512 >= BYTES);
		assert_int_equal(truncate(drive_scratch, 2 * BYTES), 0);
	}
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
}

static void test_fill_refuses(void **state)
{
	struct err err;
	char missing[400];

	(void)state;
	assert_fails(scratch_fill(drive_scratch, 4096, &err), err, EXIT_USAGE, "1MiB at least");
	assert_fails(scratch_fill(drive_scratch, BYTES + 4096, &err), err, EXIT_USAGE,
		     "a multiple of 8KiB");
	snprintf(missing, sizeof(missing), "%s/no/such", drive_dir);
	assert_fails(scratch_fill(missing, BYTES, &err), err, EXIT_USAGE, "No such file");
	assert_fails(scratch_fill("/dev/null", BYTES, &err), err, EXIT_MACHINE,
		     "neither a file nor a block device");
}

/* A disk that is too small: nothing half-made stays behind. */
static void test_fill_without_room(void **state)
{
	struct rlimit before, small = {.rlim_cur = 2 * BYTES};
	char other[400];
	struct err err;

	(void)state;
	snprintf(other, sizeof(other), "%s/other", drive_dir);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_fails(scratch_fill(other, 4 * BYTES, &err), err, EXIT_MACHINE,
		     "cannot reserve 4MiB for the scratch");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(access(other, F_OK), -1);
}

static void test_no_scratch(void **state)
{
	static const char *const names[] = {"io.randread", "io.seqwrite", "io.fsync"};
	struct workload_env env = {.seed = 1};
	struct err err;

	(void)state;
	for (int i = 0; i < 3; i++) {
		const struct workload *w = workload_find(names[i]);

		env.scratch = NULL;
		assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
			     "this layer has no scratch disk (name a file with --scratch)");
		env.scratch = "/no/such/scratch";
		assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
			     "cannot open the scratch /no/such/scratch: No such file");
		env.scratch = "/dev/null";
		assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
			     "neither a file nor a block device");
		env.scratch = drive_scratch;
		assert_int_equal(truncate(drive_scratch, 8192), 0);
		assert_fails(drive_try(w, NULL, &env, 1, &err), err, EXIT_MACHINE,
			     "has 8192 bytes, less than 1MiB");
		assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	}
	assert_fails(drive_try(workload_find("io.randread"), "size=1MiB", &env, 1, &err), err,
		     EXIT_MACHINE, "has 1MiB, but using 1MiB takes twice that");
}

static void test_wrong_data_are_found(void **state)
{
	const struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	const struct workload *w = workload_find("io.randread");
	uint64_t wrong = 5;
	struct err err;
	int fd;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	drive(w, "size=512KiB", &env, 1, 200);
	fd = open(drive_scratch, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &wrong, 8, 512), 8);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	/* Reads of the one block look at one of its sectors each. */
	assert_fails(drive_try(w, "size=4KiB", &env, 64, &err), err, EXIT_MACHINE,
		     "wrong data at byte 512: it was overwritten, or not filled by nestbench");
}

/* The log goes round in the upper half, and the lower half stays as it was filled. */
static void test_log_stays_in_its_half(void **state)
{
	const struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;
	uint64_t *word, changed = 0;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	drive(workload_find("io.fsync"), NULL, &env, 2, BYTES / 2 / 4096 - 28);
	word = words();
	for (uint64_t i = 0; i < BYTES / 16; i++)
		assert_true(word[i] == scratch_word(i));
	for (uint64_t i = BYTES / 16; i < BYTES / 8; i++)
		changed += word[i] != scratch_word(i);
	assert_int_equal(changed, BYTES / 16);
	free(word);
}

/* However many requests are under way, and through whatever cache: the same work, the same digest.
 */
static void test_depth_and_cache(void **state)
{
	static const char *const names[] = {"io.seqread", "io.randread", "io.seqwrite",
					    "io.randwrite"};
	static const char *const ways[] = {"block=8KiB size=256KiB depth=7",
					   "block=8KiB size=256KiB cache=buffered",
					   "block=8KiB size=256KiB depth=64 cache=buffered"};
	const struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	for (int i = 0; i < 4; i++) {
		const struct workload *w = workload_find(names[i]);
		uint64_t want = drive(w, "block=8KiB size=256KiB", &env, 1, 90);

		for (int k = 0; k < 3; k++)
			assert_true(drive(w, ways[k], &env, 3, 30) == want);
	}
}

/* Writes are in the upper half, and nowhere else. */
static void test_writers_write(void **state)
{
	static const char *const names[] = {"io.seqwrite", "io.randwrite"};
	const struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;
	uint64_t *word;

	(void)state;
	for (int i = 0; i < 2; i++) {
		uint64_t changed = 0;

		assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
		drive(workload_find(names[i]), "size=256KiB block=32KiB depth=3", &env, 1, 200);
		word = words();
		for (uint64_t k = 0; k < BYTES / 8; k++)
			if (k < BYTES / 16 || k >= BYTES / 16 + BYTES / 32)
				assert_true(word[k] == scratch_word(k));
			else
				changed += word[k] != scratch_word(k);
		assert_int_equal(changed, BYTES / 32);
		/* The last round of the sequential writer ends with block 199 % 8. */
		if (i == 0)
			assert_true(word[BYTES / 16 + 7 * 4096] ==
				    mix64(mix64(1) + UINT64_C(199) * 32768));
		free(word);
	}
}

/* All of the disk is written, with what was there: afterwards it is as good as new. */
static void test_capacity_of_the_disk(void **state)
{
	const struct workload *w = workload_find("capacity.disk");
	struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;
	uint64_t *word;

	(void)state;
	assert_works(scratch_fill(drive_scratch, 3 * BYTES, &err), err);
	drive(workload_find("io.seqwrite"), "size=1MiB", &env, 1, 8);
	for (int i = 0; i < 2; i++) {
		void *capacity;

		env.touch_limit = i * BYTES;
		capacity = drive_begin(w, NULL, &env);
		assert_works(w->run(capacity, 1, &err), err);
		assert_int_equal(w->found(capacity), 3 * BYTES);
		assert_string_equal(w->note(capacity), i ? "1MiB of it written" : "written");
		drive_end(w, capacity);
	}
	assert_int_equal(truncate(drive_scratch, BYTES), 0);
	word = words();
	for (uint64_t i = 0; i < BYTES / 8; i++)
		assert_true(word[i] == scratch_word(i));
	free(word);
}

static void test_device_that_shrinks(void **state)
{
	const struct workload *w = workload_find("io.randread");
	const struct workload_env env = {.seed = 1, .scratch = drive_scratch};
	struct err err;
	void *reader;

	(void)state;
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
	reader = drive_begin(w, "size=512KiB", &env);
	assert_int_equal(truncate(drive_scratch, 0), 0);
	assert_fails(w->run(reader, 1, &err), err, EXIT_MACHINE, "ends at byte");
	drive_end(w, reader);
}

/* What each of four copies may touch: the writers only their part of the upper half. */
static void test_parts_keep_apart(void **state)
{
	struct workload_env env = {.seed = 1, .scratch = drive_scratch, .parts = 4};
	struct scratch part;
	struct err err;
	uint64_t *word;

	(void)state;
	assert_works(scratch_fill(drive_scratch, 4 * BYTES, &err), err);
	for (env.part = 0; env.part < 4; env.part++) {
		assert_works(scratch_open(&env, O_RDONLY, &part, &err), err);
		close(part.fd);
		assert_int_equal(part.room, BYTES / 2);
		assert_int_equal(part.read_start, env.part * (BYTES / 2));
		assert_int_equal(part.write_start, 2 * BYTES + env.part * (BYTES / 2));
	}
	env.part = 2;
	drive(workload_find("io.fsync"), "", &env, 1, 2 * BYTES / SCRATCH_BLOCK);
	drive(workload_find("io.randread"), "size=512KiB", &env, 1, 8);
	word = words_of(4 * BYTES);
	for (uint64_t i = 0; i < 4 * BYTES / 8; i++)
		if (i < 3 * BYTES / 8 || i >= (3 * BYTES + BYTES / 2) / 8)
			assert_true(word[i] == scratch_word(i));
		else if (i % (SCRATCH_BLOCK / 8) == 0)
			assert_false(word[i] == scratch_word(i));
	free(word);
	env.parts = 8;
	assert_fails(scratch_open(&env, O_RDONLY, &part, &err), err, EXIT_MACHINE, "8 times 1MiB");
	assert_works(scratch_fill(drive_scratch, BYTES, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_fill_refuses),
		cmocka_unit_test(test_fill_without_room),
		cmocka_unit_test(test_no_scratch),
		cmocka_unit_test(test_wrong_data_are_found),
		cmocka_unit_test(test_log_stays_in_its_half),
		cmocka_unit_test(test_depth_and_cache),
		cmocka_unit_test(test_writers_write),
		cmocka_unit_test(test_capacity_of_the_disk),
		cmocka_unit_test(test_device_that_shrinks),
		cmocka_unit_test(test_parts_keep_apart),
	};

	return cmocka_run_group_tests(tests, drive_make_dir, drive_remove_dir);
}
