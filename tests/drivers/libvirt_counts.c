/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KVM's statistics, under the names that libvirt gives them, as counters.
 */
#include "tests/check.h"

#include <libvirt/libvirt.h>

#include "drivers/libvirt/counts.h"

struct made {
	virTypedParameterPtr params;
	int count, room;
};

static void put(struct made *m, const char *name, unsigned long long value)
{
	assert_int_equal(virTypedParamsAddULLong(&m->params, &m->count, &m->room, name, value), 0);
}

static void read_made(struct made *m, struct counts *out)
{
	virDomainStatsRecord record = {.params = m->params, .nparams = m->count};

	*out = (struct counts){0};
	libvirt_counts_of(&record, out);
	virTypedParamsFree(m->params, m->count);
	*m = (struct made){0};
}

static void assert_count(const struct counts *c, size_t i, enum count_source source,
			 const char *reason, uint64_t n)
{
	assert_true(i < c->count);
	assert_int_equal(c->item[i].source, source);
	assert_string_equal(c->item[i].reason, reason);
	assert_int_equal(c->item[i].n, n);
}

static void counters_are_summed_over_vcpus(void **state)
{
	static struct counts c;
	struct made m = {0};

	(void)state;
	put(&m, "vcpu.current", 2);
	put(&m, "vcpu.maximum", 2);
	put(&m, "vcpu.0.time", 17);
	put(&m, "vcpu.0.io_exits.sum", 5);
	put(&m, "vcpu.0.exits.sum", 100);
	put(&m, "vcpu.0.nested_run.sum", 40);
	put(&m, "vcpu.1.io_exits.sum", 6);
	put(&m, "vcpu.1.exits.sum", 1000);
	put(&m, "vcpu.1.nested_run.sum", 2);
	put(&m, "vcpu.1.pf_fixed.sum", 3);
	put(&m, "vm.remote_tlb_flush.sum", 3);
	read_made(&m, &c);
	assert_int_equal(c.count, 4);
	assert_count(&c, 0, COUNT_KVM_STATS, "exits", 1100);
	assert_count(&c, 1, COUNT_KVM_STATS, "io_exits", 11);
	assert_count(&c, 2, COUNT_KVM_STATS, "nested_run", 42);
	assert_count(&c, 3, COUNT_KVM_STATS, "pf_fixed", 3);
	assert_string_equal(c.remark, "");
}

/* exits is there though it is zero, and first. */
static void only_counters_are_taken(void **state)
{
	static struct counts c;
	struct made m = {0};

	(void)state;
	put(&m, "vm.pages_4k.cur", 512);
	put(&m, "vm.pages_2m.cur", 7);
	put(&m, "vm.pages_1g.cur", 0);
	put(&m, "vm.mmu_unsync.cur", 1);
	put(&m, "vm.max_mmu_rmap_size.max", 9);
	put(&m, "vcpu.0.exits.sum", 0);
	put(&m, "vcpu.0.halt_wait_ns.sum", 123456);
	put(&m, "vcpu.0.guest_mode.cur", 1);
	put(&m, "vcpu.0.halt_exits.sum", 8);
	read_made(&m, &c);
	assert_int_equal(c.count, 5);
	assert_count(&c, 0, COUNT_KVM_STATS, "exits", 0);
	assert_count(&c, 1, COUNT_KVM_STATE, "pages_4k", 512);
	assert_count(&c, 2, COUNT_KVM_STATE, "pages_2m", 7);
	assert_count(&c, 3, COUNT_KVM_STATE, "pages_1g", 0);
	assert_count(&c, 4, COUNT_KVM_STATS, "halt_exits", 8);
}

/* What no kernel calls a statistic, whatever its type is. */
static void odd_parameters_are_left_out(void **state)
{
	static const char *const odd[] = {
		"vcpu..exits.sum",
		"vcpu.x.exits.sum",
		"vcpu.0.",
		"vcpu.0..sum",
		"vcpu.0.two words.sum",
		"vm.",
		"vm.sum",
		"balloon.exits.sum",
		"vcpu.0.a_name_of_more_characters_than_a_reason_can_have.sum",
	};
	static struct counts c;
	struct made m = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		put(&m, odd[i], 1);
	assert_int_equal(
		virTypedParamsAddInt(&m.params, &m.count, &m.room, "vcpu.0.irq_exits.sum", -1), 0);
	put(&m, "vcpu.0.exits.sum", 4);
	read_made(&m, &c);
	assert_int_equal(c.count, 1);
	assert_count(&c, 0, COUNT_KVM_STATS, "exits", 4);
}

static void a_vm_without_statistics_says_why(void **state)
{
	static struct counts c;
	struct made m = {0};

	(void)state;
	put(&m, "vcpu.0.time", 17);
	read_made(&m, &c);
	assert_int_equal(c.count, 0);
	assert_non_null(strstr(c.remark, "emulated (TCG)"));
	assert_non_null(strstr(c.remark, "QEMU than 7.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_summed_over_vcpus),
		cmocka_unit_test(only_counters_are_taken),
		cmocka_unit_test(odd_parameters_are_left_out),
		cmocka_unit_test(a_vm_without_statistics_says_why),
	};

	/* Its errors are kept for each thread from then on. */
	if (virInitialize() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
