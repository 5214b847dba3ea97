/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise counters of machines that do not exist: their /proc and /sys below one directory. */
#include "tests/check.h"

#include <unistd.h>

#include "drivers/host/noise.h"
#include "lib/clock.h"
#include "lib/file.h"

static char *root;

static void put(const char *path, const char *text)
{
	struct buf full = BUF_INIT;
	struct err err;
	char *slash;

	buf_addf(&full, "%s%s", root, path);
	slash = strrchr(full.data, '/');
	*slash = '\0';
	assert_works(file_make_dirs(full.data, &err), err);
	*slash = '/';
	assert_works(file_write_whole(full.data, text, strlen(text), &err), err);
	buf_release(&full);
}

/* Times in ticks. */
static void put_process(int pid, int parent, const char *comm, int user, int system, int reaped)
{
	struct buf path = BUF_INIT, text = BUF_INIT;

	buf_addf(&path, "/proc/%d/stat", pid);
	buf_addf(&text,
		 "%d (%s) S %d 1 1 0 -1 4194304 100 200 0 0 %d %d %d 0 20 0 1 0 100 1 1 "
		 "18446744073709551615\n",
		 pid, comm, parent, user, system, reaped);
	put(buf_str(&path), buf_str(&text));
	buf_release(&path);
	buf_release(&text);
}

static void put_thread(int pid, int thread, const char *comm, int wait_ns, int switches)
{
	struct buf path = BUF_INIT, text = BUF_INIT;

	buf_addf(&path, "/proc/%d/task/%d/comm", pid, thread);
	buf_addf(&text, "%s\n", comm);
	put(buf_str(&path), buf_str(&text));
	buf_clear(&path);
	buf_clear(&text);
	buf_addf(&path, "/proc/%d/task/%d/schedstat", pid, thread);
	buf_addf(&text, "1000 %d 7\n", wait_ns);
	put(buf_str(&path), buf_str(&text));
	buf_clear(&path);
	buf_clear(&text);
	buf_addf(&path, "/proc/%d/task/%d/status", pid, thread);
	buf_addf(&text, "Name:\tx\nvoluntary_ctxt_switches:\t99\nnonvoluntary_ctxt_switches:\t%d\n",
		 switches);
	put(buf_str(&path), buf_str(&text));
	buf_release(&path);
	buf_release(&text);
}

static int begin(void **state)
{
	(void)state;
	root = test_dir_make();
	put("/proc/stat", "cpu  60 30 12 900 5 3 2 9 0 0\n"
			  "cpu0 10 20 5 400 2 1 1 4 0 0\n"
			  "cpu1 50 10 7 500 3 2 1 5 0 0\n"
			  "intr 12345\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	test_dir_remove(root);
	return 0;
}

static uint64_t ticks(uint64_t n)
{
	return n * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
}

static struct noise_reading reading(pid_t pid, int measured)
{
	const struct noise_source from = {
		.root = root, .pid = pid, .measured = &measured, .measured_count = 1};
	struct noise_reading r;
	struct err err;

	assert_works(noise_read(&from, &r, &err), err);
	return r;
}

static void test_cpus(void **state)
{
	struct noise_reading r;

	(void)state;
	r = reading(1, 1);
	assert_int_equal(r.all.count, 2);
	assert_int_equal(r.all.busy_ns, ticks(102));
	assert_int_equal(r.all.steal_ns, ticks(9));
	assert_int_equal(r.measured.count, 1);
	assert_int_equal(r.measured.busy_ns, ticks(67));
	assert_int_equal(r.measured.steal_ns, ticks(5));
	assert_int_equal(reading(1, 7).measured.count, 0);
}

/* A run was started by a shell, beside others; its agent has a reaper, a kernel and a QEMU. */
static void put_processes(void)
{
	put_process(2, 0, "kthreadd", 0, 1, 0);
	put_process(9, 2, "vhost-31", 0, 40, 0);
	put_process(10, 1, "bash", 500, 0, 0);
	put_process(20, 10, "nestbench", 1, 2, 3);
	put_process(21, 20, "nestbench", 4, 0, 0);
	put_process(30, 21, "nestkernel", 100, 0, 5);
	put_process(31, 21, "qemu) (x 1 2", 1000, 500, 0);
	put_process(40, 10, "nestbench", 7777, 0, 0);
	/* Numbers that have come round: a parent with a higher one. */
	put_process(15, 31, "helper", 10000, 0, 0);
}

static void test_processes(void **state)
{
	(void)state;
	put_processes();
	assert_int_equal(reading(21, 0).ours_ns, ticks(6 + 4 + 105 + 1500 + 10000));
	assert_int_equal(reading(21, 0).kernel_ns, ticks(41));
	assert_int_equal(reading(40, 0).ours_ns, ticks(7777));
	assert_int_equal(reading(4711, 0).ours_ns, 0);
	/* In a container. */
	put_process(2, 0, "sh", 0, 1, 0);
	assert_int_equal(reading(21, 0).kernel_ns, 0);
}

static void test_vcpus(void **state)
{
	struct noise_reading r;

	(void)state;
	put_processes();
	put_thread(31, 31, "qemu-system-x86", 5, 5);
	put_thread(31, 32, "CPU 0/KVM", 700, 3);
	put_thread(31, 33, "CPU 1/TCG", 300, 4);
	put_thread(10, 10, "CPU 0/KVM", 9999, 9999); /* another's */
	r = reading(21, 0);
	assert_int_equal(r.vcpus, 2);
	assert_int_equal(r.wait_ns, 1000);
	assert_int_equal(r.switches, 7);
}

static void test_frequency_heat_load(void **state)
{
	(void)state;
	assert_int_equal(reading(1, 1).khz, 0);
	put("/proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 1000.5\n\n"
			     "processor\t: 1\ncpu MHz\t\t: 2400.125\n");
	assert_int_equal(reading(1, 1).khz, 2400125);
	put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3100000\n");
	assert_int_equal(reading(1, 1).khz, 3100000);
	assert_int_equal(reading(1, 0).khz, 1000500);
	put("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
	put("/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "4\n");
	assert_int_equal(reading(1, 0).throttles, 7);
	put("/proc/loadavg", "1.27 0.30 0.10 2/300 4711\n");
	assert_int_equal(reading(1, 0).load1_milli, 1270);
}

/* What is no number counts as not there; without CPUs there is nothing to say. */
static void test_bad_files(void **state)
{
	const struct noise_source from = {.root = root, .pid = 1};
	struct noise_reading r;
	struct err err;

	(void)state;
	put("/proc/loadavg", "much\n");
	put("/proc/cpuinfo", "cpu MHz : 5\nprocessor : x\n");
	put("/proc/7/stat", "7 (no end");
	put("/proc/8/stat", "");
	put("/proc/9/stat", "9 (a) S 1 1 1 0 -1 0 1 1 1 1 5 5\n");
	assert_int_equal(reading(9, 0).ours_ns, 0);
	assert_int_equal(reading(9, 0).khz, 0);
	assert_int_equal(reading(9, 0).load1_milli, 0);
	put("/proc/stat", "cpu0 1 2\ncpux\n");
	assert_fails(noise_read(&from, &r, &err), err, EXIT_MACHINE, "says nothing about CPUs");
}

/* This machine: the counters go up, and what we use is ours. */
static void test_here(void **state)
{
	const struct noise_source from = {.root = "", .pid = getpid()};
	struct noise_reading before, after;
	volatile uint64_t work = 0;
	struct err err;

	(void)state;
	assert_works(noise_read(&from, &before, &err), err);
	for (uint64_t end = clock_now(&clock_machine) + NS_PER_S; clock_now(&clock_machine) < end;)
		work++;
	assert_works(noise_read(&from, &after, &err), err);
	assert_true(after.all.count >= 1);
	assert_true(after.all.busy_ns > before.all.busy_ns);
	assert_true(after.ours_ns > before.ours_ns);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_cpus),      TEST(test_processes),
		TEST(test_vcpus),     TEST(test_frequency_heat_load),
		TEST(test_bad_files), TEST(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
