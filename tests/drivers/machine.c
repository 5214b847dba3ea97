/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/host/kvm_host.h"
#include "drivers/host/machine.h"

/* A machine that does not exist: its /proc, /sys and /dev below one directory. */
struct world {
	char *root;
};

static void put(const struct world *w, const char *path, const char *text)
{
	struct buf full = BUF_INIT;
	struct err err;
	char *slash;

	buf_addf(&full, "%s%s", w->root, path);
	slash = strrchr(full.data, '/');
	*slash = '\0';
	assert_works(file_make_dirs(full.data, &err), err);
	*slash = '/';
	assert_works(file_write_whole(full.data, text, strlen(text), &err), err);
	buf_release(&full);
}

static int begin(void **state)
{
	static struct world w;

	w.root = test_dir_make();
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	test_dir_remove(w->root);
	return 0;
}

static void put_amd(const struct world *w, const char *nested)
{
	put(w, "/proc/cpuinfo",
	    "processor\t: 0\nmodel name\t: AMD EPYC 9004\nmicrocode\t: 0xa101148\n"
	    "flags\t\t: fpu svm avx2 npt hypervisor\n\n"
	    "processor\t: 1\nmodel name\t: other\nflags\t\t: fpu\n");
	put(w, "/sys/module/kvm_amd/parameters/nested", nested);
	put(w, "/sys/module/kvm_amd/parameters/npt", "1\n");
	put(w, "/dev/kvm", "");
}

static void a_guest_of_xen(void **state)
{
	const struct world *w = *state;
	struct facts facts = FACTS_INIT;

	machine_describe_files(w->root, &facts);
	assert_null(facts_get(&facts, "xen_guest"));
	put(w, "/sys/hypervisor/guest_type", "PVH\n");
	machine_describe_files(w->root, &facts);
	assert_string_equal(facts_get(&facts, "xen_guest"), "PVH");
	facts_release(&facts);
}

static void amd_with_nesting(void **state)
{
	const struct world *w = *state;
	struct kvm_host k;
	char why[256];

	put_amd(w, "1\n");
	kvm_host_read(w->root, &k);
	assert_string_equal(k.flag, "svm");
	assert_string_equal(k.module, "kvm_amd");
	assert_true(k.exists && k.opens && k.nested_on);
	assert_true(kvm_host_usable(&k, 0, why, sizeof(why)));
	assert_true(kvm_host_usable(&k, 2, why, sizeof(why)));
}

static void nesting_switched_off(void **state)
{
	const struct world *w = *state;
	struct kvm_host k;
	char why[256];

	put_amd(w, "0\n");
	kvm_host_read(w->root, &k);
	assert_true(kvm_host_usable(&k, 0, why, sizeof(why)));
	assert_false(kvm_host_usable(&k, 1, why, sizeof(why)));
	assert_non_null(strstr(why, "nested of kvm_amd is 0"));
}

/* Some hosts have a /dev/kvm by a software hypervisor that boots no stock kernel in useful time. */
static void device_without_flag_is_not_trusted(void **state)
{
	const struct world *w = *state;
	struct kvm_host k;
	char why[256];

	put(w, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu avx2 hypervisor\nbugs\t\t: svm\n");
	put(w, "/dev/kvm", "");
	kvm_host_read(w->root, &k);
	assert_null(k.flag);
	assert_true(k.exists);
	assert_false(kvm_host_usable(&k, 0, why, sizeof(why)));
	assert_non_null(strstr(why, "neither svm nor vmx"));
	assert_non_null(strstr(why, "not trusted"));
}

static void flag_without_device(void **state)
{
	const struct world *w = *state;
	struct kvm_host k;
	char why[256];

	put(w, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vmx\n");
	kvm_host_read(w->root, &k);
	assert_string_equal(k.flag, "vmx");
	assert_false(kvm_host_usable(&k, 0, why, sizeof(why)));
	assert_non_null(strstr(why, "modprobe kvm_intel"));
}

static void nothing_can_be_read(void **state)
{
	const struct world *w = *state;
	struct facts facts = FACTS_INIT;
	struct kvm_host k;
	char why[256];

	kvm_host_read(w->root, &k);
	assert_false(kvm_host_usable(&k, 0, why, sizeof(why)));
	machine_describe_files(w->root, &facts);
	assert_string_equal(facts_get(&facts, "kvm"), "no device");
	assert_null(facts_get(&facts, "cpu_model"));
	assert_null(facts_get(&facts, "governor"));
	assert_null(facts_get(&facts, "mitigations"));
	facts_release(&facts);
}

static void files_become_facts(void **state)
{
	const struct world *w = *state;
	struct facts f = FACTS_INIT;

	put_amd(w, "1\n");
	put(w, "/proc/meminfo",
	    "MemTotal:       2048 kB\nMemAvailable:   1024 kB\nHugePages_Total:       3\n"
	    "Hugepagesize:       2048 kB\n");
	put(w, "/proc/loadavg", "0.25 0.10 0.05 1/100 200\n");
	put(w, "/sys/devices/system/clocksource/clocksource0/current_clocksource", "kvm-clock\n");
	put(w, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	put(w, "/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
	put(w, "/sys/devices/system/cpu/vulnerabilities/spectre_v2",
	    "Mitigation: Retpolines; STIBP: disabled\n");
	put(w, "/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable\n");
	put(w, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
	put(w, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	put(w, "/sys/devices/system/node/node0/cpulist", "0\n");
	put(w, "/sys/devices/system/node/node1/cpulist", "1\n");
	put(w, "/sys/module/kvm/parameters/halt_poll_ns", "200000\n");
	machine_describe_files(w->root, &f);
	assert_false(f.failed);
	assert_string_equal(facts_get(&f, "cpu_model"), "AMD EPYC 9004");
	assert_string_equal(facts_get(&f, "microcode"), "0xa101148");
	assert_string_equal(facts_get(&f, "cpu_flags"), "svm npt avx2 hypervisor");
	assert_string_equal(facts_get(&f, "memory_bytes"), "2097152");
	assert_string_equal(facts_get(&f, "memory_available_bytes"), "1048576");
	assert_string_equal(facts_get(&f, "hugepages"), "3 of 2048 kB");
	assert_string_equal(facts_get(&f, "load1"), "0.25");
	assert_string_equal(facts_get(&f, "clocksource"), "kvm-clock");
	assert_string_equal(facts_get(&f, "thp"), "madvise");
	assert_string_equal(facts_get(&f, "mitigations"),
			    "mds: Vulnerable, spectre_v2: Mitigation: Retpolines");
	assert_string_equal(facts_get(&f, "turbo"), "on");
	assert_string_equal(facts_get(&f, "governor"), "performance");
	assert_string_equal(facts_get(&f, "numa_nodes"), "2");
	assert_string_equal(facts_get(&f, "halt_poll_ns"), "200000");
	assert_string_equal(facts_get(&f, "kvm"), "opens");
	assert_string_equal(facts_get(&f, "nested"), "on");
	assert_string_equal(facts_get(&f, "npt_ept"), "npt on");
	facts_release(&f);
}

static void damaged_files_do_no_harm(void **state)
{
	const struct world *w = *state;
	struct facts f = FACTS_INIT;

	put(w, "/proc/cpuinfo", "flags");
	put(w, "/proc/meminfo", "MemTotal: lots\nMemAvailable\n\n:\n");
	put(w, "/proc/loadavg", "");
	put(w, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise");
	machine_describe_files(w->root, &f);
	assert_null(facts_get(&f, "memory_bytes"));
	assert_null(facts_get(&f, "thp"));
	assert_null(facts_get(&f, "load1"));
	facts_release(&f);
}

static void this_machine(void **state)
{
	static const char *const always[] = {"hypervisor", "kernel",   "cpu_model",   "vcpus",
					     "topology",   "clock_ns", "memory_bytes"};
	struct facts f = FACTS_INIT;

	(void)state;
	machine_describe(&f);
	assert_false(f.failed);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		const char *value = facts_get(&f, always[i]);

		if (!value || !value[0])
			fail_msg("there is no fact %s", always[i]);
	}
	facts_release(&f);
}

/* A switch that reads neither yes nor no is not taken for one of them. */
static void unknown_switches(void **state)
{
	const struct world *w = *state;
	struct facts f = FACTS_INIT;

	put_amd(w, "auto\n");
	put(w, "/sys/module/kvm_amd/parameters/npt", "?\n");
	put(w, "/sys/devices/system/cpu/cpufreq/boost", "2\n");
	machine_describe_files(w->root, &f);
	assert_string_equal(facts_get(&f, "nested"), "unknown");
	assert_string_equal(facts_get(&f, "npt_ept"), "npt unknown");
	assert_string_equal(facts_get(&f, "turbo"), "unknown");
	facts_release(&f);
}

static void expect_quota(const struct world *w, const char *want)
{
	struct facts facts = FACTS_INIT;
	const char *got;

	machine_describe_files(w->root, &facts);
	got = facts_get(&facts, "cpu_quota");
	if (want ? !got || strcmp(got, want) != 0 : got != NULL)
		fail_msg("cpu_quota is %s, expected %s", got ? got : "not said",
			 want ? want : "nothing");
	facts_release(&facts);
}

/* The tightest of a group and those above it, of either version of control groups. */
static void quotas_of_groups(void **state)
{
	struct world *w = *state;

	expect_quota(w, NULL);
	put(w, "/proc/self/cgroup", "");
	expect_quota(w, NULL);
	put(w, "/proc/self/cgroup", "0::/user/one\n");
	expect_quota(w, NULL);
	put(w, "/sys/fs/cgroup/user/one/cpu.max", "max 100000\n");
	expect_quota(w, "none");
	put(w, "/sys/fs/cgroup/user/cpu.max", "160000 100000\n");
	expect_quota(w, "160000 of 100000 us");
	put(w, "/sys/fs/cgroup/user/one/cpu.max", "40000 50000\n");
	expect_quota(w, "40000 of 50000 us");
	put(w, "/sys/fs/cgroup/user/one/cpu.max", "90000 10000\n");
	expect_quota(w, "160000 of 100000 us");
	put(w, "/proc/self/cgroup", "9:cpuset:/\n8:cpu,cpuacct:/job\n0::/other\n");
	expect_quota(w, NULL);
	put(w, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
	put(w, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	expect_quota(w, "none");
	put(w, "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "80000\n");
	put(w, "/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
	expect_quota(w, "80000 of 100000 us");
	put(w, "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "many\n");
	expect_quota(w, "none");
	put(w, "/proc/self/cgroup", "8\n8:\n::::\n");
	expect_quota(w, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(amd_with_nesting, begin, end),
		cmocka_unit_test_setup_teardown(a_guest_of_xen, begin, end),
		cmocka_unit_test_setup_teardown(nesting_switched_off, begin, end),
		cmocka_unit_test_setup_teardown(device_without_flag_is_not_trusted, begin, end),
		cmocka_unit_test_setup_teardown(flag_without_device, begin, end),
		cmocka_unit_test_setup_teardown(nothing_can_be_read, begin, end),
		cmocka_unit_test_setup_teardown(files_become_facts, begin, end),
		cmocka_unit_test_setup_teardown(unknown_switches, begin, end),
		cmocka_unit_test_setup_teardown(damaged_files_do_no_harm, begin, end),
		cmocka_unit_test_setup_teardown(quotas_of_groups, begin, end),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
