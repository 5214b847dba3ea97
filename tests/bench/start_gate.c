/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One nestbench of a user starts at a time, in a directory of the test's own. */
#include "tests/bench/registry_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/cleanup/start_gate.h"

/* Holds a lock on it; -1: it cannot be opened. */
static int hold(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

/* Who cannot make sure of being alone does not start; only the user's own processes can do that. */
static void start_is_refused_while_another_does_not_end_its_own(void **state)
{
	struct owner one = run_named("one");
	char path[START_GATE_PATH];
	int all = hold(base, O_RDONLY | O_DIRECTORY), other;
	struct claim c;
	struct err err;

	(void)state;
	start_gate_name(base, path);
	other = hold(path, O_RDWR | O_CREAT);
	assert_fails(registry_claim(&c, &one, true, &err), err, EXIT_MACHINE, path);
	assert_non_null(strstr(err.text, "another nestbench has been starting"));
	assert_string_equal(c.work_dir, "");
	assert_int_equal(look().alive, 0);
	close(other);
	/* As one leaves it that is killed: it is in nobody's way. */
	assert_int_equal(access(path, F_OK), 0);
	assert_works(registry_claim(&c, &one, true, &err), err);
	assert_int_equal(access(path, F_OK), -1);
	assert_works(registry_release(&c, &err), err);
	close(hold(path, O_RDWR | O_CREAT));
	assert_int_equal(look().alive, 0);
	assert_int_equal(access(path, F_OK), -1);
	close(all);
}

static void start_is_refused_where_the_gate_is_not_ours(void **state)
{
	struct owner one = run_named("one");
	char path[START_GATE_PATH];
	struct claim c;
	struct err err;

	(void)state;
	start_gate_name(base, path);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_fails(registry_claim(&c, &one, false, &err), err, EXIT_MACHINE, path);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_fails(registry_claim(&c, &one, false, &err), err, EXIT_MACHINE, path);
	unlink(path);
	close(hold(path, O_RDWR | O_CREAT));
	if (chown(path, 65534, 65534) == 0)
		assert_fails(registry_claim(&c, &one, false, &err), err, EXIT_MACHINE,
			     "not a file of this user");
	unlink(path);
	assert_int_equal(look().alive, 0);
}

/* Whoever is second sees the first, however close behind it. */
static void of_many_that_start_at_once_one_does(void **state)
{
	enum { STARTS = 8 };
	int told[2], in = 0;
	char path[START_GATE_PATH], answer;
	pid_t pid[STARTS];

	(void)state;
	assert_int_equal(pipe(told), 0);
	for (int i = 0; i < STARTS; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			struct owner who = run_named("many");
			struct claim c;
			struct err err;

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			who.run[0] = (char)('a' + i);
			answer = registry_claim(&c, &who, true, &err) == 0;
			if (write(told[1], &answer, 1) == 1)
				for (;;)
					pause();
			_exit(1);
		}
	}
	for (int i = 0; i < STARTS; i++) {
		assert_int_equal(read(told[0], &answer, 1), 1);
		in += answer;
	}
	assert_int_equal(in, 1);
	assert_int_equal(look().alive, 1);
	for (int i = 0; i < STARTS; i++)
		kill_it(pid[i]);
	start_gate_name(base, path);
	assert_int_equal(access(path, F_OK), -1);
	close(told[0]);
	close(told[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_is_refused_while_another_does_not_end_its_own),
		cmocka_unit_test(start_is_refused_where_the_gate_is_not_ours),
		cmocka_unit_test(of_many_that_start_at_once_one_does),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
