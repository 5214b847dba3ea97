/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"

extern char **environ;

enum { OUTPUT_LIMIT = 1 << 20 };
/* How long the kernel may take to end a process that was killed. */
#define KILL_LIMIT_NS (10 * NS_PER_S)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void child_signals(posix_spawnattr_t *attr, short flags)
{
	static const int ours[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};
	sigset_t signals;

	sigemptyset(&signals);
	posix_spawnattr_setsigmask(attr, &signals);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigaddset(&signals, ours[i]);
	posix_spawnattr_setsigdefault(attr, &signals);
	posix_spawnattr_setflags(attr,
				 (short)(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
}

/* posix_spawn rather than fork: the agent is large, and copying page tables in a guest is
 * expensive. */
static int spawn(struct child *c, const char *const argv[], const struct child_options *opt,
		 int child_in, int child_out, int child_err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int failed;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, child_in, 0);
	posix_spawn_file_actions_adddup2(&actions, child_out, 1);
	if (child_err >= 0)
		posix_spawn_file_actions_adddup2(&actions, child_err, 2);
	else if (opt->log)
		posix_spawn_file_actions_addopen(&actions, 2, opt->log,
						 O_WRONLY | O_CREAT | O_APPEND, 0600);
	/* Onto itself: that only takes its close-on-exec off. */
	if (opt->keep_fd > 2)
		posix_spawn_file_actions_adddup2(&actions, opt->keep_fd, opt->keep_fd);
	if (opt->dir)
		posix_spawn_file_actions_addchdir_np(&actions, opt->dir);
	child_signals(&attr, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attr, 0);
	failed = posix_spawnp(&c->pid, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int start(struct child *c, const char *const argv[], const struct child_options *opt,
		 bool merge_stderr, struct err *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, failed;

	*c = (struct child)CHILD_NONE;
	if (opt->stdio_fd > 0) {
		in[0] = dup(opt->stdio_fd);
		out[1] = dup(opt->stdio_fd);
		if (in[0] >= 0)
			fcntl(in[0], F_SETFD, FD_CLOEXEC);
		if (out[1] >= 0)
			fcntl(out[1], F_SETFD, FD_CLOEXEC);
		failed = in[0] < 0 || out[1] < 0 ? errno : 0;
	} else {
		failed = pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ? errno : 0;
	}
	if (!failed)
		failed = spawn(c, argv, opt, in[0], out[1],
			       merge_stderr	 ? out[1]
			       : opt->err_fd > 0 ? opt->err_fd
						 : -1);
	close_fd(&in[0]);
	close_fd(&out[1]);
	if (!failed) {
		c->in = in[1];
		c->out = out[0];
		return 0;
	}
	close_fd(&in[1]);
	close_fd(&out[0]);
	c->pid = 0;
	if (failed == ENOENT)
		return err_set(err, EXIT_MACHINE,
			       "the program %s is not installed (not found on PATH)", argv[0]);
	errno = failed;
	return err_errno(err, EXIT_INTERNAL, "cannot start %s", argv[0]);
}

int child_start(struct child *c, const char *const argv[], const struct child_options *opt,
		struct err *err)
{
	static const struct child_options none = {0};

	return start(c, argv, opt ? opt : &none, false, err);
}

enum child_state child_look(pid_t pid)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return CHILD_GONE;
	return info.si_pid ? CHILD_ENDED : CHILD_RUNS;
}

/* Waits until the child no longer runs, at most until end. */
static enum child_state wait_for_end(pid_t pid, uint64_t end)
{
	enum child_state state = child_look(pid);
	uint64_t now = clock_now(&clock_machine);
	struct pollfd p = {.fd = -1, .events = POLLIN};

	if (state == CHILD_RUNS && now < end)
		p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	for (; state == CHILD_RUNS && now < end; now = clock_now(&clock_machine)) {
		/* Without a pidfd (an old kernel) look again every 10 ms. */
		poll(&p, 1, p.fd < 0 ? 10 : (int)((end - now) / NS_PER_MS) + 1);
		state = child_look(pid);
	}
	close_fd(&p.fd);
	return state;
}

int child_wait(struct child *c, uint64_t limit_ns, int *status)
{
	enum child_state state;

	*status = 0;
	if (c->pid == 0)
		return 1;
	state = wait_for_end(c->pid, clock_now(&clock_machine) + limit_ns);
	if (state == CHILD_RUNS)
		return 0;
	/* Until it is reaped, the number of its group cannot be another's. */
	if (state == CHILD_ENDED)
		kill(-c->pid, SIGKILL);
	if (state == CHILD_GONE || waitpid(c->pid, status, 0) < 0)
		*status = W_EXITCODE(255, 0); /* how it ended is not known */
	c->pid = 0;
	return 1;
}

void child_stop(struct child *c, uint64_t grace_ns)
{
	pid_t group = c->pid;
	int status;

	close_fd(&c->in);
	if (group > 0) {
		kill(-group, SIGTERM);
		if (!child_wait(c, grace_ns, &status)) {
			kill(-group, SIGKILL);
			kill(group, SIGKILL); /* a reaper is not in its group */
			/* The kernel may hold it, in a read from a disk that hangs: then it is left
			 * to whoever reaps orphans. */
			child_wait(c, KILL_LIMIT_NS, &status);
			c->pid = 0;
		}
	}
	close_fd(&c->out);
}

int child_kill_all(void)
{
	struct buf list = BUF_INIT;
	int count = 0, pid, len;

	file_text(&list, "/proc/self/task/%d/children", (int)getpid());
	for (const char *at = buf_str(&list); sscanf(at, "%d%n", &pid, &len) == 1; at += len) {
		/* 0: it is just being reaped; kill() would take that for our own group. */
		if (pid > 0)
			kill(pid, SIGKILL);
		count++;
	}
	buf_release(&list);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return count;
}

static const char *last_line(const struct buf *out)
{
	const char *text = buf_str(out), *line;
	size_t len = out->len;

	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	line = memrchr(text, '\n', len);
	return line ? line + 1 : text;
}

/* Moves input in and output out until the output ends (0), or the time is over or, with a
 * descriptor for that, the user stops (-1). */
static int pump(struct child *c, const char *input, uint64_t end, int interrupt, struct buf *out)
{
	size_t left = input ? strlen(input) : 0;
	char chunk[16384];

	if (!left)
		close_fd(&c->in);
	else
		fcntl(c->in, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd p[3] = {{.fd = c->out, .events = POLLIN},
				      {.fd = c->in, .events = POLLOUT},
				      {.fd = interrupt, .events = POLLIN}};
		uint64_t now = clock_now(&clock_machine);
		ssize_t got;

		if (now >= end || (interrupt >= 0 && interrupt_pending()))
			return -1;
		poll(p, 3,
		     (int)((end - now) / NS_PER_MS > 1000 ? 1000 : (end - now) / NS_PER_MS + 1));
		if (p[1].revents) {
			got = write(c->in, input, left);
			if (got > 0) {
				input += got;
				left -= (size_t)got;
			}
			if (!left || (got < 0 && errno != EAGAIN && errno != EINTR))
				close_fd(&c->in);
		}
		if (!p[0].revents)
			continue;
		got = read(c->out, chunk, sizeof(chunk));
		if (got == 0 || (got < 0 && errno != EINTR))
			return 0;
		if (got > 0 && out->len < OUTPUT_LIMIT)
			buf_add(out, chunk, (size_t)got);
	}
}

static int run(const char *const argv[], const char *dir, const char *input, uint64_t limit_ns,
	       int interrupt, struct buf *out, struct err *err)
{
	uint64_t now = clock_now(&clock_machine), end = now + limit_ns;
	const struct child_options opt = {.dir = dir};
	struct child c;
	int status, ended;

	if (start(&c, argv, &opt, true, err) < 0)
		return -1;
	ended = pump(&c, input, end, interrupt, out) == 0;
	now = clock_now(&clock_machine);
	ended = ended && child_wait(&c, now < end ? end - now : 0, &status);
	child_stop(&c, ended ? 0 : NS_PER_S);
	if (!ended && interrupt >= 0 && interrupt_pending())
		return interrupt_check(err);
	if (!ended)
		return err_set(err, EXIT_INTERNAL, "%s did not end within %.0f s", argv[0],
			       (double)limit_ns / 1e9);
	if (WIFSIGNALED(status))
		return err_set(err, EXIT_INTERNAL, "%s was ended by signal %d", argv[0],
			       WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, EXIT_INTERNAL, "%s failed with exit code %d: %.300s", argv[0],
			       WEXITSTATUS(status), last_line(out));
	return buf_check(out, err);
}

int child_run(const char *const argv[], const char *dir, const char *input, uint64_t limit_ns,
	      struct buf *out, struct err *err)
{
	return run(argv, dir, input, limit_ns, interrupt_fd(), out, err);
}

int child_run_anyway(const char *const argv[], uint64_t limit_ns, struct buf *out, struct err *err)
{
	return run(argv, NULL, NULL, limit_ns, -1, out, err);
}
