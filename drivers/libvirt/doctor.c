/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/ops.h"

#include <unistd.h>

#include "drivers/host/kvm_host.h"
#include "drivers/libvirt/ladder.h"
#include "lib/parse.h"

static void check_cpu(const struct driver_probe *p, const struct kvm_host *kvm)
{
	char why[512];

	if (kvm->flag)
		p->say(p->ctx, FINDING_OK, "virtualization", "the CPU shows %s", kvm->flag);
	else
		p->say(p->ctx, FINDING_NOTE, "virtualization",
		       "the CPU shows neither svm nor vmx: L1 will be emulated; "
		       "enable it in the firmware, or nesting on the hypervisor below");
	if (kvm_host_usable(kvm, 1, why, sizeof(why)))
		p->say(p->ctx, FINDING_OK, "kvm",
		       "/dev/kvm opens, nesting is on (%s nested=%s, npt/ept=%s)", kvm->module,
		       kvm->nested, kvm->paging);
	else
		p->say(p->ctx, FINDING_NOTE, "kvm", "%s", why);
}

/* A boot proves what flags only promise. 1: it did; 0: it did not; -1: interrupted. */
static int boot(const struct driver_probe *p, const struct libvirt_ops *ops, enum accel accel,
		const char *topic, enum finding when_bad)
{
	struct libvirt_probe probe = {.work_dir = p->work_dir,
				      .kernel = p->kernel,
				      .initrd = p->initrd,
				      .accel = accel,
				      .limit_ns = p->boot_limit_ns,
				      .cancel_fd = p->cancel_fd};
	struct libvirt_probe_result result = {0};
	char time[SIZE_TEXT], why[320];
	struct err err;
	int done = ops->probe(&probe, &result, &err);

	if (done < 0 && err.code == EXIT_INTERRUPTED)
		return -1;
	if (done < 0)
		p->say(p->ctx, FINDING_FAIL, "libvirt", "%s", err.text);
	else if (!result.booted)
		p->say(p->ctx, when_bad, topic, "no VM boots: %s", result.reason);
	else
		p->say(p->ctx, FINDING_OK, topic, "a VM boots in %s (libvirt %s, QEMU %s)",
		       format_duration_short((double)result.boot_ns, time), result.libvirt,
		       result.qemu);
	/* With one vCPU, which is the default, nothing is wrong. */
	if (result.booted && accel == ACCEL_TCG && when_bad == FINDING_FAIL &&
	    ladder_warning(result.qemu, 2, why, sizeof(why)))
		p->say(p->ctx, FINDING_NOTE, "qemu", "with --vcpus 2 or more in L1: %s", why);
	return result.booted;
}

static void check_boots(const struct driver_probe *p, const struct libvirt_ops *ops,
			const struct kvm_host *kvm)
{
	int kvm_boots = 0;
	char why[512];

	if (!ops || !p->kernel) {
		p->say(p->ctx, FINDING_NOTE, "probe boot", "not tried: %s",
		       ops ? "build the image first (nestbench image)" : "libvirt is missing");
		return;
	}
	if (kvm_host_usable(kvm, 0, why, sizeof(why)))
		kvm_boots = boot(p, ops, ACCEL_KVM, "boot with kvm", FINDING_NOTE);
	else
		p->say(p->ctx, FINDING_NOTE, "boot with kvm", "not tried, see kvm above");
	/* The fallback, which a machine that is itself emulated may be too slow for. */
	if (kvm_boots >= 0)
		boot(p, ops, ACCEL_TCG, "boot with tcg", kvm_boots ? FINDING_NOTE : FINDING_FAIL);
}

void kvm_doctor(const struct driver_probe *p)
{
	struct kvm_host kvm;
	struct err err;
	const struct libvirt_ops *ops = libvirt_ops_load(&err);

	kvm_host_read("", &kvm);
	check_cpu(p, &kvm);
	if (!ops)
		p->say(p->ctx, FINDING_FAIL, "libvirt", "%s", err.text);
	driver_probe_tool(p, "qemu", "qemu-system-x86_64", "qemu-system-x86", FINDING_FAIL);
	check_boots(p, ops, &kvm);
}

/* ---- what a run needs ---- */

/* Whether the machine's own kernel runs the layers around it, and so this one. */
static bool is_on_machine(const struct layer_spec *spec)
{
	if (!spec->outer)
		return spec->depth <= 1;
	for (int i = 0; i < spec->depth; i++)
		if (spec->outer[i]->caps & (CAP_OWN_KERNEL | CAP_ATTACHED))
			return false;
	return true;
}

/* The number of the machine around it that exists, of which nothing is known here; -1: none. */
static int find_attached(const struct layer_spec *spec)
{
	for (int i = spec->depth - 1; spec->outer && i >= 0; i--)
		if (spec->outer[i]->caps & CAP_ATTACHED)
			return i;
	return -1;
}

static void require_accel(const struct driver_probe *p, const struct layer_spec *spec,
			  enum accel accel)
{
	struct kvm_host kvm;
	char why[512];

	kvm_host_read("", &kvm);
	if (kvm_host_usable(&kvm, spec->below, why, sizeof(why)))
		p->say(p->ctx, FINDING_OK, "kvm", "%s is shown, /dev/kvm opens%s%s (%s=%s)",
		       kvm.flag, spec->below ? ", nesting is on: nested=" : "",
		       spec->below ? kvm.nested : "", kvm.paging_name,
		       kvm.paging[0] ? kvm.paging : "unknown");
	else if (accel == ACCEL_KVM)
		p->say(p->ctx, FINDING_FAIL, "kvm", "KVM was asked for, but %s", why);
	else
		p->say(p->ctx, FINDING_NOTE, "kvm", "QEMU emulates the CPU: %s", why);
}

/* What it is started with, where that is this machine's. */
static void require_programs(const struct driver_probe *p, const struct kvm_options *o)
{
	struct err err;

	if (libvirt_ops_load(&err))
		p->say(p->ctx, FINDING_OK, "libvirt", "the libvirt driver is there");
	else
		p->say(p->ctx, FINDING_FAIL, "libvirt", "%s", err.text);
	if (!o->emulator && !o->uri)
		driver_probe_tool(p, "qemu", "qemu-system-x86_64", "qemu-system-x86", FINDING_FAIL);
	else if (o->emulator && access(o->emulator, X_OK) == 0)
		p->say(p->ctx, FINDING_OK, "qemu", "%s", o->emulator);
	else if (o->emulator)
		p->say(p->ctx, FINDING_FAIL, "qemu",
		       "the emulator %s cannot be executed: name another with emulator=PATH",
		       o->emulator);
}

/* Of a VM in a layer that is not yet there. */
static void require_outer(const struct driver_probe *p, const struct layer_spec *spec,
			  const struct kvm_options *o)
{
	int there = find_attached(spec);

	if (there >= 0)
		p->say(p->ctx, FINDING_NOTE, "vm",
		       "only L%d, a machine that exists, can tell whether it has KVM, libvirt and "
		       "QEMU",
		       there);
	else
		p->say(p->ctx, FINDING_OK, "vm",
		       "the guest image of the layers around it has KVM's modules, libvirt and "
		       "QEMU");
	if (o->accel == ACCEL_TCG)
		p->say(p->ctx, FINDING_OK, "kvm",
		       "tcg was asked for, which takes no virtualization");
	else if (there < 0)
		p->say(p->ctx, FINDING_OK, "kvm",
		       "the VMs around it show svm or vmx, also where QEMU emulates their CPU");
}

void libvirt_vm_require(const struct driver_probe *p, const struct layer_spec *spec)
{
	struct kvm_options o;
	struct err err;

	if (kvm_options_read(spec, &o, &err) < 0) {
		p->say(p->ctx, FINDING_FAIL, "kvm", "%s", err.text);
		return;
	}
	if (!is_on_machine(spec)) {
		require_outer(p, spec, &o);
		return;
	}
	require_programs(p, &o);
	if (o.uri)
		p->say(p->ctx, FINDING_NOTE, "kvm", "what %s may use is known there alone", o.uri);
	else if (o.accel == ACCEL_TCG)
		p->say(p->ctx, FINDING_OK, "kvm",
		       "tcg was asked for, which takes no virtualization");
	else
		require_accel(p, spec, o.accel);
}
