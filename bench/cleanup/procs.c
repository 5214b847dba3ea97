/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/cleanup/procs.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"

enum { STEP_MS = 20, STARTS_STEP_MS = 1, STARTS_LOOKS = 100 };
#define GONE_LIMIT_NS (5 * NS_PER_S)

uint64_t procs_start_ticks(pid_t pid)
{
	struct proc p;

	return proc_read_living("", pid, &p) ? p.start_ticks : 0;
}

/* False: it is one of the kernel's threads, or gone. */
static bool find_program(pid_t pid, char exe[PATH_MAX])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	len = readlink(path, exe, PATH_MAX - 1);
	exe[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* While the kernel starts a program, its environment and command line can be read and are empty. */
static void read_words(pid_t pid, const char *file, struct buf *words)
{
	char exe[PATH_MAX];

	for (int i = 0; i < STARTS_LOOKS; i++) {
		if (!file_text(words, "/proc/%d/%s", (int)pid, file) || words->len ||
		    !find_program(pid, exe))
			return;
		poll(NULL, 0, STARTS_STEP_MS);
	}
}

static bool holds(pid_t pid, const char *file, const char *text)
{
	struct buf words = BUF_INIT;
	bool found;

	read_words(pid, file, &words);
	found = words.len && memmem(words.data, words.len, text, strlen(text));
	buf_release(&words);
	return found;
}

static bool is_layer(pid_t pid)
{
	char exe[PATH_MAX];
	const char *name;

	if (!find_program(pid, exe))
		return false;
	name = strrchr(exe, '/');
	return drivers_own_program(name ? name + 1 : exe);
}

static bool is_marked(pid_t pid, const char *work_dir)
{
	char path[64], mark[256];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (pid == getpid() || stat(path, &st) < 0 || st.st_uid != geteuid())
		return false;
	snprintf(mark, sizeof(mark), PROCS_MARK "=%s", work_dir);
	if (holds(pid, "environ", mark))
		return true;
	snprintf(mark, sizeof(mark), "%s/", work_dir);
	return is_layer(pid) && holds(pid, "cmdline", mark);
}

/* By a pidfd, opened before the last look: what has the pid by then is what is killed. */
static void end(pid_t pid, const char *work_dir)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (is_marked(pid, work_dir)) {
		if (fd >= 0)
			syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		else
			kill(pid, SIGKILL); /* a kernel before 5.3 */
	}
	if (fd >= 0)
		close(fd);
}

/* Looks once at every process. */
static int look(const char *work_dir, bool dry_run, struct buf *said)
{
	DIR *dir = file_dir("/proc");
	const char *entry;
	int found = 0;

	while ((entry = file_dir_next(dir))) {
		pid_t pid = (pid_t)strtol(entry, NULL, 10);
		char name[32];

		if (pid <= 0 || !procs_start_ticks(pid) || !is_marked(pid, work_dir))
			continue;
		file_line(name, sizeof(name), "/proc/%d/comm", (int)pid);
		if (said)
			buf_addf(said, "%s%d (%s)", said->len ? ", " : "", (int)pid, name);
		if (!dry_run)
			end(pid, work_dir);
		found++;
	}
	file_dir_close(dir);
	return found;
}

int procs_end(const char *work_dir, bool dry_run, struct buf *said)
{
	uint64_t until = clock_now(&clock_machine) + GONE_LIMIT_NS;
	int found = look(work_dir, dry_run, said);

	if (dry_run || !found)
		return found;
	/* What was just being started by one of them shows up in a later look. */
	while (look(work_dir, false, NULL) && clock_now(&clock_machine) < until)
		poll(NULL, 0, STEP_MS);
	return found;
}
