/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/domain_xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/image/image.h"
#include "lib/buf.h"
#include "lib/escape.h"
#include "lib/utf8.h"

/* The slots are given, so that devices sit on the root bus: no bridges for the guest to enumerate.
 */
enum {
	SLOT_CHANNEL = 2,
	SLOT_DISK = 3,
	SLOT_SCRATCH = 4,
	SLOT_NET = 5,
	SLOT_BALLOON = 6,
	SLOT_HOSTDEV = 8
};

/* before, the escaped text, after. */
static void add_text(struct buf *b, const char *before, const char *text, const char *after)
{
	buf_addstr(b, before);
	escape_xml(b, text);
	buf_addstr(b, after);
}

/* Where a device sits. */
static void add_slot(struct buf *b, unsigned slot)
{
	buf_addf(b,
		 "      <address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' "
		 "function='0x0'/>\n",
		 slot);
}

static void add_placement(struct buf *b, const struct domain_config *c)
{
	const struct placement *p = c->placement;

	if (!p)
		return;
	buf_addstr(b, "  <cputune>\n");
	for (int i = 0; i < c->vcpus; i++) {
		buf_addf(b, "    <vcpupin vcpu='%d' cpuset='", i);
		if (i < c->measured_vcpus)
			buf_addf(b, "%d", p->measured[i % p->measured_count]);
		else
			buf_addstr(b, p->room_list);
		buf_addstr(b, "'/>\n");
	}
	buf_addstr(b, "    <emulatorpin cpuset='");
	buf_addstr(b, p->room_list);
	buf_addstr(b, "'/>\n  </cputune>\n");
	/* preferred: with strict a node that is too full would get the VM killed while it is
	 * measured. */
	if (p->node >= 0)
		buf_addf(b,
			 "  <numatune>\n    <memory mode='preferred' nodeset='%d'/>\n  "
			 "</numatune>\n",
			 p->node);
}

static void add_boot(struct buf *b, const struct domain_config *c)
{
	buf_addstr(b, "  <os>\n    <type arch='x86_64' machine='q35'>hvm</type>\n");
	if (c->firmware)
		add_text(b, "    <loader type='rom'>", c->firmware, "</loader>\n");
	add_text(b, "    <kernel>", c->kernel, "</kernel>\n");
	if (!c->modules)
		add_text(b, "    <initrd>", c->initrd, "</initrd>\n");
	add_text(b, "    <cmdline>", c->cmdline, "</cmdline>\n");
	buf_addstr(b, "  </os>\n");
}

static void add_cpu(struct buf *b, const struct domain_config *c)
{
	/* ACPI for the power switch and for finding the CPUs; SMM costs boot time and serves
	 * nothing. */
	buf_addstr(b, "  <features>\n    <acpi/>\n    <apic/>\n    <smm state='off'/>\n"
		      "    <vmport state='off'/>\n  </features>\n");
	if (c->cpu_model)
		add_text(b,
			 "  <cpu mode='custom' match='exact' check='none'>\n"
			 "    <model fallback='forbid'>",
			 c->cpu_model, "</model>\n");
	else if (c->accel == ACCEL_KVM)
		buf_addstr(b, "  <cpu mode='host-passthrough'>\n");
	else
		buf_addstr(b, "  <cpu mode='maximum'>\n");
	buf_addf(b, "    <topology sockets='1' dies='1' cores='%d' threads='1'/>\n", c->vcpus);
	if (c->nested)
		buf_addf(b, "    <feature policy='require' name='%s'/>\n", c->nested);
	/* Xen misreads the exit that QEMU reports for RDTSCP; nested paging is what PVH needs. */
	if (c->cpu_model)
		buf_addstr(b, "    <feature policy='disable' name='rdtscp'/>\n");
	if (c->cpu_model && c->nested)
		buf_addstr(b, "    <feature policy='require' name='npt'/>\n");
	if (c->accel != ACCEL_KVM && !c->cpu_model)
		buf_addstr(b, "    <feature policy='disable' name='" CPU_WITHOUT "'/>\n");
	buf_addstr(b, "  </cpu>\n");
}

/*
 * A guest of KVM has a clock and timers of KVM's own. Its kernel looks for an HPET, measures it and
 * may check other clocks by it, each reading of which is a way to QEMU. An emulated guest measures
 * its TSC by it, and a hypervisor as guest takes it for its clock.
 */
static void add_clock(struct buf *b, const struct domain_config *c)
{
	if (c->accel == ACCEL_KVM && !c->modules && !c->hpet)
		buf_addstr(b, "  <clock offset='utc'>\n    <timer name='hpet' present='no'/>\n"
			      "  </clock>\n");
}

static void add_disk(struct buf *b, const struct domain_disk *d, const char *target, unsigned slot,
		     bool read_only)
{
	if (!d->path)
		return;
	buf_addf(b, "    <disk type='%s' device='disk'>\n", d->block ? "block" : "file");
	/* An error is the guest's to tell: else QEMU would stop the VM where a disk is full. */
	buf_addf(b,
		 "      <driver name='qemu' type='raw'%s error_policy='report' "
		 "rerror_policy='report'/>\n",
		 read_only   ? ""
		 : d->direct ? " cache='none' io='native'"
			     : " cache='writeback' io='threads'");
	add_text(b, d->block ? "      <source dev='" : "      <source file='", d->path, "'/>\n");
	if (read_only)
		buf_addf(b, "      <blockio logical_block_size='%d' physical_block_size='%d'/>\n",
			 IMAGE_BLOCK_BYTES, IMAGE_BLOCK_BYTES);
	buf_addf(b, "      <target dev='%s' bus='virtio'/>\n", target);
	if (read_only)
		buf_addstr(b, "      <readonly/>\n");
	if (d->shared)
		buf_addstr(b, "      <shareable/>\n");
	add_slot(b, slot);
	buf_addstr(b, "    </disk>\n");
}

/* A tap that exists already; libvirt neither makes nor removes it. */
static void add_tap(struct buf *b, const struct net_link *net)
{
	if (!net || net->kind == NET_USER || net->kind == NET_NONE)
		return;
	buf_addf(b,
		 "    <interface type='ethernet'>\n      <target dev='%s' managed='no'/>\n"
		 "      <model type='virtio'/>\n      <driver name='%s'/>\n"
		 "      <rom enabled='no'/>\n",
		 net->tap, net->kind == NET_TAP_VHOST ? "vhost" : "qemu");
	add_slot(b, SLOT_NET);
	buf_addstr(b, "    </interface>\n");
}

/*
 * QEMU's user-mode network with its way out shut: every
 * connection that the guest begins is dropped, the parent layer's call is let in. QEMU takes any
 * free port of loopback for it. The card's slot is one that libvirt leaves alone here.
 */
static void add_user_net(struct buf *b, const struct net_link *net)
{
	buf_addf(b,
		 "    <qemu:arg value='-netdev'/>\n"
		 "    <qemu:arg value='user,id=nbnet,restrict=on,ipv6=off,"
		 "hostfwd=tcp:127.0.0.1:0-%.*s:%d'/>\n"
		 "    <qemu:arg value='-device'/>\n"
		 "    <qemu:arg value='virtio-net-pci,netdev=nbnet,id=nbcard,romfile=,"
		 "bus=pcie.0,addr=0x%x'/>\n",
		 (int)strcspn(net->guest, "/"), net->guest, LAYER_NET_PORT, (unsigned)SLOT_NET);
}

/*
 * What libvirt has no element for. Of modules it would take the text for the path of a file. The
 * disk controller and the bus for sensors of a q35 drive nothing here, and each access to the PCI
 * configuration by which a guest finds a device is two VM exits: 155 of 1,436 accesses were theirs.
 */
static void add_qemu_args(struct buf *b, const struct domain_config *c)
{
	buf_addstr(b, "  <qemu:commandline>\n"
		      "    <qemu:arg value='-machine'/>\n"
		      "    <qemu:arg value='sata=off,smbus=off'/>\n");
	if (c->net && c->net->kind == NET_USER)
		add_user_net(b, c->net);
	if (c->modules)
		add_text(b, "    <qemu:arg value='-initrd'/>\n    <qemu:arg value='", c->modules,
			 "'/>\n");
	buf_addstr(b, "  </qemu:commandline>\n");
}

/*
 * libvirt takes the device from its driver and gives it back when the domain ends. It gets a root
 * port of its own, because many drivers expect one above a graphics card.
 */
static void add_hostdev(struct buf *b, const char *address, int i)
{
	unsigned domain, bus, slot, function;

	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return;
	buf_addf(b, "    <controller type='pci' index='%d' model='pcie-root-port'>\n", i + 1);
	add_slot(b, (unsigned)(SLOT_HOSTDEV + i));
	buf_addf(b,
		 "    </controller>\n"
		 "    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n"
		 "        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
		 "      </source>\n"
		 "      <address type='pci' domain='0x0000' bus='0x%02x' slot='0x00' "
		 "function='0x0'/>\n    </hostdev>\n",
		 domain, bus, slot, function, (unsigned)i + 1);
}

/* From memfd, which needs no mounted hugetlbfs and no rights to one. */
static void add_memory_backing(struct buf *b, uint64_t page_bytes)
{
	if (page_bytes)
		buf_addf(b,
			 "  <memoryBacking>\n    <hugepages>\n      <page size='%" PRIu64
			 "' unit='KiB'/>\n    </hugepages>\n    <source type='memfd'/>\n"
			 "  </memoryBacking>\n",
			 page_bytes / 1024);
}

/*
 * By this the guest can have frames taken back (workloads/lib/reclaim.h). Its kernel has no driver
 * for it loaded, so that by itself it gives nothing back and no figure depends on it. Other guests
 * are spared finding it, some 440 VM exits; libvirt adds one where it is told nothing.
 */
static void add_balloon(struct buf *b, bool wanted)
{
	if (!wanted) {
		buf_addstr(b, "    <memballoon model='none'/>\n");
		return;
	}
	buf_addstr(b, "    <memballoon model='virtio' freePageReporting='on'>\n");
	add_slot(b, SLOT_BALLOON);
	buf_addstr(b, "    </memballoon>\n");
}

static void add_devices(struct buf *b, const struct domain_config *c)
{
	buf_addstr(b, "  <devices>\n");
	if (c->emulator)
		add_text(b, "    <emulator>", c->emulator, "</emulator>\n");
	buf_addstr(b, "    <controller type='usb' model='none'/>\n");
	add_disk(b, &c->disk, "vda", SLOT_DISK, true);
	add_disk(b, &c->scratch, "vdb", SLOT_SCRATCH, false);
	add_text(b, "    <serial type='file'>\n      <source path='", c->console_log,
		 "' append='on'/>\n      <target type='isa-serial' port='0'/>\n    </serial>\n");
	if (c->channel) {
		/* By default there is room for 31 ports, and a guest sets up each one's queues. */
		buf_addstr(b, "    <controller type='virtio-serial' index='0' ports='2'>\n");
		add_slot(b, SLOT_CHANNEL);
		buf_addstr(b, "    </controller>\n");
		add_text(b, "    <channel type='unix'>\n      <source mode='bind' path='",
			 c->channel,
			 "'/>\n      <target type='virtio' name='" LAYER_PORT
			 "'/>\n    </channel>\n");
	}
	add_tap(b, c->net);
	for (int i = 0; i < c->hostdevs; i++)
		add_hostdev(b, c->hostdev[i], i);
	add_balloon(b, c->balloon);
	buf_addstr(b, "  </devices>\n");
}

/* XML is UTF-8, and XML 1.0 has no way to write a control character. */
static int check_text(const char *text, struct err *err)
{
	struct err why;

	if (!text || utf8_check(text, "the name", &why) == 0)
		return 0;
	return err_set(err, EXIT_USAGE, "libvirt cannot take \"%.200s\": %s; use another name",
		       text, why.text);
}

char *domain_xml(const struct domain_config *c, struct err *err)
{
	const char *const texts[] = {c->modules,     c->name,	 c->emulator,  c->kernel,
				     c->initrd,	     c->cmdline, c->disk.path, c->scratch.path,
				     c->console_log, c->channel};
	struct buf b = BUF_INIT;
	char *xml;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (check_text(texts[i], err) < 0)
			return NULL;
	buf_addf(&b, "<domain type='%s' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n",
		 c->accel == ACCEL_KVM ? "kvm" : "qemu");
	add_text(&b, "  <name>", c->name, "</name>\n");
	buf_addf(&b, "  <memory unit='KiB'>%" PRIu64 "</memory>\n", c->memory_bytes / 1024);
	add_memory_backing(&b, c->hugepage_bytes);
	buf_addf(&b, "  <vcpu placement='static'>%d</vcpu>\n", c->vcpus);
	add_placement(&b, c);
	add_boot(&b, c);
	add_cpu(&b, c);
	add_clock(&b, c);
	buf_addstr(&b, "  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>destroy</on_reboot>\n"
		       "  <on_crash>destroy</on_crash>\n");
	add_devices(&b, c);
	add_qemu_args(&b, c);
	buf_addstr(&b, "</domain>\n");
	xml = buf_take(&b);
	if (!xml)
		err_set(err, EXIT_INTERNAL, "out of memory");
	return xml;
}

char *domain_cmdline(const char *console, int depth, int below, const char *extra, struct err *err)
{
	struct buf b = BUF_INIT;
	char *line;

	/*
	 * panic=-1: a panic ends the VM at once instead of hanging until the time limit. trust_cpu:
	 * no waiting for entropy. One UART: every probe of a port is a VM exit. no_timer_check: on
	 * a busy machine an emulated timer can fail the kernel's test and the boot with it; as a
	 * KVM guest the kernel skips that test by itself. Whatever could change a measurement
	 * (clock sources, mitigations, timers) is left at the kernel's own choice.
	 */
	buf_addf(&b,
		 "console=%s quiet panic=-1 random.trust_cpu=on 8250.nr_uarts=1 "
		 "no_timer_check " IMAGE_FAST_BOOT " nestbench.depth=%d",
		 console, depth);
	buf_addstr(&b, below ? " " IMAGE_HOSTS : " " IMAGE_LEAF);
	if (extra)
		buf_addf(&b, " %s", extra);
	line = buf_take(&b);
	if (!line)
		err_set(err, EXIT_INTERNAL, "out of memory");
	return line;
}

/* A comma that separates nothing is written twice. */
static void add_module(struct buf *b, const char *text)
{
	for (; *text; text++)
		buf_addf(b, "%s%c", *text == ',' ? "," : "", *text);
}

char *domain_modules(const char *kernel, const char *cmdline, const char *initrd, struct err *err)
{
	struct buf b = BUF_INIT;
	char *text;

	if (strpbrk(kernel, " \t")) {
		err_set(err, EXIT_USAGE,
			"QEMU cannot hand %s to a hypervisor, as there is a space in its path: "
			"choose another image cache with XDG_CACHE_HOME",
			kernel);
		return NULL;
	}
	add_module(&b, kernel);
	buf_addstr(&b, " ");
	add_module(&b, cmdline);
	buf_addstr(&b, ",");
	add_module(&b, initrd);
	text = buf_take(&b);
	if (!text)
		err_set(err, EXIT_INTERNAL, "out of memory");
	return text;
}
