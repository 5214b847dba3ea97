/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of processes that do what they are told: so many system calls, faults, threads. By perf
 * events they are counted as root; elsewhere it has to be said why not.
 */
#include "tests/check.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/host/task_counts.h"
#include "drivers/host/task_tree.h"
#include "tests/drivers/tracefs.h"

enum { CALLS = 1000, PAGES = 300, NOBODY = 65534 };
/* Page faults beside those: AddressSanitizer has memory of its own. */
enum { STRAY = TEST_SANITIZED ? 100 : 20 };

/* The layer: a process that waits, and below it the one that works. */
struct world {
	pid_t top;
	int order[2], done[2];
	struct task_counts counts;
	struct counts c;
	char *root; /* with the machine's /proc, and a /sys of its own */
};

static bool may_count; /* by perf events, system calls too */

/* ---- what the layer does ---- */

static void call(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static void fault(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(at, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += page)
		((volatile char *)at)[i] = 1;
	munmap(at, size);
}

/* A timer of 1 us can be over before its sleeper is off the CPU, which is no switch then. */
static void switch_often(void)
{
	for (int i = 0; i < PAGES; i++)
		usleep(200);
}

static void *work_in_thread(void *unused)
{
	call();
	switch_often();
	return unused;
}

static void start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work_in_thread, NULL) == 0)
		pthread_join(thread, NULL);
}

static void start_process(bool faults)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (faults)
			fault();
		else
			call();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void obey(int from, int to)
{
	char order;

	while (read(from, &order, 1) == 1) {
		if (order == 'c')
			call();
		else if (order == 'f')
			fault();
		else if (order == 's')
			switch_often();
		else if (order == 't')
			start_thread();
		else if (order == 'p' || order == 'P')
			start_process(order == 'P');
		if (write(to, &order, 1) != 1 || order == 'e')
			break;
	}
	_exit(0);
}

/* Until it is done and waits for the next order. */
static void order(struct world *w, char what)
{
	char done;

	assert_int_equal(write(w->order[1], &what, 1), 1);
	assert_int_equal(read(w->done[0], &done, 1), 1);
	assert_int_equal(done, what);
	usleep(20000);
}

static int begin(void **state)
{
	static struct world w;

	w = (struct world){.root = test_dir_make()};
	assert_int_equal(pipe(w.order), 0);
	assert_int_equal(pipe(w.done), 0);
	w.top = fork();
	assert_true(w.top >= 0);
	if (w.top == 0) {
		close(w.order[1]);
		if (fork() == 0)
			obey(w.order[0], w.done[1]);
		wait(NULL);
		pause();
	}
	order(&w, 'n');
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	task_counts_release(&w->counts);
	close(w->order[0]);
	close(w->order[1]);
	close(w->done[0]);
	close(w->done[1]);
	kill(w->top, SIGKILL);
	waitpid(w->top, NULL, 0);
	test_dir_remove(w->root);
	return 0;
}

static void reading(struct world *w, enum counting how)
{
	w->c = (struct counts){0};
	task_counts_read(&w->counts, "", w->top, how, &w->c);
}

/* -1: there is none. */
static int64_t value(const struct world *w, enum count_source source, const char *reason)
{
	for (size_t i = 0; i < w->c.count; i++)
		if (w->c.item[i].source == source && strcmp(w->c.item[i].reason, reason) == 0)
			return (int64_t)w->c.item[i].n;
	return -1;
}

/* How far an order moves a counter, begun or not. */
static int64_t moved(struct world *w, char what, enum count_source source, const char *reason)
{
	int64_t before;

	reading(w, COUNTING_READ);
	before = value(w, source, reason);
	order(w, what);
	reading(w, COUNTING_READ);
	assert_true(before >= 0);
	return value(w, source, reason) - before;
}

static void expect(int64_t got, int64_t least, int64_t most)
{
	if (got < least || got > most)
		fail_msg("%lld, expected %lld to %lld", (long long)got, (long long)least,
			 (long long)most);
}

/* ---- by /proc ---- */

static void reads_what_the_kernel_counts_anyway(void **state)
{
	struct world *w = *state;

	reading(w, COUNTING_READ);
	assert_int_equal(w->c.count, 2);
	assert_string_equal(w->c.item[0].reason, "page_faults");
	assert_string_equal(w->c.remark, "");
	expect(moved(w, 'f', COUNT_PROC, "page_faults"), PAGES, PAGES + STRAY);
	expect(moved(w, 's', COUNT_PROC, "context_switches"), PAGES, 3 * PAGES);
	expect(moved(w, 'c', COUNT_PROC, "page_faults"), 0, 2);
	expect(moved(w, 'P', COUNT_PROC, "page_faults"), PAGES, PAGES + 300);
}

static void never_goes_backwards(void **state)
{
	static const char orders[] = "stpPtfe";
	struct world *w = *state;
	int64_t faults = 0;

	for (size_t i = 0; orders[i]; i++) {
		order(w, orders[i]);
		reading(w, COUNTING_READ);
		assert_true(value(w, COUNT_PROC, "page_faults") >= faults);
		faults = value(w, COUNT_PROC, "page_faults");
	}
	/* Nothing is left below the first process, nor, then, that itself. */
	kill(w->top, SIGKILL);
	usleep(50000);
	reading(w, COUNTING_READ);
	assert_int_equal(value(w, COUNT_PROC, "page_faults"), faults);
	waitpid(w->top, NULL, WNOHANG);
	reading(w, COUNTING_BEGIN);
	assert_int_equal(value(w, COUNT_PROC, "page_faults"), faults);
}

/* A reading says nothing of switches that the kernel has forgotten; the next one is right again. */
static void leaves_out_switches_of_what_ended(void **state)
{
	struct world *w = *state;

	reading(w, COUNTING_READ);
	order(w, 's');
	reading(w, COUNTING_READ);
	assert_true(value(w, COUNT_PROC, "context_switches") > 0);
	order(w, 'p');
	reading(w, COUNTING_READ);
	assert_int_equal(value(w, COUNT_PROC, "context_switches"), -1);
	order(w, 's');
	reading(w, COUNTING_READ);
	expect(value(w, COUNT_PROC, "context_switches"), PAGES, 3 * PAGES);
	order(w, 'e');
	reading(w, COUNTING_READ);
	assert_int_equal(value(w, COUNT_PROC, "context_switches"), -1);
	reading(w, COUNTING_READ);
	assert_int_equal(value(w, COUNT_PROC, "context_switches"), 0);
}

static void says_where_children_are_not_told(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	struct err err;

	snprintf(path, sizeof(path), "%s/proc/7/task/7", w->root);
	assert_works(file_make_dirs(path, &err), err);
	snprintf(path, sizeof(path), "%s/proc/7/task/7/stat", w->root);
	assert_works(file_write_whole(path, "7", 1, &err), err);
	task_counts_read(&w->counts, w->root, 7, COUNTING_READ, &w->c);
	assert_int_equal(w->c.count, 0);
	assert_non_null(strstr(w->c.remark, "CONFIG_PROC_CHILDREN"));
}

/* ---- by perf events ---- */

static void counts_each_system_call(void **state)
{
	struct world *w = *state;
	int64_t empty;

	reading(w, COUNTING_BEGIN);
	if (!may_count) {
		assert_int_equal(value(w, COUNT_PERF, "syscalls"), -1);
		assert_non_null(strstr(w->c.remark, "system calls are not counted"));
		return;
	}
	assert_string_equal(w->c.remark, "");
	empty = moved(w, 'n', COUNT_PERF, "syscalls");
	expect(empty, 2, 2);
	assert_int_equal(moved(w, 'c', COUNT_PERF, "syscalls") - empty, CALLS);
	/* Of a process, and a thread, that did not exist at the begin and have ended. */
	expect(moved(w, 'p', COUNT_PERF, "syscalls") - empty, CALLS + 3, CALLS + 10);
	expect(moved(w, 't', COUNT_PERF, "syscalls") - empty, CALLS + PAGES, CALLS + PAGES + 40);
	expect(moved(w, 't', COUNT_PERF, "context_switches"), PAGES, 3 * PAGES);
	expect(moved(w, 'f', COUNT_PERF, "page_faults"), PAGES, PAGES + STRAY);
}

static void counts_only_from_begin_to_end(void **state)
{
	struct world *w = *state;
	int64_t calls;

	if (!may_count)
		return;
	reading(w, COUNTING_READ);
	assert_int_equal(value(w, COUNT_PERF, "syscalls"), -1);
	reading(w, COUNTING_BEGIN);
	assert_true(w->counts.opened >= TASK_EVENTS);
	order(w, 'c');
	reading(w, COUNTING_END);
	calls = value(w, COUNT_PERF, "syscalls");
	expect(calls, CALLS, CALLS + 3);
	assert_int_equal(w->counts.opened, 0);
	order(w, 'c');
	reading(w, COUNTING_END);
	assert_int_equal(value(w, COUNT_PERF, "syscalls"), -1);
	reading(w, COUNTING_BEGIN);
	assert_int_equal(value(w, COUNT_PERF, "syscalls"), calls);
	/* All end, the counters stay. */
	order(w, 'e');
	reading(w, COUNTING_END);
	expect(value(w, COUNT_PERF, "syscalls"), calls + 2, calls + 4);
}

static void says_that_tracefs_is_missing(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX];
	struct err err;

	snprintf(path, sizeof(path), "%s/proc", w->root);
	assert_int_equal(symlink("/proc", path), 0);
	task_counts_read(&w->counts, w->root, w->top, COUNTING_BEGIN, &w->c);
	assert_int_equal(value(w, COUNT_PERF, "syscalls"), -1);
	assert_int_equal(value(w, COUNT_PERF, "context_switches") >= 0, may_count);
	assert_non_null(strstr(w->c.remark, geteuid() ? "run as root"
						      : "mount -t tracefs nodev "
							"/sys/kernel/tracing"));
	snprintf(path, sizeof(path), "%s/sys/kernel/tracing/events", w->root);
	assert_works(file_make_dirs(path, &err), err);
	w->c = (struct counts){0};
	task_counts_read(&w->counts, w->root, w->top, COUNTING_BEGIN, &w->c);
	assert_non_null(strstr(w->c.remark, geteuid() ? "run as root" : "CONFIG_FTRACE_SYSCALLS"));
}

/* In a child of its own, as what it gives up it does not get back: 0 when it is as it should be. */
static int count_refused(struct world *w, bool (*give_up)(void))
{
	if (!give_up())
		return 2;
	reading(w, COUNTING_BEGIN);
	if (value(w, COUNT_PROC, "page_faults") < 0 || value(w, COUNT_PERF, "page_faults") >= 0)
		return 3;
	if (!strstr(w->c.remark, "perf events are refused (") ||
	    !strstr(w->c.remark, "of at most 1 (it is "))
		return 4;
	return w->counts.opened == 0 ? 0 : 5;
}

static int result_of(struct world *w, bool (*give_up)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(count_refused(w, give_up));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool become_nobody(void)
{
	return setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* As container managers do. */
static bool forbid_perf(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void says_that_it_may_not(void **state)
{
	assert_int_equal(result_of(*state, forbid_perf), 0);
	if (geteuid() == 0)
		assert_int_equal(result_of(*state, become_nobody), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_the_kernel_counts_anyway, begin, end),
		cmocka_unit_test_setup_teardown(never_goes_backwards, begin, end),
		cmocka_unit_test_setup_teardown(leaves_out_switches_of_what_ended, begin, end),
		cmocka_unit_test_setup_teardown(says_where_children_are_not_told, begin, end),
		cmocka_unit_test_setup_teardown(counts_each_system_call, begin, end),
		cmocka_unit_test_setup_teardown(counts_only_from_begin_to_end, begin, end),
		cmocka_unit_test_setup_teardown(says_that_tracefs_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(says_that_it_may_not, begin, end),
	};

	may_count = geteuid() == 0 && tracefs_mount();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
