/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU sets on machines of any size, as the test makes the kernel report. */
#include "tests/check.h"

#include <errno.h>

#include "lib/affinity.h"

int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set);

static size_t possible; /* CPUs of the machine; 0: the call is refused */
static const int *allowed;
static int allowed_count, applied_first, applied_count;

int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	assert_int_equal(pid, 0);
	if (!possible || bytes * 8 < possible) {
		errno = possible ? EINVAL : EPERM;
		return -1;
	}
	CPU_ZERO_S(bytes, set);
	for (int i = 0; i < allowed_count; i++)
		CPU_SET_S((size_t)allowed[i], bytes, set);
	return 0;
}

int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set)
{
	assert_int_equal(pid, 0);
	applied_first = 0;
	applied_count = CPU_COUNT_S(bytes, set);
	while (applied_count && !CPU_ISSET_S((size_t)applied_first, bytes, set))
		applied_first++;
	return 0;
}

static void machine(size_t cpus, const int *cpu, int count)
{
	possible = cpus;
	allowed = cpu;
	allowed_count = count;
}

static void machines_of_any_size(void **state)
{
	static const size_t sizes[] = {1, 1024, 1025, 4096, 8192, 65536};
	struct affinity a;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const int last[] = {(int)sizes[i] - 1};

		machine(sizes[i], last, 1);
		assert_works(affinity_read(&a, &err), err);
		assert_int_equal(affinity_count(&a), 1);
		assert_int_equal(affinity_nth(&a, 0), last[0]);
		assert_int_equal(affinity_nth(&a, 1), -1);
		assert_int_equal(affinity_apply(&a), 0);
		assert_int_equal(applied_count, 1);
		assert_int_equal(applied_first, last[0]);
		affinity_release(&a);
	}
}

static void cpus_in_order(void **state)
{
	static const int cpu[] = {3, 1500, 1501, 3000};
	struct affinity a;
	struct err err;

	(void)state;
	machine(3001, cpu, 4);
	assert_works(affinity_read(&a, &err), err);
	assert_int_equal(affinity_count(&a), 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(affinity_nth(&a, i), cpu[i]);
		assert_int_equal(affinity_pin(affinity_nth(&a, i)), 0);
		assert_int_equal(applied_first, cpu[i]);
		assert_int_equal(applied_count, 1);
	}
	affinity_release(&a);
	assert_int_equal(affinity_count(&a), 0);
	assert_int_equal(affinity_nth(&a, 0), -1);
	assert_int_equal(affinity_pin(-1), -1);
	affinity_release(&a);
}

static void refused_or_empty(void **state)
{
	struct affinity a;
	struct err err;

	(void)state;
	machine(0, NULL, 0);
	assert_fails(affinity_read(&a, &err), err, EXIT_MACHINE, "which CPUs there are");
	machine(4, NULL, 0);
	assert_fails(affinity_read(&a, &err), err, EXIT_MACHINE, "which CPUs there are");
	machine(1 << 20, NULL, 0);
	assert_fails(affinity_read(&a, &err), err, EXIT_MACHINE, "which CPUs there are");
}

static void lists(void **state)
{
	static const char *const bad[] = {"", ",", "x", "1-", "3-2", "-1", "65536", "1,,x"};
	char many[4096] = "0";
	struct affinity a;
	struct err err;

	(void)state;
	assert_works(affinity_parse(&a, "0,2-3,2000,65535", "--cpus", &err), err);
	assert_int_equal(affinity_count(&a), 5);
	assert_int_equal(affinity_nth(&a, 2), 3);
	assert_int_equal(affinity_nth(&a, 3), 2000);
	affinity_release(&a);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(affinity_parse(&a, bad[i], "--cpus", &err), err, EXIT_USAGE, "--cpus");
	/* As many as a plan may hold. */
	for (int i = 1; i < 512; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), ",%d", 2 * i + 1000);
	assert_works(affinity_parse(&a, many, "--cpus", &err), err);
	assert_int_equal(affinity_count(&a), 512);
	affinity_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_of_any_size),
		cmocka_unit_test(cpus_in_order),
		cmocka_unit_test(refused_or_empty),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
