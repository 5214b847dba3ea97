/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ending the domains of a dead run, at libvirt's mock hypervisor.
 */
#include "tests/check.h"

#include <libvirt/libvirt.h>

#include "drivers/libvirt/session.h"
#include "drivers/libvirt/ops.h"

#define URI "test:///default"

static void make_domain(virConnectPtr conn, const char *name)
{
	struct buf xml = BUF_INIT;
	virDomainPtr domain;

	buf_addf(&xml,
		 "<domain type='test'><name>%s</name><memory>8192</memory><vcpu>1</vcpu>"
		 "<os><type>hvm</type></os></domain>",
		 name);
	domain = virDomainCreateXML(conn, buf_str(&xml), 0);
	assert_non_null(domain);
	virDomainFree(domain);
	buf_release(&xml);
}

static bool is_there(virConnectPtr conn, const char *name)
{
	virDomainPtr domain = virDomainLookupByName(conn, name);

	if (domain)
		virDomainFree(domain);
	return domain != NULL;
}

/* The mock's domains live as long as a connection to it. */
static void only_the_dead_runs_domains_end(void **state)
{
	struct libvirt_session s;
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(libvirt_session_open(&s, URI, NULL, &err), err);
	make_domain(s.conn, "nestbench-20260131T120000Z-a-1");
	make_domain(s.conn, "nestbench-20260131T120000Z-b-1");
	assert_int_equal(libvirt_sweep(URI, "nestbench-20260131T120000Z-a-", true, &said, &err), 1);
	assert_string_equal(buf_str(&said), "nestbench-20260131T120000Z-a-1");
	assert_true(is_there(s.conn, "nestbench-20260131T120000Z-a-1"));
	buf_clear(&said);
	assert_int_equal(libvirt_sweep(URI, "nestbench-20260131T120000Z-a-", false, &said, &err),
			 1);
	assert_false(is_there(s.conn, "nestbench-20260131T120000Z-a-1"));
	assert_true(is_there(s.conn, "nestbench-20260131T120000Z-b-1"));
	assert_true(is_there(s.conn, "test")); /* the mock's own, another's for us */
	buf_clear(&said);
	assert_int_equal(libvirt_sweep(URI, "nestbench-20260131T120000Z-a-", false, &said, &err),
			 0);
	assert_int_equal(said.len, 0);
	libvirt_session_close(&s);
	buf_release(&said);
}

static void bad_requests_are_refused(void **state)
{
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	assert_fails(libvirt_sweep(URI, "", false, &said, &err), err, EXIT_USAGE, "only VMs of");
	assert_fails(libvirt_sweep(URI, "web", false, &said, &err), err, EXIT_USAGE, "\"web\"");
	assert_fails(libvirt_sweep("nonsense:///", "nestbench-x-", false, &said, &err), err,
		     EXIT_MACHINE, "nonsense:///");
	buf_release(&said);
}

static void a_machine_is_known_by_its_uuid(void **state)
{
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	/* The mock has one domain, whose UUID is fixed. */
	assert_int_equal(libvirt_runs(URI, "6695eb01-f6a4-8304-79aa-97f2502e193f", &said, &err), 1);
	assert_string_equal(buf_str(&said), "test at " URI);
	buf_clear(&said);
	assert_int_equal(libvirt_runs(URI, "00000000-f6a4-8304-79aa-97f2502e193f", &said, &err), 0);
	assert_int_equal(libvirt_runs(URI, "no UUID", &said, &err), 0);
	assert_int_equal(said.len, 0);
	assert_int_equal(libvirt_runs("nope:///", "no UUID", &said, &err), -1);
	assert_int_equal(err.code, EXIT_MACHINE);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_dead_runs_domains_end),
		cmocka_unit_test(a_machine_is_known_by_its_uuid),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
