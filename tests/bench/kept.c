/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a start leaves for the next one, in a file that anything may have happened to. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/session/kept.h"

#define TEXT "name\n<what>\n"

static char *dir;
static struct stack stack;
static struct session_config config;
static struct session *session;
static char disk[300];

static int begin(void **state)
{
	struct err err;

	(void)state;
	dir = test_dir_make();
	snprintf(disk, sizeof(disk), "%s/root.img", dir);
	assert_works(stack_of_vms(&stack, 3, &err), err);
	config = (struct session_config){.stack = &stack, .disk = disk};
	session = calloc(1, sizeof(*session));
	assert_non_null(session);
	session->c = &config;
	facts_set(&session->known[1], "cpu_model", "one");
	return 0;
}

static int end(void **state)
{
	(void)state;
	facts_release(&session->known[1]);
	free(session);
	stack_release(&stack);
	test_dir_remove(dir);
	return 0;
}

/* What a start of that layer is handed, and nothing else of it. */
static void assert_handed(uint32_t layer, const char *text)
{
	struct kept k;

	kept_find(session, layer, &k);
	if (text)
		assert_string_equal(k.text, text);
	else
		assert_null(k.text);
	kept_release(&k);
}

static void leave(uint32_t layer, const char *text)
{
	struct kept k;

	kept_find(session, layer, &k);
	kept_take(&k, text);
	kept_release(&k);
}

static void handed_down_again(void **state)
{
	struct kept k;
	struct stat st;

	(void)state;
	assert_handed(2, "");
	leave(2, TEXT);
	assert_handed(2, TEXT);
	/* Nothing new: what is there stays. */
	leave(2, NULL);
	assert_handed(2, TEXT);
	leave(2, "newer\n");
	assert_handed(2, "newer\n");
	/* Nobody else reads it. */
	kept_find(session, 2, &k);
	assert_int_equal(stat(k.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	kept_release(&k);
}

/* The machine itself keeps what it wants, and so does what is no VM of this run. */
static void only_in_vms(void **state)
{
	struct text_list chains = {.item = {"fake/fake/fake"}, .count = 1};
	struct err err;

	(void)state;
	assert_handed(0, NULL);
	assert_handed(1, NULL);
	assert_handed(3, "");
	config.disk = NULL;
	assert_handed(2, NULL);
	config.disk = disk;
	stack_release(&stack);
	assert_works(stack_parse(&stack, &chains, &err), err);
	assert_handed(2, NULL);
}

/* Another CPU, another layer: what was found out there says nothing here. */
static void for_the_same_alone(void **state)
{
	(void)state;
	leave(2, TEXT);
	facts_set(&session->known[1], "cpu_model", "two");
	assert_handed(2, "");
	leave(2, "of two\n");
	facts_set(&session->known[1], "cpu_model", "one");
	assert_handed(2, TEXT);
	assert_handed(3, "");
}

static void whatever_the_file_holds(void **state)
{
	struct buf good = BUF_INIT;
	struct kept k;
	struct err err;

	(void)state;
	leave(2, TEXT);
	kept_find(session, 2, &k);
	assert_works(file_read(k.path, 1 << 20, &good, &err), err);
	/* Cut off, and with each byte changed. */
	for (size_t len = 0; len < good.len; len++) {
		assert_works(file_write_private(k.path, good.data, len, &err), err);
		assert_handed(2, "");
		good.data[len] ^= 1;
		assert_works(file_write_private(k.path, good.data, good.len, &err), err);
		assert_handed(2, "");
		good.data[len] ^= 1;
	}
	assert_works(file_write_private(k.path, good.data, good.len, &err), err);
	assert_handed(2, TEXT);
	kept_release(&k);
	buf_release(&good);
}

/* A guest may say anything. */
static void what_does_not_fit_is_not_kept(void **state)
{
	static const char *const bad[] = {"\x1b[2J", "a \"b\"", "a\\b", "a\tb", "\xc3\xa9"};
	char *large = malloc(KEEP_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		leave(2, bad[i]);
		assert_handed(2, "");
	}
	assert_non_null(large);
	memset(large, 'a', KEEP_MAX + 1);
	large[KEEP_MAX + 1] = '\0';
	leave(2, large);
	assert_handed(2, "");
	large[KEEP_MAX] = '\0';
	leave(2, large);
	assert_handed(2, large);
	free(large);
}

static void dropped_with_a_failed_start(void **state)
{
	const struct err failed = {.code = EXIT_MACHINE}, stopped = {.code = EXIT_INTERRUPTED};
	struct kept k;

	(void)state;
	kept_find(session, 2, &k);
	assert_false(kept_drop(&k, &failed));
	kept_release(&k);
	leave(2, TEXT);
	kept_find(session, 2, &k);
	assert_false(kept_drop(&k, &stopped));
	assert_handed(2, TEXT);
	assert_true(kept_drop(&k, &failed));
	assert_handed(2, "");
	kept_release(&k);
}

static void nowhere_to_keep(void **state)
{
	(void)state;
	config.disk = "/no-such-folder/root.img";
	leave(2, TEXT);
	assert_handed(2, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handed_down_again, begin, end),
		cmocka_unit_test_setup_teardown(only_in_vms, begin, end),
		cmocka_unit_test_setup_teardown(for_the_same_alone, begin, end),
		cmocka_unit_test_setup_teardown(whatever_the_file_holds, begin, end),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_not_kept, begin, end),
		cmocka_unit_test_setup_teardown(dropped_with_a_failed_start, begin, end),
		cmocka_unit_test_setup_teardown(nowhere_to_keep, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
