/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/ladder.h"

#include <stdio.h>
#include <string.h>

#include "drivers/host/kvm_host.h"
#include "lib/clock.h"
#include "lib/cpu_signature.h"

static void add(struct ladder *l, enum accel accel)
{
	l->accel[l->count++] = accel;
}

int ladder_choose(struct ladder *l, const struct layer_spec *c, enum accel asked,
		  const struct kvm_host *kvm, bool emulated, struct err *err)
{
	char why[256];
	bool usable = kvm_host_usable(kvm, c->below, why, sizeof(why));
	bool falls_back = asked == ACCEL_AUTO && !emulated && c->depth <= 1;

	if (asked == ACCEL_KVM && !usable)
		return err_set(err, EXIT_MACHINE, "KVM was asked for, but %s", why);
	if (asked == ACCEL_TCG || !usable) {
		add(l, ACCEL_TCG);
	} else {
		add(l, ACCEL_KVM);
		add(l, falls_back ? ACCEL_TCG : ACCEL_KVM);
	}
	if (asked != ACCEL_AUTO)
		buf_addf(&l->reason, "%s was asked for", accel_name(asked));
	else if (!usable)
		buf_addf(&l->reason, "not kvm: %s", why);
	return 0;
}

bool ladder_is_emulated(void)
{
	char name[HYPERVISOR_NAME];

	return hypervisor_read(name) && cpu_signature(name) == SIGNATURE_EMULATED;
}

uint64_t ladder_limit_ns(const struct ladder *l, const struct layer_spec *c, int step)
{
	bool last = step == l->count - 1 || l->accel[step] == l->accel[step + 1];
	uint64_t seconds = (last ? 60 : 20) * (uint64_t)(c->depth > 0 ? c->depth : 1);

	return c->boot_limit_ns ? c->boot_limit_ns : seconds * NS_PER_S;
}

bool ladder_warning(const char *qemu, int vcpus, char *text, size_t size)
{
	int major, minor;

	if (vcpus < 2 || sscanf(qemu, "%d.%d", &major, &minor) != 2 || major > 8 ||
	    (major == 8 && minor >= 1))
		return false;
	snprintf(text, size,
		 "QEMU %s emulates it with %d vCPUs: before QEMU 8.1 such a layer can freeze or "
		 "panic while it runs VMs; use one vCPU (--vcpus 1) or a newer QEMU (--qemu PATH; "
		 "Debian 13 and bookworm-backports have one)",
		 qemu, vcpus);
	return true;
}

int ladder_vcpus(const struct layer_spec *c, enum accel accel, int host_cpus, const char **why)
{
	*why = NULL;
	if (c->vcpus == c->measured_vcpus)
		return c->vcpus;
	if (accel == ACCEL_TCG && c->below > 0)
		*why = "QEMU's emulation of nested virtualization loses guests of a VM with "
		       "several vCPUs";
	else if (host_cpus <= c->measured_vcpus)
		*why = "the parent layer has no CPU beside the measured ones";
	return *why ? c->measured_vcpus : c->vcpus;
}
