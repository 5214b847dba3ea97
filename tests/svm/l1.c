/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The init of an emulated layer 1: starts a small layer 2 by KVM on emulated SVM, again and again,
 * and counts how many were lost and how. See tests/svm/smp, which builds and boots it.
 *
 * Layer 2 is what a kernel is to a hypervisor and nothing more: 64-bit mode, a user program at
 * ring 3 with interrupts on, a kernel at ring 0 with interrupts off (apart from one HLT), a timer
 * of KVM's local APIC. So it knows what must not happen: an interrupt in ring 0 that is not at that
 * HLT was delivered twice.
 *
 * Words of the kernel's command line: svm.starts=N svm.ms=N (lifetime of each layer 2)
 * svm.period=NS (its timer) svm.vms=N (layers 2 at once) svm.load=LIST (ipi, mmu, zap, signal,
 * migrate; none) svm.keep (one more VM stays open) svm.boot (layer 2 is a Linux) svm.smp=N (virtual
 * CPUs of it) svm.kvm=OPTION (of kvm_amd, such as npt=0).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Addresses in layer 2. All of its memory is identity-mapped, for ring 3 too. */
enum {
	PML4 = 0x1000,
	PDPT = 0x2000,
	PAGE_DIRECTORY = 0x3000,
	PAGE_TABLE = 0x4000,
	GDT = 0x5000,
	TSS = 0x5100,
	IDT = 0x6000,
	KERNEL_STACK = 0x9000,
	USER_STACK = 0xb000,
	DATA = 0xc000,
	CODE = 0x10000,
	MEMORY_BYTES = 0x200000,
};

enum { SELECTOR_CODE = 0x08, SELECTOR_DATA = 0x10, SELECTOR_USER_DATA = 0x1b };
enum { SELECTOR_USER_CODE = 0x23, SELECTOR_TSS = 0x28 };
enum { PORT_WORK = 0x10, PORT_BAD = 0x11 };
enum { VECTOR_TIMER = 0x40, VECTOR_CALL = 0x80, STUB_BYTES = 16 };

/* At DATA: what layer 2 counts. */
struct counts {
	uint64_t idle;	 /* 1: in the kernel's HLT */
	uint64_t ticks;	 /* timer interrupts */
	uint64_t rounds; /* of the user program */
	uint64_t calls;	 /* of the kernel by the user program */
	uint64_t magic;	 /* what %gs must point to in the kernel */
	uint64_t period; /* of the timer */
};

#define MAGIC 0x6b65726e656c6773

extern const unsigned char l2_begin[], l2_end[], l2_user[], l2_timer[], l2_call[], l2_stubs[];

__asm__(".pushsection .rodata\n"
	"l2_begin:\n"
	/* The kernel's first steps: the local APIC (as x2APIC) on, its timer periodic. */
	"	mov $0x1b, %ecx\n"
	"	rdmsr\n"
	"	or $0xc00, %eax\n"
	"	wrmsr\n"
	"	xor %edx, %edx\n"
	"	mov $0x80f, %ecx\n"
	"	mov $0x1ff, %eax\n"
	"	wrmsr\n"
	"	mov $0x83e, %ecx\n"
	"	mov $0xb, %eax\n"
	"	wrmsr\n"
	"	mov $0x832, %ecx\n"
	"	mov $0x20040, %eax\n"
	"	wrmsr\n"
	"	mov $0x838, %ecx\n"
	"	mov 0xc028, %eax\n"
	"	wrmsr\n"
	/* GS: 0 for the user, DATA for the kernel. */
	"	mov $0xc0000101, %ecx\n"
	"	xor %eax, %eax\n"
	"	wrmsr\n"
	"	mov $0xc0000102, %ecx\n"
	"	mov $0xc000, %eax\n"
	"	wrmsr\n"
	/* To ring 3, interrupts on, I/O allowed. */
	"	push $0x1b\n"
	"	push $0xb000\n"
	"	push $0x3202\n"
	"	push $0x23\n"
	"	lea l2_user(%rip), %rax\n"
	"	push %rax\n"
	"	iretq\n"
	"l2_user:\n"
	"1:	mov $2000, %ecx\n"
	"2:	mov %rcx, -8(%rsp,%rcx,2)\n" /* somewhere behind the stack */
	"	dec %ecx\n"
	"	jnz 2b\n"
	"	incq 0xc010\n"
	"	testb $3, 0xc010\n"
	"	jnz 1b\n"
	"	xor %eax, %eax\n"
	"	xor %ecx, %ecx\n"
	"	cpuid\n"
	"	testb $15, 0xc010\n"
	"	jnz 1b\n"
	"	int $0x80\n"
	"	out %al, $0x10\n"
	"	jmp 1b\n"
	"l2_timer:\n"
	"	push %rax\n"
	"	push %rcx\n"
	"	push %rdx\n"
	"	testb $3, 32(%rsp)\n"
	"	jz 3f\n"
	"	swapgs\n"
	"3:	mov %gs:0x20, %rax\n"
	"	movabs $0x6b65726e656c6773, %rcx\n"
	"	cmp %rax, %rcx\n"
	"	jne l2_bad_gs\n"
	"	testb $3, 32(%rsp)\n"
	"	jnz 4f\n"
	"	cmpq $1, %gs:0\n"
	"	jne l2_bad_twice\n"
	"4:	incq %gs:8\n"
	"	mov $20000, %ecx\n" /* no exit for a while */
	"8:	dec %ecx\n"
	"	jnz 8b\n"
	"	mov $0x80b, %ecx\n"
	"	xor %eax, %eax\n"
	"	xor %edx, %edx\n"
	"	wrmsr\n"
	"	testb $3, 32(%rsp)\n"
	"	jz 5f\n"
	"	swapgs\n"
	"5:	pop %rdx\n"
	"	pop %rcx\n"
	"	pop %rax\n"
	"	iretq\n"
	"l2_call:\n"
	"	swapgs\n"
	"	incq %gs:0x18\n"
	"	movq $1, %gs:0\n"
	"	sti\n"
	"	hlt\n"
	"	cli\n"
	"	movq $0, %gs:0\n"
	/* Busy with interrupts off, and with exits: KVM must wait for the interrupt window. */
	"	mov $20, %r8d\n"
	"6:	mov $200, %ecx\n"
	"7:	dec %ecx\n"
	"	jnz 7b\n"
	"	xor %eax, %eax\n"
	"	cpuid\n"
	"	dec %r8d\n"
	"	jnz 6b\n"
	"	swapgs\n"
	"	iretq\n"
	"l2_bad_gs:\n"
	"	mov $0xfe, %al\n"
	"	out %al, $0x11\n"
	"l2_bad_twice:\n"
	"	mov $0xff, %al\n"
	"	out %al, $0x11\n"
	"	.balign 16\n"
	"l2_stubs:\n"
	"	.set vector, 0\n"
	"	.rept 32\n"
	"	mov $vector, %al\n"
	"	out %al, $0x11\n"
	"	.balign 16\n"
	"	.set vector, vector + 1\n"
	"	.endr\n"
	"l2_end:\n"
	".popsection\n");

static struct {
	int starts, ms, period, vms;
	bool ipi, mmu, zap, signal, migrate, keep, boot;
	char kvm[64], smp[16];
} options = {.starts = 40, .ms = 500, .vms = 1, .period = 1000000, .smp = "1"};

static int kvm;
static volatile pthread_t runner;
static volatile pid_t runner_id;
static volatile bool running;
static volatile long disturbances;
static unsigned char *memory; /* of layer 2; a file's, so that pages can be taken from it */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *word(const char *line, const char *name)
{
	const char *at = strstr(line, name);

	return at ? at + strlen(name) : NULL;
}

static void read_options(void)
{
	char line[4096] = "", *end, list[128] = "ipi,mmu,zap,signal,migrate";
	const char *at;
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		perror("/proc/cmdline");
	close(fd);
	if ((at = word(line, "svm.starts=")))
		options.starts = atoi(at);
	if ((at = word(line, "svm.ms=")))
		options.ms = atoi(at);
	if ((at = word(line, "svm.period=")))
		options.period = atoi(at);
	if ((at = word(line, "svm.vms=")))
		options.vms = atoi(at);
	if ((at = word(line, "svm.smp=")))
		snprintf(options.smp, sizeof(options.smp), "%d", atoi(at));
	if ((at = word(line, "svm.load="))) {
		snprintf(list, sizeof(list), "%s", at);
		list[strcspn(list, " \n")] = 0;
	}
	if ((at = word(line, "svm.kvm="))) {
		snprintf(options.kvm, sizeof(options.kvm), "%.60s", at);
		end = options.kvm + strcspn(options.kvm, " \n");
		*end = 0;
	}
	options.ipi = strstr(list, "ipi");
	options.mmu = strstr(list, "mmu");
	options.zap = strstr(list, "zap");
	options.signal = strstr(list, "signal");
	options.migrate = strstr(list, "migrate");
	options.boot = strstr(line, "svm.boot");
	options.keep = strstr(line, "svm.keep");
}

static void load_module(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 ||
	    syscall(SYS_finit_module, fd, strcmp(name, "kvm-amd") ? "" : options.kvm, 0) < 0)
		printf("SVM module %s: %s\n", name, strerror(errno));
	close(fd);
}

static void put64(int at, uint64_t value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static void put_gate(int vector, uint64_t target, int dpl)
{
	put64(IDT + 16 * vector, (target & 0xffff) | SELECTOR_CODE << 16 |
					 (uint64_t)(0x8e00 | dpl << 13) << 32 |
					 (target >> 16 & 0xffff) << 48);
	put64(IDT + 16 * vector + 8, target >> 32);
}

static uint64_t address(const unsigned char *label)
{
	return CODE + (uint64_t)(label - l2_begin);
}

static void fill(void)
{
	struct counts *c = (struct counts *)(memory + DATA);

	memset(memory, 0, CODE);
	memcpy(memory + CODE, l2_begin, (size_t)(l2_end - l2_begin));
	put64(PML4, PDPT | 7);
	put64(PDPT, PAGE_DIRECTORY | 7);
	put64(PAGE_DIRECTORY, PAGE_TABLE | 7);
	for (int i = 0; i < 512; i++)
		put64(PAGE_TABLE + 8 * i, (uint64_t)i << 12 | 7);
	put64(GDT + SELECTOR_CODE, 0x00af9b000000ffff);
	put64(GDT + SELECTOR_DATA, 0x00cf93000000ffff);
	put64(GDT + (SELECTOR_USER_DATA & ~3), 0x00cff3000000ffff);
	put64(GDT + (SELECTOR_USER_CODE & ~3), 0x00affb000000ffff);
	put64(TSS + 4, KERNEL_STACK);
	for (int i = 0; i < 32; i++)
		put_gate(i, address(l2_stubs) + (uint64_t)(STUB_BYTES * i), 0);
	put_gate(VECTOR_TIMER, address(l2_timer), 0);
	put_gate(VECTOR_CALL, address(l2_call), 3);
	c->magic = MAGIC;
	c->period = (uint64_t)options.period;
}

static struct kvm_segment segment(int selector, int type, bool code)
{
	struct kvm_segment s = {.selector = (uint16_t)selector,
				.limit = 0xffffffff,
				.type = (uint8_t)type,
				.present = 1,
				.s = 1,
				.g = 1,
				.l = code,
				.db = !code};

	return s;
}

static int set_up_cpu(int cpu)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[100];
	} cpuid;
	struct kvm_regs r = {.rip = CODE, .rsp = KERNEL_STACK, .rflags = 2};
	struct kvm_sregs s;

	cpuid.head.nent = 100;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) < 0 ||
	    ioctl(cpu, KVM_SET_CPUID2, &cpuid) < 0)
		return -1;
	if (ioctl(cpu, KVM_GET_SREGS, &s) < 0)
		return -1;
	s.cs = segment(SELECTOR_CODE, 11, true);
	s.ds = s.es = s.fs = s.gs = s.ss = segment(SELECTOR_DATA, 3, false);
	s.tr.base = TSS;
	s.tr.limit = 0x67;
	s.tr.selector = SELECTOR_TSS;
	s.tr.type = 11;
	s.tr.present = 1;
	s.gdt.base = GDT;
	s.gdt.limit = 0x3f;
	s.idt.base = IDT;
	s.idt.limit = 0xfff;
	s.cr0 = 0x80010033;
	s.cr3 = PML4;
	s.cr4 = 0x620;
	s.efer = 0xd00;
	return ioctl(cpu, KVM_SET_SREGS, &s) < 0 ? -1 : ioctl(cpu, KVM_SET_REGS, &r);
}

static void tell_state(int cpu)
{
	const struct counts *c = (const struct counts *)(memory + DATA);
	struct kvm_regs r = {0};
	struct kvm_sregs s = {0};
	uint64_t stack[6] = {0};

	ioctl(cpu, KVM_GET_REGS, &r);
	ioctl(cpu, KVM_GET_SREGS, &s);
	printf("SVM   rip=%llx rsp=%llx rflags=%llx rax=%llx cs=%x ss=%x cr0=%llx cr3=%llx "
	       "cr4=%llx efer=%llx gs=%llx\n",
	       r.rip, r.rsp, r.rflags, r.rax, s.cs.selector, s.ss.selector, s.cr0, s.cr3, s.cr4,
	       s.efer, s.gs.base);
	printf("SVM   idle=%llu ticks=%llu rounds=%llu calls=%llu\n", (unsigned long long)c->idle,
	       (unsigned long long)c->ticks, (unsigned long long)c->rounds,
	       (unsigned long long)c->calls);
	if (r.rsp >= MEMORY_BYTES - sizeof(stack) || r.rip < CODE)
		return;
	memcpy(stack, memory + r.rsp, sizeof(stack));
	printf("SVM   stack %llx %llx %llx %llx %llx %llx (timer=%llx user=%llx call=%llx)\n",
	       (unsigned long long)stack[0], (unsigned long long)stack[1],
	       (unsigned long long)stack[2], (unsigned long long)stack[3],
	       (unsigned long long)stack[4], (unsigned long long)stack[5],
	       (unsigned long long)address(l2_timer), (unsigned long long)address(l2_user),
	       (unsigned long long)address(l2_call));
}

/* Runs until its time is over; NULL when all was well, otherwise how it was lost. */
static const char *run_cpu(int cpu, struct kvm_run *run)
{
	const struct counts *c = (const struct counts *)(memory + DATA);
	double end = now() + options.ms / 1e3, moved = now();
	static char text[80];
	uint64_t rounds = 0;
	struct kvm_regs r;

	while (now() < end || now() - moved > 0.2) {
		int rc = ioctl(cpu, KVM_RUN, 0);

		if (c->rounds != rounds) {
			rounds = c->rounds;
			moved = now();
		} else if (now() - moved > 5) {
			return c->rounds ? "hangs" : "never ran";
		}
		if (rc < 0 && (errno == EINTR || errno == EAGAIN)) {
			run->immediate_exit = 0;
			if (ioctl(cpu, KVM_GET_REGS, &r) == 0 && r.rip >= MEMORY_BYTES)
				return "has layer 1's state";
			continue;
		}
		if (rc < 0) {
			snprintf(text, sizeof(text), "KVM_RUN: %s", strerror(errno));
			return text;
		}
		if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_WORK)
			continue;
		if (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_BAD) {
			uint8_t al = *((uint8_t *)run + run->io.data_offset);

			if (al == 0xff)
				return "interrupted twice";
			if (al == 0xfe)
				return "kernel with the user's GS";
			snprintf(text, sizeof(text), "exception %d", al);
			return text;
		}
		if (run->exit_reason == KVM_EXIT_SHUTDOWN)
			return "triple fault";
		snprintf(text, sizeof(text), "exit %u (%llx)", run->exit_reason,
			 (unsigned long long)run->hw.hardware_exit_reason);
		return text;
	}
	return NULL;
}

static void pin(pid_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(thread, sizeof(set), &set);
}

/* Gives each thread of a process another CPU than before, one after the other. */
static void shuffle(pid_t process)
{
	static unsigned int round;
	unsigned int at = ++round, cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	char path[64];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			pin(atoi(e->d_name), (int)(at++ % cpus));
	if (d)
		closedir(d);
}

/*
 * A Linux that QEMU boots as layer 2 from the files /qemu, /kernel and /initrd2 says "layer 2 ends"
 * on its serial port. true: it did, and ended well.
 */
static bool start_linux(int number)
{
	const char *const args[] = {
		"/qemu",
		"-accel",
		"kvm",
		"-machine",
		"q35,usb=off,vmport=off,smm=off",
		"-cpu",
		"host",
		"-m",
		"200",
		"-smp",
		options.smp,
		"-display",
		"none",
		"-no-user-config",
		"-nodefaults",
		"-no-reboot",
		"-L",
		"/",
		"-kernel",
		"/kernel",
		"-initrd",
		"/initrd2",
		"-serial",
		"stdio",
		"-monitor",
		"none",
		"-d",
		"cpu_reset",
		"-append",
		"console=ttyS0 quiet panic=-1 random.trust_cpu=on 8250.nr_uarts=1 "
		"cryptomgr.notests=1 "
		"earlyprintk=ttyS0,115200 pci=lastbus=0 svm.keep svm.starts=8 svm.load=none",
		NULL};
	char text[8192] = "";
	size_t bytes = 0;
	int status = 0, out[2];
	double begin = now(), told = begin, ended;
	bool up;
	pid_t child;

	if (pipe(out) < 0 || (child = fork()) < 0)
		return false;
	if (child == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execv(args[0], (char *const *)args);
		_exit(127);
	}
	close(out[1]);
	for (;;) {
		struct pollfd p = {.fd = out[0], .events = POLLIN};
		ssize_t n = 0;

		if (options.migrate)
			shuffle(child);
		if (poll(&p, 1, options.migrate ? 10 : 1000) > 0 &&
		    (n = read(out[0], text + bytes, sizeof(text) - 1 - bytes)) <= 0)
			break;
		bytes += (size_t)n;
		if (now() - begin > 60) {
			kill(child, SIGKILL);
			break;
		}
		if (now() - told > 10) {
			told = now();
			printf("SVM waits\n");
		}
	}
	ended = now() - begin;
	waitpid(child, &status, 0);
	close(out[0]);
	up = strstr(text, "layer 2 ends") || strstr(text, "SVM end: 0 ");
	printf("SVM start %d: %s (%.1f s, status %x)\n", number,
	       up	    ? "well"
	       : ended > 60 ? "hangs"
			    : "ended early",
	       ended, (unsigned)status);
	if (!up)
		printf("SVM layer 2: %.3000s\n", bytes > 3000 ? text + bytes - 3000 : text);
	return up;
}

/* true: it lived as long as it should */
static bool start(int number)
{
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY_BYTES};
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), cpu, bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	const char *lost = "cannot start";
	struct kvm_run *run = MAP_FAILED;
	double begin = now();

	fill();
	region.userspace_addr = (uint64_t)(uintptr_t)memory;
	cpu = -1;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0 &&
	    ioctl(vm, KVM_CREATE_IRQCHIP, 0) == 0)
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu >= 0 && set_up_cpu(cpu) == 0)
		run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run != MAP_FAILED) {
		running = true;
		lost = run_cpu(cpu, run);
		running = false;
	}
	printf("SVM start %d: %s (%.1f s, %llu ticks, %llu rounds, %ld disturbances)\n", number,
	       lost ? lost : "well", now() - begin,
	       (unsigned long long)((struct counts *)(memory + DATA))->ticks,
	       (unsigned long long)((struct counts *)(memory + DATA))->rounds, disturbances);
	if (lost && cpu >= 0)
		tell_state(cpu);
	if (run != MAP_FAILED)
		munmap(run, (size_t)bytes);
	close(cpu);
	close(vm);
	return !lost;
}

/* As layer 2's own init: some work, then the end. */
static void be_layer2(void)
{
	printf("layer 2 is up\n");
	for (int i = 0; i < 4; i++) {
		pid_t child = fork();

		if (child == 0) {
			for (int j = 0; j < 20; j++)
				memset(malloc(100000), j, 100000);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		printf("layer 2 works %d\n", i);
	}
	printf("layer 2 ends\n");
	reboot(RB_AUTOBOOT);
}

static void woken(int signal)
{
	(void)signal;
}

/* From the other CPU: what a busy layer 1 does to the one that runs layer 2. */
static void *disturb(void *unused)
{
	enum { REGISTER = 1 << 4, EXPEDITED = 1 << 3, PAGES = 16 * 4096 };

	pin(0, (int)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	syscall(SYS_membarrier, REGISTER, 0, 0);
	for (;;) {
		struct timespec pause = {.tv_nsec = 50000 + disturbances % 7 * 30000};

		if (options.ipi)
			syscall(SYS_membarrier, EXPEDITED, 0, 0);
		if (options.mmu) {
			char *p = mmap(NULL, PAGES, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

			munmap(p, PAGES);
		}
		/* They come back with what was in them; layer 2 faults, while interrupted too. */
		if (options.zap && disturbances % 8 == 0)
			madvise(memory, MEMORY_BYTES, MADV_DONTNEED);
		if (options.signal && running && disturbances % 16 == 0)
			pthread_kill(runner, SIGUSR1);
		if (options.migrate && runner_id && disturbances % 4 == 0)
			pin(runner_id, (int)(disturbances / 4 % sysconf(_SC_NPROCESSORS_ONLN)));
		disturbances++;
		nanosleep(&pause, NULL);
	}
	return unused;
}

/* Without SA_RESTART a signal ends KVM_RUN with EINTR: so a layer 2 that hangs is looked at. */
static void *wake(void *unused)
{
	for (;;) {
		struct timespec pause = {.tv_nsec = 100000000};

		nanosleep(&pause, NULL);
		if (running)
			pthread_kill(runner, SIGUSR1);
	}
	return unused;
}

int main(void)
{
	struct sigaction action = {.sa_handler = woken};
	pthread_t thread;
	int lost = 0, kept = -1, fd, status;
	bool child = false;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	read_options();
	if (access("/kvm.ko", F_OK) != 0)
		be_layer2();
	load_module("irqbypass");
	load_module("kvm");
	load_module("kvm-amd");
	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0) {
		printf("SVM no /dev/kvm: %s\n", strerror(errno));
		reboot(RB_POWER_OFF);
	}
	if (options.keep)
		kept = ioctl(kvm, KVM_CREATE_VM, 0);
	for (int i = 1; i < options.vms && !child; i++)
		child = fork() == 0;
	fd = memfd_create("layer2", 0);
	memory = fd < 0 || ftruncate(fd, MEMORY_BYTES) < 0
			 ? MAP_FAILED
			 : mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		printf("SVM no memory for layer 2: %s\n", strerror(errno));
		reboot(RB_POWER_OFF);
	}
	runner = pthread_self();
	runner_id = options.boot ? 0 : gettid();
	sigaction(SIGUSR1, &action, NULL);
	if (pthread_create(&thread, NULL, wake, NULL) != 0 ||
	    ((options.ipi || options.mmu || options.zap || options.signal || options.migrate) &&
	     pthread_create(&thread, NULL, disturb, NULL) != 0))
		printf("SVM no thread\n");
	printf("SVM begin: %d starts of %d ms, %ld CPUs%s\n", options.starts, options.ms,
	       sysconf(_SC_NPROCESSORS_ONLN), kept >= 0 ? ", one VM kept" : "");
	for (int i = 0; i < options.starts; i++) {
		if (!options.migrate)
			pin(0, 0);
		lost += options.boot ? !start_linux(i) : !start(i);
		printf("SVM so far %d of %d lost\n", lost, i + 1);
	}
	if (child)
		_exit(lost);
	while (wait(&status) > 0)
		lost += WIFEXITED(status) ? WEXITSTATUS(status) : options.starts;
	options.starts *= options.vms;
	printf("SVM end: %d of %d lost\n", lost, options.starts);
	reboot(RB_POWER_OFF);
	return 0;
}
