/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VM that libvirt cannot create: whether its QEMU ended without a word, and what it said where it
 * did. The words of libvirt are those of 9.0 with a QEMU that is killed, or ends by itself, sooner
 * or later and is reaped at once or not.
 */
#include "tests/check.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <unistd.h>

#include "drivers/libvirt/events.h"
#include "drivers/libvirt/examine.h"
#include "lib/file.h"

#define NAME "nestbench-t-1"
#define OF_LIBVIRT "2026-11-30 11:39:48.870+0000: "
#define BEGIN                                                                                      \
	OF_LIBVIRT "starting up libvirt version: 9.0.0, hostname: h\nLC_ALL=C \\\n/usr/bin/q \\\n" \
		   "-msg timestamp=on\n" OF_LIBVIRT "Domain id=2 is tainted: high-privileges\n"
#define END OF_LIBVIRT "shutting down, reason=failed\n"
#define WARNS "2026-11-30T11:39:48.880000Z q: warning: TCG doesn't support requested feature"

static virError said;

virDomainPtr __wrap_virDomainCreateXML(virConnectPtr conn, const char *xml, unsigned int flags);
virErrorPtr __wrap_virGetLastError(void);

virDomainPtr __wrap_virDomainCreateXML(virConnectPtr conn, const char *xml, unsigned int flags)
{
	return NULL;
}

virErrorPtr __wrap_virGetLastError(void)
{
	return &said;
}

struct end {
	virErrorNumber code;
	const char *message, *log; /* NULL: no log that can be read */
	bool died;
	const char *tells; /* the end of the error */
};

static const struct end ends[] = {
	{VIR_ERR_INTERNAL_ERROR, "internal error: process exited while connecting to monitor",
	 BEGIN END, true, "connecting to monitor"},
	{VIR_ERR_INTERNAL_ERROR, "internal error: qemu unexpectedly closed the monitor", NULL, true,
	 "closed the monitor"},
	{VIR_ERR_SYSTEM_ERROR, "failed to connect to monitor socket: Connection refused", BEGIN,
	 true, "Connection refused"},
	{VIR_ERR_SYSTEM_ERROR, "failed to connect to monitor socket: Connection refused", NULL,
	 true, "Connection refused"},
	{VIR_ERR_SYSTEM_ERROR, "Unable to read from monitor: Connection reset by peer",
	 BEGIN WARNS "\n" END, true, "reset by peer"},
	{VIR_ERR_INTERNAL_ERROR, "internal error: qemu unexpectedly closed the monitor: " WARNS,
	 BEGIN WARNS "\n" END, true, "requested feature"},
	{VIR_ERR_INTERNAL_ERROR,
	 "internal error: process exited while connecting to monitor: q: cannot do it", BEGIN,
	 false, "monitor: q: cannot do it"},
	{VIR_ERR_INTERNAL_ERROR,
	 "internal error: qemu unexpectedly closed the monitor: " WARNS "\nq: cannot do it", NULL,
	 false, "requested feature; q: cannot do it"},
	{VIR_ERR_SYSTEM_ERROR, "failed to connect to monitor socket: Connection refused",
	 BEGIN "q: of a start before\n" END BEGIN WARNS "\nq: cannot do it\nnor that\n" END, false,
	 "refused: q: cannot do it; nor that"},
	{VIR_ERR_SYSTEM_ERROR, "failed to connect to monitor socket: Connection refused",
	 BEGIN "q: of a start before\n" END BEGIN, true, "Connection refused"},
	{VIR_ERR_SYSTEM_ERROR, "failed to connect to monitor socket: Connection refused", "", true,
	 "Connection refused"},
	{VIR_ERR_INTERNAL_ERROR, "internal error: cannot execute binary /usr/bin/q", NULL, false,
	 "/usr/bin/q"},
	{VIR_ERR_XML_ERROR, NULL, NULL, false, "libvirt gives no reason"},
};

static void expect(struct libvirt_session *s, const struct end *e)
{
	struct libvirt_guest g = LIBVIRT_GUEST_NONE;
	struct evidence found = EVIDENCE_NONE;
	char log[sizeof(s->log_dir) + 32];
	struct err err;
	size_t len;

	snprintf(log, sizeof(log), "%s/" NAME ".log", s->log_dir);
	unlink(log);
	if (e->log)
		assert_works(file_write_whole(log, e->log, strlen(e->log), &err), err);
	said = (virError){.code = e->code, .message = (char *)e->message};
	assert_fails(libvirt_guest_create(&g, s, NAME, "<domain/>", &err), err, EXIT_MACHINE,
		     e->tells);
	len = strlen(err.text);
	assert_string_equal(err.text + len - strlen(e->tells), e->tells);
	if (g.died != e->died)
		fail_msg("\"%s\", log \"%s\": %d", e->message, e->log ? e->log : "none", g.died);
	libvirt_examine(&g, s, NAME, NULL, NULL, &found);
	assert_string_equal(buf_str(&found.part[EVIDENCE_LOG]), g.died && e->log ? e->log : "");
	assert_int_equal(found.why[0] != '\0', g.died);
	evidence_release(&found);
}

static void how_it_ended_is_told(void **state)
{
	struct libvirt_session s = LIBVIRT_SESSION_NONE;
	char *dir = test_dir_make();

	(void)state;
	s.embedded = true;
	assert_true(strlen(dir) < sizeof(s.log_dir));
	snprintf(s.log_dir, sizeof(s.log_dir), "%s", dir);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		expect(&s, &ends[i]);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(how_it_ended_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
