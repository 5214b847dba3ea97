/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readings of counters as they come from guests. */
#include "tests/check.h"

#include "bench/link/counts_message.h"

static struct counts c;

static void read_text(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	c = (struct counts){0};
	counts_from_json(json, &c);
	json_decref(json);
}

static void what_was_sent_is_read(void **state)
{
	static struct counts sent = {.at_ns = 17};
	json_t *json;

	(void)state;
	counts_add(&sent, COUNT_KVM_STATS, "exits", 5);
	counts_add(&sent, COUNT_KVM_EXIT, "exits", 3);
	counts_add(&sent, COUNT_KVM_EXIT, "cpuid", 2);
	counts_add(&sent, COUNT_KVM_EXIT, "cpuid", 1);
	counts_add(&sent, COUNT_KVM_STATS, "io_exits", UINT64_MAX);
	counts_remark(&sent, "not %s", "all");
	counts_remark(&sent, "not %s", "all");
	json = counts_to_json(&sent);
	c = (struct counts){0};
	counts_from_json(json, &c);
	json_decref(json);
	assert_int_equal(c.at_ns, 17);
	assert_string_equal(c.remark, "not all");
	assert_int_equal(c.count, 4);
	/* Source by source; the first of each stays the first. */
	assert_int_equal(c.item[0].source, COUNT_KVM_STATS);
	assert_string_equal(c.item[0].reason, "exits");
	assert_int_equal(c.item[1].n, INT64_MAX);
	assert_int_equal(c.item[2].source, COUNT_KVM_EXIT);
	assert_string_equal(c.item[2].reason, "exits");
	assert_int_equal(c.item[3].n, 3);
}

static void what_no_layer_counts_is_left_out(void **state)
{
	(void)state;
	read_text("{\"counts\":{\"kvm_exit\":{\"cpuid\":-1,\"a b\":1,\"\":2,\"x,y\":3,\"hlt\":1.5,"
		  "\"msr\":\"7\",\"npf\":4,\"\\u0007\":1},\"nonsense\":{\"x\":1}},\"at_ns\":-5,"
		  "\"remark\":\"a\\u001b[31mb\"}");
	assert_int_equal(c.count, 1);
	assert_string_equal(c.item[0].reason, "npf");
	assert_int_equal(c.at_ns, 0);
	assert_null(strchr(c.remark, '\033'));
	assert_non_null(strstr(c.remark, "a counter of kvm_exit that is none"));
	assert_non_null(strstr(c.remark, "a source of counts that is not known"));
}

static void a_flood_is_bounded(void **state)
{
	json_t *reasons = json_object();
	json_t *json = json_pack("{s:{s:o}}", "counts", "perf", reasons);
	char name[16];

	(void)state;
	for (int i = 0; i < 3 * COUNTS_MAX; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		json_object_set_new(reasons, name, json_integer(i));
	}
	c = (struct counts){0};
	counts_from_json(json, &c);
	json_decref(json);
	assert_int_equal(c.count, COUNTS_MAX);
	assert_non_null(strstr(c.remark, "more than"));
}

static void no_answer_is_an_empty_one(void **state)
{
	(void)state;
	c = (struct counts){0};
	counts_from_json(NULL, &c);
	assert_int_equal(c.count, 0);
	read_text("{\"counts\":[1,2],\"remark\":7}");
	assert_int_equal(c.count, 0);
	assert_int_equal(counting_find("begin"), COUNTING_BEGIN);
	assert_int_equal(counting_find("stop"), -1);
	assert_int_equal(counting_find(NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sent_is_read),
		cmocka_unit_test(what_no_layer_counts_is_left_out),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(no_answer_is_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
