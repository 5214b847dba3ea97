/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a VM is waited for, and with what it is tried: what is pure of a start. */
#include "tests/check.h"

#include <unistd.h>

#include "drivers/libvirt/boot_limit.h"
#include "drivers/libvirt/ladder.h"
#include "lib/clock.h"
#include "lib/proc.h"

static uint64_t left_s(struct boot_limit *b, uint64_t used_s, uint64_t waited_s, uint64_t bytes)
{
	const struct boot_look look = {used_s * NS_PER_S, waited_s * NS_PER_S, bytes};

	return boot_limit_left_ns(b, &look) / NS_PER_S;
}

static bool extends(struct boot_limit *b, uint64_t used_s, unsigned places)
{
	const struct boot_look look = {.used_ns = used_s * NS_PER_S};

	return boot_limit_extend(b, &look, places);
}

static void a_starved_vm_is_waited_for(void **state)
{
	struct boot_limit b = {.limit_ns = 20 * NS_PER_S};

	(void)state;
	assert_int_equal(left_s(&b, 5, 0, 0), 15);
	assert_int_equal(left_s(&b, 25, 15, 0), 10);
	/* What was waited once was waited, also when the process is not seen any more. */
	assert_int_equal(left_s(&b, 30, 0, 0), 5);
	assert_int_equal(left_s(&b, 50, 31, 0), 1);
	assert_int_equal(left_s(&b, 51, 31, 0), 0);
	/* More than all of the time it cannot have waited. */
	b = (struct boot_limit){.limit_ns = 20 * NS_PER_S};
	assert_int_equal(left_s(&b, 10, 99, 0), 20);
	assert_int_equal(left_s(&b, 31, 0, 0), 0);
	/* But there is an end. */
	b = (struct boot_limit){.limit_ns = 20 * NS_PER_S};
	assert_int_equal(left_s(&b, 159, 158, 0), 19);
	assert_int_equal(left_s(&b, 160, 160, 0), 0);
	assert_false(extends(&b, 160, 100));
}

static void progress_extends(void **state)
{
	struct boot_limit b = {.limit_ns = 20 * NS_PER_S};
	int times = 0;

	(void)state;
	/* It idles, or spins in one place, and has said nothing. */
	assert_int_equal(left_s(&b, 20, 0, 0), 0);
	assert_false(extends(&b, 20, 0));
	assert_false(extends(&b, 20, 3));
	/* It runs here and there. */
	assert_true(extends(&b, 20, 4));
	assert_int_equal(left_s(&b, 20, 0, 0), 10);
	/* It writes. */
	assert_int_equal(left_s(&b, 28, 0, 100), 2);
	assert_true(extends(&b, 30, 0));
	/* It wrote, but that is long ago. */
	assert_int_equal(left_s(&b, 40, 0, 100), 0);
	assert_false(extends(&b, 40, 0));
	/* Not for ever. */
	b = (struct boot_limit){.limit_ns = 20 * NS_PER_S};
	while (extends(&b, 20, 10))
		times++;
	assert_int_equal(b.limit_ns + b.added_ns, BOOT_LIMIT_TIMES * 20 * NS_PER_S);
	assert_int_equal(times, 6);
}

static void a_firm_limit_is_plain_time(void **state)
{
	struct boot_limit b = {.limit_ns = 20 * NS_PER_S, .firm = true};

	(void)state;
	assert_int_equal(left_s(&b, 19, 18, 0), 1);
	assert_int_equal(left_s(&b, 20, 18, 1000), 0);
	assert_false(extends(&b, 20, 100));
}

static void waits_of_threads(void **state)
{
	char root[] = "/tmp/nbt-XXXXXX", path[200];
	static const char *const lines[] = {"5 7 1\n", "9000 4000000000 3\n", "garbage\n"};
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(proc_longest_wait_ns(root, 42), 0);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/proc/42/task/%d", root, 42 + i);
		assert_works(file_make_dirs(path, &err), err);
		snprintf(path, sizeof(path), "%s/proc/42/task/%d/schedstat", root, 42 + i);
		assert_works(file_write_whole(path, lines[i], strlen(lines[i]), &err), err);
	}
	assert_int_equal(proc_longest_wait_ns(root, 42), 4000000000);
	assert_works(file_remove_tree(root, &err), err);
}

static const struct kvm_host with_kvm = {.flag = "svm",
					 .module = "kvm_amd",
					 .paging_name = "npt",
					 .nested = "1",
					 .nested_on = true,
					 .exists = true,
					 .opens = true};
static const struct kvm_host without = {0};

static void check_ladder(enum accel asked, int depth, const struct kvm_host *kvm, bool emulated,
			 const char *want)
{
	const struct layer_spec c = {.depth = depth};
	struct ladder l = LADDER_NONE;
	char steps[32] = "";
	struct err err;

	assert_works(ladder_choose(&l, &c, asked, kvm, emulated, &err), err);
	for (int i = 0; i < l.count; i++)
		snprintf(steps + strlen(steps), sizeof(steps) - strlen(steps), "%s%s", i ? " " : "",
			 accel_name(l.accel[i]));
	assert_string_equal(steps, want);
	buf_release(&l.reason);
}

static void ladders(void **state)
{
	const struct layer_spec c = {.depth = 1};
	struct ladder l = LADDER_NONE;
	struct err err;

	(void)state;
	check_ladder(ACCEL_AUTO, 1, &with_kvm, false, "kvm tcg");
	check_ladder(ACCEL_AUTO, 1, &without, false, "tcg");
	check_ladder(ACCEL_TCG, 1, &with_kvm, false, "tcg");
	/* No emulation below emulation, nor in the place of what was asked for. */
	check_ladder(ACCEL_AUTO, 1, &with_kvm, true, "kvm kvm");
	check_ladder(ACCEL_AUTO, 2, &with_kvm, false, "kvm kvm");
	check_ladder(ACCEL_AUTO, 2, &with_kvm, true, "kvm kvm");
	check_ladder(ACCEL_KVM, 1, &with_kvm, false, "kvm kvm");
	assert_fails(ladder_choose(&l, &c, ACCEL_KVM, &without, false, &err), err, EXIT_MACHINE,
		     "KVM was asked for, but the CPU shows neither");
	buf_release(&l.reason);
}

static void limits(void **state)
{
	const struct layer_spec c = {.depth = 2}, asked = {.depth = 2, .boot_limit_ns = 7};
	const struct ladder falls = {.accel = {ACCEL_KVM, ACCEL_TCG}, .count = 2};
	const struct ladder same = {.accel = {ACCEL_KVM, ACCEL_KVM}, .count = 2};

	(void)state;
	assert_int_equal(ladder_limit_ns(&falls, &c, 0), 40 * NS_PER_S);
	assert_int_equal(ladder_limit_ns(&falls, &c, 1), 120 * NS_PER_S);
	assert_int_equal(ladder_limit_ns(&same, &c, 0), 120 * NS_PER_S);
	assert_int_equal(ladder_limit_ns(&falls, &asked, 0), 7);
}

static void rooms(void **state)
{
	struct layer_spec c = {.depth = 1, .below = 1, .vcpus = 2, .measured_vcpus = 1};
	const char *why;

	(void)state;
	assert_int_equal(ladder_vcpus(&c, ACCEL_KVM, 2, &why), 2);
	assert_null(why);
	assert_int_equal(ladder_vcpus(&c, ACCEL_TCG, 2, &why), 1);
	assert_non_null(strstr(why, "emulation"));
	assert_int_equal(ladder_vcpus(&c, ACCEL_KVM, 1, &why), 1);
	assert_non_null(strstr(why, "no CPU"));
	c.below = 0;
	assert_int_equal(ladder_vcpus(&c, ACCEL_TCG, 2, &why), 2);
	assert_null(why);
	/* What is measured is what was asked for. */
	c.measured_vcpus = 2;
	c.below = 1;
	assert_int_equal(ladder_vcpus(&c, ACCEL_TCG, 1, &why), 2);
	assert_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_starved_vm_is_waited_for),
		cmocka_unit_test(progress_extends),
		cmocka_unit_test(a_firm_limit_is_plain_time),
		cmocka_unit_test(waits_of_threads),
		cmocka_unit_test(ladders),
		cmocka_unit_test(limits),
		cmocka_unit_test(rooms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
