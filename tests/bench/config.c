/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/config/config.h"
#include "bench/run/run.h"

static uid_t who;

uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return who;
}

static int parse(struct config *c, const char *name, const char *text, struct err *err)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int done;

	assert_non_null(file);
	done = config_parse(c, file, name, err);
	fclose(file);
	return done;
}

/* ---- what is wrong in a file ---- */

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"rounds = 3\n", "c.ini:1: section \"\": expected [default], [COMMAND]"},
		{"[runs]\n",
		 "c.ini:1: there is no section [runs]: expected [default], [COMMAND] or [profile "
		 "NAME] (did you mean \"run\"?)"},
		{"[agent]\n", "c.ini:1: the command agent cannot be configured"},
		{"[profile a b]\n", "c.ini:1: profile \"a b\": expected a name"},
		{"[profile ]\n", "profile \"\": expected a name"},
		{"\n[run]\nround = 3\n", "c.ini:3: nestbench run has no option --round (did you "
					 "mean \"rounds\"? see nestbench run --help)"},
		{"[default]\nbriefs = yes\n",
		 "no command of nestbench has no option --briefs (did you mean \"brief\"?"},
		{"[compare]\nrounds = 3\n", "nestbench compare has no option --rounds"},
		{"[run]\nrounds = 0\n", "c.ini:2: rounds: \"0\" is not a whole number from 1"},
		{"[run]\nmemory = much\n", "c.ini:2: memory: \"much\""},
		{"[run]\nbatch-time = 5\n", "c.ini:2: batch-time: \"5\""},
		{"[run]\nquiet = on\n", "c.ini:2: quiet: \"on\" is neither yes nor no"},
		{"[run]\nab = one\n", "c.ini:2: ab \"one\": expected two words"},
		{"[run]\nab = one two three\n", "expected two words"},
		{"[default]\nvcpus = 600\n", "c.ini:2: of nestbench selfcheck: vcpus: \"600\""},
		{"[run]\nrounds = 3\n[list]\n[run]\nrounds = 4\n",
		 "c.ini:5: rounds has a value already, in line 2"},
		{"[run]\nrounds = 3\n  4\n",
		 "c.ini:3: rounds has a value already, in line 2, with which a line that begins "
		 "with blanks goes on"},
		{"[run]\nworkloads = nop\n  boots = 4\n",
		 "c.ini:3: a line that begins with blanks goes on with the value of workloads: "
		 "begin boots without them"},
		{"[run]\nworkloads =\nworkloads = nop\n", "c.ini:3: workloads has a value already"},
		{"[run]\nworkloads = nop ; none\ncommand = cd / ; make\n",
		 "c.ini:3: command: what stands behind a blank"},
		{"[profile a]\nprofile = quick\n", "c.ini:2: profile: a profile names"},
		{"[profile a]\nbase = quik\n", "c.ini:2: base: there is no \"quik\": expected "
					       "smoke, quick, standard, full or kinds (did you "
					       "mean \"quick\"?)"},
		{"[profile a]\nbase = quick\nbase = full\n", "c.ini:3: base has a value already"},
		{"[profile a]\nbases = quick\n", "did you mean \"base\"?"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config c = {.commands = commands};

		assert_fails(parse(&c, "c.ini", cases[i].text, &err), err, EXIT_USAGE,
			     cases[i].says);
		config_release(&c);
	}
}

static void test_too_much(void **state)
{
	struct config c = {.commands = commands};
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	buf_addstr(&text, "[run]\n");
	for (int i = 0; i < 2001; i++)
		buf_addstr(&text, "workloads = nop\n");
	assert_fails(parse(&c, "c.ini", buf_str(&text), &err), err, EXIT_USAGE,
		     "c.ini:2002: more than 2000 values");
	config_release(&c);
	buf_release(&text);
}

/* ---- what becomes of command lines ---- */

static const char users[] = "[default]\n"
			    "quiet = yes\n"
			    "out = there\n"
			    "[run]\n"
			    "rounds = 8\n"
			    "boots = 2\n"
			    "copies = 2\n"
			    "copies = 4\n"
			    "no-plots = no\n"
			    "depth = 1\n"
			    "ab = a  b\n"
			    "[compare]\n"
			    "same = 3%\n"
			    "markdown = yes\n"
			    "[profile night]\n"
			    "base = standard\n"
			    "rounds = 20\n"
			    "layers = bare/kvm\n"
			    "workloads = mem.*\n"
			    "            cpu.int\n"
			    "[profile plain]\n"
			    "boots = 3\n"
			    "[profile full]\n"
			    "boots = 5\n";

static const char local[] = "[run]\n"
			    "boots = 7\n"
			    "copies = 8\n"
			    "hugepages = yes\n"
			    "connect = qemu:///system\n"
			    "[report]\n"
			    "out =\n"
			    "[profile night]\n"
			    "seed = 5\n"
			    "workloads = nop\n";

/* Blank-separated words. */
static int split(const char *line, char **argv)
{
	static char copy[512];
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	return argc;
}

/* Expands a command line into one again. */
static int expand(const struct config *c, const char *line, struct buf *out, struct buf *said,
		  struct err *err)
{
	char *argv[64];
	struct words words = WORDS_INIT;
	int argc = split(line, argv), done;

	done = config_expand(c, command_find(argv[0]), argc, argv, &words, said, err);
	buf_clear(out);
	words_format(&words, out);
	words_release(&words);
	return done;
}

static void read_both(struct config *c)
{
	struct err err;

	*c = (struct config){.commands = commands};
	assert_works(parse(c, "user.ini", users, &err), err);
	assert_works(parse(c, CONFIG_LOCAL, local, &err), err);
}

#define RUN_DEFAULT                                                                                \
	"--depth=1 --copies=8 --rounds=8 --boots=7 --ab=a b --connect=qemu:///system --hugepages " \
	"--out=there --quiet"
#define NIGHT                                                                                      \
	"run --profile=standard --layers=bare/kvm --workloads=nop --copies=8 --rounds=20 "         \
	"--boots=7 --ab=a b --connect=qemu:///system --hugepages --seed=5 --out=there --quiet"

static void test_expansion(void **state)
{
	static const struct {
		const char *line, *becomes; /* "": it stays */
	} cases[] = {
		{"run", "run " RUN_DEFAULT},
		{"run --seed 3 RUN", "run " RUN_DEFAULT " --seed 3 RUN"},
		/* The command line, also where it says the opposite. */
		{"run --rounds 3 --quiet=no --copies=1 --out x --ab c d",
		 "run --depth=1 --boots=7 --connect=qemu:///system --hugepages --rounds 3 "
		 "--quiet=no --copies=1 --out x --ab c d"},
		/* What excludes what is configured. */
		{"run --layers bare", "run --copies=8 --rounds=8 --boots=7 --ab=a b "
				      "--connect=qemu:///system --hugepages --out=there --quiet "
				      "--layers bare"},
		{"run --budget 1h", "run --depth=1 --copies=8 --connect=qemu:///system "
				    "--hugepages --out=there --quiet --budget 1h"},
		/* A profile's depth is in the way of its layers no more than that of others. */
		{"run --profile night", NIGHT},
		{"run --profile=night --seed 9 -- --profile",
		 "run --profile=standard --layers=bare/kvm --workloads=nop --copies=8 --rounds=20 "
		 "--boots=7 --ab=a b --connect=qemu:///system --hugepages --out=there --quiet "
		 "--seed 9 -- --profile"},
		{"run --profile full --profile night", NIGHT},
		/* One without a base; one of nestbench's own, with more said of it; one as it is.
		 */
		{"run --profile plain", "run --depth=1 --copies=8 --rounds=8 --boots=3 --ab=a b "
					"--connect=qemu:///system --hugepages --out=there --quiet"},
		{"run --profile full", "run --profile=full --depth=1 --copies=8 --rounds=8 "
				       "--boots=5 --ab=a b --connect=qemu:///system --hugepages "
				       "--out=there --quiet"},
		{"run --profile quick", "run " RUN_DEFAULT " --profile quick"},
		{"plan", "plan --out=there"},
		{"plan --profile night RUN",
		 "plan --profile=standard --workloads=nop --out=there RUN"},
		{"compare A B", "compare --same=3% --markdown A B"},
		{"compare A B --json", "compare --same=3% A B --json"},
		{"report A", ""},
		{"list nop", ""},
		{"rerun RUN --print", "rerun --out=there RUN --print"},
	};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct config c;
	struct err err;

	(void)state;
	read_both(&c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_works(expand(&c, cases[i].line, &out, &said, &err), err);
		assert_string_equal(buf_str(&out), cases[i].becomes);
	}
	config_release(&c);
	buf_release(&out);
	buf_release(&said);
}

/* Nothing is said of commands that only look at runs. */
static void test_what_is_said(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"run --seed 3", "configured: " RUN_DEFAULT " (" CONFIG_LOCAL
				 ", user.ini; see nestbench config run)"},
		{"plan --profile night", "configured: --profile=standard --workloads=nop "
					 "--out=there (" CONFIG_LOCAL ", user.ini; not taken by "
					 "this command: --rounds, --layers, --seed; see nestbench "
					 "config plan)"},
		{"compare A B", ""},
	};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct config c;
	struct err err;

	(void)state;
	read_both(&c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&said);
		assert_works(expand(&c, cases[i].line, &out, &said, &err), err);
		assert_string_equal(buf_str(&said), cases[i].says);
	}
	config_release(&c);
	buf_release(&out);
	buf_release(&said);
}

static void test_who_is_configured(void **state)
{
	static const struct {
		const char *line;
		bool wanted;
	} cases[] = {{"run --rounds 3", true},	{"run --rounds 3 --help", false},
		     {"run -- --help", true},	{"run --rounds 3 --nonsense", false},
		     {"run --rounds", false},	{"config", false},
		     {"agent --port -", false}, {"sweep a b", false},
		     {"guest a", false}};
	char *argv[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int argc = split(cases[i].line, argv);

		assert_int_equal(config_is_wanted(command_find(argv[0]), argc, argv),
				 cases[i].wanted);
	}
}

static void test_chosen_profile(void **state)
{
	struct config c = {.commands = commands};
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(parse(&c, "a.ini",
			   "[run]\nprofile = night\nrounds = 2\n[profile night]\nrounds = 3\n",
			   &err),
		     err);
	assert_works(expand(&c, "run", &out, &said, &err), err);
	assert_string_equal(buf_str(&out), "run --rounds=3");
	assert_works(expand(&c, "run --profile smoke", &out, &said, &err), err);
	assert_string_equal(buf_str(&out), "run --rounds=2 --profile smoke");
	assert_fails(expand(&c, "run --profile nigth", &out, &said, &err), err, EXIT_USAGE,
		     "--profile: there is no \"nigth\": expected smoke, quick, standard, "
		     "full, kinds or night (did you mean \"night\"?)");
	config_release(&c);
	c.commands = commands;
	assert_works(parse(&c, "a.ini", "[default]\nprofile = nigth\n", &err), err);
	assert_fails(expand(&c, "run", &out, &said, &err), err, EXIT_USAGE,
		     "a.ini:2: profile: there is no \"nigth\": expected smoke, quick, "
		     "standard, full or kinds");
	assert_works(expand(&c, "list", &out, &said, &err), err);
	config_release(&c);
	/* An option that every command has. */
	c.commands = commands;
	assert_works(parse(&c, "a.ini", "[default]\ncolor = never\n", &err), err);
	assert_works(expand(&c, "list nop", &out, &said, &err), err);
	assert_string_equal(buf_str(&out), "list --color=never nop");
	assert_works(expand(&c, "list --color auto", &out, &said, &err), err);
	assert_string_equal(buf_str(&out), "");
	config_release(&c);
	buf_release(&out);
	buf_release(&said);
}

/* A command line that was expanded means to the parser what the files say. */
static void test_parsed(void **state)
{
	char *argv[] = {"run", "--profile", "night", "--ab", "c", "d"};
	struct text_list rest = {0};
	struct words words = WORDS_INIT;
	struct run_options o = {0};
	struct buf said = BUF_INIT;
	struct config c;
	struct err err;

	(void)state;
	read_both(&c);
	assert_works(config_expand(&c, command_find("run"), 6, argv, &words, &said, &err), err);
	assert_works(options_parse(&cli_run, (int)words.count, words.item, &o, &rest, &err), err);
	assert_string_equal(o.profile, "standard");
	assert_int_equal(o.size.rounds, 20);
	assert_int_equal(o.workloads.count, 1);
	assert_string_equal(o.ab.item[1], "d");
	assert_true(o.quiet && o.hugepages && !o.no_plots);
	words_release(&words);
	config_release(&c);
	buf_release(&said);
}

/* ---- files ---- */

struct place {
	char *dir, back[4096];
	struct config c;
};

static void enter(struct place *p)
{
	*p = (struct place){.dir = test_dir_make()};
	assert_non_null(getcwd(p->back, sizeof(p->back)));
	assert_int_equal(chdir(p->dir), 0);
	assert_int_equal(mkdir("nestbench", 0755), 0);
	setenv("XDG_CONFIG_HOME", p->dir, 1);
	unsetenv(CONFIG_VARIABLE);
	unsetenv("SUDO_UID");
	who = getuid();
}

static void leave(struct place *p)
{
	assert_int_equal(chdir(p->back), 0);
	test_dir_remove(p->dir);
}

static void write_text(const char *path, const char *text)
{
	struct err err;

	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* Reads what there is; how many values there are, or -1. */
static int count_values(struct err *err)
{
	struct config c;
	int done = config_read(&c, commands, err), count = (int)c.count;

	config_release(&c);
	return done < 0 ? -1 : count;
}

static void test_which_files(void **state)
{
	struct place p;
	struct err err;

	(void)state;
	enter(&p);
	assert_int_equal(count_values(&err), 0);
	write_text("nestbench/config.ini", "[run]\nrounds = 3\n");
	assert_int_equal(count_values(&err), 1);
	write_text("nestbench.ini", "[run]\nboots = 3\nrounds = 4\n");
	assert_int_equal(count_values(&err), 3);
	setenv(CONFIG_VARIABLE, "none", 1);
	assert_int_equal(count_values(&err), 0);
	setenv(CONFIG_VARIABLE, "nestbench.ini", 1);
	assert_int_equal(count_values(&err), 2);
	setenv(CONFIG_VARIABLE, "/dev/null", 1);
	assert_int_equal(count_values(&err), 0);
	setenv(CONFIG_VARIABLE, "missing.ini", 1);
	assert_fails(count_values(&err), err, EXIT_USAGE,
		     "cannot read missing.ini, which NESTBENCH_CONFIG names");
	/* Empty is as if it were not set; a path that is not absolute is ignored. */
	setenv(CONFIG_VARIABLE, "", 1);
	setenv("XDG_CONFIG_HOME", ".", 1);
	setenv("HOME", "/nonexistent", 1);
	assert_int_equal(count_values(&err), 2);
	leave(&p);
}

static void test_unreadable(void **state)
{
	struct place p;
	struct err err;

	(void)state;
	enter(&p);
	assert_int_equal(mkdir("nestbench.ini", 0755), 0);
	assert_fails(count_values(&err), err, EXIT_USAGE,
		     "the configuration ./nestbench.ini is no file");
	assert_int_equal(rmdir("nestbench.ini"), 0);
	assert_int_equal(mkfifo("nestbench.ini", 0644), 0);
	assert_fails(count_values(&err), err, EXIT_USAGE, "is no file");
	assert_int_equal(unlink("nestbench.ini"), 0);
	assert_int_equal(symlink("nowhere", "nestbench.ini"), 0);
	assert_fails(count_values(&err), err, EXIT_USAGE, "cannot read the configuration");
	leave(&p);
}

/* A file that is not ours: we are another, since a test need not be root. */
static void test_foreign(void **state)
{
	static const char *const names[] = {"nestbench.ini", "nestbench/config.ini"};
	struct place p;
	struct err err;
	char number[32];

	(void)state;
	enter(&p);
	for (size_t i = 0; i < 2; i++) {
		write_text(names[i], "[run]\nrounds = 3\n");
		who = getuid() + 1;
		/* root's own holds for all. */
		if (getuid() == 0)
			assert_int_equal(chown(names[i], 12, (gid_t)-1), 0);
		assert_fails(count_values(&err), err, EXIT_USAGE, "belongs to user");
		assert_fails(count_values(&err), err, EXIT_USAGE, "NESTBENCH_CONFIG=none");
		/* root works for whoever called sudo. */
		who = 0;
		snprintf(number, sizeof(number), "%u", getuid() ? getuid() : 12);
		setenv("SUDO_UID", number, 1);
		assert_int_equal(count_values(&err), 1);
		setenv("SUDO_UID", "13", 1);
		assert_fails(count_values(&err), err, EXIT_USAGE, "belongs to user");
		unsetenv("SUDO_UID");
		who = getuid() ? getuid() : 12;
		assert_int_equal(count_values(&err), 1);
		assert_int_equal(chmod(names[i], 0646), 0);
		assert_fails(count_values(&err), err, EXIT_USAGE, "any user can write");
		/* Whoever names it trusts it. */
		setenv(CONFIG_VARIABLE, names[i], 1);
		assert_int_equal(count_values(&err), 1);
		unsetenv(CONFIG_VARIABLE);
		assert_int_equal(unlink(names[i]), 0);
	}
	leave(&p);
}

/* ---- what is shown ---- */

static const struct option few[] = {
	{"profile", OPT_TEXT, 0, "NAME", .help = "one"},
	{"rounds", OPT_COUNT, 0, "N", "6", 1, 100, "two"},
	{"copies", OPT_LIST, 0, "N", .help = "three"},
	{"quiet", OPT_FLAG, 0, .help = "four"},
	{0},
};
static const struct cli cli_few = {.name = "nestbench run", .options = few};
static const struct cli cli_fewer = {.name = "nestbench compare", .options = few + 1};
static const struct command table[] = {{"run", "runs", &cli_few, NULL, "Group"},
				       {"compare", "compares", &cli_fewer, NULL, "Group"},
				       {"agent", "serves", &cli_few, NULL, NULL},
				       {0}};

static void test_shown(void **state)
{
	static const char *const texts[] = {
		"[run]\ncopies = 2\ncopies = 4\nquiet = yes\n[profile night]\nbase = full\n",
		"[default]\nquiet = no\n[profile night]\nrounds = 20\n[profile quick]\n"};
	const struct config_shown all = {0}, run = {.command = &table[0]};
	const struct config_shown night = {.command = &table[0], .profile = "night"};
	const struct config_shown wrong = {.profile = "none"};
	struct config c = {.commands = table};
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(config_show(&c, &all, &out, &err), err);
	for (int i = 0; i < 2; i++)
		assert_works(parse(&c, i ? CONFIG_LOCAL : "user.ini", texts[i], &err), err);
	assert_works(config_show(&c, &all, &out, &err), err);
	buf_addstr(&out, "----\n");
	assert_works(config_show(&c, &run, &out, &err), err);
	buf_addstr(&out, "----\n");
	assert_works(config_show(&c, &night, &out, &err), err);
	buf_addstr(&out, "----\n");
	assert_works(config_show_json(&c, &night, &out, &err), err);
	assert_golden("bench/golden/config.txt", buf_str(&out));
	buf_clear(&out);
	assert_fails(config_show(&c, &wrong, &out, &err), err, EXIT_USAGE, "kinds or night");
	assert_fails(config_show_json(&c, &wrong, &out, &err), err, EXIT_USAGE, "there is no");
	config_release(&c);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_who_is_configured),
		cmocka_unit_test(test_chosen_profile),
		cmocka_unit_test(test_parsed),
		cmocka_unit_test(test_which_files),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
