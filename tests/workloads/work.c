/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the compiler made of a kernel, the work is there: a kernel is stepped through one
 * instruction at a time, and three times as many operations must take so many more instructions as
 * the operation cannot do without. No clock is involved. tests/workloads/compilers runs this under
 * several compilers and levels.
 */
#include "tests/check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/workloads/drive.h"
#include "workloads/scratch.h"

/*
 * What is counted is FEW operations, then MANY. Beyond ENOUGH instructions, at least twice what any
 * kernel needs for MANY, nobody doubts.
 */
enum { FEW = 1, MANY = 3, ENOUGH = 8000 };

static char *dir, path[300];
static struct workload_env env = {.seed = 1, .scratch = path};

/*
 * Instructions that one operation takes at least, however wide the vectors are; 1 for kernels that
 * are not named, which call the layer's kernel or a library. And parameters that keep operations
 * small where the known ones do not. What a device's thread does is not seen; digests vouch for it.
 */
static const struct needs {
	const char *name, *params; /* NULL: the known ones */
	long least;
} needs[] = {
	{"cpu.int", NULL, 9},			/* as its `op` says */
	{"cpu.float", NULL, 28},		/* 14 multiplications and 14 subtractions */
	{"cpu.branch", NULL, 2 * 64},		/* a test and a jump each */
	{"cpu.sha256", "size=64", 2 * 64 * 10}, /* blocks with padding, rounds, steps of a round */
	{"cpu.sort", "size=512", 64},		/* at least one for each number */
	{"cpu.scale", NULL, 100 * 9},
	{"mem.stream", NULL, 2 * 4096 / 8}, /* a load and a store for every eight doubles */
	{"mem.read", NULL, 4096 / 8},
};

static struct needs needs_of(const struct workload *w)
{
	struct needs n = {w->name, NULL, 1};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (strcmp(needs[i].name, w->name) == 0)
			n = needs[i];
	if (!n.params)
		n.params = w->known_params;
	return n;
}

static int make(void **state)
{
	struct err err;

	(void)state;
	dir = test_dir_make();
	snprintf(path, sizeof(path), "%s/scratch", dir);
	assert_works(scratch_fill(path, 1 << 20, &err), err);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

/* The traced process: stops when all is prepared, and sends itself a signal behind each run. */
static void be_traced(const struct workload *w)
{
	void *state = calloc(1, w->state_size);
	uint64_t arg[PARAMS_MAX];
	struct err err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	drive_params(w, needs_of(w).params, arg);
	/* One operation beforehand: symbols are bound, memory is touched. */
	if (!state || (w->setup && w->setup(state, &env, arg, &err) < 0) ||
	    w->run(state, 1, &err) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(1);
	raise(SIGSTOP);
	w->run(state, FEW, &err);
	raise(SIGUSR1);
	w->run(state, MANY, &err);
	raise(SIGUSR1);
	_exit(0);
}

/* Instructions of the first thread up to its next SIGUSR1; ENOUGH: as many or more; -1: it died. */
static long count_steps(pid_t pid)
{
	long steps = 0, deliver = 0;
	int status;

	while (steps < ENOUGH) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, deliver) < 0 ||
		    waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return -1;
		deliver = 0;
		if (WSTOPSIG(status) == SIGUSR1)
			return steps;
		if (WSTOPSIG(status) == SIGTRAP)
			steps++;
		else
			deliver = WSTOPSIG(status);
	}
	return steps;
}

/* false: a process cannot be traced here. */
static bool check(const struct workload *w)
{
	pid_t pid = fork();
	long few, many = ENOUGH;
	int status;

	assert_true(ENOUGH >= 2 * MANY * needs_of(w).least);
	assert_true(pid >= 0);
	if (pid == 0)
		be_traced(w);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status)) {
		print_message("%s could not be prepared, or not be traced\n", w->name);
		return false;
	}
	few = count_steps(pid);
	if (few >= 0 && few < ENOUGH)
		many = count_steps(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	print_message("%-16s %ld, %ld instructions\n", w->name, few, many);
	assert_true(few > 0 && many > 0);
	if (many < ENOUGH && many - few < (MANY - FEW) * needs_of(w).least)
		fail_msg("%s: %d operations take %ld instructions, %d take %ld: work is missing",
			 w->name, FEW, few, MANY, many);
	return true;
}

static void test_work_is_there(void **state)
{
	int checked = 0;

	(void)state;
	for (size_t i = 0; workloads[i]; i++)
		if (!(workloads[i]->flags & WORKLOAD_ONCE) &&
		    drive_can(workloads[i], needs_of(workloads[i]).params, &env))
			checked += check(workloads[i]);
	if (checked == 0)
		skip();
}

static int run_nothing(void *state, uint64_t n, struct err *err)
{
	(void)state;
	(void)n;
	(void)err;
	return 0;
}

/* The test can fail: of a kernel whose loop is gone it says so. */
static void test_missing_work_is_found(void **state)
{
	static struct workload w;
	pid_t pid;
	long few, many;
	int status;

	(void)state;
	w = *workload_find("cpu.int");
	w.run = run_nothing;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_traced(&w);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		skip();
	few = count_steps(pid);
	many = count_steps(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(few > 0);
	assert_true(many - few < (MANY - FEW) * needs_of(&w).least);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_is_there),
		cmocka_unit_test(test_missing_work_is_found),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
