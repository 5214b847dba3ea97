/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is offered for each kind of value, and how lines of bash are split; the shells themselves:
 * tests/bench/shells. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/completion/completion.h"
#include "bench/completion/line.h"

#define BREAKS " \t\n\"'><=;|&(:"

static struct offers offers;

static void ask(const char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	offers_release(&offers);
	completion_find(commands, words, count, &offers);
	assert_false(offers.lines.failed);
}

#define ASK(...) ask((const char *const[]){"nestbench", __VA_ARGS__, NULL})

static bool is_offered(const char *word)
{
	char line[256];

	snprintf(line, sizeof(line), "\n%s\t", word);
	return strncmp(buf_str(&offers.lines), line + 1, strlen(line) - 1) == 0 ||
	       strstr(buf_str(&offers.lines), line);
}

/* All of them in a text of words parted by blanks; the count is exact. */
static void expect(const char *words)
{
	char copy[512];
	size_t count = 0, lines = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "), count++)
		if (!is_offered(w))
			fail_msg("%s is not offered: %s", w, buf_str(&offers.lines));
	for (const char *c = buf_str(&offers.lines); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, count);
}

static void commands_of_people(void **state)
{
	size_t listed = 0;

	(void)state;
	ASK("");
	for (const struct command *c = commands; c->name; c++) {
		assert_int_equal(is_offered(c->name), c->group != NULL);
		listed += c->group != NULL;
	}
	assert_true(listed > 15);
	assert_true(is_offered("help"));
	ASK("help", "l");
	expect("list layers");
	ASK("help", "run", "");
	expect("");
	ASK("-");
	expect("--help --version");
	ASK("agent", "--");
	expect("");
	ASK("nothing", "");
	expect("");
	ASK("run", "--layers", "fake\n/");
	expect("");
	ask((const char *const[]){"nestbench", NULL});
	expect("");
}

/* Every option of every command, but for those that are there and cannot be repeated. */
static void options_of_all(void **state)
{
	(void)state;
	for (const struct command *c = commands; c->name && c->group; c++) {
		ASK(c->name, "--");
		for (const struct option *o = c->cli->options; o && o->name; o++) {
			char name[64];

			snprintf(name, sizeof(name), "--%s", o->name);
			assert_true(is_offered(name));
		}
		assert_true(is_offered("--help") && is_offered("--color"));
	}
	ASK("run", "--depth", "2", "--workloads", "nop", "--accel=kvm", "--");
	assert_true(is_offered("--workloads") && !is_offered("--depth") && !is_offered("--accel"));
	ASK("run", "--accel");
	expect("--accel");
	ASK("run", "--", "--");
	expect("");
}

static void values(void **state)
{
	(void)state;
	ASK("run", "--accel", "");
	expect("auto kvm tcg");
	ASK("run", "--quiet", "--accel=");
	expect("--accel=auto --accel=kvm --accel=tcg");
	ASK("run", "--color=n");
	expect("--color=never");
	ASK("run", "--quiet=");
	expect("--quiet=yes --quiet=no");
	ASK("run", "--help=");
	expect("");
	ASK("run", "--depth", "");
	expect("");
	ASK("run", "--profile", "k");
	expect("kinds");
	ASK("export", "--format", "git");
	expect("github-smaller github-bigger");
	ASK("history", "");
	expect("add list show trend");
	ASK("run", "--ab", "a", "");
	assert_int_equal(offers.by, OFFERS_FILES);
	ASK("run", "--ab", "a", "b", "--net", "");
	expect("user tap");
	ASK("plot", "--out", "x");
	assert_int_equal(offers.by, OFFERS_DIRS);
	ASK("gate", "--rules=x");
	assert_int_equal(offers.by, OFFERS_FILES);
	assert_int_equal(offers.before, strlen("--rules="));
}

static void layers(void **state)
{
	(void)state;
	ASK("run", "--layers", "b");
	expect("bare");
	ASK("run", "--layers", "fake/ba");
	expect("");
	ASK("run", "--layers", "fake/container:");
	expect("fake/container:by= fake/container:auto fake/container:lxc fake/container:bwrap");
	ASK("run", "--layers", "ssh:agent=full,");
	assert_true(is_offered("ssh:agent=full,host=") && is_offered("ssh:agent=full,config="));
	ASK("run", "--layers", "kvm:emulator=/usr/bin/q");
	assert_int_equal(offers.by, OFFERS_FILES);
	assert_int_equal(offers.before, strlen("kvm:emulator="));
	ASK("run", "--layers", "kvm:emulator=/usr/bin/q/fa");
	assert_int_equal(offers.by, OFFERS_FILES);
	ASK("run", "--layers", "kvm:emulator=/usr/bin/q/fake/f");
	expect("kvm:emulator=/usr/bin/q/fake/fake");
	ASK("run", "--layers", "kvm:nothing=");
	expect("");
	ASK("run", "--layers", "nothing:");
	expect("");
	ASK("run", "--layers", "bare=");
	expect("");
}

static void work(void **state)
{
	(void)state;
	ASK("run", "--workloads", "mem.ch");
	expect("mem.chase");
	assert_true(strstr(buf_str(&offers.lines), "mem.chase\tmemory latency"));
	ASK("list", "mem.chase", "mem.ch");
	expect("mem.chase");
	ask((const char *const[]){"/usr/libexec/nestbench/nestkernel", "mem.chase", "size=1MiB", "",
				  NULL});
	expect("stride= pages=");
	ask((const char *const[]){"nestkernel", "mem.chase", "pages=", NULL});
	expect("pages=4k pages=huge pages=default");
	ask((const char *const[]){"nestkernel", "--ops", "5", "mem.ch", NULL});
	expect("mem.chase");
	/* Of a workload that there is not, options are left. */
	ask((const char *const[]){"nestkernel", "nothing", "", NULL});
	assert_true(is_offered("--ops") && !is_offered("size="));
	ASK("run", "--workloads", "nop | mem.chase pages=h");
	assert_string_equal(buf_str(&offers.lines), "nop | mem.chase pages=huge\t\n");
	ASK("run", "--workloads", "nop |mem.ch");
	assert_true(strstr(buf_str(&offers.lines), "nop |mem.chase\t"));
	ASK("run", "--workloads", "mem.chase a b c d e f g h i j k l m n o p q r s t");
	expect("");
}

static void runs(void **state)
{
	static const char *const dirs[] = {
		"nestbench-runs", "nestbench-runs/a", "nestbench-runs/b\tc", "old",
		"old/run",	  ".hidden"};
	static const char *const files[] = {"nestbench-runs/a/manifest.json",
					    "nestbench-runs/b\tc/samples.csv",
					    "old/run/samples.csv"};
	char *dir = test_dir_make(), back[4096];
	struct err err;

	(void)state;
	assert_non_null(getcwd(back, sizeof(back)));
	assert_int_equal(chdir(dir), 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(dirs[i], 0700), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_works(file_write_private(files[i], "", 0, &err), err);
	ASK("summary", "");
	expect("nestbench-runs/a old/");
	assert_int_equal(offers.by, OFFERS_PATHS);
	ASK("summary", "./");
	expect("./nestbench-runs/ ./old/");
	ASK("summary", ".h");
	expect(".hidden/");
	ASK("compare", "old/run", "old/r");
	expect("old/run");
	ASK("compare", "old/run", "old/run", "old/r");
	expect("");
	ASK("compare", "--new=old/r");
	expect("--new=old/run");
	ASK("summary", "nothing/");
	expect("");
	ASK("history", "add", "old/r");
	expect("old/run");
	assert_int_equal(chdir(back), 0);
	test_dir_remove(dir);
}

static void lines_of_bash(void **state)
{
	static const struct {
		const char *line, *words, *replaced;
		char quote;
	} cases[] = {
		{"a b", "a,b", "b", 0},
		{"a ", "a,", "", 0},
		{"", "", "", 0},
		{"a  b=c", "a,b=c", "c", 0},
		{"a x:y=", "a,x:y=", "", 0},
		{"a 'b c' d", "a,b c,d", "d", 0},
		{"a \"b c", "a,b c", "b c", '"'},
		{"a 'b \"c", "a,b \"c", "b \"c", '\''},
		{"a b\\ c", "a,b c", "b c", 0},
		{"a b\\=c", "a,b=c", "b=c", 0},
		{"a \"b\\\"c\\d", "a,b\"c\\d", "b\"c\\d", '"'},
		{"a \"\" b", "a,,b", "b", 0},
		{"a b\\", "a,b", "b", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf words = BUF_INIT;
		struct line l;

		assert_int_equal(line_split(&l, cases[i].line, BREAKS), 0);
		for (size_t k = 0; k < l.count; k++)
			buf_addf(&words, "%s%s", k ? "," : "", l.word[k]);
		assert_string_equal(buf_str(&words), cases[i].words);
		assert_string_equal(l.word[l.count - 1] + l.replaced, cases[i].replaced);
		assert_int_equal(l.quote, cases[i].quote);
		buf_release(&words);
		line_release(&l);
	}
}

static void many_words(void **state)
{
	struct buf line = BUF_INIT;
	struct line l;

	(void)state;
	for (int i = 0; i < LINE_WORDS; i++)
		buf_addstr(&line, "a ");
	assert_int_equal(line_split(&l, buf_str(&line), BREAKS), -1);
	line_release(&l);
	buf_release(&line);
}

static void quoted_as_needed(void **state)
{
	struct line l = {.quote = 0};
	struct buf out = BUF_INIT;

	(void)state;
	line_quote(&l, &out, "a b$c", 5);
	assert_string_equal(buf_str(&out), "a\\ b\\$c");
	buf_clear(&out);
	l.quote = '"';
	line_quote(&l, &out, "a b$c", 5);
	assert_string_equal(buf_str(&out), "a b\\$c");
	buf_clear(&out);
	l.replaced = 2;
	line_quote(&l, &out, "a b$c", 5);
	assert_string_equal(buf_str(&out), "b\\$c");
	buf_release(&out);
}

static int release(void **state)
{
	(void)state;
	offers_release(&offers);
	return 0;
}

/* Behind "--" stands another command's line. */
static void lines_behind(void **state)
{
	(void)state;
	ASK("fleet", "run", "--hosts", "a", "--", "--bud");
	assert_true(is_offered("--budget"));
	assert_false(is_offered("--hosts"));
	ASK("fleet", "run", "--", "--profile", "st");
	expect("standard");
	ASK("fleet", "run", "--", "--net=");
	expect("--net=user --net=tap");
	ASK("fleet", "run", "--hos");
	assert_true(is_offered("--hosts"));
	ASK("history", "list", "--", "--al");
	assert_false(is_offered("--all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_of_people),
		cmocka_unit_test(options_of_all),
		cmocka_unit_test(values),
		cmocka_unit_test(layers),
		cmocka_unit_test(work),
		cmocka_unit_test(runs),
		cmocka_unit_test(lines_behind),
		cmocka_unit_test(lines_of_bash),
		cmocka_unit_test(many_words),
		cmocka_unit_test(quoted_as_needed),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
