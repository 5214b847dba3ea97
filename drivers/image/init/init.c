/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first process of every guest. Loads the modules, mounts the root disk, runs the agent, and
 * powers off when it ends.
 *
 * Without a C library and without starting other programs, because that is what booting waits for
 * in a guest of an emulated guest: a shell script that does the same takes seconds there, this
 * takes milliseconds. Failures go to the console, which the layer above keeps as a log.
 */
#include <cpuid.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/kvm.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "drivers/image/init/nolibc.h"

#define ENDED_VARIABLE "NESTBENCH_ENDED"
#define ENDED_FILE "/run/ended"
#define PORT_NAME "org.nestbench.0"
#define PROBE "nestbench.probe"
#define PROBE_LINE "nestbench-probe-ok\n"
#define HOSTS "nestbench.hosts"

enum { TEXT = 4096, WAIT_MS = 10000, WAIT_TSC_MS = 5000, POWER_OFF = 0x4321fedc };

/* ---- the way out ---- */

static void complain(const char *what, const char *about, long error)
{
	char line[512], number[16];

	join(line, sizeof(line), "nestbench: ", what, about);
	say(line, ": error ", decimal(-error, number));
	say("\n", "", "");
}

static void power_off(void)
{
	CALL4(reboot, 0xfee1dead, 672274793, POWER_OFF, 0);
	for (;;)
		CALL2(pause, 0, 0);
}

static void give_up(const char *why)
{
	say("nestbench: the guest cannot start: ", why, "\n");
	power_off();
}

/* ---- what the kernel was told ---- */

static char command_line[TEXT];

/* The word of the kernel's command line that starts so; NULL: none. Its end is a space or newline.
 */
static const char *find_word(const char *with)
{
	for (const char *s = command_line; *s; s++)
		if ((s == command_line || s[-1] == ' ') && starts(s, with))
			return s;
	return NULL;
}

/* Says that a guest boots here, on the console and on the serial port if that is another device. */
static void answer_probe(void)
{
	long fd;

	say(PROBE_LINE, "", "");
	if (!find_word("console=ttyS0")) {
		fd = CALL3(open, "/dev/ttyS0", O_WRONLY, 0);
		CALL3(write, fd, PROBE_LINE, sizeof(PROBE_LINE) - 1);
	}
	power_off();
}

/* ---- modules ---- */

static void load_module(const char *name)
{
	char path[256];
	long fd, failed;

	join(path, sizeof(path), "/lib/", name, ".ko");
	fd = CALL3(open, path, O_RDONLY | O_CLOEXEC, 0);
	failed = fd < 0 ? fd : CALL3(finit_module, fd, "", 0);
	if (failed < 0 && failed != -EEXIST)
		complain("cannot load the module ", name, failed);
	if (fd >= 0)
		CALL1(close, fd);
}

/* A list has the name of a module on each line, in the order of loading. */
static void load_modules(const char *list)
{
	char text[TEXT];
	char *name = text;

	read_text(list, text, sizeof(text));
	for (char *s = text; *s; s++) {
		if (*s != '\n')
			continue;
		*s = '\0';
		load_module(name);
		name = s + 1;
	}
}

/* What makes this CPU able to run guests. NULL: it is not. */
static const char *kvm_modules(void)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & 1U << 2))
		return "/modules.svm";
	if (__get_cpuid(1, &a, &b, &c, &d) && (c & 1U << 5))
		return "/modules.vmx";
	return NULL;
}

/*
 * KVM remembers the frequency of the TSC that the kernel knows when it is loaded. Without a
 * hypervisor's word, as in an emulated guest, the kernel measures it again until a second or so
 * after it started, and then leaves the clock source tsc-early; when both values differ by more
 * than 250 ppm, KVM lets the TSC of its guests leap ahead to catch up. A guest's clock that has
 * leapt stands still until the time has come, and its timers with it.
 */
static void wait_for_tsc(void)
{
	char source[32];

	for (int ms = 0; ms < WAIT_TSC_MS; ms += STEP_MS) {
		read_text("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			  source, sizeof(source));
		if (!same(source, "tsc-early\n"))
			return;
		wait_step();
	}
}

/* KVM takes as long to load as everything else here, so it has a process of its own. 0: not needed.
 */
static long start_loading_kvm(void)
{
	const char *list = kvm_modules();
	long pid = list ? call(__NR_clone, SIGCHLD, 0, 0, 0, 0) : 0;

	if (!list)
		return 0;
	if (pid < 0)
		complain("cannot start a process", "", pid);
	if (pid != 0)
		return pid;
	wait_for_tsc();
	load_modules(list);
	CALL1(exit_group, 0);
	return 0;
}

/*
 * Keeps one VM, without memory or vCPU, for as long as this guest lives, which is to host others.
 * Linux patches its scheduler when the first VM appears and when the last one goes, which libvirt's
 * and QEMU's probes would make it do again and again; QEMU before 8.1 can run such patched text
 * wrongly for ever in an emulated guest of several vCPUs, which then hangs in __schedule. This way
 * it is patched once.
 */
static void keep_one_vm(void)
{
	long fd = CALL3(open, "/dev/kvm", O_RDWR | O_CLOEXEC, 0);

	if (fd >= 0)
		fd = CALL3(ioctl, fd, KVM_CREATE_VM, 0);
	if (fd < 0)
		complain("cannot keep a VM open in ", "/dev/kvm", fd);
}

/* ---- file systems ---- */

static void mount_at(const char *what, const char *where, const char *type, unsigned long flags)
{
	long failed = CALL5(mount, what, where, type, flags, 0);

	if (failed < 0)
		complain("cannot mount ", where, failed);
}

static void mount_root(void)
{
	long failed = -ENOENT;

	for (int ms = 0; ms < WAIT_MS && failed < 0; ms += STEP_MS) {
		failed = CALL5(mount, "/dev/vda", "/root", "ext4", MS_RDONLY | MS_NOATIME, 0);
		/* Anything else than a device that is not there yet will not get better. */
		if (failed < 0 && failed != -ENOENT && failed != -ENXIO && failed != -ENODEV)
			break;
		if (failed < 0)
			wait_step();
	}
	if (failed < 0) {
		complain("cannot mount the root disk ", "/dev/vda", failed);
		give_up("no root disk");
	}
}

/* The writable places of a root that nobody can write to. */
static void mount_tmpfs(void)
{
	static const char *const at[] = {"/root/run", "/root/tmp", "/root/var", "/root/dev/shm"};
	static const char *const dirs[] = {"/root/run/nb",    "/root/run/home", "/root/run/lock",
					   "/root/var/lib",   "/root/var/log",	"/root/var/cache",
					   "/root/var/spool", "/root/var/tmp"};
	static const char *const shared[] = {"/root/tmp", "/root/var/tmp", "/root/dev/shm"};

	CALL2(mkdir, "/root/dev/shm", 0755);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		mount_at("tmpfs", at[i], "tmpfs", 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		CALL2(mkdir, dirs[i], 0755);
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		CALL2(chmod, shared[i], 01777);
	CALL2(symlink, "/run", "/root/var/run");
	CALL2(symlink, "/proc/self/fd", "/root/dev/fd");
}

static void enter_root(void)
{
	static const char *const moved[] = {"/dev", "/proc", "/sys"};
	char to[32];

	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
		mount_at(moved[i], join(to, sizeof(to), "/root", moved[i], ""), NULL, MS_MOVE);
	mount_tmpfs();
	CALL1(chdir, "/root");
	mount_at(".", "/", NULL, MS_MOVE);
	if (CALL1(chroot, ".") < 0 || CALL1(chdir, "/") < 0)
		give_up("the root disk cannot become the root");
}

/* ---- the rest of the machine ---- */

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	long fd = CALL3(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || CALL3(ioctl, fd, SIOCSIFFLAGS, &request) < 0)
		say("nestbench: cannot bring up the loopback network\n", "", "");
	CALL1(close, fd);
}

struct dirent64 {
	unsigned long inode, offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* Whether this directory of a port belongs to ours; its device has the directory's name. */
static bool is_port(const char *dir)
{
	char path[256], name[64];

	join(path, sizeof(path), "/sys/class/virtio-ports/", dir, "/name");
	return dir[0] != '.' && read_text(path, name, sizeof(name)) && same(name, PORT_NAME "\n");
}

static bool find_port(char *device, size_t size)
{
	_Alignas(8) char entries[2048];
	long fd = CALL3(open, "/sys/class/virtio-ports", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0),
	     got = 0;
	bool found = false;

	while (fd >= 0 && !found && (got = CALL3(getdents64, fd, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < got && !found;) {
			const struct dirent64 *e = (const struct dirent64 *)(entries + at);

			found = is_port(e->name);
			if (found)
				join(device, size, "/dev/", e->name, "");
			at += e->size;
		}
	}
	if (fd >= 0)
		CALL1(close, fd);
	return found && CALL2(access, device, 0) == 0;
}

/* A port gets its name a little after its device. */
static void wait_for_port(char *device, size_t size)
{
	for (int ms = 0; !find_port(device, size); ms += STEP_MS) {
		if (ms >= WAIT_MS)
			give_up("the agent's port (virtio-serial, " PORT_NAME
				") did not appear within 10 s");
		wait_step();
	}
}

/* ---- the agent ---- */

static void exec_agent(const char *port)
{
	static const char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
		"HOME=/run/home",
		"LC_ALL=C",
		"TERM=dumb",
		ENDED_VARIABLE "=" ENDED_FILE,
		NULL};
	const char *argv[] = {"nestbench", "agent", "--port", port, NULL};

	CALL1(setsid, 0);
	complain("cannot start ", "/usr/bin/nestbench",
		 CALL3(execve, "/usr/bin/nestbench", argv, environment));
	CALL1(exit_group, 127);
}

/* See drivers/host/ended.h. */
static void note_ended(long pid, int status)
{
	char line[64], number[16];
	long fd = CALL3(open, ENDED_FILE, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	join(line, sizeof(line), decimal(pid, number), " ", "");
	join(line + length(line), sizeof(line) - length(line), decimal(status, number), "\n", "");
	if (fd < 0)
		return;
	CALL3(write, fd, line, length(line));
	CALL1(close, fd);
}

/* Waits for a process; whoever else ends is reaped on the way, as is the first process's duty. */
static int wait_for(long pid)
{
	int status = 0;
	long got;

	while ((got = CALL4(wait4, -1, &status, 0, 0)) != pid && got != -ECHILD)
		if (got > 0)
			note_ended(got, status);
	return status;
}

static void run_agent(const char *port)
{
	char number[16];
	long pid = call(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	if (pid == 0)
		exec_agent(port);
	if (pid < 0)
		give_up("no process for the agent");
	status = wait_for(pid);
	if (status & 0x7f)
		say("nestbench: the agent was ended by signal ", decimal(status & 0x7f, number),
		    "\n");
	else if (status >> 8)
		say("nestbench: the agent ended with exit code ", decimal(status >> 8, number),
		    "\n");
}

void nestbench_init(void);

void nestbench_init(void)
{
	char port[64];
	long kvm;

	mount_at("devtmpfs", "/dev", "devtmpfs", 0);
	mount_at("proc", "/proc", "proc", 0);
	read_text("/proc/cmdline", command_line, sizeof(command_line));
	if (find_word(PROBE))
		answer_probe();
	mount_at("sysfs", "/sys", "sysfs", 0);
	kvm = start_loading_kvm();
	load_modules("/modules");
	mount_root();
	if (kvm > 0) {
		wait_for(kvm);
		if (find_word(HOSTS))
			keep_one_vm();
	}
	enter_root();
	CALL2(sethostname, "nestbench", 9);
	loopback_up();
	wait_for_port(port, sizeof(port));
	run_agent(port);
	power_off();
}

/* The kernel starts a program with the stack aligned to 16 and no return address. */
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	call nestbench_init\n");
