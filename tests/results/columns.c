/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every column of every file has a text for the manual, in the order of the file, and no other. */
#include "tests/check.h"

#include <unistd.h>

#include "results/compare/diffenv.h"
#include "results/rundir/exits.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "results/summary/summary.h"

static void headers_are_described(void **state)
{
	static const struct {
		column_fn *column;
		const char *header;
	} files[] = {
		{rows_column, ROWS_HEADER},
		{exits_column, EXITS_HEADER},
		{layers_column, LAYERS_HEADER},
		{summary_column, SUMMARY_HEADER},
		{classes_column, CLASSES_HEADER ",step"},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
		struct buf names = BUF_INIT;
		struct column_text c;

		for (size_t i = 0; c = files[k].column(i), c.name; i++) {
			buf_addf(&names, "%s%s", i ? "," : "", c.name);
			assert_non_null(c.meaning);
			assert_true(strlen(c.meaning) > 3);
		}
		assert_string_equal(buf_str(&names), files[k].header);
		buf_release(&names);
	}
}

/* What is written is what is described: the members of a saved manifest, and the flags. */
static void members_are_described(void **state)
{
	char dir[] = TEST_BINARY_DIR "/columns-XXXXXX", path[RUNDIR_PATH];
	struct manifest m = {0};
	struct buf text = BUF_INIT;
	struct column_text c;
	struct err err;
	size_t members = 0, found = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(rundir_path(dir, MANIFEST_FILE, path, &err), err);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	for (; c = manifest_member(members), c.name; members++) {
		char member[80];

		snprintf(member, sizeof(member), "\n  \"%s\": ", c.name);
		assert_non_null(strstr(buf_str(&text), member));
		assert_true(c.meaning && *c.meaning);
	}
	for (const char *p = buf_str(&text); (p = strstr(p, "\n  \"")); p++)
		found++;
	assert_int_equal(found, members);
	buf_release(&text);
	unlink(path);
	rmdir(dir);
}

static void flags_are_described(void **state)
{
	struct summary_entry e = {.flags = ~0u,
				  .suspect = 1,
				  .failed = 1,
				  .skipped = 1,
				  .timed_out = 1,
				  .outliers = 1,
				  .disturbed = 1};
	struct buf written = BUF_INIT, described = BUF_INIT;
	struct column_text c;

	(void)state;
	summary_format_flags(&e, &written);
	for (size_t i = 0; c = summary_flag(i), c.name; i++) {
		assert_true(c.meaning && *c.meaning);
		buf_addf(&described, "%s%s", i ? " " : "", c.name);
	}
	/* "suspect:1" */
	for (char *number; (number = strstr(written.data, ":1"));)
		memmove(number, number + 2, strlen(number + 2) + 1);
	assert_string_equal(written.data, buf_str(&described));
	buf_release(&written);
	buf_release(&described);
}

/* No two flags are the same bit: one would have the effect of the other. */
static void flags_are_apart(void **state)
{
	size_t named = 0, flags = 0;
	struct column_text c;

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		struct summary_entry e = {.flags = 1u << bit};
		struct buf name = BUF_INIT;

		summary_format_flags(&e, &name);
		assert_null(strchr(buf_str(&name), ' '));
		named += name.len > 0;
		buf_release(&name);
	}
	for (size_t i = 0; c = summary_flag(i), c.name; i++)
		flags++;
	/* Six have a number instead. */
	assert_int_equal(named, flags - 6);
}

static void sample_flags_are_described(void **state)
{
	char text[SAMPLE_FLAGS_TEXT];
	const char *meaning, *name;

	(void)state;
	for (size_t i = 0; (name = sample_flag_describe(i, &meaning)); i++) {
		assert_string_equal(sample_format_flags(1U << i, text), name);
		assert_true(meaning && *meaning);
		assert_true(i < 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_described),
		cmocka_unit_test(members_are_described),
		cmocka_unit_test(flags_are_described),
		cmocka_unit_test(flags_are_apart),
		cmocka_unit_test(sample_flags_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
