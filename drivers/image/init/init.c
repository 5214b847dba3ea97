/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first process of every guest. Loads the modules, mounts the root disk, runs the agent, and
 * powers off when it ends.
 *
 * Linked statically, and starts no other programs, because these dominate the boot time in a guest
 * of an emulated guest: a shell script that does the same takes seconds there, this takes
 * milliseconds. Failures go to the console, which the parent layer keeps as a log.
 */
#include <cpuid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "drivers/host/ended.h"
#include "drivers/image/image.h"

#define ENDED_FILE "/run/ended"
#define PROBE "nestbench.probe"
#define READ_AHEAD_KIB "512"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TEXT = 4096, WAIT_MS = 10000, WAIT_TSC_MS = 5000, STEP_MS = 5 };
enum { CONSOLE_LEVEL = 8 }; /* of syslog(2): which messages are printed */

/* ---- messages, and the way out ---- */

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "nestbench: %s\n", line);
}

static void complain(const char *what, const char *about)
{
	say("%s%s: error %d", what, about, errno);
}

static void __attribute__((noreturn)) power_off(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void give_up(const char *why)
{
	say("the guest cannot start: %s", why);
	power_off();
}

static void wait_step(void)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	nanosleep(&step, NULL);
}

/* Reads a small file as a string; "" when it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;
	size_t n = 0;

	while (fd >= 0 && n < size - 1 && (got = read(fd, text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* ---- what the kernel was told ---- */

static char command_line[TEXT];

/* The word of the kernel's command line with this prefix; NULL: none. It ends at a space or
 * newline. */
static const char *find_word(const char *with)
{
	const char *s = command_line;

	while ((s = strstr(s, with)) && s > command_line && s[-1] != ' ')
		s++;
	return s;
}

/* Prints the probe line on the console, and on the serial port if that is another device. */
static void answer_probe(void)
{
	dprintf(STDERR_FILENO, IMAGE_PROBE_LINE "\n");
	if (!find_word("console=ttyS0"))
		dprintf(open("/dev/ttyS0", O_WRONLY | O_CLOEXEC), IMAGE_PROBE_LINE "\n");
	power_off();
}

/* ---- modules ---- */

/* Whether a line "options MODULE PARAMETER=VALUE" is about this module. */
static bool is_option_of(const char *line, const char *name)
{
	const char *of = line + strlen("options ");

	if (strlen(line) < strlen("options ") + strlen(name))
		return false;
	for (; *name; name++, of++)
		if (*of != (*name == '-' ? '_' : *name))
			return false;
	return *of == ' ';
}

/* The image's parameters of modules. Read before the initramfs is left. */
static char module_options[TEXT];

/* Those for a module: " npt=0 nested=1"; "" for none. */
static void find_options(const char *name, char found[TEXT])
{
	char text[TEXT], *rest = NULL;

	found[0] = '\0';
	memcpy(text, module_options, sizeof(text));
	for (char *s = strtok_r(text, "\n", &rest); s; s = strtok_r(NULL, "\n", &rest)) {
		const char *value = is_option_of(s, name) ? strrchr(s, ' ') : "";
		size_t used = strlen(found);

		/* No longer than the text that it is from. */
		memcpy(found + used, value, strlen(value) + 1);
	}
}

static void load_module(const char *path)
{
	const char *file = strrchr(path, '/') + 1;
	char name[64], options[TEXT];
	int fd;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
	find_options(name, options);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if ((fd < 0 || syscall(SYS_finit_module, fd, options, 0) < 0) && errno != EEXIST)
		complain("cannot load the module ", path);
	if (fd >= 0)
		close(fd);
}

/* A list has a module's path on each line, in the order of loading. */
static void load_modules(const char *list)
{
	char text[TEXT], *rest = NULL;

	read_text(list, text, sizeof(text));
	for (char *path = strtok_r(text, "\n", &rest); path; path = strtok_r(NULL, "\n", &rest))
		load_module(path);
}

/* A paravirtual guest's CPU tells what the machine's can, as its hypervisor does not see CPUID. */
static bool is_xen_guest(void)
{
	char type[16];

	read_text("/sys/hypervisor/type", type, sizeof(type));
	return strcmp(type, "xen\n") == 0;
}

/* The list of modules for running guests on this CPU. NULL: it cannot. */
static const char *kvm_modules(void)
{
	unsigned int a, b, c, d;

	if (is_xen_guest())
		return NULL;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & 1U << 2))
		return "/boot/modules.svm";
	if (__get_cpuid(1, &a, &b, &c, &d) && (c & 1U << 5))
		return "/boot/modules.vmx";
	return NULL;
}

/*
 * KVM keeps the frequency of the TSC that the kernel knows when KVM is loaded. Without a value from
 * a hypervisor, as in an emulated guest, the kernel calibrates it again until a second or so after
 * it started, and then leaves the clock source tsc-early; when both values differ by more than 250
 * ppm, KVM lets the TSC of its guests jump ahead to catch up. A guest's clock that has jumped, and
 * its timers, then stand still until real time has caught up.
 */
static void wait_for_tsc(void)
{
	char source[32];

	for (int ms = 0; ms < WAIT_TSC_MS; ms += STEP_MS) {
		read_text("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			  source, sizeof(source));
		if (strcmp(source, "tsc-early\n") != 0)
			return;
		wait_step();
	}
}

/* From the root disk. */
static void load_kvm(void)
{
	const char *list = kvm_modules();

	if (!list)
		return;
	wait_for_tsc();
	load_modules(list);
}

/*
 * Loading KVM takes as long as the rest of the start. Where no layer is to be started only
 * workloads need it, and it is not loaded before the agent wants to describe the guest.
 */
static void load_kvm_when_wanted(void)
{
	pid_t pid;

	if (mkfifo(IMAGE_LOADING, 0600) < 0) {
		complain("cannot make ", IMAGE_LOADING);
		load_kvm();
		return;
	}
	pid = fork();
	if (pid < 0)
		complain("cannot start a process", "");
	if (pid != 0)
		return;
	/* Until the other end is opened, too. */
	if (open(IMAGE_LOADING, O_RDONLY | O_CLOEXEC) < 0)
		complain("cannot open ", IMAGE_LOADING);
	load_kvm();
	unlink(IMAGE_LOADING);
	_exit(0);
}

/*
 * Keeps one VM, without memory or vCPU, open for the lifetime of this guest, which is to host
 * others. Linux patches its scheduler when the first VM is created and when the last one is
 * destroyed, which libvirt's and QEMU's probes would trigger repeatedly; QEMU before 8.1 can
 * execute such patched code wrongly from then on in an emulated guest of several vCPUs, which then
 * hangs in __schedule. This way it is patched once.
 */
static void keep_one_vm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KVM_CREATE_VM, 0) < 0)
		complain("cannot keep a VM open in ", "/dev/kvm");
}

/* ---- file systems ---- */

static void mount_at(const char *what, const char *where, const char *type, unsigned long flags)
{
	if (mount(what, where, type, flags, NULL) < 0)
		complain("cannot mount ", where);
}

/* The name of the disk, of a VM's or a domain's, once it is there. */
static const char *find_disk(void)
{
	static const char *const disks[] = {"/dev/vda", "/dev/xvda"};

	for (size_t i = 0; i < COUNT(disks); i++)
		if (access(disks[i], F_OK) == 0)
			return disks[i];
	return NULL;
}

/*
 * Programs and libraries are read in pieces of this size, and not in such of 128 KiB: each piece is
 * a wait, of some milliseconds in a guest of an emulated guest. It is this disk's alone.
 */
static void read_far_ahead(const char *disk)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/queue/read_ahead_kb", strrchr(disk, '/') + 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, READ_AHEAD_KIB, strlen(READ_AHEAD_KIB)) < 0)
		complain("cannot set ", path);
	if (fd >= 0)
		close(fd);
}

/* What was read is kept as long as somebody has the disk open. */
static int mount_disk(const char *disk)
{
	int fd = open(disk, O_RDONLY | O_CLOEXEC), sector = 0, failed;

	if (fd >= 0 && ioctl(fd, BLKSSZGET, &sector) == 0 && sector == IMAGE_BLOCK_BYTES)
		posix_fadvise(fd, 0, IMAGE_INDEX_BYTES, POSIX_FADV_WILLNEED);
	failed = mount(disk, "/root", "ext4", MS_RDONLY | MS_NOATIME, NULL);
	if (fd >= 0)
		close(fd);
	return failed;
}

static void mount_root(void)
{
	const char *disk = NULL;
	int failed = -1;

	for (int ms = 0; ms < WAIT_MS && failed < 0; ms += STEP_MS) {
		disk = find_disk();
		if (disk)
			failed = mount_disk(disk);
		/* Any error but a device that does not exist yet is final. */
		if (disk && failed < 0 && errno != ENOENT && errno != ENXIO && errno != ENODEV)
			break;
		if (failed < 0)
			wait_step();
	}
	if (failed < 0) {
		complain("cannot mount the root disk ", disk ? disk : "/dev/vda or /dev/xvda");
		give_up("no root disk");
	}
	read_far_ahead(disk);
}

/* The writable places of a read-only root. */
static void mount_tmpfs(void)
{
	static const char *const at[] = {"/root/run", "/root/tmp", "/root/var", "/root/dev/shm"};
	static const char *const dirs[] = {"/root/run/nb",    "/root/run/home", "/root/run/lock",
					   "/root/var/lib",   "/root/var/log",	"/root/var/cache",
					   "/root/var/spool", "/root/var/tmp"};
	static const char *const shared[] = {"/root/tmp", "/root/var/tmp", "/root/dev/shm"};

	mkdir("/root/dev/shm", 0755);
	for (size_t i = 0; i < COUNT(at); i++)
		mount_at("tmpfs", at[i], "tmpfs", 0);
	for (size_t i = 0; i < COUNT(dirs); i++)
		mkdir(dirs[i], 0755);
	for (size_t i = 0; i < COUNT(shared); i++)
		chmod(shared[i], 01777);
	if (symlink("/run", "/root/var/run") < 0 || symlink("/proc/self/fd", "/root/dev/fd") < 0)
		complain("cannot make the links in ", "/root");
}

/* For containers: their terminals, and the limit of their memory. */
static void prepare_containers(void)
{
	int fd;

	mkdir("/dev/pts", 0755);
	mount_at("devpts", "/dev/pts", "devpts", 0);
	mount_at("cgroup2", "/sys/fs/cgroup", "cgroup2", 0);
	fd = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "+memory", 7) != 7)
		complain("cannot hand on the control of ", "memory");
	if (fd >= 0)
		close(fd);
}

/* What counts a child layer's exits; a kernel that was built without has no such places. */
static void prepare_counting(void)
{
	if (access("/sys/kernel/tracing", F_OK) == 0)
		mount_at("tracefs", "/sys/kernel/tracing", "tracefs", 0);
	if (access("/sys/kernel/debug", F_OK) == 0)
		mount_at("debugfs", "/sys/kernel/debug", "debugfs", 0);
}

static void enter_root(void)
{
	static const char *const moved[] = {"/dev", "/proc", "/sys"};
	char to[32];

	for (size_t i = 0; i < COUNT(moved); i++) {
		snprintf(to, sizeof(to), "/root%s", moved[i]);
		mount_at(moved[i], to, NULL, MS_MOVE);
	}
	mount_tmpfs();
	if (chdir("/root") == 0)
		mount_at(".", "/", NULL, MS_MOVE);
	if (chroot(".") < 0 || chdir("/") < 0)
		give_up("the root disk cannot become the root");
}

/* ---- the rest of the machine ---- */

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		say("cannot bring up the loopback network");
	if (fd >= 0)
		close(fd);
}

/* Whether this directory in sysfs is that of our port; its device has the directory's name. */
static bool is_port(const char *dir)
{
	char path[320], name[64];

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", dir);
	return dir[0] != '.' && read_text(path, name, sizeof(name)) &&
	       strcmp(name, IMAGE_PORT "\n") == 0;
}

static bool find_port(char *device, size_t size)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	const struct dirent *e = NULL;

	while (ports && (e = readdir(ports)) && !is_port(e->d_name))
		;
	if (e)
		snprintf(device, size, "/dev/%s", e->d_name);
	if (ports)
		closedir(ports);
	return e && access(device, F_OK) == 0;
}

/* A port gets its name shortly after its device. */
static void wait_for_port(char *device, size_t size)
{
	for (int ms = 0; !find_port(device, size); ms += STEP_MS) {
		if (ms >= WAIT_MS)
			give_up("the agent's port (virtio-serial, " IMAGE_PORT
				") did not appear within 10 s");
		wait_step();
	}
}

/*
 * The console as the agent's port. What is said from now on, by the kernel too, is kept for
 * dmesg. The console stays open here, because its settings are lost with the last who closes it.
 */
static void take_console(char *device, size_t size)
{
	int tty, log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	struct termios t;

	snprintf(device, size, "/dev/hvc0");
	tty = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0 || tcgetattr(tty, &t) < 0)
		give_up("the console hvc0, which is the agent's port, cannot be opened");
	cfmakeraw(&t);
	tcsetattr(tty, TCSANOW, &t);
	klogctl(CONSOLE_LEVEL, NULL, 1);
	if (log >= 0 && (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0))
		give_up("the console cannot be left to the agent");
	dprintf(tty, "\n" IMAGE_CONSOLE_PORT_LINE "\n");
}

/* ---- the agent ---- */

static void exec_agent(const char *port)
{
	static const char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
		"HOME=/run/home",
		"LC_ALL=C",
		"TERM=dumb",
		(ENDED_VARIABLE "=" ENDED_FILE),
		NULL};
	const char *const argv[] = {"nestbench", "agent", "--port", port, NULL};
	const char *agent = find_word(IMAGE_HOSTS) ? IMAGE_AGENT : IMAGE_SMALL_AGENT;

	setsid();
	execve(agent, (char *const *)argv, (char *const *)environment);
	complain("cannot start ", agent);
	_exit(127);
}

static void note_ended(pid_t pid, int status)
{
	int fd = open(ENDED_FILE, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	dprintf(fd, "%d %d\n", pid, status);
	close(fd);
}

/* Waits for a process and reaps all others that end, as the first process must. */
static int wait_for(pid_t pid)
{
	int status = 0;
	pid_t got;

	while ((got = waitpid(-1, &status, 0)) != pid && (got >= 0 || errno != ECHILD))
		if (got > 0)
			note_ended(got, status);
	return status;
}

static void run_agent(const char *port)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		exec_agent(port);
	if (pid < 0)
		give_up("no process for the agent");
	status = wait_for(pid);
	if (WIFSIGNALED(status))
		say("the agent was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		say("the agent ended with exit code %d", WEXITSTATUS(status));
}

int main(void)
{
	char port[320];

	mount_at("devtmpfs", "/dev", "devtmpfs", 0);
	mount_at("proc", "/proc", "proc", 0);
	read_text("/proc/cmdline", command_line, sizeof(command_line));
	if (find_word(PROBE))
		answer_probe();
	mount_at("sysfs", "/sys", "sysfs", 0);
	read_text("/modules.options", module_options, sizeof(module_options));
	load_modules("/modules.boot");
	mount_root();
	enter_root();
	if (find_word(IMAGE_HOSTS)) {
		load_kvm();
		if (kvm_modules())
			keep_one_vm();
		prepare_containers();
		prepare_counting();
	} else {
		load_kvm_when_wanted();
	}
	if (sethostname("nestbench", 9) < 0)
		complain("cannot name ", "the guest");
	loopback_up();
	if (find_word(IMAGE_CONSOLE_PORT))
		take_console(port, sizeof(port));
	else
		wait_for_port(port, sizeof(port));
	run_agent(port);
	power_off();
}
