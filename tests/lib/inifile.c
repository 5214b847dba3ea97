/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/ini/inifile.h"

#define FORTY "0123456789012345678901234567890123456789"

static int section(void *ctx, const char *name, int number, struct err *err)
{
	if (strcmp(name, "refused") == 0)
		return inifile_unexpected("section", name, "another", err);
	buf_addf(ctx, "%d[%s] ", number, name);
	return 0;
}

static int line(void *ctx, const struct inifile_line *l, struct err *err)
{
	if (strcmp(l->key, "refused") == 0)
		return err_set(err, EXIT_INTERNAL, "no");
	buf_addf(ctx, "%d%s%s=%s%s ", l->number, l->continued ? "+" : " ", l->key, l->value,
		 l->comment ? ";" : "");
	return 0;
}

static int read_text(const char *text, struct buf *said, struct err *err)
{
	static const struct inifile_reader reader = {
		.section = section, .line = line, .sections = "[a] or [b]"};
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int done;

	assert_non_null(file);
	buf_clear(said);
	done = inifile_read(file, "x.ini", &reader, said, err);
	fclose(file);
	return done;
}

static void test_lines(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"# nothing\n\n; at all\n", ""},
		{"[a]\nk = 1\nl=2 ; two\n[b]\n", "1[a] 2 k=1 3 l=2; 4[b] "},
		{"[a]\r\nk = x;y\r\n", "1[a] 2 k=x;y "},
		{"\xef\xbb\xbf[a]\nk:v", "1[a] 2 k=v "},
		{"[a]\nk = 1\n  2 # 3\n\n\t4 ; 5\n[b]\n  k = 6\n",
		 "1[a] 2 k=1 3+k=2 # 3 5+k=4; 6[b] 7 k=6 "},
		{"[a]\nk =\n", "1[a] 2 k= "},
	};
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_works(read_text(cases[i].text, &said, &err), err);
		assert_string_equal(buf_str(&said), cases[i].said);
	}
	buf_release(&said);
}

/* The first thing that is wrong is told, whoever finds it. */
static void test_wrong(void **state)
{
	static const struct {
		const char *text, *says;
		enum exit_code code;
	} cases[] = {
		{"k = 1\n", "x.ini:1: section \"\": expected [a] or [b]", EXIT_USAGE},
		{"[a]\nrubbish\nrefused = 1\n", "x.ini:2: neither a [section]", EXIT_USAGE},
		{"[a]\nrefused = 1\nrubbish\n", "x.ini:2: no", EXIT_INTERNAL},
		{"[a]\n[refused]\n[refused]\n", "x.ini:2: section \"refused\"", EXIT_USAGE},
		{"[" FORTY FORTY FORTY FORTY "]\n", "x.ini:1: section \"[0123", EXIT_USAGE},
		{"[a]\nk = " FORTY FORTY FORTY FORTY FORTY "\n", "fewer characters", EXIT_USAGE},
		{"[a]\rk = 1\r", "x.ini:1: line \"[a]?k = 1\": expected LF or CR LF", EXIT_USAGE},
	};
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(read_text(cases[i].text, &said, &err), err, cases[i].code,
			     cases[i].says);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),
					   cmocka_unit_test(test_wrong)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
