/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much libvirt asks a QEMU that it starts: each question costs milliseconds in a guest of an
 * emulated guest. Skipped where QEMU cannot be started.
 */
#include "tests/check.h"

#include <libvirt/libvirt-qemu.h>
#include <unistd.h>

#include "drivers/libvirt/guest.h"
#include "drivers/libvirt/session.h"

enum { SKIPPED = 77, MANY_QUESTIONS = 60 };

#define NAME "nestbench-talk-1"

static const char domain[] =
	"<domain type='qemu'><name>" NAME "</name><memory unit='KiB'>65536</memory>"
	"<os><type arch='x86_64' machine='q35'>hvm</type></os><cpu mode='maximum'/>"
	"<devices><controller type='usb' model='none'/><memballoon model='none'/></devices>"
	"</domain>";

static struct libvirt_session session = LIBVIRT_SESSION_NONE;

/* The number that libvirt gave to its last question. */
static int questions(const struct libvirt_guest *g)
{
	char *said = NULL;
	const char *id;
	int count = -1;

	assert_int_equal(
		virDomainQemuMonitorCommand(g->domain, "{\"execute\":\"query-version\"}", &said, 0),
		0);
	id = strstr(said, "\"libvirt-");
	if (id)
		assert_int_equal(sscanf(id, "\"libvirt-%d", &count), 1);
	free(said);
	return count;
}

static void a_start_asks_little(void **state)
{
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct err err;
	int asked;

	(void)state;
	assert_works(libvirt_guest_create(&g, &session, NAME, domain, &err), err);
	asked = questions(&g);
	libvirt_guest_destroy(&g);
	print_message("%d questions\n", asked);
	assert_true(asked > 0 && asked < MANY_QUESTIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_start_asks_little)};
	char *dir = test_dir_make();
	int failed = SKIPPED;
	struct err err;

	setenv("XDG_CACHE_HOME", dir, 1);
	if (access("/usr/bin/qemu-system-x86_64", X_OK) < 0)
		fprintf(stderr, "skipped: there is no QEMU\n");
	else if (libvirt_session_open(&session, NULL, dir, &err) < 0)
		fprintf(stderr, "skipped: %s\n", err.text);
	else
		failed = 0;
	if (failed == 0)
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	libvirt_session_close(&session);
	test_dir_remove(dir);
	return failed;
}
