/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/run/rerun_argv.h"
#include "results/rundir/params.h"

/* A manifest of a plan of three jobs, made by this command line. */
static void make(struct manifest *m, const char *const *command)
{
	struct err err = {0};

	*m = (struct manifest){0};
	strcpy(m->run, "day-1");
	strcpy(m->profile, "quick");
	m->seed = 42;
	m->depth = 2;
	m->boots = 3;
	m->rounds = 7;
	m->batches = 3;
	assert_works(manifest_set_command(m, command, &err), err);
	assert_works(manifest_add_job(m, "nop", "", 1, &err), err);
	assert_works(manifest_add_job(m, "mem.chase", "size=1MiB stride=64 pages=4k", 2, &err),
		     err);
	assert_works(manifest_add_job(m, "command", "echo 'a b'", 1, &err), err);
}

static const char *const usual[] = {"nestbench",  "run",      "--workloads", "mem.*",	"--command",
				    "echo 'a b'", "--seed=7", "--out",	     "x",	"--rounds",
				    "9",	  "--kernel", "K",	     "--vcpus", "2",
				    "--no-plots", NULL};

/* The words for a manifest, as a shell reads them. */
static const char *line(const struct manifest *m, const struct rerun *how, struct buf *text)
{
	struct words w = WORDS_INIT;
	struct err err = {0};

	buf_clear(text);
	assert_works(rerun_words(m, how, &w, &err), err);
	words_format(&w, text);
	words_release(&w);
	return buf_str(text);
}

static void test_words(void **state)
{
	static const bool second[] = {false, true, true};
	struct buf text = BUF_INIT;
	struct manifest m;

	(void)state;
	make(&m, usual);
	assert_string_equal(
		line(&m, &(struct rerun){0}, &text),
		"run --profile=quick --depth=2 --rounds=7 --boots=3 --batches=3 --seed=42 "
		"'--workloads=nop threads=1' "
		"'--workloads=mem.chase size=1MiB stride=64 pages=4k threads=2' "
		"--command 'echo '\\''a b'\\''' --kernel K --vcpus 2 --no-plots");
	assert_string_equal(
		line(&m,
		     &(struct rerun){
			     .out = "o", .boots = 5, .seed = 1, .job = second, .any_version = true},
		     &text),
		"run --profile=quick --depth=2 --rounds=7 --boots=5 --batches=3 --seed=1 "
		"'--workloads=mem.chase size=1MiB stride=64 pages=4k threads=2' "
		"--command 'echo '\\''a b'\\''' --vcpus 2 --no-plots --out=o");
	assert_string_equal(rerun_option(m.command, "kernel"), "K");
	assert_string_equal(rerun_option(m.command, "seed"), "7");
	assert_null(rerun_option(m.command, "qemu"));
	assert_null(rerun_option(NULL, "qemu"));
	manifest_release(&m);
	buf_release(&text);
}

static void refused(struct manifest *m, const char *part)
{
	struct words w = WORDS_INIT;
	struct err err = {0};

	assert_fails(rerun_words(m, &(struct rerun){0}, &w, &err), err, EXIT_USAGE, part);
	words_release(&w);
	manifest_release(m);
}

/* Several copies at once are jobs of their own; what made them must not make them again. */
static void test_copies(void **state)
{
	static const char *const command[] = {"run", "--copies", "2", "--guests=3", NULL};
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct manifest m = {0};

	(void)state;
	strcpy(m.profile, "quick");
	m.seed = m.boots = m.rounds = 1;
	m.batches = 3;
	assert_works(manifest_set_command(&m, command, &err), err);
	assert_works(manifest_add_job(&m, "cpu.int", "", 1, &err), err);
	assert_works(manifest_add_job(&m, "cpu.int", "copies=2", 1, &err), err);
	assert_works(manifest_add_job(&m, "cpu.scale", "", 1, &err), err);
	assert_works(manifest_add_job(&m, "cpu.scale", "", THREADS_ON_EACH_CPU, &err), err);
	assert_non_null(
		strstr(line(&m, &(struct rerun){0}, &text),
		       " '--workloads=cpu.int threads=1' '--workloads=cpu.int copies=2 threads=1'"
		       " '--workloads=cpu.scale threads=1' '--workloads=cpu.scale threads=all'"));
	assert_null(strstr(buf_str(&text), "--copies"));
	assert_null(strstr(buf_str(&text), "--guests"));
	manifest_release(&m);
	buf_release(&text);
}

/* A plan that cannot be had again is named, not replaced by another one. */
static void test_differences(void **state)
{
	static const char *const no_command[] = {"run", NULL};
	struct err err = {0};
	struct manifest m;

	(void)state;
	make(&m, usual);
	assert_works(manifest_add_job(&m, "mem.gone", "", 1, &err), err);
	refused(&m, "no workload matches \"mem.gone\"");
	make(&m, usual);
	assert_works(manifest_add_job(&m, "mem.chase", "colour=red", 1, &err), err);
	refused(&m, "colour");
	/* A parameter that has come since. */
	make(&m, usual);
	assert_works(manifest_add_job(&m, "mem.chase", "size=2MiB", 1, &err), err);
	refused(&m, "the plan of day-1 cannot be repeated: job 3");
	make(&m, no_command);
	refused(&m, "job 3 of the plan was \"command echo 'a b' threads=1\"");
	make(&m, usual);
	strcpy(m.profile, "slow");
	refused(&m, "there is no \"slow\"");
	make(&m, usual);
	m.seed = 0;
	refused(&m, "no plan");
}

/* Pasted into a shell it is the same, and shown it moves no cursor. */
static void test_bytes(void **state)
{
	struct words w = WORDS_INIT;
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(words_add(&w, &err, "caf\xc3\xa9"), err);
	assert_works(words_add(&w, &err, "a\xff'b\\1"), err);
	assert_works(words_add(&w, &err, "\033[2J"), err);
	words_format(&w, &text);
	assert_string_equal(buf_str(&text), "'caf\xc3\xa9' $'a\\377\\047b\\1341' $'\\033[2J'");
	buf_release(&text);
	words_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
