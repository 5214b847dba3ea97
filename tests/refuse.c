/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a program to which the kernel refuses some system calls, as a container's filter does:
 *   refuse EPERM|ENOSYS CALL[,CALL…] PROGRAM [ARGUMENT…]
 * Exit code 125: the filter cannot be set up; else the program's.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name                                                                  \
	}

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	CALL(sched_setaffinity),
	CALL(sched_setscheduler),
	CALL(mlock),
	CALL(mlock2),
	CALL(mlockall),
	CALL(set_mempolicy),
	CALL(mbind),
	CALL(move_pages),
	CALL(perf_event_open),
	CALL(setpriority),
	CALL(io_uring_setup),
	CALL(io_uring_enter),
	CALL(userfaultfd),
	CALL(madvise),
	CALL(membarrier),
	CALL(clone3),
	CALL(memfd_create),
	CALL(pidfd_open),
	CALL(pidfd_send_signal),
	CALL(prctl),
	CALL(fsopen),
	CALL(unshare),
	CALL(mount),
	CALL(execveat),
	CALL(eventfd2),
	CALL(signalfd4),
	CALL(inotify_init1),
	CALL(statx),
	CALL(close_range),
	CALL(copy_file_range),
	CALL(fallocate),
	CALL(flock),
	CALL(fdatasync),
	CALL(getcpu),
	CALL(rseq),
	CALL(timerfd_create),
	CALL(epoll_pwait2),
	CALL(faccessat2),
	CALL(openat2),
	CALL(setpgid),
	CALL(getrandom),
	CALL(prlimit64),
	CALL(personality),
	CALL(chown),
	CALL(fchown),
	CALL(setgroups),
	CALL(ioprio_set),
	CALL(kcmp),
	CALL(ptrace),
	CALL(name_to_handle_at),
	CALL(fadvise64),
	CALL(renameat2),
	CALL(sched_getaffinity),
	CALL(clock_nanosleep),
	CALL(syslog),
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static int number_of(const char *name)
{
	for (size_t i = 0; i < CALLS; i++)
		if (strcmp(calls[i].name, name) == 0)
			return (int)calls[i].number;
	return -1;
}

/* Two instructions for each call, behind one that loads its number and before one that allows. */
static int set_filter(char *names, int error)
{
	struct sock_filter code[2 * CALLS + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.len = 1, .filter = code};
	char *rest;

	for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		int number = number_of(name);

		if (number < 0 || program.len > 2 * CALLS - 1) {
			fprintf(stderr, "refuse: there is no call \"%s\"\n", name);
			return -1;
		}
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								   (unsigned)number, 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
			       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0
		       ? 0
		       : -1;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr,
			"usage: refuse EPERM|ENOSYS CALL[,CALL...] PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	if (set_filter(argv[2], strcmp(argv[1], "ENOSYS") == 0 ? ENOSYS : EPERM) < 0)
		return 125;
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 125;
}
