/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of KVM's tracepoints, and its statistics in debugfs, both made up. */
#include "tests/check.h"

#include <sys/stat.h>

#include "drivers/host/trace_instances.h"
#include "drivers/libvirt/exit_trace.h"
#include "drivers/libvirt/kvm_debugfs.h"

static struct counts c;

static void assert_count(size_t i, enum count_source source, const char *reason, uint64_t n)
{
	assert_true(i < c.count);
	assert_int_equal(c.item[i].source, source);
	assert_string_equal(c.item[i].reason, reason);
	assert_int_equal(c.item[i].n, n);
}

/* As the kernel prints it: 6.1. */
static const char histogram[] =
	"# event histogram\n#\n# trigger info: hist:keys=exit_reason:vals=hitcount:sort=hitcount:"
	"size=2048 if common_pid == 7 [active]\n#\n\n"
	"{ exit_reason:        120 } hitcount:          3\n"
	"{ exit_reason:       1024 } hitcount:         21\n"
	"{ exit_reason:        114 } hitcount:        349\n"
	"{ exit_reason: 4294967295 } hitcount:          1\n"
	"\nTotals:\n    Hits: 374\n    Entries: 4\n    Dropped: %d\n";

static void histograms_are_read(void **state)
{
	char text[sizeof(histogram) + 16];

	(void)state;
	snprintf(text, sizeof(text), histogram, 0);
	c = (struct counts){0};
	exit_trace_parse(text, COUNT_KVM_EXIT, true, &c);
	assert_int_equal(c.count, 5);
	assert_count(0, COUNT_KVM_EXIT, "exits", 374);
	assert_count(1, COUNT_KVM_EXIT, "hlt", 3);
	assert_count(2, COUNT_KVM_EXIT, "npf", 21);
	assert_count(3, COUNT_KVM_EXIT, "cpuid", 349);
	assert_string_equal(c.remark, "");
	snprintf(text, sizeof(text), histogram, 9);
	exit_trace_parse(text, COUNT_KVM_EXIT, true, &c);
	assert_non_null(strstr(c.remark, "9 exits did not fit"));
}

static void no_histogram_is_an_empty_one(void **state)
{
	static const char *const odd[] = {"", "\n\n",
					  "{ exit_reason:", "{ exit_reason: x } hitcount: 1",
					  "{ exit_reason: 1 } hitcount: -"};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		c = (struct counts){0};
		exit_trace_parse(odd[i], COUNT_KVM_EXIT, false, &c);
		assert_int_equal(c.count, 1);
		assert_count(0, COUNT_KVM_EXIT, "exits", 0);
	}
}

static bool none(const char *comm)
{
	(void)comm;
	return false;
}

static void without_tracefs_it_says_what_is_needed(void **state)
{
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_null(exit_trace_open(dir, 1, none, &err));
	assert_int_equal(err.code, EXIT_MACHINE);
	assert_non_null(strstr(err.text, "mount -t tracefs nodev /sys/kernel/tracing"));
	exit_trace_close(NULL);
	test_dir_remove(dir);
}

static void instances_of_the_dead_are_removed(void **state)
{
	static const char *const made[] = {"sys/kernel/tracing/instances/nestbench-7-42",
					   "sys/kernel/tracing/instances/nestbench-8-42",
					   "sys/kernel/tracing/instances/nestbench-7-42x",
					   "sys/kernel/tracing/instances/other", "proc/8"};
	char *dir = test_dir_make(), path[256];
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		assert_works(file_make_dirs(path, &err), err);
	}
	assert_int_equal(trace_instances_sweep(dir, true, &said), 1);
	assert_non_null(strstr(buf_str(&said), "nestbench-7-42"));
	assert_null(strstr(buf_str(&said), "nestbench-8-42"));
	assert_true(file_exists("%s/%s", dir, made[0]));
	assert_int_equal(trace_instances_sweep(dir, false, NULL), 1);
	assert_false(file_exists("%s/%s", dir, made[0]));
	for (size_t i = 1; i < sizeof(made) / sizeof(made[0]); i++)
		assert_true(file_exists("%s/%s", dir, made[i]));
	assert_int_equal(trace_instances_sweep(dir, false, NULL), 0);
	buf_release(&said);
	test_dir_remove(dir);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	struct err err;

	snprintf(path, sizeof(path), "%s/sys/kernel/debug/kvm/42-11", dir);
	assert_works(file_make_dirs(path, &err), err);
	snprintf(path, sizeof(path), "%s/sys/kernel/debug/kvm/42-11/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void statistics_come_from_debugfs(void **state)
{
	char *dir = test_dir_make();
	struct kvm_debugfs *d;

	(void)state;
	assert_null(kvm_debugfs_open(dir, 42));
	put(dir, "halt_exits", "8\n");
	assert_null(kvm_debugfs_open(dir, 42)); /* without exits it is none of KVM's */
	put(dir, "exits", "100\n");
	put(dir, "pages_2m", "7\n");
	put(dir, "halt_wait_ns", "123456\n");
	put(dir, "max_mmu_rmap_size", "2\n");
	put(dir, "pf_fixed", "12\n");
	assert_null(kvm_debugfs_open(dir, 4));
	d = kvm_debugfs_open(dir, 42);
	assert_non_null(d);
	c = (struct counts){0};
	assert_true(kvm_debugfs_read(d, &c));
	assert_int_equal(c.count, 4);
	assert_count(0, COUNT_KVM_STATS, "exits", 100);
	put(dir, "exits", "130\n");
	assert_int_equal(kvm_debugfs_exits(d), 130);
	put(dir, "pf_fixed", "many\n");
	assert_false(kvm_debugfs_read(d, &c));
	test_dir_remove(dir);
	assert_false(kvm_debugfs_read(d, &c)); /* the VM is gone */
	assert_int_equal(kvm_debugfs_exits(d), 0);
	kvm_debugfs_close(d);
	kvm_debugfs_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histograms_are_read),
		cmocka_unit_test(no_histogram_is_an_empty_one),
		cmocka_unit_test(without_tracefs_it_says_what_is_needed),
		cmocka_unit_test(instances_of_the_dead_are_removed),
		cmocka_unit_test(statistics_come_from_debugfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
