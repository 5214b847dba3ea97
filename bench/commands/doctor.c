/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cleanup/owners.h"
#include "bench/cleanup/reaper.h"
#include "bench/commands/command.h"
#include "bench/plan/vm_size.h"
#include "bench/session/disturbance.h"
#include "drivers/host/hostdev.h"
#include "drivers/host/kvm_host.h"
#include "drivers/host/machine.h"
#include "drivers/host/net_link.h"
#include "drivers/host/placement.h"
#include "drivers/image/image.h"
#include "drivers/ladder.h"
#include "drivers/libvirt/ops.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/environment.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "lib/tty.h"

static const struct option options[] = {
	{"boot-limit", OPT_DURATION, 0, "TIME", NULL, NS_PER_S, 3600 * NS_PER_S,
	 "give the probe boots up after this time (default: 20 s, not counting waits for a CPU, "
	 "and "
	 "longer while the VM makes progress)"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench doctor",
	.examples = "  nestbench doctor\n",
	.about = "Says what this machine can do: hardware virtualization, whether KVM really boots "
		 "a VM,\n"
		 "libvirt, QEMU, the guest image, the noise to expect; and how to fix what is "
		 "missing.\n"
		 "Exit code 3 when `nestbench run` cannot work here.",
	.options = options,
};

enum verdict { GOOD, NOTE, BAD };

struct doctor {
	struct {
		uint64_t boot_limit_ns;
	} opt;
	bool broken; /* the default run cannot work */
	bool colours;
	struct kvm_host kvm;
	struct facts facts;
	struct image image;
	bool have_image;
	const struct libvirt_ops *ops;
	struct claim claim;
};

static void __attribute__((format(printf, 4, 5)))
say(struct doctor *d, enum verdict v, const char *topic, const char *fmt, ...)
{
	static const char *const plain[] = {"ok  ", "note", "FAIL"};
	static const char *const colour[] = {"\033[32mok\033[0m  ", "\033[33mnote\033[0m",
					     "\033[31mFAIL\033[0m"};
	va_list ap;

	printf("%s  %-15s ", (d->colours ? colour : plain)[v], topic);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	d->broken |= v == BAD;
}

static const char *fact(const struct doctor *d, const char *key)
{
	const char *value = facts_get(&d->facts, key);

	return value ? value : "unknown";
}

static void check_cpu(struct doctor *d)
{
	char why[512];

	say(d, GOOD, "machine", "%s", fact(d, "cpu_model"));
	say(d, GOOD, "topology", "%s", fact(d, "topology"));
	if (ladder_is_emulated())
		say(d, NOTE, "host",
		    "is a VM whose CPU QEMU emulates: figures show the shape of the cost, not what "
		    "hardware gives");
	else if (strcmp(fact(d, "hypervisor"), "none") != 0)
		say(d, NOTE, "host",
		    "is itself a VM (%s): L0 is the outermost layer that can be seen, "
		    "not bare metal",
		    fact(d, "hypervisor"));
	else
		say(d, GOOD, "host", "bare metal, as far as the CPU tells");
	if (d->kvm.flag)
		say(d, GOOD, "virtualization", "the CPU shows %s", d->kvm.flag);
	else
		say(d, NOTE, "virtualization",
		    "the CPU shows neither svm nor vmx: L1 will be emulated; "
		    "enable it in the firmware, or nesting on the hypervisor below");
	if (kvm_host_usable(&d->kvm, 1, why, sizeof(why)))
		say(d, GOOD, "kvm", "/dev/kvm opens, nesting is on (%s nested=%s, npt/ept=%s)",
		    d->kvm.module, d->kvm.nested, d->kvm.paging);
	else
		say(d, NOTE, "kvm", "%s", why);
}

/* What the options --net tap and --hostdev need; nothing else does. */
static void check_devices(struct doctor *d)
{
	int groups = hostdev_count_groups("");
	struct err err;

	if (net_tap_check(&err) < 0)
		say(d, NOTE, "tap", "no --net tap: %s", err.text);
	else if (net_vhost_opens())
		say(d, GOOD, "tap", "--net tap works, with vhost");
	else
		say(d, NOTE, "tap",
		    "--net tap works without vhost: /dev/vhost-net does not open (modprobe "
		    "vhost_net)");
	if (groups)
		say(d, GOOD, "iommu",
		    "%d groups of PCI devices; --hostdev ADDRESS says of each "
		    "whether it can go to L1",
		    groups);
	else
		say(d, NOTE, "iommu",
		    "none, so no --hostdev: switch on VT-d or AMD-Vi in the firmware, and on "
		    "Intel add intel_iommu=on to the kernel's command line");
}

static void check_memory(struct doctor *d)
{
	const char *text = facts_get(&d->facts, "memory_available_bytes");
	/* What a run without options takes. */
	const struct shape_config c = {.mode = MODE_SHAPE,
				       .depth = 2,
				       .guests = 1,
				       .host_cpus = 1,
				       .vcpus = 1,
				       .memory_bytes = SHAPE_DEFAULT_BYTES};
	struct layer_shape l1;
	char size[SIZE_TEXT], needed[SIZE_TEXT];
	uint64_t have = 0, need;
	struct err err;

	if (shape_of(&c, 1, &l1, &err) < 0)
		return;
	need = l1.memory_bytes + SHAPE_HOST_BYTES;
	if (!text || parse_u64(text, "memory", 0, UINT64_MAX, &have, &err) < 0)
		return;
	if (have >= need)
		say(d, GOOD, "memory", "%s available", format_size_short(have, size));
	else
		say(d, BAD, "memory",
		    "only %s available, the default run needs %s: close something, or run with a "
		    "smaller --memory",
		    format_size_short(have, size), format_size_short(need, needed));
}

static void check_noise(struct doctor *d)
{
	const char *governor = fact(d, "governor"), *turbo = fact(d, "turbo");
	double load = 0;
	struct err err;

	if (strcmp(governor, "performance") == 0 || strcmp(governor, "unknown") == 0)
		say(d, GOOD, "governor", "%s", governor);
	else
		say(d, NOTE, "governor",
		    "%s: frequencies will move; for quiet figures: cpupower "
		    "frequency-set -g performance",
		    governor);
	say(d, GOOD, "turbo", "%s", turbo);
	if (parse_double(fact(d, "load1"), "load", 0, 1e6, &load, &err) == 0 &&
	    disturbance_load_is_high(load, sysconf(_SC_NPROCESSORS_ONLN)))
		say(d, NOTE, "load", "%.2f: something else is running and will be in the figures",
		    load);
	else
		say(d, GOOD, "load", "%s", fact(d, "load1"));
}

/* Without it figures are less steady, and a layer may get more of the machine than it should. */
static void check_pinning(struct doctor *d)
{
	struct err err;

	if (placement_permitted(&err) < 0)
		say(d, NOTE, "pinning", "%s", err.text);
	else
		say(d, GOOD, "pinning", "threads may be pinned to CPUs");
}

/* What the user has set for libraries and programs. */
static void check_environment(struct doctor *d)
{
	const struct environment_note *note;

	for (size_t i = 0; (note = environment_note(i)); i++)
		say(d, NOTE, "environment", "%s %s: %s", note->name,
		    note->removed ? "is not handed on" : "stays, and is recorded", note->why);
}

static void check_tool(struct doctor *d, const char *topic, const char *tool, const char *package,
		       enum verdict when_missing)
{
	const char *const argv[] = {tool, "--version", NULL};
	struct buf out = BUF_INIT;
	struct err err;

	if (child_run(argv, NULL, NULL, 10 * NS_PER_S, &out, &err) == 0)
		say(d, GOOD, topic, "%.*s", (int)strcspn(buf_str(&out), "\n"), buf_str(&out));
	else
		say(d, when_missing, topic, "%s; install it: apt-get install %s", err.text,
		    package);
	buf_release(&out);
}

static void check_libvirt(struct doctor *d)
{
	struct err err;

	d->ops = libvirt_ops_load(&err);
	if (!d->ops)
		say(d, BAD, "libvirt", "%s", err.text);
	check_tool(d, "qemu", "qemu-system-x86_64", "qemu-system-x86", BAD);
	check_tool(d, "gnuplot", "gnuplot", "gnuplot-nox", NOTE);
}

static void check_image(struct doctor *d)
{
	const struct image_config config = {0};
	char size[SIZE_TEXT];
	struct err err;

	d->have_image = image_find(&config, &d->image, &err) == 0;
	if (d->have_image)
		say(d, GOOD, "image", "%s, %s", d->image.hash,
		    format_size_short(d->image.size_bytes, size));
	else
		say(d, NOTE, "image", "%s", err.text);
}

/* A boot proves what flags only promise. */
static bool probe(struct doctor *d, enum accel accel, const char *topic, enum verdict when_bad)
{
	struct libvirt_probe p = {.work_dir = d->claim.work_dir,
				  .kernel = d->image.kernel,
				  .initrd = d->image.initrd,
				  .accel = accel,
				  .limit_ns = d->opt.boot_limit_ns,
				  .cancel_fd = interrupt_fd()};
	struct libvirt_probe_result result = {0};
	char time[SIZE_TEXT], why[320];
	struct err err;
	int done = d->ops->probe(&p, &result, &err);

	if (done < 0 && err.code == EXIT_INTERRUPTED)
		return false;
	if (done < 0)
		say(d, BAD, "libvirt", "%s", err.text);
	else if (!result.booted)
		say(d, when_bad, topic, "no VM boots: %s", result.reason);
	else
		say(d, GOOD, topic, "a VM boots in %s (libvirt %s, QEMU %s)",
		    format_duration_short((double)result.boot_ns, time), result.libvirt,
		    result.qemu);
	/* With one vCPU, which is the default, nothing is wrong. */
	if (result.booted && accel == ACCEL_TCG && when_bad == BAD &&
	    ladder_warning(result.qemu, 2, why, sizeof(why)))
		say(d, NOTE, "qemu", "with --vcpus 2 or more in L1: %s", why);
	return result.booted;
}

static void check_boots(struct doctor *d)
{
	const struct owner who = {.what = "doctor"};
	bool kvm_boots = false;
	char why[512];
	struct err err;

	if (!d->ops || !d->have_image) {
		say(d, NOTE, "probe boot", "not tried: %s",
		    d->ops ? "build the image first (nestbench image)" : "libvirt is missing");
		return;
	}
	if (registry_claim(&d->claim, &who, false, &err) < 0) {
		say(d, BAD, "probe boot", "%s", err.text);
		return;
	}
	if (kvm_host_usable(&d->kvm, 0, why, sizeof(why)))
		kvm_boots = probe(d, ACCEL_KVM, "boot with kvm", NOTE);
	else
		say(d, NOTE, "boot with kvm", "not tried, see kvm above");
	/* The fallback, which a machine that is itself emulated may be too slow for. */
	if (!interrupt_pending())
		probe(d, ACCEL_TCG, "boot with tcg", kvm_boots ? NOTE : BAD);
	if (registry_release(&d->claim, &err) < 0)
		say(d, NOTE, "probe boot", "%s", err.text);
}

int cmd_doctor(int argc, char **argv, struct err *err)
{
	struct doctor d = {.image = IMAGE_NONE, .colours = tty_has_colour(1), .claim = CLAIM_NONE};
	struct text_list words = {0};
	int done = options_parse(&cli, argc, argv, &d.opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (keeper_start(err) < 0 || interrupt_install(err) < 0)
		return -1;
	machine_describe(&d.facts);
	kvm_host_read("", &d.kvm);
	check_cpu(&d);
	check_devices(&d);
	check_memory(&d);
	check_noise(&d);
	check_pinning(&d);
	check_environment(&d);
	check_libvirt(&d);
	check_image(&d);
	check_boots(&d);
	done = interrupt_check(err);
	if (done == 0)
		puts(d.broken ? "\nnestbench run cannot work here until the items marked FAIL are "
				"fixed."
			      : "\nnestbench run works here.");
	image_release(&d.image);
	facts_release(&d.facts);
	return done < 0 ? -1 : d.broken ? EXIT_MACHINE : EXIT_FINE;
}
