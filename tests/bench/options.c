/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/options.h"
#include "lib/streams.h"

struct target {
	bool flag;
	const char *text;
	uint64_t count, size, duration;
	struct text_list list, colours;
	struct text_pair pair;
	const char *fruit, *maybe;
};

#define AT(member) offsetof(struct target, member)

static const char *const fruits[] = {"apple", "pear", "plum", NULL};
static const char *const colours[] = {"red", "green", NULL};

static const struct option options[] = {
	{"flag", OPT_FLAG, AT(flag), NULL, NULL, 0, 0, "a flag"},
	{"text", OPT_TEXT, AT(text), "TEXT", "abc", 0, 0, "a text"},
	{"count", OPT_COUNT, AT(count), "N", "7", 1, 10, "a count"},
	{"size", OPT_SIZE, AT(size), "SIZE", NULL, 1, 1 << 30, "a size"},
	{"duration", OPT_DURATION, AT(duration), "TIME", NULL, 1, 3600000000000, "a time"},
	{"list", OPT_LIST, AT(list), "TEXT", NULL, 0, 0, "a list"},
	{"pair", OPT_PAIR, AT(pair), "A B", NULL, 0, 0, "a pair"},
	{"fruit", OPT_TEXT, AT(fruit), "NAME", "pear", .help = "a choice", .choices = fruits},
	{"colour", OPT_LIST, AT(colours), "NAME", .help = "choices", .choices = colours},
	{"maybe", OPT_TEXT, AT(maybe), "[NAME]", .help = "a name", .missing = ""},
	{0},
};

static const struct cli cli = {.name = "nestbench test",
			       .examples = "  nestbench test\n",
			       .words = "RUN",
			       .max_words = 1,
			       .about = "Tests.",
			       .options = options};

/* Parses a command line of blank-separated words. */
static int parse(const char *line, struct target *t, struct text_list *words, struct err *err)
{
	static char copy[512], *argv[128];
	int argc = 0;

	memset(t, 0, sizeof(*t));
	memset(words, 0, sizeof(*words));
	snprintf(copy, sizeof(copy), "test %s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	return options_parse(&cli, argc, argv, t, words, err);
}

static void test_pair(void **state)
{
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	assert_works(parse("--pair a b RUN", &t, &words, &err), err);
	assert_string_equal(t.pair.item[0], "a");
	assert_string_equal(t.pair.item[1], "b");
	assert_int_equal(words.count, 1);
	assert_works(parse("--pair=a --flag", &t, &words, &err), err);
	assert_string_equal(t.pair.item[1], "--flag");
	assert_false(t.flag);
	assert_works(parse("RUN", &t, &words, &err), err);
	assert_null(t.pair.item[0]);
	assert_fails(parse("--pair a", &t, &words, &err), err, EXIT_USAGE,
		     "two values: --pair A B");
	assert_fails(parse("--pair", &t, &words, &err), err, EXIT_USAGE, "--pair A B");
}

static void test_good(void **state)
{
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	assert_works(parse("", &t, &words, &err), err);
	assert_string_equal(t.text, "abc");
	assert_int_equal(t.count, 7);
	assert_false(t.flag);
	assert_works(parse("--flag --text=x=y --count 9 RUN --size 64MiB --duration 5ms --list a "
			   "--list=b",
			   &t, &words, &err),
		     err);
	assert_true(t.flag);
	assert_string_equal(t.text, "x=y");
	assert_int_equal(t.count, 9);
	assert_int_equal(t.size, 64 << 20);
	assert_int_equal(t.duration, 5000000);
	assert_int_equal(t.list.count, 2);
	assert_string_equal(t.list.item[1], "b");
	assert_null(t.list.item[2]);
	assert_int_equal(words.count, 1);
	assert_works(parse("-- --flag", &t, &words, &err), err);
	assert_string_equal(words.item[0], "--flag");
}

/* The last one counts. */
static void test_flags_with_values(void **state)
{
	static const struct {
		const char *line;
		bool flag;
	} cases[] = {{"--flag=yes", true},
		     {"--flag=no", false},
		     {"--flag --flag=no", false},
		     {"--flag=no --flag", true}};
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_works(parse(cases[i].line, &t, &words, &err), err);
		assert_int_equal(t.flag, cases[i].flag);
	}
	/* The word behind a flag is no value of it. */
	assert_works(parse("--flag no", &t, &words, &err), err);
	assert_true(t.flag);
	assert_string_equal(words.item[0], "no");
}

static void test_walk(void **state)
{
	char *argv[] = {"test",	     "--pair", "a",	 "--flag", "RUN",
			"--count=3", "--",     "--flag", "--help"};
	struct option_walk walk = {.cli = &cli, .argc = 9, .argv = argv, .next = 1};
	struct option_word word;
	struct err err;

	(void)state;
	assert_int_equal(options_walk(&walk, &word, &err), 1);
	assert_string_equal(word.option->name, "pair");
	assert_string_equal(word.second, "--flag");
	assert_int_equal(options_walk(&walk, &word, &err), 1);
	assert_null(word.option);
	assert_string_equal(word.value, "RUN");
	assert_int_equal(options_walk(&walk, &word, &err), 1);
	assert_int_equal(word.first, 5);
	assert_string_equal(word.value, "3");
	for (int i = 6; i < 9; i++) {
		assert_int_equal(options_walk(&walk, &word, &err), 1);
		assert_int_equal(word.first, i);
		assert_null(word.option);
		assert_false(word.help);
	}
	assert_int_equal(options_walk(&walk, &word, &err), 0);
}

static void test_values_alone(void **state)
{
	struct err err;

	(void)state;
	assert_works(option_check(&options[2], "10", "here", &err), err);
	assert_fails(option_check(&options[2], "11", "here", &err), err, EXIT_USAGE,
		     "here: \"11\" is not a whole number from 1 to 10");
	assert_fails(option_check(&options[0], "on", "here", &err), err, EXIT_USAGE, "yes nor no");
	assert_works(option_check(&options[5], "any", "here", &err), err);
}

static void test_value_left_out(void **state)
{
	static const struct {
		const char *line, *maybe;
		size_t words;
	} cases[] = {
		{"--maybe", "", 0},	   {"--maybe x", "x", 0},
		{"--maybe=x RUN", "x", 1}, {"--maybe --flag RUN", "", 1},
		{"--maybe -- x", "", 1},   {"--maybe=", "", 0},
		{"RUN", NULL, 1},
	};
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_works(parse(cases[i].line, &t, &words, &err), err);
		assert_int_equal(words.count, cases[i].words);
		if (cases[i].maybe)
			assert_string_equal(t.maybe, cases[i].maybe);
		else
			assert_null(t.maybe);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{"--nothing", "no option --nothing"},
		{"--fla", "no option --fla (did you mean --flag?"},
		{"--flag=1", "--flag: \"1\" is neither yes nor no"},
		{"--flag=", "neither yes nor no"},
		{"--text", "needs a value"},
		{"--count 11", "--count: \"11\" is not a whole number from 1 to 10"},
		{"--count -1", "--count"},
		{"--count 1x", "--count"},
		{"--size 2GiB", "--size"},
		{"--duration 5", "--duration"},
		{"a b", "\"b\" is one argument too many"},
	};
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(parse(cases[i].line, &t, &words, &err), err, EXIT_USAGE,
			     cases[i].part);
}

static void test_choices(void **state)
{
	static const char *const actions[] = {"add", "list", NULL};
	const struct text_list layer = {.item = {"fruit=peer"}, .count = 1};
	struct cli with_actions = cli;
	char *good[] = {"test", "list", NULL}, *bad[] = {"test", "lst", NULL};
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	assert_works(parse("--colour red --fruit plum --colour=green", &t, &words, &err), err);
	assert_string_equal(t.fruit, "plum");
	assert_int_equal(t.colours.count, 2);
	assert_works(parse("", &t, &words, &err), err);
	assert_string_equal(t.fruit, "pear");
	assert_fails(parse("--fruit aple", &t, &words, &err), err, EXIT_USAGE,
		     "--fruit: there is no \"aple\": expected apple, pear or plum (did you mean "
		     "\"apple\"?)");
	assert_fails(parse("--fruit=", &t, &words, &err), err, EXIT_USAGE, "there is no \"\"");
	assert_fails(parse("--colour red --colour blue", &t, &words, &err), err, EXIT_USAGE,
		     "--colour: there is no \"blue\": expected red or green");
	memset(&t, 0, sizeof(t));
	assert_fails(options_set(options, &layer, &t, &err), err, EXIT_USAGE,
		     "fruit: there is no \"peer\"");
	assert_true(strncmp(err.text, "fruit", 5) == 0);
	assert_fails(option_check(option_find(options, "fruit", 5), "fig", "night: fruit", &err),
		     err, EXIT_USAGE, "night: fruit: there is no \"fig\"");
	assert_works(option_check(option_find(options, "fruit", 5), "plum", "fruit", &err), err);
	with_actions.word_choices = actions;
	memset(&words, 0, sizeof(words));
	assert_works(options_parse(&with_actions, 2, good, &t, &words, &err), err);
	memset(&words, 0, sizeof(words));
	assert_fails(options_parse(&with_actions, 2, bad, &t, &words, &err), err, EXIT_USAGE,
		     "there is no \"lst\": expected add or list (did you mean \"list\"?)");
}

static void test_list_is_bounded(void **state)
{
	char *argv[LIST_MAX + 2] = {"test"};
	struct target t = {0};
	struct text_list words = {0};
	struct err err;

	(void)state;
	for (int i = 1; i < LIST_MAX + 2; i++)
		argv[i] = "--list=a";
	assert_works(options_parse(&cli, LIST_MAX + 1, argv, &t, &words, &err), err);
	assert_int_equal(t.list.count, LIST_MAX);
	memset(&t, 0, sizeof(t));
	assert_fails(options_parse(&cli, LIST_MAX + 2, argv, &t, &words, &err), err, EXIT_USAGE,
		     "more than 512");
}

static void test_colour(void **state)
{
	struct target t;
	struct text_list words;
	struct err err;

	(void)state;
	assert_works(parse("--color always RUN", &t, &words, &err), err);
	assert_true(tty_has_colour(0));
	assert_string_equal(tty_ink(0, INK_RED), "\033[31m");
	assert_works(parse("--color=never", &t, &words, &err), err);
	assert_false(tty_has_colour(0));
	assert_string_equal(tty_ink(0, INK_RED), "");
	assert_fails(parse("--color sometimes", &t, &words, &err), err, EXIT_USAGE,
		     "--color: there is no \"sometimes\": expected auto, always or never");
	assert_fails(parse("--color", &t, &words, &err), err, EXIT_USAGE, "--color WHEN");
	assert_fails(parse("--colr auto", &t, &words, &err), err, EXIT_USAGE, "mean --color?");
	assert_fails(parse("--help=x", &t, &words, &err), err, EXIT_USAGE, "takes no value");
	/* It is for this call alone, and no option of the command. */
	assert_works(parse("--color auto", &t, &words, &err), err);
	assert_string_equal(t.text, "abc");
}

/* Headings stand where the first option of theirs does; a narrow help puts names above texts. */
static void test_help_rows(void **state)
{
	static const struct option grouped[] = {
		{"a", OPT_FLAG, AT(flag), .help = "first", .group = "One"},
		{"b", OPT_FLAG, AT(flag), .help = "second"},
		{"c", OPT_TEXT, AT(text), "TEXT", .help = "third", .group = "Two"},
		{0},
	};
	const struct cli two = {.name = "x", .examples = "", .about = "X.", .options = grouped};
	struct buf out = BUF_INIT;

	(void)state;
	options_help(&two, &out);
	assert_non_null(strstr(buf_str(&out), "\nOne:\n  --a                    first\n"
					      "  --b                    second\n\nTwo:\n"
					      "  --c TEXT               third\n\n"));
	buf_clear(&out);
	help_row(40, 22, "--c TEXT", "one two three four five six seven eight", &out);
	assert_string_equal(buf_str(&out), "  --c TEXT\n    one two three four five six seven\n"
					   "    eight\n");
	buf_clear(&out);
	help_row(80, 8, "--longer-than-that", "text", &out);
	assert_string_equal(buf_str(&out), "  --longer-than-that\n           text\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_flags_with_values),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_values_alone),
		cmocka_unit_test(test_value_left_out),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_list_is_bounded),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_help_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
