/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The libvirt driver: a layer is a VM. The boot of the layer itself is what proves an accelerator.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/abi_stamp.h"
#include "drivers/host/kvm_host.h"
#include "drivers/image/image.h"
#include "drivers/libvirt/caps_cache.h"
#include "drivers/libvirt/console.h"
#include "drivers/libvirt/count.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/events.h"
#include "drivers/libvirt/examine.h"
#include "drivers/libvirt/firmware.h"
#include "drivers/libvirt/guest.h"
#include "drivers/libvirt/ladder.h"
#include "drivers/libvirt/ops.h"
#include "drivers/libvirt/root.h"
#include "drivers/libvirt/session.h"
#include "drivers/libvirt/watch.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/parse.h"

/* A call of libvirt may take twice what a boot may, and this: before who waits for us gives up. */
#define CALL_NS (30 * NS_PER_S)
/* How long libvirt may take to tell that a VM has ended. */
#define END_TOLD_NS (2 * NS_PER_S)

enum { RUN_MAX = 40, WORK_FILE = LIBVIRT_WORK_DIR_MAX + 48 };

struct vm {
	struct libvirt_session session;
	struct libvirt_guest guest;
	struct libvirt_console *console; /* NULL: none */
	struct libvirt_events *events;	 /* NULL: libvirt tells of none */
	struct libvirt_counting counting;
	struct kvm_host kvm;
	struct kvm_options options;
	const struct libvirt_boot *boot; /* while it starts */
	bool emulated;			 /* this layer's own CPU is emulated */
	enum accel accel;		 /* of the VM, as QEMU says */
	int vcpus;			 /* of the domain */
	const char *firmware;		 /* as of firmware_choose() */
	char name[80];
	char console_log[WORK_FILE], channel[WORK_FILE];
	struct domain_disk disk, scratch;
	struct buf missed; /* what could not be honoured */
};

static int check_config(const struct layer_spec *c, struct err *err)
{
	static const char allowed[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
	size_t len = c->run ? strlen(c->run) : 0;

	if (len == 0 || len > RUN_MAX || strspn(c->run, allowed) != len)
		return err_set(err, EXIT_USAGE,
			       "the run id \"%.64s\" is not 1 to %d letters, digits and dashes",
			       c->run ? c->run : "", RUN_MAX);
	if (c->vcpus < 1 || c->measured_vcpus < 1 || c->measured_vcpus > c->vcpus)
		return err_set(
			err, EXIT_USAGE,
			"%d measured vCPUs of %d are not possible: at least 1, at most all of them",
			c->measured_vcpus, c->vcpus);
	if (!c->work_dir || !c->kernel || !c->initrd || !c->disk)
		return err_set(err, EXIT_USAGE,
			       "a VM needs a work directory, a kernel, an initrd and "
			       "a disk: build the image with `nestbench image`");
	return 0;
}

static int choose_files(struct vm *vm, const struct layer_spec *c, struct err *err)
{
	char dir[LIBVIRT_WORK_DIR_MAX + 1], which[24];

	if (libvirt_work_dir(c->work_dir, dir, err) < 0)
		return -1;
	snprintf(which, sizeof(which), "%d", c->layer);
	if (c->sibling)
		snprintf(which, sizeof(which), "%d-%d", c->layer, c->sibling);
	snprintf(vm->name, sizeof(vm->name), "nestbench-%.*s-%s", RUN_MAX, c->run, which);
	snprintf(vm->console_log, sizeof(vm->console_log), "%s/console-%s.log", dir, which);
	snprintf(vm->channel, sizeof(vm->channel), "%s/agent-%s.sock", dir, which);
	return 0;
}

static int open_disk(struct domain_disk *d, const char *what, const char *path, int flags,
		     struct err *err)
{
	struct stat st;
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_errno(err, EXIT_USAGE, "cannot open the %s %s", what, path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	d->path = path;
	d->block = S_ISBLK(st.st_mode);
	return 0;
}

static int choose_disks(struct vm *vm, const struct layer_spec *c, struct err *err)
{
	int fd;

	if (open_disk(&vm->disk, "image", c->disk, O_RDONLY, err) < 0)
		return -1;
	/* Every layer has the same image mounted. */
	vm->disk.shared = true;
	if (!c->scratch)
		return 0;
	if (open_disk(&vm->scratch, "scratch disk", c->scratch, O_RDWR, err) < 0)
		return -1;
	fd = open(c->scratch, O_RDONLY | O_DIRECT | O_CLOEXEC);
	vm->scratch.direct = fd >= 0;
	/* Layers beside this one have it too. */
	vm->scratch.shared = true;
	if (fd >= 0)
		close(fd);
	else
		buf_addf(&vm->missed,
			 "The scratch disk %s lies on a file system without O_DIRECT, so that it "
			 "goes "
			 "through this layer's page cache. ",
			 c->scratch);
	return 0;
}

/* What a nested hypervisor in the guest needs; QEMU's own emulation offers AMD's. */
static const char *nested_feature(const struct vm *vm, enum accel accel, int below)
{
	if (below == 0)
		return NULL;
	return accel == ACCEL_KVM ? vm->kvm.flag : "svm";
}

static char *make_xml(struct vm *vm, const struct layer_spec *c, enum accel accel, struct err *err)
{
	const struct libvirt_boot *b = vm->boot;
	char *cmdline, *modules = NULL, *xml = NULL;
	struct domain_config d = {
		.name = vm->name,
		.emulator = vm->options.emulator,
		.accel = accel,
		.nested = nested_feature(vm, accel, c->below),
		.vcpus = vm->vcpus,
		.measured_vcpus = c->measured_vcpus,
		.memory_bytes = c->memory_bytes,
		.kernel = c->kernel,
		.initrd = c->initrd,
		.disk = vm->disk,
		.scratch = vm->scratch,
		.net = c->net,
		.balloon = c->balloon,
		.hpet = c->hpet,
		.hugepage_bytes = c->hugepage_bytes,
		.hostdev = c->hostdev,
		.hostdevs = c->hostdevs,
		.console_log = vm->console_log,
		.channel = vm->channel,
		.placement = c->placement,
	};

	if (accel == ACCEL_TCG || vm->emulated)
		d.cpu_model = b->emulated_cpu;
	cmdline = domain_cmdline(b->console, c->depth, c->below, NULL, err);
	d.cmdline = cmdline;
	if (cmdline && b->hypervisor) {
		modules = domain_modules(c->kernel, cmdline, c->initrd, err);
		d.kernel = b->hypervisor;
		d.cmdline = b->hypervisor_cmdline;
		d.modules = modules;
	}
	/* A system's own libvirt has rules for what its QEMUs may read. */
	if (!modules && !vm->options.uri)
		d.firmware = firmware_choose(c->kernel, c->hostdevs);
	if (cmdline && (modules || !b->hypervisor))
		xml = domain_xml(&d, err);
	vm->firmware = d.firmware;
	free(cmdline);
	free(modules);
	return xml;
}

/* Where the parent layer calls the guest. */
static int add_net_facts(const struct vm *vm, const struct net_link *net, struct facts *facts,
			 struct err *err)
{
	int port;

	facts_set(facts, "net", "%s", net_kind_name(net ? net->kind : NET_NONE));
	if (!net)
		return 0;
	if (net->kind != NET_USER) {
		facts_set(facts, "net_dial", "%.*s:%d", (int)strcspn(net->guest, "/"), net->guest,
			  LAYER_NET_PORT);
		return 0;
	}
	if (libvirt_guest_forwarded_port(&vm->guest, &port, err) < 0)
		return -1;
	facts_set(facts, "net_dial", "127.0.0.1:%d", port);
	return 0;
}

static void add_boot_facts(const struct vm *vm, const struct layer_spec *c, enum accel accel,
			   const char *qemu, const struct boot_limit *limit, struct facts *facts)
{
	const char *nested = nested_feature(vm, accel, c->below);
	const struct kvm_options *o = &vm->options;
	char text[320];

	if (accel == ACCEL_TCG && c->below && ladder_warning(qemu, vm->vcpus, text, sizeof(text)))
		facts_set(facts, "warning", "%s", text);
	facts_set(facts, "nested_feature", "%s", nested ? nested : "none");
	if (accel == ACCEL_TCG && !vm->boot->emulated_cpu)
		facts_set(facts, "cpu_without", CPU_WITHOUT);
	facts_set(facts, "libvirt", "%s", vm->session.version);
	facts_set(facts, "qemu", "%s", qemu);
	facts_set(facts, "starter", "libvirt %s, QEMU %s", vm->session.version, qemu);
	facts_set(facts, "uri", "%s", o->uri ? o->uri : "qemu:///embed");
	facts_set(facts, "emulator", "%s", o->emulator ? o->emulator : "default");
	facts_set(facts, "domain", "%s", vm->name);
	facts_set(facts, "connect_ns", "%" PRIu64, vm->session.connect_ns);
	facts_set(facts, "qemu_probe_ns", "%" PRIu64, vm->session.probe_ns);
	facts_set(facts, "qemu_probe", "%s", !o->uri && vm->session.known ? "cached" : "done");
	facts_set(facts, "create_ns", "%" PRIu64, vm->guest.create_ns);
	facts_set(facts, "boot_limit_ns", "%" PRIu64, limit->limit_ns + limit->added_ns);
	facts_set(facts, "boot_cpu_wait_ns", "%" PRIu64, limit->waited_ns);
}

/* The VM went down, were it before it was there, or is given up: another attempt may go better. */
static void note_lost(struct vm *vm, struct layer *layer, struct err *err)
{
	const struct err was = *err;

	layer->lost = true;
	libvirt_examine(&vm->guest, &vm->session, vm->name, vm->events, vm->console_log,
			&layer->evidence);
	if (layer->evidence.why[0])
		err_set(err, was.code, "%s (%s)", was.text, layer->evidence.why);
}

/* One attempt. Where the VM that was created does not come up, the layer's evidence tells why. */
static int boot(struct vm *vm, struct layer *layer, enum accel accel, uint64_t limit_ns,
		struct err *err)
{
	const struct layer_spec *c = &layer->spec;
	struct libvirt_wait wait = {
		.limit = {.limit_ns = limit_ns, .firm = c->boot_limit_firm},
		.cancel_fd = c->cancel_fd,
		.console_log = vm->console_log,
	};
	char *xml = make_xml(vm, c, accel, err), qemu[32];
	enum accel real = accel;
	uint64_t boot_ns;
	int rc = -1;

	if (!xml)
		return -1;
	libvirt_console_clear(vm->console);
	libvirt_events_clear(vm->events);
	libvirt_session_probe_qemu(&vm->session, vm->options.emulator, accel == ACCEL_KVM);
	if (libvirt_guest_create(&vm->guest, &vm->session, vm->name, xml, err) < 0 ||
	    libvirt_guest_connect(&vm->guest, vm->channel, &wait, err) < 0)
		goto out;
	if (c->waits_for)
		c->waits_for(c->waits_ctx, "the hello of the VM's agent");
	if (libvirt_guest_wait_byte(&vm->guest, &wait, err) < 0)
		goto out;
	boot_ns = clock_now(&clock_machine) - vm->guest.created_ns;
	if (libvirt_guest_ask_qemu(&vm->guest, &real, qemu, err) < 0 ||
	    add_net_facts(vm, c->net, &layer->facts, err) < 0)
		goto out;
	vm->accel = real;
	facts_set(&layer->facts, "accel", "%s", accel_name(real));
	layer_tell_kind(layer, real == ACCEL_TCG ? "yes" : "no");
	facts_set(&layer->facts, "boot_ns", "%" PRIu64, boot_ns);
	add_boot_facts(vm, c, accel, qemu, &wait.limit, &layer->facts);
	rc = 0;
out:
	free(xml);
	if (rc < 0 && (vm->guest.domain || vm->guest.died) && err->code != EXIT_INTERRUPTED)
		note_lost(vm, layer, err);
	if (rc < 0 && vm->guest.domain) {
		libvirt_guest_destroy(&vm->guest);
		/* What is told of its end must not be taken for that of the next, of the same name.
		 */
		(void)libvirt_events_wait_stopped(vm->events, END_TOLD_NS);
	}
	return rc;
}

/* Boots with the first accelerator that works. */
static int climb(struct vm *vm, struct layer *layer, struct ladder *l, struct err *err)
{
	const struct layer_spec *c = &layer->spec;
	int host_cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct buf before = BUF_INIT;
	const char *fewer = NULL;
	int rc = -1;

	for (int i = 0; rc < 0 && i < l->count; i++) {
		enum accel accel = l->accel[i];

		vm->vcpus = ladder_vcpus(c, accel, host_cpus, &fewer);
		layer->lost = false;
		evidence_release(&layer->evidence);
		rc = boot(vm, layer, accel, ladder_limit_ns(l, c, i), err);
		if (rc == 0)
			break;
		if (err->code == EXIT_INTERRUPTED)
			goto out;
		buf_addf(&before, "%s%s: %s", before.len ? "; " : "", accel_name(accel), err->text);
	}
	if (rc < 0)
		err_set(err, err->code, "cannot start layer %d with %s", c->depth,
			buf_str(&before));
	else if (before.len)
		buf_addf(&l->reason, "%snot %s", l->reason.len ? "; " : "", buf_str(&before));
	else if (!l->reason.len)
		buf_addf(&l->reason, "the first choice, and it booted");
	if (rc == 0)
		facts_set(&layer->facts, "accel_reason", "%s", buf_str(&l->reason));
	if (rc == 0 && fewer)
		facts_set(&layer->facts, "room_reason", "no vCPU beside the measured ones: %s",
			  fewer);
out:
	buf_release(&before);
	return rc;
}

static void add_common_facts(struct vm *vm, const struct layer_spec *c, struct facts *facts)
{
	const struct placement *p = c->placement;
	struct buf devices = BUF_INIT;

	if (p) {
		facts_set(facts, "placement", "%s", p->text);
		buf_addstr(&vm->missed, p->notes);
	} else {
		facts_set(facts, "placement", "none");
	}
	facts_set(facts, "firmware", "%s", firmware_name(vm->firmware));
	facts_set(facts, "boot_options", IMAGE_FAST_BOOT "%s", c->below ? "" : " " IMAGE_LEAF);
	facts_set(facts, "disk_cache", "writeback");
	if (c->hugepage_bytes)
		facts_set(facts, "memory_backing", "huge pages of %s",
			  format_size(c->hugepage_bytes, (char[SIZE_TEXT]){0}));
	else
		facts_set(facts, "memory_backing", "ordinary pages");
	for (int i = 0; i < c->hostdevs; i++)
		buf_addf(&devices, "%s%s", i ? " " : "", c->hostdev[i]);
	facts_set(facts, "hostdev", "%s", c->hostdevs ? buf_str(&devices) : "none");
	buf_release(&devices);
	if (c->scratch)
		facts_set(facts, "scratch_cache", "%s", vm->scratch.direct ? "none" : "writeback");
	if (vm->missed.len)
		facts_set(facts, "not_honoured", "%s", buf_str(&vm->missed));
}

/* Where the image's init (drivers/image/init/init.c) and its devices put what the VM was given. */
static void tell_inside(struct layer *layer)
{
	const struct layer_spec *c = &layer->spec;

	layer->inside = (struct layer_inside){.work_dir = "/run/nb",
					      .scratch = c->scratch ? "/dev/vdb" : NULL,
					      .kernel = "/boot/kernel",
					      .initrd = "/boot/initramfs",
					      .disk = "/dev/vda"};
	if (c->net)
		snprintf(layer->inside.net, sizeof(layer->inside.net), "%s,%s",
			 net_kind_name(c->net->kind), c->net->guest);
}

static void stop(struct layer *layer)
{
	struct vm *vm = layer->priv;

	layer->fd = -1; /* the guest closes it */
	layer->priv = NULL;
	if (!vm)
		return;
	libvirt_count_end(&vm->counting);
	libvirt_guest_destroy(&vm->guest);
	libvirt_events_end(vm->events);
	libvirt_console_close(vm->console);
	libvirt_session_close(&vm->session);
	if (vm->channel[0])
		unlink(vm->channel);
	buf_release(&vm->missed);
	free(vm);
}

static int open_all(struct vm *vm, const struct layer_spec *c, struct err *err)
{
	struct err ignored;

	if (choose_files(vm, c, err) < 0 || choose_disks(vm, c, err) < 0 ||
	    libvirt_session_open(&vm->session, vm->options.uri, c->work_dir, err) < 0)
		return -1;
	vm->console = libvirt_console_open(vm->console_log, err);
	if (!vm->console)
		return -1;
	/* Without them it is only less well known how a VM ended. */
	vm->events = libvirt_events_begin(vm->session.conn, vm->name, &ignored);
	return 0;
}

static int start(struct layer *layer, const struct libvirt_boot *boot, struct err *err)
{
	const struct layer_spec *c = &layer->spec;
	struct vm *vm = calloc(1, sizeof(*vm));
	struct ladder ladder = LADDER_NONE;
	int rc = -1;

	if (!vm)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	vm->guest = (struct libvirt_guest)LIBVIRT_GUEST_NONE;
	vm->boot = boot;
	vm->emulated = ladder_is_emulated();
	layer->priv = vm;
	layer->fd = -1;
	layer->lost = false;
	libvirt_watch_listener(c->waits_for, c->waits_ctx);
	libvirt_watch_limit(c->boot_limit_ns ? 2 * c->boot_limit_ns + CALL_NS : 0);
	kvm_host_read("", &vm->kvm);
	if (c->kept)
		caps_cache_add(c->kept);
	if (check_config(c, err) < 0 || kvm_options_read(c, &vm->options, err) < 0 ||
	    ladder_choose(&ladder, c, vm->options.accel, &vm->kvm, vm->emulated, err) < 0 ||
	    open_all(vm, c, err) < 0 || climb(vm, layer, &ladder, err) < 0)
		goto out;
	add_common_facts(vm, c, &layer->facts);
	tell_inside(layer);
	if (c->kept)
		layer->keep = libvirt_session_keep(&vm->session, c->kept);
	layer->fd = vm->guest.fd;
	rc = 0;
out:
	buf_release(&ladder.reason);
	if (rc < 0)
		stop(layer);
	libvirt_watch_listener(NULL, NULL);
	return rc;
}

static void examine(struct layer *layer)
{
	struct vm *vm = layer->priv;

	if (vm)
		libvirt_examine(&vm->guest, &vm->session, vm->name, vm->events, vm->console_log,
				&layer->evidence);
}

static void count(struct layer *layer, enum counting how, struct counts *out)
{
	struct vm *vm = layer->priv;

	if (vm)
		libvirt_count(&vm->counting, &vm->guest, vm->accel == ACCEL_TCG, how, out);
}

__attribute__((visibility("default"))) extern const struct libvirt_ops nestbench_libvirt_ops;
__attribute__((visibility("default"))) extern const char nestbench_libvirt_stamp[];

const char nestbench_libvirt_stamp[] = NB_ABI_STAMP;

const struct libvirt_ops nestbench_libvirt_ops = {
	.start = start,
	.examine = examine,
	.count = count,
	.stop = stop,
	.probe = libvirt_probe_run,
	.sweep = libvirt_sweep,
	.runs = libvirt_runs,
	.start_with_fd = libvirt_start_with_fd,
	.end = libvirt_end,
	.stats_begin = libvirt_stats_begin,
	.stats_ask = libvirt_stats_ask,
	.stats_take = libvirt_stats_take,
	.stats_end = libvirt_stats_end,
	.guest_look = guest_look,
	.guest_serve = guest_serve,
};
