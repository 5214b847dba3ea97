/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kind on kind, and the proofs that runs leave for it. */
#include "bench/run/matrix.h"

#include "tests/check.h"

#include <stdlib.h>

#include "lib/file.h"

static char *dir;

static int make(void **state)
{
	(void)state;
	dir = test_dir_make();
	setenv("XDG_CACHE_HOME", dir, 1);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void write_layers(const char *text)
{
	char path[300];
	struct err err;

	snprintf(path, sizeof(path), "%s/layers.csv", dir);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void stack_make(struct stack *s, const char *chain)
{
	const struct text_list one = {.item = {chain}, .count = 1};
	struct err err;

	assert_works(stack_parse(s, &one, &err), err);
}

static void expect(const char *parent, const char *child, bool have)
{
	struct proofs p;

	proofs_read(&p);
	if (proofs_have(&p, parent, child) != have)
		fail_msg("%s in %s: %s in \"%s\"", child, parent, have ? "not" : "is",
			 buf_str(&p.text));
	proofs_release(&p);
}

/* Only layers that came up, as the kind that was asked for. */
static void test_proofs(void **state)
{
	struct stack s;
	struct proofs p;
	size_t len;

	(void)state;
	stack_make(&s, "fake/kvm/container");
	expect("bare", "fake", false);
	proofs_add(dir, &s);
	expect("bare", "fake", false);
	write_layers("run,boot,layer,key,value\nr,1,0,kind,bare\nr,1,0,nestkernel_sha256,a\n"
		     "r,1,1,kind,fake\nr,1,1,nestkernel_sha256,a\nr,1,2,kind,kvm\n"
		     "r,1,3,kind,fake\nr,1,3,nestkernel_sha256,a\n");
	proofs_add(dir, &s);
	expect("bare", "fake", true);
	expect("fake", "kvm", false);
	expect("kvm", "container", false);
	expect("fake", "bare", false);
	/* Each once. */
	proofs_read(&p);
	len = p.text.len;
	proofs_release(&p);
	proofs_add(dir, &s);
	proofs_read(&p);
	assert_int_equal(p.text.len, len);
	/* Those of another machine are not ours. */
	p.key[0] ^= 1;
	assert_false(proofs_have(&p, "bare", "fake"));
	proofs_release(&p);
	stack_release(&s);
}

/* Where a column begins. */
static size_t column_of(const char *table, const char *kind)
{
	char word[32];
	const char *at;

	snprintf(word, sizeof(word), " %s ", kind);
	at = strstr(table, word);
	assert_non_null(at);
	assert_true((size_t)(at - table) < strcspn(table, "\n"));
	return (size_t)(at - table) + 1;
}

static void expect_cell(const char *table, const char *row, const char *column, const char *want)
{
	char begin[32];
	const char *line;

	snprintf(begin, sizeof(begin), "\n%s ", row);
	line = strstr(table, begin);
	assert_non_null(line);
	line += 1 + column_of(table, column);
	if (strncmp(line, want, strlen(want)) != 0)
		fail_msg("%s in %s is not \"%s\" in:\n%s", column, row, want, table);
}

static void test_table(void **state)
{
	struct buf text = BUF_INIT;
	struct proofs p;
	const char *table, *once;

	(void)state;
	proofs_read(&p);
	matrix_format(&p, &text);
	proofs_release(&p);
	table = buf_str(&text);
	for (const char *line = table; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 80);
	/* Proved above; what nothing stands in the way of; what stands nowhere. */
	expect_cell(table, "bare", "fake", "boots");
	expect_cell(table, "fake", "fake", "may");
	expect_cell(table, "fake", "pv", "no ");
	expect_cell(table, "pv", "kvm", "no ");
	expect_cell(table, "ssh", "fake", "named");
	/* A reason is there once, wherever it holds. */
	once = strstr(table, "no VM can be started by KVM in the layer: to what runs in a");
	assert_non_null(once);
	assert_non_null(strstr(table, "the layer is of kind fake"));
	assert_null(strstr(table, "--layers: "));
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
