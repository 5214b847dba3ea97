/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, in a layer whose memory files cannot be executed, or not be made. */
#include <sys/mman.h>

static int make_file(const char *name, unsigned flags);
#define memfd_create make_file
#include "workloads/cpu/exec.c"
#undef memfd_create

#include "tests/check.h"

#include <sys/stat.h>

static bool forbidden, unexecutable;

/* As with vm.memfd_noexec=2, and with 1. */
static int make_file(const char *name, unsigned flags)
{
	int fd;

	if (forbidden) {
		errno = EACCES;
		return -1;
	}
	fd = memfd_create(name, flags);
	if (unexecutable)
		assert_int_equal(fchmod(fd, 0600), 0);
	return fd;
}

static void test_what_cannot_be_executed_is_skipped(void **state)
{
	const struct workload_env env = {.seed = 1};
	struct err err;

	(void)state;
	assert_works(probe(&env, NULL, &err), err);
	forbidden = true;
	assert_fails(probe(&env, NULL, &err), err, EXIT_MACHINE, "cannot make a memory file");
	forbidden = false;
	unexecutable = true;
	assert_fails(probe(&env, NULL, &err), err, EXIT_MACHINE, "vm.memfd_noexec");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_be_executed_is_skipped)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
