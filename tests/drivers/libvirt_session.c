/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain's life at libvirt's mock hypervisor, test:///default. */
#include "tests/check.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/libvirt/guest.h"
#include "drivers/libvirt/session.h"
#include "lib/clock.h"

#define MOCK "test:///default"

#define NAME "nestbench-t-1"

static const char domain[] = "<domain type='test'><name>" NAME "</name>"
			     "<memory unit='KiB'>8192</memory><os><type>hvm</type></os></domain>";

static int begin(void **state)
{
	static struct libvirt_session s;
	struct err err;

	assert_works(libvirt_session_open(&s, MOCK, "/", &err), err);
	*state = &s;
	return 0;
}

static int end(void **state)
{
	libvirt_session_close(*state);
	return 0;
}

static void create_and_destroy(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct err err;

	assert_false(s->embedded);
	assert_string_not_equal(s->version, "");
	assert_false(libvirt_guest_alive(&g));
	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	assert_true(libvirt_guest_alive(&g));
	libvirt_guest_destroy(&g);
	assert_false(libvirt_guest_alive(&g));
	libvirt_guest_destroy(&g);
	/* The name is free again. */
	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	libvirt_guest_destroy(&g);
}

static void a_name_is_taken_once(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE, twin = LIBVIRT_GUEST_NONE;
	struct err err;

	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	assert_fails(libvirt_guest_create(&twin, s, NAME, domain, &err), err, EXIT_MACHINE,
		     "cannot start the VM");
	assert_null(twin.domain);
	assert_true(libvirt_guest_alive(&g));
	libvirt_guest_destroy(&g);
}

static void ended_by_someone_else(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct err err;

	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	assert_int_equal(virDomainDestroy(g.domain), 0);
	assert_false(libvirt_guest_alive(&g));
	libvirt_guest_destroy(&g);
}

static void bad_xml(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct err err;

	assert_fails(libvirt_guest_create(&g, s, NAME, "<domain", &err), err, EXIT_MACHINE,
		     "cannot start the VM");
	assert_null(g.domain);
}

/* The mock hypervisor has no QEMU to ask. */
static void what_is_not_supported_says_so(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	enum accel accel;
	char version[32];
	struct err err;

	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	assert_fails(libvirt_guest_ask_qemu(&g, &accel, version, &err), err, EXIT_MACHINE,
		     "does not say which accelerator");
	libvirt_guest_destroy(&g);
}

static void nowhere_to_connect(void **state)
{
	struct libvirt_session s;
	struct err err;
	char uri[400];

	(void)state;
	assert_fails(libvirt_session_open(&s, "nosuch:///x", "/", &err), err, EXIT_MACHINE,
		     "cannot connect to libvirt at nosuch:///x");
	libvirt_session_close(&s);
	memset(uri, 'a', sizeof(uri) - 1);
	uri[sizeof(uri) - 1] = '\0';
	assert_fails(libvirt_session_open(&s, uri, "/", &err), err, EXIT_USAGE, "more than 255");
	libvirt_session_close(&s);
}

static void sockets_that_cannot_be(void **state)
{
	const struct libvirt_wait wait = {.cancel_fd = -1};
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct err err;
	char path[200];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_fails(libvirt_guest_connect(&g, path, &wait, &err), err, EXIT_USAGE,
		     "199 characters");
	assert_fails(libvirt_guest_connect(&g, "/nosuch/agent.sock", &wait, &err), err,
		     EXIT_MACHINE, "ended before its agent said hello");
	libvirt_guest_destroy(&g);
}

/* By the user's wish to stop, which makes a descriptor readable. */
static void waiting_is_cancelled(void **state)
{
	const struct libvirt_session *s = *state;
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct libvirt_wait wait = {.limit = {.limit_ns = 300 * NS_PER_MS, .firm = true},
				    .console_log = "/dev/null"};
	struct err err;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	wait.cancel_fd = fd[0];
	assert_works(libvirt_guest_create(&g, s, NAME, domain, &err), err);
	assert_fails(libvirt_guest_wait_text(&g, &wait, "never", &err), err, EXIT_MACHINE,
		     "there was still no test line");
	wait.limit.limit_ns = 20 * NS_PER_S;
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_fails(libvirt_guest_wait_text(&g, &wait, "never", &err), err, EXIT_INTERRUPTED,
		     "was cancelled");
	libvirt_guest_destroy(&g);
	close(fd[0]);
	close(fd[1]);
}

static void two_connections_at_once(void **state)
{
	struct libvirt_session second;
	struct err err;

	(void)state;
	assert_works(libvirt_session_open(&second, MOCK, "/", &err), err);
	libvirt_session_close(&second);
	libvirt_session_close(&second);
}

/* Of a child, which then is root by name only; false: this machine has no such. */
static bool lose_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	return syscall(SYS_capset, &head, none) == 0;
}

static bool be_root_of_nobody(void)
{
	struct err err;

	return unshare(CLONE_NEWUSER) == 0 &&
	       file_write_whole("/proc/self/setgroups", "deny", 4, &err) == 0;
}

/* Named before libvirt could say it in its own words, and before anything is made. */
static void root_without_rights(void **state)
{
	static const struct {
		bool (*lose)(void);
		const char *part;
	} cases[] = {{lose_capabilities, "lacks: CAP_SETGID, CAP_SETUID, CAP_SETPCAP"},
		     {be_root_of_nobody, "in this user namespace"}};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct libvirt_session s;
		struct err err;
		int status;
		pid_t child = fork();

		if (child == 0 && !cases[i].lose())
			_exit(2);
		if (child == 0)
			_exit(libvirt_session_open(&s, NULL, "/", &err) == 0 ||
			      err.code != EXIT_MACHINE || !strstr(err.text, cases[i].part));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_not_equal(WEXITSTATUS(status), 1);
	}
}

static void versions(void **state)
{
	char text[32];

	(void)state;
	libvirt_version_text(9000000, text);
	assert_string_equal(text, "9.0.0");
	libvirt_version_text(10012003, text);
	assert_string_equal(text, "10.12.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_and_destroy),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(ended_by_someone_else),
		cmocka_unit_test(bad_xml),
		cmocka_unit_test(what_is_not_supported_says_so),
		cmocka_unit_test(nowhere_to_connect),
		cmocka_unit_test(sockets_that_cannot_be),
		cmocka_unit_test(waiting_is_cancelled),
		cmocka_unit_test(two_connections_at_once),
		cmocka_unit_test(root_without_rights),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
