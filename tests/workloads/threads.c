/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several threads, by the real clock. */
#include "tests/check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lib/affinity.h"
#include "workloads/nestkernel/measure.h"

int __real_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __real_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set);
int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set);

static size_t possible;		 /* CPUs of the machine, at least */
static _Atomic uint32_t refused; /* number of the next pinnings that fail */

int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	if (bytes * 8 >= possible)
		return __real_sched_getaffinity(pid, bytes, set);
	errno = EINVAL;
	return -1;
}

int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set)
{
	if (!refused)
		return __real_sched_setaffinity(pid, bytes, set);
	refused--;
	errno = EPERM;
	return -1;
}

static _Atomic uint32_t running, most_running, setups, teardowns;

struct worker {
	uint64_t seed, done;
	pthread_t thread;
};

static int worker_setup(void *state, const struct workload_env *env, const uint64_t *arg,
			struct err *err)
{
	struct worker *w = state;

	w->seed = env->seed;
	w->thread = pthread_self();
	setups++;
	if (arg && arg[0] == w->seed)
		return err_set(err, EXIT_MACHINE, "no seat for this one");
	return 0;
}

/* Waits until three run at once, or for a second. */
static int worker_run(void *state, uint64_t n, struct err *err)
{
	struct worker *w = state;
	uint32_t now = ++running, most = most_running;

	while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now))
		;
	for (int i = 0; i < 1000 && most_running < 3; i++)
		usleep(1000);
	if (!pthread_equal(w->thread, pthread_self()))
		return err_set(err, EXIT_INTERNAL, "run by another thread than was set up");
	usleep(1000);
	running--;
	w->done += n;
	if (n == 13)
		return err_set(err, EXIT_MACHINE, "thirteen brings bad luck");
	return 0;
}

static uint64_t worker_digest(const void *state)
{
	return ((const struct worker *)state)->done;
}

static uint64_t worker_found(const void *state)
{
	return ((const struct worker *)state)->seed;
}

static void worker_teardown(void *state)
{
	if (pthread_equal(((struct worker *)state)->thread, pthread_self()))
		teardowns++;
}

static uint64_t worker_wait(const uint64_t *arg)
{
	(void)arg;
	return 3600 * NS_PER_S;
}

static struct workload workers;
static struct measure_job job;
static struct sample rows[8];
static size_t row_count;

static int collect(void *ctx, const struct sample *s, struct err *err)
{
	(void)ctx;
	(void)err;
	assert_true(row_count < 8);
	rows[row_count++] = *s;
	return 0;
}

static const struct sample_sink sink = {.put = collect};

static int reset(void **state)
{
	(void)state;
	running = most_running = setups = teardowns = 0;
	row_count = 0;
	workers = (struct workload){
		.name = "workers",
		.flags = WORKLOAD_THREADS,
		.state_size = sizeof(struct worker),
		.setup = worker_setup,
		.run = worker_run,
		.digest = worker_digest,
		.found = worker_found,
		.teardown = worker_teardown,
	};
	job = (struct measure_job){.workload = &workers,
				   .clock = &clock_machine,
				   .env = {.seed = 5},
				   .threads = 3,
				   .ops = 10,
				   .batches = 2};
	return 0;
}

/* Three threads share ten operations, each with its own data, and all have ended afterwards. */
static void test_threads(void **state)
{
	struct err err = {0};

	(void)state;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(rows[i].status, SAMPLE_OK);
		assert_int_equal(rows[i].ops, 10);
		assert_int_equal(rows[i].digest, 10 * (i + 1));
		assert_true(rows[i].bytes == 3 * 5 + mix64(1) + mix64(2));
		assert_true(rows[i].elapsed_ns > 0);
		assert_string_equal(rows[i].reason, "");
	}
	assert_int_equal(most_running, 3);
	assert_int_equal(setups, 3);
	assert_int_equal(teardowns, 3);
}

static void test_fewer_operations_than_threads(void **state)
{
	struct err err = {0};

	(void)state;
	job.ops = 1;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[1].digest, 2);
}

static void test_calibration(void **state)
{
	struct err err = {0};

	(void)state;
	most_running = 3; /* none waits */
	assert_works(measure_calibrate(&job, 10 * NS_PER_US, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].status, SAMPLE_OK);
	assert_int_equal(teardowns, 3);
}

static void test_one_fails(void **state)
{
	uint64_t third[PARAMS_MAX] = {5 + mix64(2)};
	struct err err = {0};

	(void)state;
	job.ops = 3 * 13 - 1; /* 13, 13 and 12 */
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].status, SAMPLE_FAIL);
	assert_string_equal(rows[0].reason, "thirteen brings bad luck");
	assert_int_equal(teardowns, 3);

	job.arg = third;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[1].status, SAMPLE_FAIL);
	assert_string_equal(rows[1].reason, "no seat for this one");
	assert_int_equal(teardowns, 6);
}

/* What an operation asks to wait is no cost; a wait that ended early costs nothing. */
static void test_waiting_is_no_cost(void **state)
{
	struct err err = {0};

	(void)state;
	workers.wait_ns_per_op = worker_wait;
	job.threads = 1;
	most_running = 3;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[0].status, SAMPLE_OK);
	assert_int_equal(rows[0].elapsed_ns, 0);
}

/* The caller's thread is one of them, and has its CPUs back afterwards. */
static void test_every_cpu(void **state)
{
	cpu_set_t before, after;
	char text[32];
	struct err err = {0};

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	snprintf(text, sizeof(text), "%d threads", CPU_COUNT(&before));
	workers.flags = WORKLOAD_EVERY_CPU;
	job.threads = 0;
	most_running = 3;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_string_equal(rows[0].reason, text);
	assert_int_equal(setups, CPU_COUNT(&before));
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

/* Without pinning all is measured, and every row says so; a single thread is never pinned. */
static void test_not_pinned(void **state)
{
	struct err err = {0};

	(void)state;
	most_running = 3;
	for (uint32_t one = 0; one < 2; one++) {
		row_count = 0;
		refused = one ? 1 : 3;
		assert_works(measure_run(&job, &sink, &err), err);
		assert_int_equal(refused, 0);
		for (size_t i = 0; i < row_count; i++) {
			assert_int_equal(rows[i].status, SAMPLE_OK);
			assert_non_null(strstr(rows[i].reason, AFFINITY_REFUSED));
		}
	}
	row_count = 0;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_null(strstr(rows[0].reason, AFFINITY_REFUSED));
	row_count = 0;
	refused = 3;
	job.threads = 1;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_null(strstr(rows[0].reason, AFFINITY_REFUSED));
	assert_int_equal(refused, 3);
	refused = 0;
}

static void test_a_machine_of_many_cpus(void **state)
{
	struct err err = {0};

	(void)state;
	possible = 5000;
	most_running = 3;
	assert_works(measure_run(&job, &sink, &err), err);
	assert_int_equal(rows[0].status, SAMPLE_OK);
	assert_null(strstr(rows[0].reason, AFFINITY_REFUSED));
}

static void test_who_may(void **state)
{
	static const struct workload single = {.name = "single"}, few = {.name = "few",
									 .flags = WORKLOAD_THREADS,
									 .threads_max = 3};
	struct err err = {0};

	(void)state;
	assert_works(workload_check_threads(&workers, THREADS_MAX, &err), err);
	assert_works(workload_check_threads(&workers, 0, &err), err);
	assert_works(workload_check_threads(&single, 1, &err), err);
	assert_fails(workload_check_threads(&workers, THREADS_MAX + 1, &err), err, EXIT_USAGE,
		     "workers runs in at most 1024 threads, but 1025 were asked for");
	assert_works(workload_check_threads(&few, 3, &err), err);
	assert_fails(workload_check_threads(&few, 4, &err), err, EXIT_USAGE,
		     "few runs in at most 3 threads, but 4 were asked for");
	assert_fails(workload_check_threads(&single, 2, &err), err, EXIT_USAGE,
		     "single runs once at a time, but 2 threads were asked for");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_threads, reset),
		cmocka_unit_test_setup(test_fewer_operations_than_threads, reset),
		cmocka_unit_test_setup(test_calibration, reset),
		cmocka_unit_test_setup(test_one_fails, reset),
		cmocka_unit_test_setup(test_waiting_is_no_cost, reset),
		cmocka_unit_test_setup(test_every_cpu, reset),
		cmocka_unit_test_setup(test_not_pinned, reset),
		cmocka_unit_test_setup(test_a_machine_of_many_cpus, reset),
		cmocka_unit_test_setup(test_who_may, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
