/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind xen: a VM that boots the hypervisor Xen, and on it the guests' kernel as its first guest
 * (dom0), in which the agent runs. Its children are Xen's other guests (domu.c).
 *
 * It is a VM as of kind kvm, with that kind's options and facts; isolation is that of the VM. Its
 * kernel does not run on the VM's CPU, though, but on Xen: in it system calls and page faults cost
 * what they cost a paravirtual guest (fact xen_guest, from the layer itself).
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/image.h"
#include "drivers/libvirt/ops.h"
#include "drivers/xen/parts.h"
#include "lib/clock.h"

/* No more than that in the emulated CPU: what is newer, QEMU's emulation and Xen read differently.
 */
#define EMULATED_CPU "Opteron_G3"
/* vCPU n of dom0 stays on the VM's vCPU n, so that what is placed there is. */
#define CMDLINE "console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=warning dom0_vcpus_pin"

static int find_hypervisor(const struct layer_spec *spec, char path[PATH_MAX], struct err *err)
{
	const char *slash = spec->kernel ? strrchr(spec->kernel, '/') : NULL;

	if (!slash)
		return err_set(err, EXIT_USAGE,
			       "a VM with Xen needs a guest image: build it with `nestbench image "
			       "--with-xen`");
	snprintf(path, PATH_MAX, "%.*s/" IMAGE_HYPERVISOR, (int)(slash - spec->kernel),
		 spec->kernel);
	if (access(path, R_OK) == 0)
		return 0;
	return err_errno(err, EXIT_MACHINE,
			 "the guest image has no Xen (%s): build one with `nestbench image "
			 "--with-xen`",
			 path);
}

static int start(struct layer *layer, struct err *err)
{
	char hypervisor[PATH_MAX];
	const struct libvirt_boot boot = {
		.hypervisor = hypervisor,
		.hypervisor_cmdline = CMDLINE,
		.console = "hvc0",
		.emulated_cpu = EMULATED_CPU,
	};

	const char *emulated;

	if (find_hypervisor(&layer->spec, hypervisor, err) < 0 ||
	    libvirt_vm_start(layer, &boot, err) < 0)
		return -1;
	emulated = facts_get(&layer->facts, "emulated");
	if (emulated && strcmp(emulated, "yes") == 0)
		clock_warn(layer, facts_get(&layer->facts, "room_reason")
					  ? layer->spec.measured_vcpus
					  : layer->spec.vcpus);
	return 0;
}

static struct start_cost start_cost(const struct layer_spec *spec)
{
	struct start_cost cost = driver_kvm.start_cost(spec);

	/* Two kernels boot, one after the other. */
	cost.attempt_ns *= 2;
	return cost;
}

const struct driver driver_xen = {
	.name = "xen",
	.summary = "a VM with the hypervisor Xen and its dom0, which starts pv and pvh",
	.caps = CAP_OWN_KERNEL | CAP_RESOURCES | CAP_SCRATCH | CAP_NET | CAP_SIBLINGS | CAP_HOSTS |
		CAP_HYPERVISOR,
	.isolation = ISOLATION_FULL,
	.options = kvm_option_table,
	.argument = "accel",
	.check = libvirt_vm_check,
	.require = xen_require,
	.start = start,
	.start_cost = start_cost,
	.examine = libvirt_vm_examine,
	.count = libvirt_vm_count,
	.stop = libvirt_vm_stop,
};
