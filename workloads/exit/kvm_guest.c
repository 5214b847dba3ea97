/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/exit/kvm_guest.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/proc.h"

/* Guest addresses. Memory is in the first 64 KiB; there is nothing at NOTHING. */
enum {
	PML4 = 0x1000,
	PDPT = 0x2000,
	PAGE_DIRECTORY = 0x3000,
	CODE = 0x4000,
	MEMORY_BYTES = 0x10000,
	NOTHING = 0x100000,
	PORT = 0x10,
	END_PORT = 0x11,
};

/*
 * The timeout of a trial, not counting waits for a CPU. Without virtualization in the CPU there can
 * only be a software hypervisor, which succeeds at once or never; with it an emulated, nested CPU
 * may need a second, and several where its own host is busy, which is not visible inside. Including
 * waits, the timeout is TRIAL_WALL times that.
 */
enum { TRIAL_EXITS = 20, TRIAL_MS = 10000, SOFTWARE_TRIAL_MS = 1000, TRIAL_WALL = 3, LOOK_MS = 50 };

/*
 * The guest's programs. rcx holds the count; r8 counts hypercalls that returned 0. Those whose
 * exits this process sees loop for ever: the process does the counting.
 */
static const uint8_t vmcall_code[] = {
	0xb8, KVM_HC_VAPIC_POLL_IRQ,
	0,    0,
	0, /* again: mov $1, %eax (does nothing, answers 0) */
	0x0f, 0x01,
	0xc1, /* vmcall */
	0x48, 0x83,
	0xf8, 0x01, /* cmp $1, %rax (carry when it is 0) */
	0x49, 0x83,
	0xd0, 0x00, /* adc $0, %r8 */
	0x48, 0xff,
	0xc9,		/* dec %rcx */
	0x75, 0xeb,	/* jnz again */
	0xe6, END_PORT, /* out %al, $END_PORT */
};
static const uint8_t pio_code[] = {0xe6, PORT, 0xeb, 0xfc}; /* out %al, $PORT; jmp */
static const uint8_t mmio_code[] = {
	0x89, 0x04, 0x25, 0x00, 0x00, 0x10, 0x00, /* mov %eax, NOTHING */
	0xeb, 0xf7,				  /* jmp */
};
static const uint8_t hlt_code[] = {0xf4, 0xeb, 0xfd}; /* hlt; jmp */

static int is_amd(void)
{
	uint32_t a, b = 0, c, d;

	__get_cpuid(0, &a, &b, &c, &d);
	return b == 0x68747541 || b == 0x6f677948; /* "Auth"enticAMD, "Hygo"nGenuine */
}

static int trial_ms(void)
{
	uint32_t a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d) && c & 1 << 5) /* vmx */
		return TRIAL_MS;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1 << 2) /* svm */
		return TRIAL_MS;
	return SOFTWARE_TRIAL_MS;
}

static void load_program(uint8_t *memory, enum kvm_exit kind)
{
	static const struct {
		const uint8_t *code;
		size_t bytes;
	} program[] = {
		[KVM_GUEST_HYPERCALL] = {vmcall_code, sizeof(vmcall_code)},
		[KVM_GUEST_PIO] = {pio_code, sizeof(pio_code)},
		[KVM_GUEST_MMIO] = {mmio_code, sizeof(mmio_code)},
		[KVM_GUEST_HLT] = {hlt_code, sizeof(hlt_code)},
	};
	const uint64_t present_writable = 3, large = 0x80;
	uint64_t entry = PDPT | present_writable;

	memcpy(memory + CODE, program[kind].code, program[kind].bytes);
	/* KVM would patch the wrong vendor's instruction, slowly, and only where it may. */
	if (kind == KVM_GUEST_HYPERCALL && is_amd())
		memory[CODE + 7] = 0xd9; /* vmmcall */
	memcpy(memory + PML4, &entry, sizeof(entry));
	entry = PAGE_DIRECTORY | present_writable;
	memcpy(memory + PDPT, &entry, sizeof(entry));
	entry = present_writable | large;
	memcpy(memory + PAGE_DIRECTORY, &entry, sizeof(entry));
}

static int enter_long_mode(struct kvm_guest *g, struct err *err)
{
	const struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
	const struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_sregs sregs;

	if (ioctl(g->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot read registers");
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr3 = PML4;
	sregs.cr4 = 1 << 5;		   /* PAE */
	sregs.cr0 = 1u << 31 | 1 << 4 | 1; /* paging, ET, protected mode */
	sregs.efer = 1 << 10 | 1 << 8;	   /* long mode active and enabled */
	if (ioctl(g->vcpu, KVM_SET_SREGS, &sregs) < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot enter long mode");
	return 0;
}

static int restart(struct kvm_guest *g, uint64_t n, struct err *err)
{
	struct kvm_regs regs = {.rip = CODE, .rflags = 2, .rsp = MEMORY_BYTES, .rcx = n};

	if (ioctl(g->vcpu, KVM_SET_REGS, &regs) < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot set registers");
	return 0;
}

static int make_machine(struct kvm_guest *g, int kvm, struct err *err)
{
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY_BYTES};
	int bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), fd;
	void *at;

	if (bytes < (int)sizeof(struct kvm_run))
		return err_set(err, EXIT_MACHINE, "/dev/kvm does not say how large a vCPU is");
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot make a machine");
	g->vm = fd;
	/* Only some Intel CPUs need it; others ignore it. */
	ioctl(g->vm, KVM_SET_TSS_ADDR, 0xfffbd000UL);
	at = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return err_errno(err, EXIT_INTERNAL, "cannot map a guest's memory");
	g->memory = at;
	load_program(at, g->kind);
	region.userspace_addr = (uintptr_t)at;
	if (ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot give memory to a machine");
	fd = ioctl(g->vm, KVM_CREATE_VCPU, 0);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot make a vCPU");
	g->vcpu = fd;
	at = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, g->vcpu, 0);
	if (at == MAP_FAILED)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot map a vCPU");
	g->shared = at;
	g->shared_bytes = (size_t)bytes;
	if (enter_long_mode(g, err) < 0)
		return -1;
	return restart(g, 0, err);
}

/* kvm_guest_teardown() is called even when it fails. */
int kvm_guest_setup(void *state, const struct workload_env *env, const uint64_t *arg,
		    struct err *err)
{
	struct kvm_guest *g = state;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), version, made;

	g->kind = env->variant;
	if (kvm < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open /dev/kvm");
	version = ioctl(kvm, KVM_GET_API_VERSION, 0);
	if (version == KVM_API_VERSION)
		made = make_machine(g, kvm, err);
	else
		made = err_set(err, EXIT_MACHINE, "/dev/kvm is of version %d, not %d", version,
			       KVM_API_VERSION);
	close(kvm);
	return made;
}

void kvm_guest_teardown(void *state)
{
	struct kvm_guest *g = state;

	if (g->shared)
		munmap(g->shared, g->shared_bytes);
	close_fd(&g->vcpu);
	close_fd(&g->vm);
	if (g->memory)
		munmap(g->memory, MEMORY_BYTES);
	*g = (struct kvm_guest){0};
}

static int unexpected(const struct kvm_run *shared, struct err *err)
{
	return err_set(err, EXIT_MACHINE, "the guest left for an unexpected reason (KVM exit %u)",
		       shared->exit_reason);
}

static int enter(const struct kvm_guest *g, struct err *err)
{
	while (ioctl(g->vcpu, KVM_RUN, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot run the guest");
	return 0;
}

/* All hypercalls stay within the guest and the kernel; one exit to here at the end. */
static int run_hypercalls(struct kvm_guest *g, uint64_t n, struct err *err)
{
	const struct kvm_run *shared = g->shared;
	struct kvm_regs regs;

	/* The guest's loop would take 0 for 2 to the 64th. */
	if (n == 0)
		return 0;
	if (restart(g, n, err) < 0 || enter(g, err) < 0)
		return -1;
	if (shared->exit_reason != KVM_EXIT_IO || shared->io.port != END_PORT)
		return unexpected(shared, err);
	if (ioctl(g->vcpu, KVM_GET_REGS, &regs) < 0)
		return err_errno(err, EXIT_MACHINE, "/dev/kvm: cannot read registers");
	g->tally.done += regs.r8;
	if (regs.r8 != n)
		return err_set(err, EXIT_MACHINE,
			       "%" PRIu64 " of %" PRIu64 " hypercalls were not answered with 0",
			       n - (uint64_t)regs.r8, n);
	return 0;
}

static int is_expected(const struct kvm_guest *g)
{
	const struct kvm_run *shared = g->shared;

	switch (g->kind) {
	case KVM_GUEST_PIO:
		return shared->exit_reason == KVM_EXIT_IO && shared->io.port == PORT;
	case KVM_GUEST_MMIO:
		return shared->exit_reason == KVM_EXIT_MMIO && shared->mmio.phys_addr == NOTHING;
	default:
		return shared->exit_reason == KVM_EXIT_HLT;
	}
}

int kvm_guest_run(void *state, uint64_t n, struct err *err)
{
	struct kvm_guest *g = state;

	if (g->kind == KVM_GUEST_HYPERCALL)
		return run_hypercalls(g, n, err);
	for (uint64_t i = 0; i < n; i++) {
		if (enter(g, err) < 0)
			return -1;
		if (!is_expected(g))
			return unexpected(g->shared, err);
		g->tally.done++;
	}
	return 0;
}

/* The child's part of the trial: writes the reason of a failure, or nothing. */
static void try_it(const struct workload_env *env, int report)
{
	struct kvm_guest guest = {0};
	struct err err = {0};
	int worked;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	worked = kvm_guest_setup(&guest, env, NULL, &err) == 0 &&
		 kvm_guest_run(&guest, TRIAL_EXITS, &err) == 0;
	if (!worked && write(report, err.text, strlen(err.text)) < 0)
		_exit(2);
	_exit(worked ? 0 : 1);
}

/* Waits until the child reports or closes the pipe; false: timeout. */
static bool wait_for_report(int fd, pid_t child, int limit_ms)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};
	uint64_t begin = clock_now(&clock_machine), limit_ns = (uint64_t)limit_ms * NS_PER_MS;

	while (poll(&end, 1, LOOK_MS) <= 0) {
		uint64_t used = clock_now(&clock_machine) - begin,
			 waited = proc_longest_wait_ns("", child);

		if (used >= TRIAL_WALL * limit_ns || used >= limit_ns + waited)
			return false;
	}
	return true;
}

/* Reads the child's report until it closes the pipe. */
static int take_report(int fd, pid_t child, struct err *err)
{
	char text[256];
	int limit_ms = trial_ms();
	ssize_t len;

	if (!wait_for_report(fd, child, limit_ms))
		return err_set(err, EXIT_MACHINE,
			       "/dev/kvm exists, but a guest of a few instructions did not finish "
			       "within %d ms",
			       limit_ms);
	len = read(fd, text, sizeof(text) - 1);
	if (len > 0)
		return err_set(err, EXIT_MACHINE, "%.*s", (int)len, text);
	return 0;
}

int kvm_guest_probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	int ends[2], status = 0, failed;
	pid_t child;

	if (access("/dev/kvm", R_OK | W_OK) < 0)
		return err_errno(err, EXIT_MACHINE, "this layer has no usable /dev/kvm");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	child = fork();
	if (child == 0)
		try_it(env, ends[1]);
	failed = child < 0 ? err_errno(err, EXIT_INTERNAL, "cannot start a process") : 0;
	close(ends[1]);
	if (!failed)
		failed = take_report(ends[0], child, err);
	close(ends[0]);
	if (child < 0)
		return -1;
	/* A child that hangs in the kernel cannot be killed: it is not waited for. */
	if (failed)
		kill(child, SIGKILL);
	if (waitpid(child, &status, failed ? WNOHANG : 0) == child && status != 0 && !failed)
		failed = err_set(err, EXIT_MACHINE,
				 "the trial of a guest of a few instructions broke off");
	return failed;
}
