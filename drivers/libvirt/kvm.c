/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind kvm: a VM, by libvirt's QEMU driver. What is here needs no libvirt; the rest of the
 * folder is a module that is loaded when a VM is wanted.
 *
 * Facts beside those of every kind: accel ("kvm" or "tcg", as QEMU itself says), accel_reason (why
 * this one; for each one that was not taken, why not), nested_feature ("svm", "vmx": demanded for
 * this layer; "none"), cpu_without (what an emulated CPU is kept from showing), libvirt, qemu
 * (versions), uri, emulator ("default": libvirt's choice), domain (name), room_reason (why the
 * domain has no vCPU beside the measured ones, where it has none), boot_limit_ns and
 * boot_cpu_wait_ns (what was the limit in the end, and how long the VM waited for a CPU meanwhile,
 * see boot_limit.h), connect_ns (virConnectOpen), qemu_probe_ns (libvirt finding out what QEMU can
 * do), qemu_probe ("cached": it took what was kept of an earlier start, and started no QEMU to ask
 * it; "done"), create_ns (virDomainCreateXML), boot_ns (from the call of virDomainCreateXML),
 * firmware ("qboot", "default": QEMU's), boot_options (what the guest's kernel was told so that it
 * starts faster), disk_cache and scratch_cache, memory_backing ("ordinary pages", "huge pages of 2
 * MiB"), net ("none", or as net_kind_name()), hostdev (the devices handed in, "none").
 */
#include <string.h>

#include "drivers/host/trace_instances.h"
#include "drivers/libvirt/boot_limit.h"
#include "drivers/libvirt/ops.h"
#include "lib/clock.h"
#include "lib/utf8.h"

/* One attempt to boot at the least; a system's libvirt may probe QEMU anew for every VM (where its
 * QEMU user cannot open /dev/kvm), and a VM with a PCI device starts with all its memory pinned. */
#define BOOT_NS (30 * NS_PER_S)
#define SLOW_BOOT_NS (180 * NS_PER_S)
/* Each with the calls of libvirt around it, and longer where the VM waits for a CPU. */
enum { ATTEMPTS = 2 * (BOOT_LIMIT_WALL + 1) };

/* KVM needs a CPU that every layer around it hands on, as far as that is known; emulation needs
 * nothing. */
static int check_outer(const struct layer_spec *spec, enum accel accel, struct err *err)
{
	if (!spec->outer || accel == ACCEL_TCG)
		return 0;
	for (int i = spec->depth - 1; i >= 0 && !(spec->outer[i]->caps & CAP_ATTACHED); i--)
		if (!(spec->outer[i]->caps & CAP_VIRT))
			return err_set(err, EXIT_USAGE,
				       "no VM can be started by KVM in L%d: to what runs in a "
				       "layer of kind %s its CPU shows neither svm nor vmx; have "
				       "the VM emulated (kvm:tcg), or start it elsewhere",
				       i, spec->outer[i]->name);
	return 0;
}

int libvirt_vm_check(const struct layer_spec *spec, struct err *err)
{
	struct kvm_options o;

	if (spec->depth == 0)
		return err_set(err, EXIT_USAGE, "a VM needs a parent layer: the first is bare");
	/* libvirt names it in XML. */
	if (spec->scratch && utf8_check(spec->scratch, "the path of the run directory", err) < 0)
		return err_set(err, EXIT_USAGE,
			       "%s, and libvirt can name no disk there: choose another with --out",
			       err->text);
	if (kvm_options_read(spec, &o, err) < 0 || check_outer(spec, o.accel, err) < 0)
		return -1;
	if (o.emulator && o.emulator[0] != '/')
		return err_set(err, EXIT_USAGE,
			       "the emulator \"%.80s\" of a VM is no absolute path", o.emulator);
	return 0;
}

int libvirt_vm_start(struct layer *layer, const struct libvirt_boot *boot, struct err *err)
{
	const struct libvirt_ops *ops;

	if (layer->spec.waits_for)
		layer->spec.waits_for(layer->spec.waits_ctx, "libvirt's libraries");
	ops = libvirt_ops_load(err);
	return ops ? ops->start(layer, boot, err) : -1;
}

static int start(struct layer *layer, struct err *err)
{
	return libvirt_vm_start(layer, &(struct libvirt_boot){.console = "ttyS0"}, err);
}

void libvirt_vm_examine(struct layer *layer)
{
	struct err ignored;

	if (layer->priv) /* so it is loaded */
		libvirt_ops_load(&ignored)->examine(layer);
}

void libvirt_vm_count(struct layer *layer, enum counting how, struct counts *out)
{
	struct err ignored;

	if (layer->priv)
		libvirt_ops_load(&ignored)->count(layer, how, out);
}

void libvirt_vm_stop(struct layer *layer)
{
	struct err ignored;

	if (layer->priv)
		libvirt_ops_load(&ignored)->stop(layer);
}

static struct start_cost start_cost(const struct layer_spec *spec)
{
	struct kvm_options o;
	struct err ignored;
	bool slow = kvm_options_read(spec, &o, &ignored) == 0 && (o.uri || spec->hostdevs);

	return (struct start_cost){.attempt_ns = slow ? SLOW_BOOT_NS : BOOT_NS,
				   .attempts = ATTEMPTS};
}

static int sweep(const char *uri, const char *prefix, bool dry_run, struct buf *said,
		 struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);

	return ops ? ops->sweep(uri, prefix, dry_run, said, err) : -1;
}

static int runs(const char *uuid, struct buf *said, struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);

	return ops ? ops->runs("qemu:///system", uuid, said, err) : -1;
}

/* What counted for a run that is dead; of whatever run, as their names do not say. */
static int tidy(const char *prefix, bool dry_run, struct buf *said)
{
	return trace_instances_sweep("", dry_run, said);
}

static bool owns_program(const char *program)
{
	return strstr(program, "qemu") || strstr(program, "kvm");
}

/* QEMU names the threads that run its vCPUs "CPU 0/KVM", or "ALL CPUs/TCG" where one runs all. */
static bool is_cpu_thread(const char *comm)
{
	const char *slash = strrchr(comm, '/');

	return slash && (strcmp(slash, "/KVM") == 0 || strcmp(slash, "/TCG") == 0) &&
	       (strncmp(comm, "CPU ", 4) == 0 || strncmp(comm, "ALL CPUs", 8) == 0);
}

const struct driver driver_kvm = {
	.name = "kvm",
	.summary = "a VM: QEMU with KVM, or emulating the CPU, by libvirt",
	.caps = CAP_OWN_KERNEL | CAP_RESOURCES | CAP_SCRATCH | CAP_NET | CAP_SIBLINGS | CAP_HOSTS |
		CAP_DEVICES | CAP_VIRT,
	.isolation = ISOLATION_FULL,
	.options = kvm_option_table,
	.argument = "accel",
	.check = libvirt_vm_check,
	.require = libvirt_vm_require,
	.probe = kvm_doctor,
	.start = start,
	.start_cost = start_cost,
	.examine = libvirt_vm_examine,
	.count = libvirt_vm_count,
	.stop = libvirt_vm_stop,
	.sweep = sweep,
	.tidy = tidy,
	.runs = runs,
	.owns_program = owns_program,
	.is_cpu_thread = is_cpu_thread,
};
