/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sched.h>
#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/lib/scratch.h"

/* io.create needs so large a scratch; only its beginning has been filled. */
enum { TOUCH = 4 << 20, SCRATCH_BYTES = 128 << 20 };

static char *dir, *scratch;
static struct workload_env env = {.seed = 1, .touch_limit = TOUCH, .command = ":"};

static int make_scratch(void **state)
{
	struct err err = {0};

	(void)state;
	dir = test_dir_make();
	if (asprintf(&scratch, "%s/scratch", dir) < 0 || scratch_fill(scratch, 1 << 20, &err) < 0 ||
	    truncate(scratch, SCRATCH_BYTES) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	env.scratch = scratch;
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	free(scratch);
	test_dir_remove(dir);
	return 0;
}

static void expect(const struct workload *w, const char *params, uint64_t ops, uint64_t expected)
{
	uint64_t digest;

	if (!drive_can(w, params, &env))
		return;
	digest = drive(w, params, &env, 1, ops);
	if (digest != expected)
		fail_msg("%s %s: digest %016lx, expected %016lx", w->name, params ? params : "",
			 (unsigned long)digest, (unsigned long)expected);
}

static void test_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++)
		expect(workloads[i], workloads[i]->known_params, workloads[i]->known_ops,
		       workloads[i]->known_digest);
	for (const struct drive_way *way = drive_ways; way->name; way++)
		expect(workload_find(way->name), way->params, way->ops, way->digest);
}

/* A run makes a disk only for workloads that say so. */
static void test_the_scratch_is_asked_for(void **state)
{
	struct workload_env without = env;

	(void)state;
	without.scratch = NULL;
	for (size_t i = 0; workloads[i]; i++) {
		const struct workload *w = workloads[i];

		if (w->needs & NEEDS_COMMAND || !drive_can(w, w->known_params, &env))
			continue;
		assert_int_equal(drive_can(w, w->known_params, &without),
				 !(w->needs & NEEDS_SCRATCH));
	}
}

/* Warm-up and batches may be cut differently: the digest counts operations, not batches. */
static void test_batches_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++) {
		const struct workload *w = workloads[i];
		/* Looking for a capacity takes its time, as do kernels with few known operations.
		 */
		uint64_t n = w->flags & WORKLOAD_ONCE || w->known_ops < 10 ? 4 : 24, whole;

		if (!drive_can(w, w->known_params, &env))
			continue;
		whole = drive(w, w->known_params, &env, 1, n);
		assert_true(drive(w, w->known_params, &env, n, 1) == whole);
		assert_true(drive(w, w->known_params, &env, 2, n / 2) == whole);
		/* A capacity is the same however often it is looked for. */
		if (!(w->flags & WORKLOAD_ONCE))
			assert_true(drive(w, w->known_params, &env, 1, n + 1) != whole);
	}
}

/* What depends on data depends on the seed. */
static void test_seed(void **state)
{
	static const char *const seeded[] = {
		"cpu.int",  "cpu.float",   "cpu.branch", "cpu.sha256", "cpu.sort",
		"mem.read", "mem.tlb",	   "mem.chase",	 "mem.stream", "io.randread",
		"io.fsync", "gpu.offload", "inject"};

	(void)state;
	for (size_t i = 0; i < sizeof(seeded) / sizeof(seeded[0]); i++) {
		const struct workload *w = workload_find(seeded[i]);
		struct workload_env other = env;

		other.seed = 2;
		assert_true(drive(w, w->known_params, &env, 1, 100) !=
			    drive(w, w->known_params, &other, 1, 100));
	}
}

/* N % slower is N % more of the very same steps, which are those of cpu.int and cpu.syscall. */
static void test_inject_is_exact(void **state)
{
	static const char *const kinds[] = {"cpu", "syscall", "mem"};
	const struct workload *w = workload_find("inject");
	char slow[32], plain[32];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(plain, sizeof(plain), "kind=%s", kinds[i]);
		snprintf(slow, sizeof(slow), "slow=3 kind=%s", kinds[i]);
		assert_true(drive(w, slow, &env, 1, 100) == drive(w, plain, &env, 1, 103));
		assert_true(drive(w, slow, &env, 1, 100) != drive(w, plain, &env, 1, 100));
	}
	assert_true(drive(w, "slow=3", &env, 1, 100) ==
		    drive(workload_find("cpu.int"), NULL, &env, 1, 10300));
	assert_true(drive(w, "slow=100 kind=syscall", &env, 1, 10) ==
		    drive(workload_find("cpu.syscall"), NULL, &env, 1, 2000));
	/* One more CPUID in every 100 operations, wherever batches end. */
	assert_true(drive(w, "slow=1 kind=cpuid", &env, 1, 1000) ==
		    drive(w, "kind=cpuid", &env, 1, 1010));
	assert_true(drive(w, "slow=1 kind=cpuid", &env, 7, 30) ==
		    drive(w, "kind=cpuid", &env, 1, 212));
	assert_true(drive(w, "kind=cpuid", &env, 1, 500) ==
		    drive(workload_find("exit.cpuid"), NULL, &env, 1, 500));
}

/* After a failed setup teardown sees whatever there was: at worst the zeroed state. */
static void test_teardown_of_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++) {
		void *zeroed = calloc(1, workloads[i]->state_size);

		assert_non_null(zeroed);
		if (workloads[i]->teardown)
			workloads[i]->teardown(zeroed);
		free(zeroed);
	}
}

/* One round of the chase meets every node once, for sizes that are no powers of two as well. */
static void test_chase_is_one_cycle(void **state)
{
	static const struct {
		const char *params;
		uint64_t nodes;
	} cases[] = {{"size=8KiB", 128},
		     {"size=8KiB stride=4096", 2},
		     {"size=12KiB stride=4096", 3},
		     {"size=100000 pages=default", 1562},
		     {"size=1000KiB stride=128 pages=huge", 8000}};
	const struct workload *w = workload_find("mem.chase");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		void *chase = drive_begin(w, cases[i].params, &env);
		uint64_t start = w->digest(chase);
		struct err err;

		for (uint64_t step = 1; step <= cases[i].nodes; step++) {
			assert_works(w->run(chase, 1, &err), err);
			assert_int_equal(w->digest(chase) == start, step == cases[i].nodes);
		}
		drive_end(w, chase);
	}
}

/* The CPU's own instructions come to the hash of the portable code, whatever the length. */
static void test_sha256_both_ways(void **state)
{
	static const char *const sizes[] = {"64", "65", "119", "120", "1KiB", "16391"};
	const struct workload *w = workload_find("cpu.sha256");
	char c[32], ni[32];

	(void)state;
	if (!drive_can(w, "isa=ni", &env))
		skip();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(c, sizeof(c), "size=%s isa=c", sizes[i]);
		snprintf(ni, sizeof(ni), "size=%s isa=ni", sizes[i]);
		assert_true(drive(w, c, &env, 1, 50) == drive(w, ni, &env, 1, 50));
	}
}

/* Both ways to give memory back bring zeroed pages, over several rounds of the region. */
static void test_fault_both_ways(void **state)
{
	const struct workload *w = workload_find("mem.fault");

	(void)state;
	assert_true(drive(w, "size=64KiB by=dontneed", &env, 3, 50) ==
		    drive(w, "size=64KiB by=mmap", &env, 1, 150));
}

static void test_too_much_memory(void **state)
{
	struct err err;

	(void)state;
	assert_fails(drive_try(workload_find("mem.stream"), "size=1TiB", &env, 1, &err), err,
		     EXIT_MACHINE, "cannot map 3TiB of memory (use a smaller size)");
	assert_fails(drive_try(workload_find("mem.fault"), "size=1TiB", &env, 1, &err), err,
		     EXIT_MACHINE, "cannot map 1TiB of memory (use a smaller size)");
}

static void test_capacity_within_its_limit(void **state)
{
	const struct workload *w = workload_find("capacity.memory");
	void *capacity;
	char before[16], during[16], after[16];
	struct err err;

	(void)state;
	assert_true(file_line(before, sizeof(before), "/proc/self/oom_score_adj"));
	assert_true(drive_can(w, NULL, &env));
	capacity = drive_begin(w, NULL, &env);
	assert_true(file_line(during, sizeof(during), "/proc/self/oom_score_adj"));
	assert_string_equal(during, "1000");
	assert_works(w->run(capacity, 1, &err), err);
	assert_true(w->found(capacity) > TOUCH);
	assert_non_null(strstr(w->note(capacity), "; 4MiB of it touched"));
	drive_end(w, capacity);
	assert_true(file_line(after, sizeof(after), "/proc/self/oom_score_adj"));
	assert_string_equal(after, before);
}

/* Thousandths of CPUs found, on those that this process may use. */
static uint64_t count_cpus(const char *expected_note)
{
	const struct workload *w = workload_find("capacity.cpus");
	void *capacity = drive_begin(w, NULL, &env);
	uint64_t found;
	struct err err;

	assert_true(drive_can(w, NULL, &env));
	assert_works(w->run(capacity, 1, &err), err);
	found = w->found(capacity);
	assert_non_null(strstr(w->note(capacity), expected_note));
	drive_end(w, capacity);
	return found;
}

/* Only what may be used counts, and the caller's thread stays where it was. */
static void test_capacity_counts_cpus(void **state)
{
	cpu_set_t all, one, after;
	uint64_t found;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	found = count_cpus("that may be used");
	assert_in_range(found, 1, 1000 * (uint64_t)CPU_COUNT(&all));
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&all, &after));
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	/* The same work twice on one CPU; a busy machine may disturb either. */
	found = count_cpus("of 1 CPU that may be used");
	assert_in_range(found, 200, 1000);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_the_scratch_is_asked_for),
		cmocka_unit_test(test_batches_add_up),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_inject_is_exact),
		cmocka_unit_test(test_teardown_of_nothing),
		cmocka_unit_test(test_chase_is_one_cycle),
		cmocka_unit_test(test_sha256_both_ways),
		cmocka_unit_test(test_fault_both_ways),
		cmocka_unit_test(test_too_much_memory),
		cmocka_unit_test(test_capacity_within_its_limit),
		cmocka_unit_test(test_capacity_counts_cpus),
	};

	/* Only one test, for those who build the kernels in many ways. */
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
