/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/app/postgres_server.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"
#include "workloads/lib/detached_mount.h"
#include "workloads/lib/state.h"

/* Debian keeps each version's programs in a folder of its own. */
#define PROGRAMS "/usr/lib/postgresql/*/bin/initdb"
#define CLUSTER "data"
#define LOG "log"

enum { NOBODY = 65534, ARGV_MAX = 32 };
/* In an emulated layer of a layer all takes a hundred times as long. */
#define INITDB_NS (600 * NS_PER_S)
#define START_NS (300 * NS_PER_S)
#define STOP_NS (20 * NS_PER_S)
#define RETRY_US 20000

/* The folder of the newest version, without a slash at its end. */
static int find_programs(char folder[PATH_MAX], struct err *err)
{
	const char *newest;
	glob_t found;

	if (glob(PROGRAMS, 0, NULL, &found) != 0)
		return err_set(err, EXIT_MACHINE,
			       "no PostgreSQL in this layer (install the package postgresql, and "
			       "run --with postgresql for the image)");
	newest = found.gl_pathv[0];
	for (size_t i = 1; i < found.gl_pathc; i++)
		if (strverscmp(found.gl_pathv[i], newest) > 0)
			newest = found.gl_pathv[i];
	snprintf(folder, PATH_MAX, "%.*s", (int)(file_name(newest) - newest) - 1, newest);
	globfree(&found);
	return 0;
}

int pg_server_probe(struct err *err)
{
	char folder[PATH_MAX];
	int dir;

	if (find_programs(folder, err) < 0)
		return -1;
	dir = detached_mount("tmpfs", NULL, true, err);
	if (dir < 0)
		return -1;
	close(dir);
	return 0;
}

/* Nobody, where we are root: a real one, or root of a user namespace that has no other user, in
 * which a new one without any makes us nobody. */
static bool leave_root(void)
{
	if (geteuid() != 0)
		return true;
	if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0)
		return true;
	return unshare(CLONE_NEWUSER) == 0 && geteuid() != 0;
}

/* In the child. The file system is open there under the same number. */
static void __attribute__((noreturn)) become(const char *const argv[], int dir, int log)
{
	static char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", NULL};
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* Its small piece of System V memory goes away with the namespace, where we may have one.
	 */
	(void)!unshare(CLONE_NEWIPC);
	if (setpgid(0, 0) < 0 || fcntl(dir, F_SETFD, 0) < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 || !leave_root() ||
	    /* Behind the change of the user, which cancels it. */
	    prctl(PR_SET_PDEATHSIG, SIGQUIT) < 0)
		_exit(126);
	execve(argv[0], (char *const *)argv, environment);
	_exit(127);
}

static int start(struct child *c, const char *const argv[], int dir, struct err *err)
{
	int log = openat(dir, LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	pid_t pid = log < 0 ? -1 : fork();

	if (pid == 0)
		become(argv, dir, log);
	if (pid < 0)
		err_errno(err, EXIT_MACHINE, "cannot start %s", argv[0]);
	if (log >= 0)
		close(log);
	*c = (struct child){.pid = pid > 0 ? pid : 0, .in = -1, .out = -1};
	return pid < 0 ? -1 : 0;
}

/* How it ended, with the last line that it printed. */
static int ended(const char *what, const struct pg_server *s, int status, struct err *err)
{
	struct buf text = BUF_INIT;
	const char *last = "";

	if (file_text(&text, "/proc/self/fd/%d/" LOG, s->dir))
		for (const char *line = buf_str(&text); line && *line; line = str_next_line(line))
			last = line;
	err_set(err, EXIT_MACHINE, "%s ended with %s %d: %.*s", what,
		WIFEXITED(status) ? "exit code" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
		(int)strcspn(last, "\n"), last);
	buf_release(&text);
	return -1;
}

static int make_cluster(struct pg_server *s, const char *folder, const char *data, struct err *err)
{
	char program[PATH_MAX + 16];
	const char *const argv[] = {program,
				    "-D",
				    data,
				    "-U",
				    "postgres",
				    "-A",
				    "trust",
				    "--locale=C",
				    "-E",
				    "SQL_ASCII",
				    "--no-sync",
				    "--no-instructions",
				    "--wal-segsize=1",
				    NULL};
	int status, done;

	snprintf(program, sizeof(program), "%s/initdb", folder);
	if (mkdirat(s->dir, CLUSTER, 0700) < 0 ||
	    (geteuid() == 0 && fchownat(s->dir, CLUSTER, NOBODY, NOBODY, 0) < 0 && errno != EINVAL))
		return err_errno(err, EXIT_MACHINE, "cannot make a directory for PostgreSQL");
	if (start(&s->child, argv, s->dir, err) < 0)
		return -1;
	done = child_wait(&s->child, INITDB_NS, &status);
	if (!done)
		return err_set(err, EXIT_MACHINE, "initdb of PostgreSQL did not end in time");
	return status == 0 ? 0 : ended("initdb of PostgreSQL", s, status, err);
}

/* Tries until the server answers, or has ended. */
static int reach(struct pg_server *s, struct pg_client *c, const char *path, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + START_NS;
	int status;

	while (pg_connect(c, path, err) < 0) {
		if (child_wait(&s->child, 0, &status))
			return ended("PostgreSQL", s, status, err);
		if (clock_now(&clock_machine) > end)
			return -1;
		usleep(RETRY_US);
	}
	return 0;
}

int pg_server_start(struct pg_server *s, struct pg_client *c, struct err *err)
{
	char folder[PATH_MAX], program[PATH_MAX + 16], data[64], path[80];
	/* Nothing that runs now and then, little memory, and no more log than memory holds. */
	const char *const argv[] = {program,
				    "-D",
				    data,
				    "-k",
				    data,
				    "-c",
				    "listen_addresses=",
				    "-c",
				    "max_connections=4",
				    "-c",
				    "shared_buffers=16MB",
				    "-c",
				    "dynamic_shared_memory_type=mmap",
				    "-c",
				    "autovacuum=off",
				    "-c",
				    "min_wal_size=2MB",
				    "-c",
				    "max_wal_size=32MB",
				    NULL};
	int dir;

	if (find_programs(folder, err) < 0)
		return -1;
	dir = detached_mount("tmpfs", NULL, true, err);
	if (dir < 0)
		return -1;
	s->dir = dir;
	/* Resolved by whoever opens it; the server has the same number open. */
	snprintf(data, sizeof(data), "/proc/self/fd/%d/" CLUSTER, dir);
	snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", data);
	snprintf(program, sizeof(program), "%s/postgres", folder);
	if (make_cluster(s, folder, data, err) < 0 || start(&s->child, argv, dir, err) < 0)
		return -1;
	return reach(s, c, path, err);
}

/* At once, without a checkpoint: nothing of the cluster is needed any more. */
void pg_server_stop(struct pg_server *s)
{
	int status;

	if (s->child.pid > 0 && kill(s->child.pid, SIGQUIT) == 0 &&
	    !child_wait(&s->child, STOP_NS, &status))
		child_stop(&s->child, 0);
	close_fd(&s->dir);
}
