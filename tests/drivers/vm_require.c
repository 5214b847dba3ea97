/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether a VM can be started, as far as no machine makes it different. */
#include "drivers/libvirt/ops.h"

#include "tests/check.h"

#include <stdarg.h>

#include "drivers/host/kvm_host.h"

struct heard {
	enum finding worst;
	char kvm[600]; /* what was said of KVM, or of the VM as a whole where it failed */
};

static void __attribute__((format(printf, 4, 5)))
hear(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
{
	struct heard *h = ctx;
	va_list ap;

	if (strcmp(topic, "kvm") != 0)
		return;
	h->worst = f;
	va_start(ap, fmt);
	vsnprintf(h->kvm, sizeof(h->kvm), fmt, ap);
	va_end(ap);
}

static const struct driver machine = {.name = "machine", .caps = CAP_VIRT},
			   vm = {.name = "vm", .caps = CAP_VIRT | CAP_OWN_KERNEL},
			   blind = {.name = "blind", .caps = CAP_OWN_KERNEL},
			   process = {.name = "process", .caps = CAP_VIRT},
			   there = {.name = "there", .caps = CAP_ATTACHED | CAP_VIRT};

static struct heard ask(int depth, const struct driver *parent, const char *option)
{
	const struct driver *outer[] = {&machine, parent, &process};
	const struct text_list options = {.item = {option}, .count = option ? 1 : 0};
	const struct layer_spec spec = {.depth = depth, .outer = outer, .options = &options};
	struct heard h = {FINDING_OK, ""};
	const struct driver_probe p = {.cancel_fd = -1, .say = hear, .ctx = &h};
	struct err err;

	if (libvirt_vm_check(&spec, &err) < 0) {
		h.worst = FINDING_FAIL;
		snprintf(h.kvm, sizeof(h.kvm), "%.500s", err.text);
	} else {
		libvirt_vm_require(&p, &spec);
	}
	return h;
}

static void expect(struct heard h, enum finding f, const char *part)
{
	if (h.worst != f || !strstr(h.kvm, part))
		fail_msg("%d \"%s\" is not %d, or does not hold \"%s\"", (int)h.worst, h.kvm,
			 (int)f, part);
}

static void test_options(void **state)
{
	(void)state;
	expect(ask(1, NULL, "accel=hvf"), FINDING_FAIL, "accel: there is no \"hvf\"");
	expect(ask(1, NULL, "accel=tcg"), FINDING_OK, "takes no virtualization");
	expect(ask(1, NULL, "uri=qemu:///system"), FINDING_NOTE,
	       "what qemu:///system may use is known there alone");
}

static void test_outer_layers(void **state)
{
	(void)state;
	expect(ask(2, &vm, NULL), FINDING_OK, "the VMs around it show svm or vmx");
	expect(ask(2, &blind, NULL), FINDING_FAIL,
	       "no VM can be started by KVM in L1: to what runs in a layer of kind blind its CPU "
	       "shows neither svm nor vmx");
	expect(ask(3, &blind, "accel=kvm"), FINDING_FAIL,
	       "in L1: to what runs in a layer of kind "
	       "blind");
	expect(ask(3, &blind, "accel=tcg"), FINDING_OK, "takes no virtualization");
	/* Nothing is said of KVM on a machine that nothing is known of. */
	expect(ask(2, &there, NULL), FINDING_OK, "");
}

/* In a layer that shares the machine's kernel, this machine decides as for its own child. */
static void test_machine(void **state)
{
	struct heard own = ask(1, NULL, NULL), in_process = ask(2, &process, NULL),
		     only_kvm = ask(1, NULL, "accel=kvm");
	struct kvm_host kvm;
	char why[512];

	(void)state;
	kvm_host_read("", &kvm);
	assert_string_equal(own.kvm, in_process.kvm);
	if (kvm_host_usable(&kvm, 0, why, sizeof(why))) {
		expect(own, FINDING_OK, kvm.flag);
		expect(only_kvm, FINDING_OK, kvm.flag);
	} else {
		expect(own, FINDING_NOTE, why);
		expect(only_kvm, FINDING_FAIL, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_outer_layers),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
