/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "drivers/image/image.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/firmware.h"
#include "lib/file.h"

static const struct placement two_cores = {
	.measured = {0},
	.measured_count = 1,
	.room = {1},
	.room_count = 1,
	.room_list = "1",
	.node = -1,
};

static const struct placement server = {
	.measured = {4, 6, 8, 10},
	.measured_count = 4,
	.room = {12, 13, 14, 15},
	.room_count = 4,
	.room_list = "12-15",
	.node = 1,
};

static struct domain_config base(void)
{
	return (struct domain_config){
		.name = "nestbench-r1-1",
		.accel = ACCEL_TCG,
		.vcpus = 1,
		.measured_vcpus = 1,
		.memory_bytes = UINT64_C(512) << 20,
		.kernel = "/i/kernel",
		.initrd = "/i/initrd",
		.cmdline = "console=ttyS0",
		.disk = {.path = "/i/root.img", .shared = true},
		.console_log = "/w/console-1.log",
		.channel = "/w/agent-1.sock",
	};
}

static void check_golden(const struct domain_config *c, const char *name)
{
	struct err err;
	char *xml = domain_xml(c, &err);

	if (!xml)
		fail_msg("%s", err.text);
	assert_golden(name, xml);
	free(xml);
}

static void tcg_alone(void **state)
{
	const struct domain_config c = base();

	(void)state;
	check_golden(&c, "drivers/golden/tcg.xml");
}

static void another_qemu(void **state)
{
	struct domain_config c = base();
	struct err err;
	char *xml;

	(void)state;
	c.emulator = "/opt/a&b/qemu";
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	assert_non_null(strstr(xml, "<devices>\n    <emulator>/opt/a&amp;b/qemu</emulator>\n"));
	free(xml);
}

static void another_firmware(void **state)
{
	struct domain_config c = base();
	struct err err;
	char *xml;

	(void)state;
	c.firmware = "/opt/a&b/rom";
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	assert_non_null(strstr(xml, "    <loader type='rom'>/opt/a&amp;b/rom</loader>\n"
				    "    <kernel>/i/kernel</kernel>\n"));
	free(xml);
}

static void firmware_is_chosen_by_the_kernel(void **state)
{
	char *dir = test_dir_make(), elf[128], other[128];
	bool here = access(FIRMWARE_QBOOT, R_OK) == 0;
	struct err err;

	(void)state;
	snprintf(elf, sizeof(elf), "%s/elf", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_works(file_write_whole(elf, "\177ELF\2", 5, &err), err);
	assert_works(file_write_whole(other, "MZ\xea", 3, &err), err);
	assert_string_equal(firmware_name(firmware_choose(elf, 0)), here ? "qboot" : "default");
	assert_null(firmware_choose(elf, 1));
	assert_null(firmware_choose(other, 0));
	assert_null(firmware_choose("/nosuch/kernel", 0));
	test_dir_remove(dir);
}

static void tcg_hosts_another_layer(void **state)
{
	const struct net_link user = {.kind = NET_USER, .guest = "10.0.2.15/24"},
			      tap = {.kind = NET_TAP,
				     .tap = "nbt4711n0",
				     .guest = "169.254.128.2/30"};
	struct domain_config c = base();

	(void)state;
	c.nested = "svm";
	c.vcpus = 2;
	c.placement = &two_cores;
	c.scratch = (struct domain_disk){.path = "/s/scratch.raw", .direct = true};
	check_golden(&c, "drivers/golden/tcg-nested.xml");
	c.net = &user;
	check_golden(&c, "drivers/golden/tcg-net.xml");
	c.net = &tap;
	c.hugepage_bytes = 2 << 20;
	check_golden(&c, "drivers/golden/tcg-tap-hugepages.xml");
}

static void kvm_on_intel(void **state)
{
	struct domain_config c = base();

	(void)state;
	c.accel = ACCEL_KVM;
	c.nested = "vmx";
	c.vcpus = 6;
	c.measured_vcpus = 4;
	c.placement = &server;
	c.scratch = (struct domain_disk){.path = "/s/scratch.raw"};
	check_golden(&c, "drivers/golden/kvm-intel.xml");
}

/* As L1 starts L2: the disks are the block devices that it was given itself. */
static void kvm_on_amd_with_block_devices(void **state)
{
	struct domain_config c = base();

	(void)state;
	c.accel = ACCEL_KVM;
	c.nested = "svm";
	c.disk = (struct domain_disk){.path = "/dev/vda", .block = true, .shared = true};
	c.scratch = (struct domain_disk){.path = "/dev/vdb", .block = true, .direct = true};
	check_golden(&c, "drivers/golden/kvm-amd.xml");
}

/* A graphics card and its sound, 1 GiB pages, and packets carried by the kernel. */
static void kvm_with_all_that_can_be_lent(void **state)
{
	static const char devices[][PCI_ADDRESS] = {"0000:01:00.0", "0001:ff:1f.7"};
	const struct net_link vhost = {
		.kind = NET_TAP_VHOST, .tap = "nbt1n12", .guest = "169.254.128.6/30"};
	struct domain_config c = base();

	(void)state;
	c.accel = ACCEL_KVM;
	c.memory_bytes = UINT64_C(8) << 30;
	c.hugepage_bytes = UINT64_C(1) << 30;
	c.net = &vhost;
	c.hostdev = devices;
	c.hostdevs = 2;
	c.balloon = c.hpet = true;
	check_golden(&c, "drivers/golden/kvm-assigned.xml");
}

static void probe_without_disk_and_port(void **state)
{
	struct domain_config c = base();

	(void)state;
	c.disk.path = NULL;
	c.channel = NULL;
	check_golden(&c, "drivers/golden/probe.xml");
}

/* Where the CPU is emulated; by KVM on a machine's own CPU all of it is shown. */
static void a_hypervisor_with_its_modules(void **state)
{
	const struct net_link user = {.kind = NET_USER, .guest = "10.0.2.15/24"};
	struct domain_config c = base();
	struct err err;
	char *xml;

	(void)state;
	c.kernel = "/i/xen";
	c.cmdline = "console=com1";
	c.modules = "/i/kernel console=hvc0 a&b,/i/initrd";
	c.cpu_model = "Opteron_G3";
	c.nested = "svm";
	check_golden(&c, "drivers/golden/tcg-xen.xml");
	c.net = &user;
	c.cpu_model = NULL;
	c.accel = ACCEL_KVM;
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	assert_non_null(strstr(xml, "<cpu mode='host-passthrough'>"));
	assert_null(strstr(xml, "npt"));
	assert_null(strstr(xml, "<initrd>"));
	/* There may be one such element. */
	assert_null(strstr(strstr(xml, "<qemu:commandline>") + 1, "<qemu:commandline>"));
	assert_non_null(strstr(xml, "user,id=nbnet"));
	free(xml);
	c.modules = "\x01";
	assert_null(domain_xml(&c, &err));
}

/* QEMU takes one comma for the end of a module, and a space for the end of its path. */
static void modules_with_commas_and_spaces(void **state)
{
	struct err err;
	char *text = domain_modules("/i/k,1", "a=b,c d", "/i,i/initrd", &err);

	(void)state;
	assert_non_null(text);
	assert_string_equal(text, "/i/k,,1 a=b,,c d,/i,,i/initrd");
	free(text);
	text = domain_modules("/i i/k", "a", "/i/initrd", &err);
	assert_null(text);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "a space in its path"));
}

static void strings_are_escaped(void **state)
{
	struct domain_config c = base();
	struct err err;
	char *xml;

	(void)state;
	c.disk.path = "/i/a&b<c>'d'\"e\".img";
	c.cmdline = "a=\"1 & 2\"";
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	assert_non_null(strstr(xml, "'/i/a&amp;b&lt;c&gt;&apos;d&apos;&quot;e&quot;.img'"));
	assert_non_null(strstr(xml, "<cmdline>a=&quot;1 &amp; 2&quot;</cmdline>"));
	free(xml);
}

static void what_xml_cannot_hold_is_refused(void **state)
{
	struct domain_config c = base();
	struct err err = {0};

	(void)state;
	c.disk.path = "/i/a\nb.img";
	assert_null(domain_xml(&c, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "control character"));
	c.disk.path = "/i/a\xff.img";
	assert_null(domain_xml(&c, &err));
	assert_non_null(strstr(err.text, "byte 5 is \\xff, which is not UTF-8"));
	c = base();
	c.emulator = "/q\xff";
	assert_null(domain_xml(&c, &err));
}

/* More measured vCPUs than the plan has CPUs for: they share them in turn. */
static void plan_smaller_than_the_vm(void **state)
{
	struct domain_config c = base();
	struct err err;
	char *xml;

	(void)state;
	c.vcpus = c.measured_vcpus = 6;
	c.placement = &server;
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	assert_non_null(strstr(xml, "<vcpupin vcpu='3' cpuset='10'/>"));
	assert_non_null(strstr(xml, "<vcpupin vcpu='4' cpuset='4'/>"));
	free(xml);
}

static void command_line(void **state)
{
	struct err err;
	char *line = domain_cmdline("ttyS0", 2, 0, NULL, &err),
	     *host = domain_cmdline("ttyS0", 1, 1, NULL, &err),
	     *probe = domain_cmdline("ttyS0", 1, 0, "a.b", &err);

	(void)state;
	assert_non_null(line);
	assert_non_null(host);
	assert_non_null(probe);
	assert_non_null(strstr(line, "console=ttyS0 "));
	assert_non_null(strstr(line, " nestbench.depth=2"));
	assert_non_null(strstr(line, " " IMAGE_LEAF));
	assert_null(strstr(line, IMAGE_HOSTS));
	assert_non_null(strstr(host, " nestbench.depth=1 " IMAGE_HOSTS));
	assert_null(strstr(host, IMAGE_LEAF));
	assert_non_null(strstr(probe, " nestbench.depth=1 "));
	assert_non_null(strstr(probe, " a.b"));
	/* What is measured must be what the kernel itself would choose. */
	assert_null(strstr(line, "tsc="));
	assert_null(strstr(line, "clocksource="));
	assert_null(strstr(line, "mitigations="));
	free(line);
	free(host);
	free(probe);
}

static void test_shared_scratch(void **state)
{
	struct domain_config c = base();
	struct err err;
	char *xml, *scratch;

	(void)state;
	c.scratch = (struct domain_disk){.path = "/s/scratch.raw", .direct = true, .shared = true};
	xml = domain_xml(&c, &err);
	assert_non_null(xml);
	scratch = strstr(xml, "vdb");
	assert_non_null(scratch);
	assert_non_null(strstr(scratch, "<shareable/>"));
	assert_null(strstr(scratch, "<readonly/>"));
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcg_alone),
		cmocka_unit_test(another_qemu),
		cmocka_unit_test(another_firmware),
		cmocka_unit_test(firmware_is_chosen_by_the_kernel),
		cmocka_unit_test(tcg_hosts_another_layer),
		cmocka_unit_test(kvm_on_intel),
		cmocka_unit_test(kvm_on_amd_with_block_devices),
		cmocka_unit_test(kvm_with_all_that_can_be_lent),
		cmocka_unit_test(probe_without_disk_and_port),
		cmocka_unit_test(a_hypervisor_with_its_modules),
		cmocka_unit_test(modules_with_commas_and_spaces),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(what_xml_cannot_hold_is_refused),
		cmocka_unit_test(plan_smaller_than_the_vm),
		cmocka_unit_test(command_line),
		cmocka_unit_test(test_shared_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
