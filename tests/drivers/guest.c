/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer in a domain that exists: its options, and what is made of what libvirt and the guest
 * agent there say, which comes from a guest and may be anything. The domain is that of libvirt's
 * mock hypervisor; its XML and its guest agent are this file's.
 */
#include "tests/check.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>

#include "drivers/driver.h"
#include "drivers/guest/base64.h"
#include "drivers/guest/guest.h"
#include "drivers/guest/requests.h"

#define URI "test:///default"
#define CHANNEL                                                                                    \
	"<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' "                \
	"state='%s'/></channel>"

static const char *xml_is, *info_is, *system_is, *other_is;
static int state_is;

char *__wrap_virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags);
int __wrap_virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned int flags);
char *__wrap_virDomainQemuAgentCommand(virDomainPtr domain, const char *command, int timeout,
				       unsigned int flags);

char *__wrap_virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags)
{
	return strdup(xml_is);
}

int __wrap_virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned int flags)
{
	*state = state_is;
	*reason = 0;
	return 0;
}

char *__wrap_virDomainQemuAgentCommand(virDomainPtr domain, const char *command, int timeout,
				       unsigned int flags)
{
	const char *answer = strstr(command, "guest-info")	   ? info_is
			     : strstr(command, "guest-get-osinfo") ? system_is
			     : strstr(command, "guest-ping")	   ? "{\"return\":{}}"
								   : other_is;

	return answer ? strdup(answer) : NULL;
}

/* The answer to guest-info, with one request switched off, or missing. */
static char *info(const char *disabled, const char *missing)
{
	static const char *const verbs[] = {
		"guest-exec",	    "guest-exec-status", "guest-file-open",  "guest-file-read",
		"guest-file-write", "guest-file-flush",	 "guest-file-close", "guest-get-osinfo"};
	struct buf b = BUF_INIT;

	buf_addstr(&b, "{\"return\":{\"version\":\"7.2.0\",\"supported_commands\":[");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!missing || strcmp(missing, verbs[i]) != 0)
			buf_addf(&b, "{\"name\":\"%s\",\"enabled\":%s},", verbs[i],
				 disabled && strcmp(disabled, verbs[i]) == 0 ? "false" : "true");
	buf_addstr(&b, "{\"name\":\"guest-ping\",\"enabled\":true}]}}");
	return b.data;
}

static char *xml(const char *type, const char *arch, const char *channel)
{
	char *text;

	assert_true(asprintf(&text,
			     "<domain type='%s'><os><type arch='%s'>hvm</type></os>"
			     "<channel type='unix'><target type='virtio' name='other'/></channel>"
			     "%s</domain>",
			     type, arch, channel) > 0);
	return text;
}

static int look(struct guest_found *found, struct err *err)
{
	const struct guest_target t = {.uri = URI, .domain = "test", .stop_fd = -1};

	return guest_look(&t, found, err);
}

static void finds_what_there_is(void **state)
{
	char *all = info(NULL, NULL), *kvm = xml("kvm", "x86_64", ""), connected[256];
	char *qemu;
	struct guest_found found;
	struct err err;

	(void)state;
	snprintf(connected, sizeof(connected), CHANNEL, "connected");
	qemu = xml("qemu", "x86_64", connected);
	info_is = all;
	state_is = VIR_DOMAIN_RUNNING;
	system_is = "{\"return\":{\"machine\":\"x86_64\",\"kernel-release\":\"6.1.0-1\"}}";
	xml_is = qemu;
	assert_works(look(&found, &err), err);
	assert_true(found.emulated);
	assert_string_equal(found.agent, "7.2.0");
	assert_string_equal(found.kernel, "6.1.0-1");
	assert_true(found.round_trip_ns > 0);
	free(kvm);
	kvm = xml("kvm", "x86_64", connected);
	xml_is = kvm;
	assert_works(look(&found, &err), err);
	assert_false(found.emulated);
	free(all);
	free(kvm);
	free(qemu);
}

/* Each with the way to fix it. */
static void says_what_stands_in_the_way(void **state)
{
	static const struct {
		int state;
		const char *type, *arch, *channel, *disabled, *missing, *system, *says;
	} cases[] = {
		{VIR_DOMAIN_SHUTOFF, "kvm", "x86_64", "connected", NULL, NULL, NULL, "virsh -c "},
		{VIR_DOMAIN_PAUSED, "kvm", "x86_64", "connected", NULL, NULL, NULL, "resume test"},
		{VIR_DOMAIN_RUNNING, "xen", "x86_64", "connected", NULL, NULL, NULL,
		 "no VM of QEMU"},
		{VIR_DOMAIN_RUNNING, "kvm", "aarch64", "connected", NULL, NULL, NULL,
		 "no x86-64 VM"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", NULL, NULL, NULL, NULL, "add <channel"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "disconnected", NULL, NULL, NULL,
		 "install qemu-guest-agent"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "connected", "guest-exec", NULL, NULL,
		 "has guest-exec switched off"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "connected", "guest-file-write", NULL, NULL,
		 "has guest-file-write switched off"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "connected", NULL, "guest-exec-status", NULL,
		 "is too old, it has no guest-exec-status"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "connected", NULL, NULL,
		 "{\"return\":{\"machine\":\"i686\"}}", "is for i686"},
		{VIR_DOMAIN_RUNNING, "kvm", "x86_64", "connected", NULL, NULL, "no JSON",
		 "a malformed answer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *all = info(cases[i].disabled, cases[i].missing), channel[256] = "", *text;
		struct guest_found found;
		struct err err;

		if (cases[i].channel)
			snprintf(channel, sizeof(channel), CHANNEL, cases[i].channel);
		text = xml(cases[i].type, cases[i].arch, channel);
		info_is = all;
		xml_is = text;
		state_is = cases[i].state;
		system_is =
			cases[i].system ? cases[i].system : "{\"return\":{\"machine\":\"x86_64\"}}";
		assert_fails(look(&found, &err), err, EXIT_MACHINE, cases[i].says);
		free(all);
		free(text);
	}
}

static void there_is_no_such_domain(void **state)
{
	struct guest_target t = {.uri = URI, .domain = "absent", .stop_fd = -1};
	struct guest_found found;
	struct err err;

	(void)state;
	assert_fails(guest_look(&t, &found, &err), err, EXIT_MACHINE, "no domain \"absent\" at");
	t.uri = "nonsense:///";
	assert_fails(guest_look(&t, &found, &err), err, EXIT_MACHINE, "nonsense:///");
	assert_non_null(strstr(err.text, "name another: guest=absent,uri=URI"));
}

/* Whatever is answered, it is an error and no more. */
static void answers_may_be_anything(void **state)
{
	static const char *const bad[] = {"",
					  "{}",
					  "[]",
					  "{\"return\":null}",
					  "{\"return\":[]}",
					  "{\"return\":\"x\"}",
					  "{\"return\":{\"pid\":\"7\",\"count\":\"7\"}}",
					  "{\"return\":{\"buf-b64\":7,\"count\":9}}",
					  "{\"return\":{\"buf-b64\":\"A\",\"count\":9}}"};
	const struct guest_target t = {.uri = URI, .domain = "test", .stop_fd = -1};
	struct buf out = BUF_INIT;
	struct guest_agent g;
	json_int_t number;
	struct err err;

	(void)state;
	assert_works(guest_agent_open(&g, &t, &err), err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		other_is = bad[i];
		assert_fails(guest_spawn(&g, "true", &number, &err), err, EXIT_MACHINE, "test");
		assert_fails(guest_open_file(&g, "/tmp/x", "r", &number, &err), err, EXIT_MACHINE,
			     "test");
		assert_fails(guest_write(&g, 1, "x", 1, &err), err, EXIT_MACHINE, "test");
		assert_int_equal(guest_read(&g, 1, &out, &err), -1);
		assert_int_equal(out.len, 0);
	}
	other_is = "{\"return\":{\"count\":3}}";
	assert_fails(guest_write(&g, 1, "four", 4, &err), err, EXIT_MACHINE, "is its disk full?");
	other_is = "{\"return\":{\"exited\":true,\"exitcode\":2,\"out-data\":\"bm8K\",\"pid\":1}}";
	assert_fails(guest_shell(&g, "false", 1, &err), err, EXIT_MACHINE,
		     "ends with 2: false: no");
	other_is = "{\"return\":{\"exited\":false,\"pid\":1}}";
	assert_fails(guest_shell(&g, "sleep 9", 1, &err), err, EXIT_MACHINE, "does not end");
	other_is = "{\"return\":{\"buf-b64\":\"bm8K\",\"count\":3}}";
	assert_works(guest_read(&g, 1, &out, &err), err);
	assert_string_equal(buf_str(&out), "no\n");
	guest_agent_close(&g);
	buf_release(&out);
}

/* RFC 4648, section 10, both ways; and what no encoder writes. */
static void base64(void **state)
{
	static const struct {
		const char *bytes, *text;
	} good[] = {{"", ""},
		    {"f", "Zg=="},
		    {"fo", "Zm8="},
		    {"foo", "Zm9v"},
		    {"foob", "Zm9vYg=="},
		    {"fooba", "Zm9vYmE="},
		    {"foobar", "Zm9vYmFy"},
		    {"\xff\xfe\xfd", "//79"}};
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "====", "Zm9v\n", "Zm9-"};
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_clear(&out);
		base64_encode(good[i].bytes, strlen(good[i].bytes), &out);
		assert_string_equal(buf_str(&out), good[i].text);
		buf_clear(&out);
		assert_works(base64_decode(good[i].text, &out, &err), err);
		assert_string_equal(buf_str(&out), good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(base64_decode(bad[i], &out, &err), err, EXIT_INTERNAL,
			     "this is no base64");
	buf_release(&out);
}

static void options_are_checked(void **state)
{
	static const struct {
		const char *option[2];
		int depth;
		const char *says; /* NULL: fine */
	} cases[] = {
		{{"domain=web"}, 1, NULL},
		{{"domain=web", "dir=/var/tmp"}, 2, NULL},
		{{NULL}, 1, "needs the name of a domain: guest=NAME"},
		{{"domain="}, 1, "needs the name of a domain"},
		{{"domain=web"}, 0, "cannot stand first"},
		{{"domain=web", "dir=tmp"}, 1, "not an absolute path"},
		{{"domain=web", "dir=/tmp;reboot"}, 1, "not an absolute path"},
		{{"domain=web", "dir=/tmp/$(id)"}, 1, "not an absolute path"},
		{{"domain=web", "port=7"}, 1, "port"},
	};
	struct err err;
	const struct driver *d = driver_find("guest", &err);

	(void)state;
	assert_non_null(d);
	assert_true(d->polled && d->caps & CAP_EXISTS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_list list = {.count = 0};
		const struct layer_spec spec = {.depth = cases[i].depth, .options = &list};

		while (list.count < 2 && cases[i].option[list.count]) {
			list.item[list.count] = cases[i].option[list.count];
			list.count++;
		}
		if (cases[i].says)
			assert_fails(driver_check(d, &spec, &err), err, EXIT_USAGE, cases[i].says);
		else
			assert_works(driver_check(d, &spec, &err), err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_there_is),
		cmocka_unit_test(says_what_stands_in_the_way),
		cmocka_unit_test(there_is_no_such_domain),
		cmocka_unit_test(answers_may_be_anything),
		cmocka_unit_test(base64),
		cmocka_unit_test(options_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
