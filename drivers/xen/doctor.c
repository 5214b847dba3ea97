/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether guests of Xen can be started, for doctor and before a run. */
#include <string.h>

#include "drivers/host/kvm_host.h"
#include "drivers/xen/parts.h"
#include "lib/file.h"

/* Of the machine itself. */
static void say_dom0(const struct driver_probe *p, enum finding missing)
{
	char type[32], version[64];

	file_line(type, sizeof(type), "/sys/hypervisor/type");
	dom0_version(version, sizeof(version));
	if (dom0_is_here())
		p->say(p->ctx, FINDING_OK, "xen", "this machine is the dom0 of Xen %s", version);
	else
		p->say(p->ctx, missing, "xen",
		       "this machine is no dom0 of Xen (/sys/hypervisor/type is \"%s\", "
		       "/proc/xen/capabilities has no control_d): put domains into a VM with Xen, "
		       "--layers xen/pv, or boot the machine with Xen (apt-get install "
		       "xen-system-amd64)",
		       type);
}

/* What Xen offers domains on this machine: "xen-3.0-x86_64 hvm-3.0-x86_32p …". */
static void say_hardware(const struct driver_probe *p)
{
	char offers[256];

	file_line(offers, sizeof(offers), "/sys/hypervisor/properties/capabilities");
	if (strstr(offers, "hvm-3.0"))
		p->say(p->ctx, FINDING_OK, "xen hardware", "Xen offers %s", offers);
	else
		p->say(p->ctx, FINDING_FAIL, "xen hardware",
		       "Xen offers no domain on the CPU's virtualization (\"%s\" names no hvm): "
		       "switch svm or vmx on in the firmware, or use pv",
		       offers);
}

void domu_probe(const struct driver_probe *p)
{
	say_dom0(p, FINDING_NOTE);
}

static void require(const struct driver_probe *p, const struct layer_spec *spec, bool hardware)
{
	if (spec->depth > 1) {
		p->say(p->ctx, FINDING_OK, "xen", "its parent layer is the dom0 of a VM with Xen");
		return;
	}
	say_dom0(p, FINDING_FAIL);
	if (hardware && dom0_is_here())
		say_hardware(p);
}

void pv_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	require(p, spec, false);
}

void pvh_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	require(p, spec, true);
}

void xen_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	struct kvm_host kvm;
	char why[512];

	kvm_host_read("", &kvm);
	if (spec->depth > 1)
		p->say(p->ctx, FINDING_OK, "xen",
		       "the VM with Xen has the CPU of its parent layer, a VM that may host");
	else if (kvm_host_usable(&kvm, spec->below, why, sizeof(why)))
		p->say(p->ctx, FINDING_OK, "xen",
		       "the VM with Xen runs by KVM, and shows %s to Xen, which pvh needs",
		       kvm.flag);
	else
		p->say(p->ctx, FINDING_NOTE, "xen",
		       "the CPU of the VM with Xen is emulated, with svm and nested paging: %s",
		       why);
}
