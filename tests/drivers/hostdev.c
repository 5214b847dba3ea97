/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices of a made-up machine: a tree of files and links as sysfs has it. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/host/hostdev.h"
#include "lib/file.h"

#define GPU "0000:01:00.0"
#define SOUND "0000:01:00.1"
#define DISK "0000:02:00.0"
#define NIC "0000:03:00.0"
#define DEVICES "/sys/bus/pci/devices/"

static char root[64];

static void full(char path[512], const char *name)
{
	snprintf(path, 512, "%s%s", root, name);
}

static void make_parents(char *path)
{
	char *slash = strrchr(path, '/');
	struct err err;

	*slash = '\0';
	assert_works(file_make_dirs(path, &err), err);
	*slash = '/';
}

static void put(const char *name, const char *text)
{
	struct err err;
	char path[512];

	full(path, name);
	make_parents(path);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static const char *get(const char *name, char line[128])
{
	char path[512];

	full(path, name);
	file_line(line, 128, "%s", path);
	return line;
}

/* A link from name to another place of the tree. */
static void join(const char *name, const char *to)
{
	char path[512], target[512];

	full(path, name);
	full(target, to);
	make_parents(path);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void device(const char *address, const char *class, const char *driver, const char *group)
{
	char name[256], to[256];
	struct err err;

	snprintf(name, sizeof(name), "/sys/devices/pci0000:00/%s/class", address);
	put(name, class);
	snprintf(name, sizeof(name), "/sys/devices/pci0000:00/%s/driver_override", address);
	put(name, "(null)\n");
	snprintf(name, sizeof(name), DEVICES "%s", address);
	snprintf(to, sizeof(to), "/sys/devices/pci0000:00/%s", address);
	join(name, to);
	snprintf(name, sizeof(name), "/sys/bus/pci/drivers/%s/unbind", driver);
	put(name, "");
	snprintf(name, sizeof(name), "/sys/bus/pci/drivers/%s/bind", driver);
	put(name, "");
	snprintf(name, sizeof(name), "/sys/devices/pci0000:00/%s/driver", address);
	snprintf(to, sizeof(to), "/sys/bus/pci/drivers/%s", driver);
	join(name, to);
	if (!group)
		return;
	snprintf(to, sizeof(to), "%s/sys/kernel/iommu_groups/%s/devices/%s", root, group, address);
	assert_works(file_make_dirs(to, &err), err);
	snprintf(name, sizeof(name), "/sys/devices/pci0000:00/%s/iommu_group", address);
	snprintf(to, sizeof(to), "/sys/kernel/iommu_groups/%s", group);
	join(name, to);
}

static int make(void **state)
{
	(void)state;
	strcpy(root, "/tmp/nestbench-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	device(GPU, "0x030000\n", "nouveau", "14");
	device(SOUND, "0x040300\n", "snd_hda_intel", "14");
	device(DISK, "0x010802\n", "nvme", "15");
	device(NIC, "0x020000\n", "e1000e", "16");
	put("/sys/bus/pci/drivers/vfio-pci/bind", "");
	join("/sys/block/nvme0n1", "/sys/devices/pci0000:00/" DISK "/nvme/nvme0/nvme0n1");
	put("/sys/devices/pci0000:00/" DISK "/nvme/nvme0/nvme0n1/nvme0n1p2/size", "1\n");
	join("/sys/class/net/eth0", "/sys/devices/pci0000:00/" NIC "/net/eth0");
	put("/sys/devices/pci0000:00/" NIC "/net/eth0/mtu", "1500\n");
	put("/proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n");
	put("/proc/net/route", "Iface\tDestination\tGateway\n");
	return 0;
}

static int clear(void **state)
{
	struct err err;

	(void)state;
	return file_remove_tree(root, &err);
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *address;
	} good[] = {{"0000:01:00.0", "0000:01:00.0"},
		    {"01:00.0", "0000:01:00.0"},
		    {"0001:FF:1f.7", "0001:ff:1f.7"}};
	static const char *const bad[] = {"",	       "01:00",		"1.0",	    "0000:01:20.0",
					  "01:00.8",   "0000:01:00.0x", "01:00.0 ", "GPU",
					  "-1:00.0",   "../../etc",	"0x1:00.0", "00000:01:00.0",
					  "01:00.0/.."};
	char address[PCI_ADDRESS];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_works(hostdev_parse(good[i].text, address, &err), err);
		assert_string_equal(address, good[i].address);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(hostdev_parse(bad[i], address, &err), err, EXIT_USAGE,
			     "is not a PCI address of the form 0000:01:00.0");
}

static void refused(const char *address, const char *why)
{
	char list[1][PCI_ADDRESS];
	struct err err;

	strcpy(list[0], address);
	assert_fails(hostdev_check(root, (const char(*)[PCI_ADDRESS])list, 1, true, &err), err,
		     EXIT_MACHINE, why);
	assert_non_null(strstr(err.text, address));
}

static void accepted(const char *address)
{
	char list[1][PCI_ADDRESS];
	struct err err;

	strcpy(list[0], address);
	assert_works(hostdev_check(root, (const char(*)[PCI_ADDRESS])list, 1, true, &err), err);
}

static void a_whole_group_is_fine(void **state)
{
	static const char both[][PCI_ADDRESS] = {GPU, SOUND}, twice[][PCI_ADDRESS] = {GPU, GPU};
	struct err err;

	(void)state;
	assert_works(hostdev_check(root, both, 2, true, &err), err);
	assert_works(hostdev_check(root, both, 0, false, &err), err);
	assert_fails(hostdev_check(root, twice, 2, true, &err), err, EXIT_USAGE, "given twice");
	refused(GPU, SOUND " is in the same IOMMU group and used by snd_hda_intel: assign it "
			   "too with another --hostdev " SOUND);
	/* At rest, or with VFIO already. */
	join("/sys/devices/pci0000:00/" SOUND "/driver", "/sys/bus/pci/drivers/vfio-pci");
	accepted(GPU);
	/* Bridges of the group stay with the machine. */
	device("0000:00:01.0", "0x060400\n", "pcieport", "14");
	accepted(GPU);
}

static void what_the_machine_lacks(void **state)
{
	char path[512];

	(void)state;
	refused("0000:09:00.0", "it does not exist");
	device("0000:04:00.0", "0x030200\n", "nouveau", NULL);
	refused("0000:04:00.0", "it is in no IOMMU group: switch on VT-d or AMD-Vi");
	device("0000:00:01.0", "0x060400\n", "pcieport", "1");
	refused("0000:00:01.0", "it is a bridge");
	put("/sys/devices/pci0000:00/" GPU "/boot_vga", "1\n");
	refused(GPU, "it shows the boot display");
	full(path, "/sys/bus/pci/drivers/vfio-pci/bind");
	unlink(path);
	full(path, "/sys/bus/pci/drivers/vfio-pci");
	rmdir(path);
	{
		static const char nic[][PCI_ADDRESS] = {NIC};
		struct err err;

		assert_fails(hostdev_check(root, nic, 1, true, &err), err, EXIT_MACHINE,
			     "no driver vfio-pci");
	}
}

static void disks_in_use(void **state)
{
	char path[512];

	(void)state;
	accepted(DISK);
	put("/proc/self/mounts", "/dev/nvme0n10 / ext4 rw 0 0\n/dev/nvme0n1p /x ext4 rw 0 0x\n");
	put("/proc/self/mounts", "/dev/nvme0n10 / ext4 rw 0 0\n");
	accepted(DISK);
	put("/proc/self/mounts", "proc /proc proc rw 0 0\n/dev/nvme0n1p2 / ext4 rw 0 0\n");
	refused(DISK, "it carries the disk nvme0n1, which is in use");
	put("/proc/self/mounts", "");
	accepted(DISK);
	put("/proc/swaps", "Filename Type\n/dev/nvme0n1p2 partition\n");
	refused(DISK, "which is in use");
	put("/proc/swaps", "Filename Type\n");
	put("/sys/devices/pci0000:00/" DISK "/nvme/nvme0/nvme0n1/nvme0n1p2/holders/dm-0", "");
	refused(DISK, "which is in use");
	full(path, "/sys/devices/pci0000:00/" DISK "/nvme/nvme0/nvme0n1/nvme0n1p2/holders/dm-0");
	unlink(path);
	accepted(DISK);
}

static void the_way_to_the_world(void **state)
{
	(void)state;
	put("/proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
			       "eth0\t0000FEA9\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n");
	accepted(NIC);
	put("/proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
			       "eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	refused(NIC, "it carries the network card eth0, which has the default route");
	/* Through a bridge over a bond. */
	put("/proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
			       "br0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	accepted(NIC);
	join("/sys/class/net/br0", "/sys/devices/virtual/net/br0");
	join("/sys/devices/virtual/net/br0/lower_bond0", "/sys/devices/virtual/net/bond0");
	join("/sys/class/net/bond0", "/sys/devices/virtual/net/bond0");
	join("/sys/devices/virtual/net/bond0/lower_eth0", "/sys/class/net/eth0");
	refused(NIC, "the network card br0, which has the default route");
	put("/proc/net/route", "");
	put("/proc/net/ipv6_route",
	    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	    "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n");
	refused(NIC, "the default route");
}

static void without_root(void **state)
{
	static const char nic[][PCI_ADDRESS] = {NIC};
	char path[512];
	struct err err;

	(void)state;
	assert_fails(hostdev_check(root, nic, 1, false, &err), err, EXIT_MACHINE,
		     "only root may take it from its driver e1000e");
	join("/sys/devices/pci0000:00/" NIC "/driver", "/sys/bus/pci/drivers/vfio-pci");
	assert_fails(hostdev_check(root, nic, 1, false, &err), err, EXIT_MACHINE,
		     "this user may not open");
	put("/dev/vfio/16", "");
	full(path, "/dev/vfio/16");
	assert_works(hostdev_check(root, nic, 1, false, &err), err);
}

static void put_back_only_what_moved(void **state)
{
	struct hostdev_state before;
	struct err err;
	char line[128];

	(void)state;
	hostdev_save(root, NIC, &before);
	assert_string_equal(before.driver, "e1000e");
	assert_string_equal(before.override, "");
	assert_works(hostdev_restore(root, &before, &err), err);
	assert_string_equal(get("/sys/bus/pci/drivers/e1000e/bind", line), "");

	/* Left with VFIO by somebody who was killed. */
	join("/sys/devices/pci0000:00/" NIC "/driver", "/sys/bus/pci/drivers/vfio-pci");
	put("/sys/devices/pci0000:00/" NIC "/driver_override", "vfio-pci\n");
	put("/sys/bus/pci/drivers/vfio-pci/unbind", "");
	assert_works(hostdev_restore(root, &before, &err), err);
	assert_string_equal(get("/sys/bus/pci/drivers/vfio-pci/unbind", line), NIC);
	assert_string_equal(get("/sys/bus/pci/drivers/e1000e/bind", line), NIC);
	assert_string_equal(get("/sys/devices/pci0000:00/" NIC "/driver_override", line), "");
}

static void what_cannot_be_put_back_is_said(void **state)
{
	struct hostdev_state before;
	struct err err;
	char path[512];

	(void)state;
	hostdev_save(root, NIC, &before);
	join("/sys/devices/pci0000:00/" NIC "/driver", "/sys/bus/pci/drivers/vfio-pci");
	full(path, "/sys/bus/pci/drivers/e1000e/bind");
	unlink(path);
	assert_fails(hostdev_restore(root, &before, &err), err, EXIT_MACHINE,
		     NIC " is bound to the driver \"vfio-pci\" and was bound to \"e1000e\"");
}

static void whose_they_were_is_noted(void **state)
{
	static const char *const bad[] = {
		"0000:01:00.0 e1000e\n",	"nothing e1000e -\n",
		"0000:01:00.0 ../../x -\n",	"0000:01:00.0 e1000e /x\n",
		"0000:01:00.0 e1000e - more\n", "\n"};
	struct hostdev_state before[2] = {{NIC, "e1000e", ""}, {GPU, "", "vfio-pci"}},
			     after[HOSTDEV_MAX];
	char path[512], many[HOSTDEV_MAX * 20 + 40] = "";
	struct err err;

	(void)state;
	full(path, "/" HOSTDEV_NOTE);
	assert_int_equal(hostdev_read_note(path, after, &err), 0);
	assert_works(hostdev_note(path, before, 2, &err), err);
	assert_int_equal(hostdev_read_note(path, after, &err), 2);
	assert_memory_equal(before, after, sizeof(before));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("/" HOSTDEV_NOTE, bad[i]);
		assert_fails(hostdev_read_note(path, after, &err), err, err.code, HOSTDEV_NOTE);
	}
	for (int i = 0; i <= HOSTDEV_MAX; i++)
		strcat(many, NIC " - -\n");
	put("/" HOSTDEV_NOTE, many);
	assert_fails(hostdev_read_note(path, after, &err), err, EXIT_INTERNAL,
		     "more than 8 devices");
}

static void groups_are_counted(void **state)
{
	(void)state;
	assert_int_equal(hostdev_count_groups(root), 3);
	assert_int_equal(hostdev_count_groups("/nonexistent"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test_setup_teardown(a_whole_group_is_fine, make, clear),
		cmocka_unit_test_setup_teardown(what_the_machine_lacks, make, clear),
		cmocka_unit_test_setup_teardown(disks_in_use, make, clear),
		cmocka_unit_test_setup_teardown(the_way_to_the_world, make, clear),
		cmocka_unit_test_setup_teardown(without_root, make, clear),
		cmocka_unit_test_setup_teardown(put_back_only_what_moved, make, clear),
		cmocka_unit_test_setup_teardown(what_cannot_be_put_back_is_said, make, clear),
		cmocka_unit_test_setup_teardown(whose_they_were_is_noted, make, clear),
		cmocka_unit_test_setup_teardown(groups_are_counted, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
