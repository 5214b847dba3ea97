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
#include "workloads/lib/scratch.h"

/*
 * What is counted is FEW operations, then MANY. Beyond ENOUGH instructions, at least twice what any
 * kernel needs for MANY, it did not skip work.
 */
enum { FEW = 1, MANY = 3, ENOUGH = 8000 };

/* io.create needs so large a scratch; only its beginning has been filled. */
enum { SCRATCH_BYTES = 128 << 20 };

static char *dir, path[300];
static struct workload_env env = {.seed = 1, .scratch = path, .command = ":"};

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
	{"inject", NULL, 103 * 9}, /* steps of cpu.int */
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
	assert_int_equal(truncate(path, SCRATCH_BYTES), 0);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

/* The traced process: stops when all is prepared, and sends itself a signal behind each run. */
static void be_traced(const struct workload *w, const char *params)
{
	void *state = calloc(1, w->state_size);
	uint64_t arg[PARAMS_MAX];
	struct err err = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	drive_params(w, params, arg);
	/* One operation in advance: symbols are bound, memory is touched. */
	if (!state || (workload_setup(w, state, &env, arg, &err) < 0) ||
	    w->run(state, 1, &err) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
		print_error("%s: %s\n", w->name, err.text);
		_exit(1);
	}
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

/* Instructions of FEW and of MANY operations; many is ENOUGH where few are. */
static void count(const struct workload *w, const char *params, long *few, long *many)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		be_traced(w, params);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		fail_msg("%s %s could not be prepared", w->name, params ? params : "");
	*few = count_steps(pid);
	*many = ENOUGH;
	if (*few >= 0 && *few < ENOUGH)
		*many = count_steps(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	print_message("%-16s %s: %ld, %ld instructions\n", w->name, params ? params : "", *few,
		      *many);
}

static void check(const struct workload *w, const char *params, long least)
{
	long few, many;

	if (!drive_can(w, params, &env))
		return;
	assert_true(ENOUGH >= 2 * MANY * least);
	count(w, params, &few, &many);
	assert_true(few > 0 && many > 0);
	if (many < ENOUGH && many - few < (MANY - FEW) * least)
		fail_msg("%s %s: %d operations take %ld instructions, %d take %ld: work is missing",
			 w->name, params ? params : "", FEW, few, MANY, many);
}

static void test_work_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++)
		if (!(workloads[i]->flags & WORKLOAD_ONCE))
			check(workloads[i], needs_of(workloads[i]).params,
			      needs_of(workloads[i]).least);
	for (const struct drive_way *way = drive_ways; way->name; way++)
		check(workload_find(way->name), way->params, way->least);
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
	long few, many;

	(void)state;
	w = *workload_find("cpu.int");
	w.run = run_nothing;
	count(&w, NULL, &few, &many);
	assert_true(few > 0);
	assert_true(many - few < (MANY - FEW) * needs_of(&w).least);
}

/* A sandbox, or a debugger around this, may forbid it. */
static bool can_trace(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return false;
	kill(pid, SIGKILL);
	if (WIFSTOPPED(status))
		waitpid(pid, NULL, 0);
	return WIFSTOPPED(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_is_there),
		cmocka_unit_test(test_missing_work_is_found),
	};

	if (!can_trace()) {
		print_message("no process can be traced here (ptrace is forbidden)\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make, clean);
}
